"""The tab of the documents, over a real page: what a browser may ask, and what a person sees."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import rag.web
from rag.assistant import Assistant
from rag.errors import NoDocumentsError
from rag.index import SyncReport
from rag.load import Skipped
from rag.schema import Progress
from rag.web.documents import build_documents
from rag.web.indexing import IndexingJob, told
from tests.browsing import free_port
from tests.hashing_embedder import HashingEmbedder

FARO = b"El faro del puerto mide 41 metros y se ve desde muy lejos en el mar.\n"
HUERTA = b"La huerta se riega a las siete de la tarde y la vigila Aurora desde enero.\n"


class Page:
    """A page with just this tab, and an index, uploads and samples of its own."""

    def __init__(self, base: Path, *, may_change: bool = True) -> None:
        import gradio
        from starlette.routing import Mount
        from starlette.staticfiles import StaticFiles

        self.own = base / "propios"
        self.own.mkdir()
        (self.own / "huerta.txt").write_bytes(HUERTA)
        self.uploads = base / "subidos"
        self.assistant = Assistant.open(
            index_dir=base / "i",
            uploads_dir=self.uploads,
            default_paths=(self.own,),
            embedding_model=HashingEmbedder.name,
            max_upload_mebibytes=1,
        )
        self.assistant._engines._embedder = HashingEmbedder()
        with gradio.Blocks(analytics_enabled=False) as self.blocks:
            self.view = build_documents(self.assistant, may_change=may_change)
        assets = Path(rag.web.__file__).with_name("assets")
        self.blocks.launch(
            server_port=(port := free_port()),
            prevent_thread_lock=True,
            quiet=True,
            ssr_mode=False,
            app_kwargs={"routes": [Mount("/recursos", StaticFiles(directory=assets))]},
        )
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, name: str, data: Any) -> httpx.Response:
        """Call one of the view's functions, as a browser does."""
        body = {
            "data": data,
            "fn_name": name,
            "component_id": self.view._id,
            "session_hash": "s",
        }
        return httpx.post(f"{self.url}/gradio_api/component_server", json=body, timeout=60)

    def call(self, name: str, data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask(name, data).raise_for_status().json()
        return answer

    def send(self, name: str, content: bytes) -> str:
        """Send a file to the page, and return where it is."""
        sent = httpx.post(f"{self.url}/gradio_api/upload", files={"files": (name, content)})
        (path,) = sent.raise_for_status().json()
        return str(path)

    def when_done(self) -> dict[str, Any]:
        """Wait for all that was asked for, and tell what is indexed then."""
        for _ in range(1200):
            look = self.call("look_documents", {})
            if not look["job"]["is_running"]:
                return look
            time.sleep(0.05)
        raise AssertionError("it does not end")

    def paths(self) -> list[str]:
        return [each["path"] for each in self.when_done()["contents"]["documents"]]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    opened = Page(tmp_path)
    yield opened
    opened.blocks.close(verbose=False)


# --- one indexing at a time -----------------------------------------------------------------------


def test_tasks_follow_one_another_and_everybody_sees_them() -> None:
    job = IndexingJob()
    go = threading.Event()
    running: list[int] = []
    at_once: list[int] = []

    def task(on_progress: Callable[[Progress], None]) -> SyncReport:
        running.append(1)
        at_once.append(len(running))
        on_progress(Progress("read", 2, 5))
        go.wait(10)
        running.pop()
        return SyncReport(new=["a.txt"])

    job.request("Uno", task)
    job.request("Otro", task)
    while not (seen := job.snapshot())["done"]:
        time.sleep(0.01)
    assert (seen["what"], seen["stage"], seen["done"], seen["total"]) == ("Uno", "Leyendo", 2, 5)
    assert seen["waiting"] == 1
    go.set()
    while job.snapshot()["is_running"]:
        time.sleep(0.01)
    assert at_once == [1, 1]
    assert job.snapshot()["outcome"]["says"] == "1 documento nuevo."
    assert job.snapshot()["n_ended"] == 2


@pytest.mark.parametrize(
    ("error", "says"),
    [(NoDocumentsError("No hay nada", "Pon algo"), "No hay nada"), (KeyError("x"), "inesperado")],
)
def test_a_task_that_fails_says_so_and_the_next_goes_on(error: Exception, says: str) -> None:
    job = IndexingJob()

    def fail(_: object) -> SyncReport:
        raise error

    job.request("Mal", fail)
    while job.snapshot()["is_running"]:
        time.sleep(0.01)
    assert says in job.snapshot()["outcome"]["error"]["message"]
    job.request("Bien", lambda _: SyncReport())
    while job.snapshot()["is_running"]:
        time.sleep(0.01)
    assert job.snapshot()["outcome"]["says"] == "No había nada que cambiar."


def test_what_an_indexing_did_is_told_shortly() -> None:
    report = SyncReport(new=["a", "b"], changed=["c"], deleted=["d"])
    assert told(report) == "2 documentos nuevos, 1 cambiado, 1 retirado."
    report = SyncReport(new=["a"], skipped=[Skipped("b.pdf", "está vacío.")])
    assert told(report) == "1 documento nuevo. Sin leer: b.pdf (está vacío)."


# --- what a browser may ask -----------------------------------------------------------------------


def test_files_come_in_and_nothing_is_left_where_they_came(page: Page) -> None:
    assert page.when_done()["contents"]["samples"] == [page.own.as_posix()]
    files = [("actas/faro.txt", FARO), ("x/faro.txt", FARO), ("virus.exe", b"MZ"), ("v.txt", b"")]
    sent = [{"name": name, "path": page.send("f", content)} for name, content in files]
    answer = page.call("add_documents", {"files": sent})
    assert answer["new"] == 2
    assert [name for name, _ in answer["refused"]] == ["virus.exe", "v.txt"]
    assert not any(Path(file["path"]).parent.exists() for file in sent)
    documents = page.when_done()["contents"]["documents"]
    assert [Path(each["path"]).name for each in documents] == ["faro.txt", "faro.txt"]
    assert all(each["is_uploaded"] for each in documents)
    assert documents[1]["copy_of"] == documents[0]["path"]


def test_only_what_the_page_received_is_taken(page: Page, tmp_path: Path) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_bytes(FARO)
    for path in (str(secret), "/etc/passwd", "../secreto.txt", "", None, {"path": "x"}):
        answer = page.call("add_documents", {"files": [{"name": "a.txt", "path": path}]})
        assert (answer["new"], len(answer["refused"])) == (0, 1)
    arrived = page.send("a.txt", HUERTA)
    twice = {"files": [{"name": "a.txt", "path": arrived}]}
    assert page.call("add_documents", twice)["new"] == 1
    assert page.call("add_documents", twice)["refused"]
    assert secret.read_bytes() == FARO
    assert len(page.paths()) == 1


@pytest.mark.parametrize("data", [None, [], "x", {"files": 3}, {"files": [1]}, {"path": 4}])
def test_nonsense_is_answered_in_spanish(page: Page, data: Any) -> None:
    for name in ("add_documents", "check_documents"):
        assert "Vuelve a elegirlos" in page.call(name, data)["error"]["remedy"]
    assert "contents" in page.call("look_documents", data)


def test_files_are_checked_before_they_are_sent(page: Page) -> None:
    files = [
        {"name": "bien.pdf", "size": 10},
        {"name": "grande.pdf", "size": 2**20 + 1},
        {"name": "foto.jpg", "size": 10},
        {"name": "../.ssh/id.txt", "size": 10},
        {"name": "raro.txt", "size": "muchos"},
    ]
    refused = dict(page.call("check_documents", {"files": files})["refused"])
    assert list(refused) == ["grande.pdf", "foto.jpg", "../.ssh/id.txt", "raro.txt"]
    assert "1 MB" in refused["grande.pdf"]


def test_the_samples_are_indexed_a_file_of_ones_own_is_left_out_and_taken_back(page: Page) -> None:
    page.call("update_documents", {})
    (path,) = page.paths()
    known = page.when_done()["contents"]["current"]
    assert "contents" not in page.call("look_documents", {"known": known})
    page.call("remove_document", {"path": path})
    contents = page.when_done()["contents"]
    assert (contents["documents"], contents["left_out"]) == ([], [path])
    assert (page.own / "huerta.txt").read_bytes() == HUERTA
    page.call("restore_document", {"path": path})
    assert page.paths() == [path]
    page.call("remove_document", {"path": "/etc/passwd"})
    assert "no hay ningún documento" in page.when_done()["job"]["outcome"]["error"]["message"]


def test_where_nothing_may_be_changed_nothing_that_changes_is_served(tmp_path: Path) -> None:
    page = Page(tmp_path, may_change=False)
    try:
        assert page.call("look_documents", {})["contents"]["documents"] == []
        for name in ("add", "remove", "update", "check", "restore"):
            found = {page.ask(f"{name}_document{s}", {}).status_code for s in ("", "s")}
            assert found == {404}
    finally:
        page.blocks.close(verbose=False)


# --- in a real browser ----------------------------------------------------------------------------


@pytest.mark.browser
def test_a_person_adds_a_folder_finds_a_file_and_removes_it(
    browser: Any, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "enviada"
    (folder / "actas").mkdir(parents=True)
    (folder / "actas" / "faro.txt").write_bytes(FARO)
    (folder / "actas" / "<img src=x onerror=alert(1)>.txt").write_bytes(HUERTA)
    (folder / "foto.jpg").write_bytes(b"x")
    (folder / ".oculto.txt").write_bytes(FARO)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="es-ES")
    another = browser.new_context(locale="es-ES")
    tab, other = context.new_page(), another.new_page()
    problems: list[str] = []
    changes: list[str] = []
    for each in (tab, other):
        each.on("pageerror", lambda error: problems.append(str(error)))
        each.on("dialog", lambda dialog: problems.append(dialog.message))
        each.on("console", lambda said: changes.append(said.text))
        each.goto(page.url)
        each.get_by_text("Todavía no hay ningún documento").wait_for(timeout=30_000)
    tab.evaluate("addEventListener('rag:documents-changed', () => console.log('cambiados'))")
    tab.get_by_label("Elegir una carpeta").and_(tab.locator("input")).set_input_files(folder)
    row = tab.get_by_role("row").filter(has_text="enviada/actas/faro.txt")
    row.wait_for(timeout=60_000)
    assert "foto.jpg: formato no admitido" in tab.locator(".docs-refused").inner_text()
    assert "oculto" not in tab.locator(".docs").inner_text()
    other.get_by_role("row").filter(has_text="faro.txt").wait_for(timeout=20_000)
    assert tab.get_by_text("<img src=x onerror=alert(1)>").count() == 0
    assert tab.get_by_text("_img src=x onerror=alert(1)_.txt").count() == 1
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    tab.get_by_label("Buscar entre los documentos").fill("FÁRO texto")
    assert tab.get_by_role("row").count() == 2  # with the heads
    row.get_by_role("button", name="Quitar").click()
    assert "Se borra la copia" in tab.get_by_role("dialog").inner_text()
    tab.get_by_role("dialog").get_by_role("button", name="Quitar").click()
    row.wait_for(state="detached", timeout=60_000)
    assert not (page.uploads / "enviada" / "actas" / "faro.txt").exists()
    assert "cambiados" in changes
    assert problems == []
    context.close()
    another.close()


@pytest.mark.browser
def test_a_long_list_is_sorted_and_turned_page_by_page(browser: Any, page: Page) -> None:
    for number in range(119):
        text = f"El documento {number} habla del faro" + " y" * number
        (page.own / f"n{number}.txt").write_text(f"{text}.\n", encoding="utf-8")
    page.assistant.index([page.own])
    context = browser.new_context(viewport={"width": 1280, "height": 844}, locale="es-ES")
    tab = context.new_page()
    tab.goto(page.url)
    sizes = tab.get_by_role("button", name="Tamaño")
    sizes.wait_for(timeout=30_000)
    sizes.click()
    sizes.click()
    assert tab.get_by_role("columnheader", name="Tamaño").get_attribute("aria-sort") == "descending"
    assert "n118.txt" in tab.get_by_role("row").nth(1).inner_text()
    assert tab.get_by_role("row").count() == 1 + 100
    with tab.expect_event("console", lambda said: said.text.endswith("n118.txt")):
        tab.evaluate(
            "addEventListener('rag:open-document', (event) => console.log(event.detail.path))"
        )
        tab.get_by_role("row").nth(1).get_by_role("button").first.click()
    tab.get_by_role("button", name="Siguientes").click()
    assert tab.get_by_role("row").count() == 1 + 20
    assert "n0.txt" in tab.get_by_role("row").last.inner_text()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
