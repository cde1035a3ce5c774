"""The page and whoever means it harm: what a browser has kept, what a document is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from rag.assistant import Assistant
from tests.browsing import PATIENCE, QUESTION, Visit, served, visiting

pytestmark = pytest.mark.browser

KEY = "rag.conversations"
LONG_NAME = "nombre " * 30
NAMES = ["<img src=x onerror=alert(1)>.txt", "dos\nlíneas.txt", "\u202egnp.txt", f"{LONG_NAME}.txt"]
JUNK: list[object] = [
    None, True, 7, -1e300, "", "x" * 5000, [], [[]], [None, {"__proto__": 1}],
    {"path": ["a"], "line": {}}, {"model": {"a": 1}}, {"path": "../../etc/passwd", "line": 1},
    {"exchange": 3, "rating": "good"}, {"files": [{"path": 1}]}, {"a": {"b": {"c": [[[[{}]]]]}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def quoting(seeds_index: Path) -> Iterator[str]:
    """A page that answers at once: it quotes."""
    with served(Assistant.open(index_dir=seeds_index, model="extractive")) as url:
        yield url


def reopened(visit: Visit, kept: str) -> None:
    """Open the page again with something else in the browser."""
    visit.page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    visit.page.reload()
    visit.box.wait_for(timeout=PATIENCE)


def mangled(value: Any, junk: object) -> Iterator[Any]:
    """Yield a JSON value many times, another of its parts junk each time."""
    yield junk
    if isinstance(value, dict):
        for name in value:
            yield {key: each for key, each in value.items() if key != name}
            for part in mangled(value[name], junk):
                yield {**value, name: part}
    elif isinstance(value, list) and value:
        for part in mangled(value[0], junk):
            yield [part]


def test_whatever_a_browser_has_kept_the_page_opens(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask(QUESTION)
        visit.wait_for_answer()
        kept = json.loads(visit.page.evaluate("key => localStorage.getItem(key)", KEY))
        for garbage in ("garbage", "[", "7", "null", '{"0": 1}', '[null, 3, {"exchanges": 9}]'):
            found = visit.page.evaluate(
                """async ([key, kept]) => {
                  localStorage.setItem(key, kept);
                  return (await import("/recursos/history.js")).conversations();
                }""",
                [KEY, garbage],
            )
            assert found == []
        reopened(visit, '[null, {"id": "a", "exchanges": [null]}]')
        assert visit.page.locator(".exchange").count() == 0
        # Every part of it missing, and every part of it junk, drawn by the views themselves.
        n_drawn = visit.page.evaluate(
            """async (all) => {
              const names = ["kept", "exchange", "sources", "trace", "export"];
              const [kept, exchange, sources, trace, exported] = await Promise.all(
                names.map((name) => import(`/recursos/${name}.js`)));
              let drawn = 0;
              for (const one of all) {
                const conversation = kept.conversationOf(one);
                if (conversation === null) continue;
                new Date(conversation.started).toISOString();
                exported.markdown(conversation);
                for (const each of conversation.exchanges) {
                  new exchange.ExchangeView(each, {});
                  sources.sourcesOf(each, () => null);
                  if (each.trace) trace.traceOf(each);
                  drawn += 1;
                }
              }
              return drawn;
            }""",
            [each for junk in (7, {"constructor": 1}) for each in mangled(kept[0], junk)],
        )
        assert n_drawn > 100
        hostile = json.dumps(kept).replace('"verified"', '"constructor"')
        reopened(visit, hostile.replace('"question"', '"__proto__": {"isMine": true}, "question"'))
        expect(visit.page.locator(".exchange")).to_have_count(1)
        assert visit.page.evaluate("({}).isMine") is None


@pytest.mark.parametrize(
    "trick",
    [
        "for (const name of ['localStorage', 'sessionStorage']) "
        "Object.defineProperty(window, name, {configurable: true, "
        "get() { throw new DOMException('', 'SecurityError') }})",
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }",
    ],
    ids=["none", "full"],
)
def test_a_browser_that_keeps_nothing_can_ask(browser: Browser, quoting: str, trick: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.page.add_init_script(trick)
        visit.page.reload()
        visit.box.wait_for(timeout=PATIENCE)
        visit.ask(QUESTION)
        expect(visit.wait_for_answer()).to_contain_text("Open Source Initiative")
        visit.page.get_by_role("button", name="Aspecto").click()
        visit.page.get_by_role("button", name="Conversaciones anteriores").click()
        if "Quota" in trick:
            expect(visit.page.locator("#drawer")).to_contain_text("no tiene sitio")
        else:
            expect(visit.page.locator(".past li")).to_have_count(1)


def test_two_tabs_do_not_lose_each_others_answers(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask("¿Qué ocupación tiene Bill Gurley?")
        visit.wait_for_answer(1)
        other = visit.context.new_page()
        other.goto(quoting)
        other.locator(".exchange").wait_for(timeout=PATIENCE)
        other.locator("#question").fill(QUESTION)
        other.locator("#question").press("Enter")
        expect(visit.page.locator(".exchange")).to_have_count(2, timeout=PATIENCE)
        visit.ask("¿Qué es MLA?")
        visit.wait_for_answer(3)
        expect(other.locator(".exchange")).to_have_count(3, timeout=PATIENCE)
        kept = json.loads(visit.page.evaluate("key => localStorage.getItem(key)", KEY))
        assert [len(each["exchanges"]) for each in kept] == [3]


def test_a_document_may_be_called_anything(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "documentos"
    folder.mkdir()
    for n, name in enumerate(NAMES):
        (folder / name).write_text(f"El faro número {n} mide {40 + n} metros.\n", encoding="utf-8")
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive", min_confidence=0)
    assistant.index([folder])
    with served(assistant) as url, visiting(browser, url, 390) as visit:
        for n in range(len(NAMES)):
            visit.ask(f"¿Cuánto mide el faro número {n}?")
            visit.wait_for_answer(n + 1)
            visit.sources.first.get_by_role("button", name="Abrir el documento").click()
            expect(visit.page.locator(".viewer .line").first).to_be_visible()
            assert not visit.scrolls_sideways
            visit.page.keyboard.press("Escape")
        visit.page.get_by_role("tab", name="Documentos").click()
        expect(visit.page.locator(".docs-open")).to_have_count(len(NAMES))
        assert not visit.scrolls_sideways
        assert visit.page.locator("main :is(img, script)").count() == 0
        assert visit.dialogs == []


def test_junk_is_answered_and_the_page_goes_on(browser: Browser, quoting: str) -> None:
    config = httpx.get(f"{quoting}/config").json()
    (desk, documents) = (
        next(each["id"] for each in config["components"] if each["props"].get("elem_id") == name)
        for name in ("desk", "documents")
    )
    functions = {
        desk: ["describe_program", "read_document", "rate"],
        documents: ["look_documents", "check_documents", "add_documents", "remove_document"],
    }
    with httpx.Client(base_url=quoting, timeout=30) as client:
        for component, names in functions.items():
            for name in names:
                for junk in JUNK:
                    asked = {"data": junk, "component_id": component, "fn_name": name}
                    answer = client.post("/gradio_api/component_server", json=asked)
                    assert answer.status_code in (200, 400), (name, junk, answer.text)
                    assert "root:" not in answer.text
    with visiting(browser, quoting) as visit:
        visit.box.fill("a" * 100_000)
        visit.box.press("Enter")
        expect(visit.page.locator(".counter")).to_contain_text("acorta la pregunta")
        visit.ask(QUESTION)
        expect(visit.wait_for_answer()).to_contain_text("Open Source Initiative")


def test_a_question_that_gradio_refuses_does_not_spin(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.page.route("**/queue/join*", lambda route: route.fulfill(status=500, json={}))
        visit.ask(QUESTION)
        expect(visit.wait_for_answer()).to_contain_text("se ha perdido por el camino")
        visit.page.unroute("**/queue/join*")
        visit.ask(QUESTION)
        expect(visit.wait_for_answer(2)).to_contain_text("Open Source Initiative")


def test_a_model_that_is_not_there_leaves_a_choice(browser: Browser, seeds_index: Path) -> None:
    assistant = Assistant.open(index_dir=seeds_index, model="ollama:nadie")
    with served(assistant) as url, visiting(browser, url) as visit:
        visit.ask(QUESTION)
        visit.wait_for_answer().get_by_role("button", name="Elegir otro modelo").click()
        tab = visit.page.get_by_role("tab", name="Ajustes")
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(tab).to_be_focused()


def test_nobody_else_shows_the_page_in_theirs(browser: Browser, quoting: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content(f'<iframe src="{quoting}"></iframe>')
    page.wait_for_timeout(500)
    frame = page.frames[-1]
    assert frame.locator("#question").count() == 0
    context.close()
