from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.assistant import Assistant
from rag.errors import PortInUseError, UsageError
from rag.web import TITLE, serve
from tests.ollama_server import OllamaServer

CHROMIUM = shutil.which("chromium")
QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"
HOSTILE = (
    "El faro de <script>alert(1)</script> mide ![x](http://192.0.2.1/x.png) 41 metros "
    "<img src=http://192.0.2.1/y.png onerror=alert(2)> y [pincha](javascript:alert(3)) $$x^2$$.\n"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(seeds_assistant: Assistant) -> Iterator[str]:
    port = free_port()
    page = serve(seeds_assistant, port=port, block=False)
    yield f"http://127.0.0.1:{port}"
    page.close(verbose=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


def ask_in(page: Any, address: str, question: str) -> None:
    page.goto(address)
    page.get_by_placeholder("¿Qué quieres saber?").fill(question)
    page.keyboard.press("Enter")


# --- serving ---------------------------------------------------------------------------------


def test_the_page_answers_and_speaks_to_nobody_else(address: str) -> None:
    text = httpx.get(address).text
    assert TITLE in text
    for host in ("fonts.googleapis", "cdnjs", "jsdelivr", "unpkg", "huggingface.co/api"):
        assert host not in text


@pytest.mark.parametrize("auth", [None, "sin-clave", ":", "ana:"])
def test_other_machines_need_a_password(seeds_assistant: Assistant, auth: str | None) -> None:
    with pytest.raises(UsageError, match="--auth"):
        serve(seeds_assistant, host="0.0.0.0", port=free_port(), auth=auth, block=False)


def test_with_a_password_nobody_enters_without_it(seeds_assistant: Assistant) -> None:
    port = free_port()
    page = serve(seeds_assistant, port=port, auth="ana:secreto", block=False)
    try:
        url = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/gradio_api/info").status_code == 401
        refused = httpx.post(f"{url}/login", data={"username": "ana", "password": "no"})
        assert refused.status_code == 400
        entered = httpx.post(f"{url}/login", data={"username": "ana", "password": "secreto"})
        assert entered.status_code == 200
    finally:
        page.close(verbose=False)


def test_a_foreign_name_for_this_machine_is_refused(address: str) -> None:
    assert httpx.get(address, headers={"Host": "example.com"}).status_code == 400
    assert httpx.get(address, headers={"Host": "localhost"}).status_code == 200


def test_ipv6_is_refused_with_its_remedy(seeds_assistant: Assistant) -> None:
    with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
        serve(seeds_assistant, host="::1", port=free_port(), block=False)


def test_a_port_that_is_taken(seeds_assistant: Assistant) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError, match="--port"):
            serve(seeds_assistant, port=taken.getsockname()[1], block=False)


# --- in a real browser -------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_person_asks_and_opens_a_source(browser: Any, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="es-ES")
    page = context.new_page()
    hosts: set[str] = set()
    errors: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: errors.append(str(error)))
    ask_in(page, address, QUESTION)
    source = page.locator(".fuentes summary").first
    source.wait_for(timeout=60_000)
    assert "licencias-y-pesos-abiertos.md:" in source.inner_text()
    source.click()
    quote = page.locator(".fuentes blockquote").first
    assert quote.is_visible()
    assert "Open Source Initiative" in quote.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert hosts == {address.removeprefix("http://")}
    assert errors == []
    context.close()


@pytest.mark.browser
def test_a_hostile_document_is_shown_as_text(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(HOSTILE, encoding="utf-8")
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive", min_confidence=0)
    assistant.index([tmp_path / "a.txt"])
    port = free_port()
    served = serve(assistant, port=port, block=False)
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    urls: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    try:
        ask_in(
            page,
            f"http://127.0.0.1:{port}",
            "¿Cuánto mide el faro? <b>x</b> ![y](http://192.0.2.1/z)",
        )
        page.locator(".fuentes summary").first.wait_for(timeout=60_000)
        page.locator(".fuentes summary").first.click()
        shown = page.locator(".fuentes blockquote").first.inner_text()
    finally:
        context.close()
        served.close(verbose=False)
    assert "<script>alert(1)</script>" in shown
    assert "![x](http://192.0.2.1/x.png)" in shown
    assert "[pincha](javascript:alert(3))" in shown
    assert dialogs == []
    assert not [url for url in urls if "192.0.2.1" in url]


@pytest.mark.browser
def test_a_stopped_answer_says_so(browser: Any, seeds_index: Path, ollama: OllamaServer) -> None:
    ollama.scripts["lento"] = ["La Open Source Initiative [1].\n\n", *["palabra "] * 3000]
    assistant = Assistant.open(index_dir=seeds_index, model="lento", ollama_host=ollama.url)
    port = free_port()
    served = serve(assistant, port=port, block=False)
    before = ollama.n_cut_short
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    try:
        ask_in(page, f"http://127.0.0.1:{port}", QUESTION)
        page.get_by_text("La Open Source Initiative [1].").wait_for(timeout=60_000)
        page.locator("button.stop-button").click()
        page.get_by_text("Respuesta detenida.").wait_for(timeout=20_000)
        for _ in range(200):
            if ollama.n_cut_short > before:
                break
            page.wait_for_timeout(50)
    finally:
        context.close()
        served.close(verbose=False)
    assert ollama.n_cut_short == before + 1


@pytest.mark.browser
def test_a_conversation_goes_on_and_begins_anew(browser: Any, seeds_index: Path) -> None:
    assistant = Assistant.open(index_dir=seeds_index, model="extractive")
    port = free_port()
    served = serve(assistant, port=port, block=False)
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    box = page.locator("textarea").first
    understood = page.get_by_text("He entendido: ¿Qué ocupación tiene Chris Manning?")
    try:
        ask_in(page, f"http://127.0.0.1:{port}", "¿Qué ocupación tiene Bill Gurley?")
        page.locator(".fuentes").first.wait_for(timeout=60_000)
        page.locator("button.submit-button").wait_for(timeout=20_000)
        box.fill("¿y Chris Manning?")
        box.press("Enter")
        understood.wait_for(timeout=60_000)
        page.locator("button.submit-button").wait_for(timeout=20_000)
        page.get_by_text("Nueva conversación").click()
        understood.wait_for(state="detached", timeout=20_000)
        box.fill("¿y Chris Manning?")
        box.press("Enter")
        page.locator(".fuentes").first.wait_for(timeout=60_000)
        assert understood.count() == 0  # it has forgotten what was spoken of
    finally:
        context.close()
        served.close(verbose=False)


@pytest.mark.browser
def test_what_is_typed_during_an_answer_waits_in_the_box(
    browser: Any, seeds_index: Path, ollama: OllamaServer
) -> None:
    ollama.scripts["pausado"] = ["La Open Source Initiative [1].\n\n", *["Palabra "] * 200]
    assistant = Assistant.open(index_dir=seeds_index, model="pausado", ollama_host=ollama.url)
    port = free_port()
    served = serve(assistant, port=port, block=False)
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    box = page.locator("textarea").first
    try:
        ask_in(page, f"http://127.0.0.1:{port}", QUESTION)
        page.get_by_text("La Open Source Initiative [1]").first.wait_for(timeout=60_000)
        assert "Espera" in (box.get_attribute("placeholder") or "")
        assert page.locator("button.submit-button").count() == 0
        box.fill("¿Qué es MLA?")
        box.press("Enter")  # cannot send yet
        page.locator("button.submit-button").wait_for(timeout=60_000)
        assert box.input_value() == "¿Qué es MLA?"
        box.press("Enter")
        page.locator(".message.user").nth(1).wait_for(timeout=20_000)
        assert box.input_value() == ""
    finally:
        context.close()
        served.close(verbose=False)
