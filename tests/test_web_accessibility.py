"""The page for whoever does not see it, has no mouse, or speaks no English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from rag.assistant import Assistant
from tests.browsing import PATIENCE, QUESTION, Visit, served, visiting
from tests.ollama_server import OllamaServer

pytestmark = pytest.mark.browser

NO_ANSWER = "¿Cómo se prepara el salmorejo cordobés?"
FINGER = 40  # pixels
LOOKS = [(1280, "light"), (390, "dark")]
ENGLISH = re.compile(
    r"\b(the|of|and|for|with|your|this|is|not|to|in|input|slider|range|number|reset|default|value|"
    r"close|more|tabs|loading|upload|drop|click|clear|search|lost|server|connection|settings|"
    r"reconnection|attempting|options?|select|processing|built|api)\b",
    re.IGNORECASE,
)
SAID = """() => [document.querySelector('main').innerText,
  ...[...document.querySelectorAll('*')].filter((each) => each.checkVisibility()).flatMap((each) =>
    ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription']
      .map((name) => each.getAttribute(name) ?? ''))]"""
ANNOUNCED = "[...document.querySelectorAll('#announcements p')].map((each) => each.textContent)"


@pytest.fixture(scope="module")
def quoting(seeds_index: Path) -> Iterator[str]:
    """A page that answers at once: it quotes."""
    with served(Assistant.open(index_dir=seeds_index, model="extractive")) as url:
        yield url


def check(visit: Visit, state: str) -> None:
    """See that a rule checker finds nothing, and that nothing is wider than the page."""
    found = Axe().run(visit.page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [(each["impact"], each["id"], each["nodes"][0]["html"]) for each in found]
    assert told == [], state
    assert not visit.scrolls_sideways, state


def english(visit: Visit) -> list[str]:
    """Return what the page shows or says in English; the names of documents are its owner's."""
    said = [str(each) for each in visit.page.evaluate(SAID)]
    return [each for each in said if ENGLISH.search(re.sub(r"\S*[/.]\S+", "", each))]


def open_tab(visit: Visit, name: str) -> None:
    visit.page.get_by_role("tab", name=name).click()


@pytest.mark.parametrize(("width", "light"), LOOKS, ids=["desktop", "phone"])
def test_no_state_breaks_a_rule(browser: Browser, quoting: str, width: int, light: Any) -> None:
    with visiting(browser, quoting, width, color_scheme=light, bypass_csp=True) as visit:
        page = visit.page
        check(visit, "welcome")
        visit.ask(QUESTION)
        visit.wait_for_answer()
        page.get_by_role("button", name="¿Por qué esta respuesta?").click()
        page.locator(".trace").wait_for()
        check(visit, "why")
        page.get_by_role("button", name="Cambiar la pregunta").press("Enter")
        check(visit, "changing the question")
        page.keyboard.press("Escape")
        visit.sources.first.get_by_role("button", name="Abrir el documento").click()
        page.locator(".viewer .line").first.wait_for()
        check(visit, "viewer")
        page.keyboard.press("Escape")
        visit.ask(NO_ANSWER)
        visit.wait_for_answer(2)
        page.get_by_role("button", name="Conversaciones anteriores").click()
        check(visit, "abstained, with the drawer")
        page.keyboard.press("Escape")
        open_tab(visit, "Documentos")
        page.get_by_role("button", name=re.compile("^Quitar ")).first.click()
        check(visit, "documents, with the dialog")
        page.keyboard.press("Escape")
        open_tab(visit, "Ajustes")
        page.get_by_text("Ahora contesta").wait_for(timeout=PATIENCE)
        check(visit, "settings")


def test_the_checker_does_find_what_is_wrong(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting, bypass_csp=True) as visit:
        visit.page.evaluate("document.querySelector('#question').labels[0].remove()")
        visit.page.evaluate("document.querySelector('#question').placeholder = ''")
        with pytest.raises(AssertionError, match="label"):
            check(visit, "without a label")


def test_not_a_word_of_english_whatever_the_browser_speaks(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "faro.txt").write_text("El faro mide 41 metros.\n", encoding="utf-8")
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive")
    assistant.index([tmp_path / "faro.txt"])
    with served(assistant) as url:
        visit = Visit(browser, url, locale="en-US", bypass_csp=True)
        assert english(visit) == []
        visit.ask("¿Cuánto mide el faro?")
        visit.wait_for_answer().get_by_role("button", name="¿Por qué").click()
        visit.sources.first.get_by_role("button", name="Abrir el documento").click()
        visit.page.locator(".viewer .line").first.wait_for()
        assert english(visit) == []
        visit.page.keyboard.press("Escape")
        open_tab(visit, "Documentos")
        visit.page.locator(".docs-open").wait_for()
        assert english(visit) == []
        open_tab(visit, "Ajustes")
        visit.page.get_by_text("Ahora contesta").wait_for(timeout=PATIENCE)
        assert english(visit) == []
    visit.page.get_by_role("button", name="Buscar modelos").click()  # the program has ended
    expect(visit.page.locator(".trouble")).to_contain_text("No hay conexión", timeout=PATIENCE)
    assert english(visit) == []
    check(visit, "without the program")
    visit.leave()


def test_whoever_listens_hears_each_thing_once(
    browser: Browser, seeds_index: Path, ollama: OllamaServer
) -> None:
    said = (
        "La **Open Source Initiative** [1]. Es una organización [1].\n\n"
        "- La Open Source Initiative [1]."
    )
    ollama.scripts["dicho"] = re.findall(r"\S+\s*", said)
    assistant = Assistant.open(index_dir=seeds_index, model="dicho", ollama_host=ollama.url)
    with served(assistant) as url, visiting(browser, url) as visit:
        visit.ask(QUESTION)
        answer = visit.wait_for_answer()
        heard = [each.strip() for each in visit.page.evaluate(ANNOUNCED)]
        assert heard[0] == "Buscando en los documentos…"
        assert heard[-1].startswith("Respuesta completa, con una fuente.")
        assert len(heard) == len(set(heard)) <= 6
        whole = " ".join(heard)
        assert not re.search(r"[*\[\]]", whole)
        assert whole.count("Open Source Initiative") == 1
        assert "Open Source Initiative" in answer.locator(".answer").inner_text()


def test_focus_goes_back_to_where_it_was(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        page = visit.page
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Ir a la pregunta")).to_be_focused()
        page.keyboard.press("Enter")
        expect(visit.box).to_be_focused()
        visit.ask(QUESTION)
        visit.wait_for_answer()
        opening = visit.sources.first.get_by_role("button", name="Abrir el documento")
        opening.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".viewer .whole")).to_be_focused()
        page.keyboard.press("Escape")
        expect(opening).to_be_focused()
        menu = page.get_by_role("button", name="Conversaciones anteriores")
        menu.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#drawer button").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_focused()
        page.get_by_role("tab", name="Conversación").focus()
        page.keyboard.press("ArrowRight")
        tab = page.get_by_role("tab", name="Documentos")
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
        removing = page.get_by_role("button", name=re.compile("^Quitar ")).first
        removing.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Cancelar")).to_be_focused()
        page.keyboard.press("Escape")
        expect(removing).to_be_focused()


def test_focus_outlives_what_had_it(browser: Browser, tmp_path: Path) -> None:
    for name in ("ancla.txt", "barca.txt"):
        (tmp_path / name).write_text("El faro mide 41 metros.\n", encoding="utf-8")
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive")
    assistant.index([tmp_path / "ancla.txt", tmp_path / "barca.txt"])
    with served(assistant) as url, visiting(browser, url) as visit:
        open_tab(visit, "Documentos")
        removing = visit.page.get_by_role("button", name=re.compile("^Quitar .*ancla"))
        removing.focus()
        visit.page.keyboard.press("Enter")
        visit.page.get_by_role("button", name="Quitar", exact=True).press("Enter")
        expect(removing).to_have_count(0, timeout=PATIENCE)
        expect(visit.page.get_by_role("button", name=re.compile("^Quitar .*barca"))).to_be_focused()


def test_on_a_phone_a_finger_meets_what_it_touches(browser: Browser, quoting: str) -> None:
    small = """(finger) => [...document.querySelectorAll('button, summary, input, [role=tab]')]
      .filter((each) => each.checkVisibility({ visibilityProperty: true }))
      .filter((each) => !each.closest('.unseen, [aria-hidden=true]'))
      .map((each) => [(each.closest('label') ?? each).getBoundingClientRect(), each])
      .filter(([box]) => box.width > 1 && box.height < finger)
      .map(([box, each]) => `${Math.round(box.height)} ${each.ariaLabel ?? each.textContent}`)"""
    with visiting(browser, quoting, 390) as visit:
        visit.ask(QUESTION)
        visit.wait_for_answer()
        assert visit.page.evaluate(small, FINGER) == []
        visit.page.get_by_role("button", name="Conversaciones anteriores").click()
        assert visit.page.evaluate(small, FINGER) == []
        visit.page.keyboard.press("Escape")
        open_tab(visit, "Documentos")
        visit.page.locator(".docs-open").first.wait_for()
        assert visit.page.evaluate(small, FINGER) == []
        visit.page.set_viewport_size({"width": 390, "height": 420})  # with its keyboard
        open_tab(visit, "Conversación")
        expect(visit.box).to_be_in_viewport(ratio=1)


def test_markdown_is_shown_for_what_it_is(browser: Browser, quoting: str) -> None:
    text = (
        "## Pasos\n1. Uno **fuerte** y *suave* [1]\n   - dentro\n2. Dos\n\n3. Tres\n\n"
        "| Concepto | Importe |\n|---|---:|\n\n| Renta | 850 € | [2]\n\n```\nx < 1\n```\n"
        "3 * 4 * 5 y a_b_c <b>no</b>\n\n[pincha](http://192.0.2.1/)"
    )
    with visiting(browser, quoting) as visit:
        shown = visit.page.evaluate(
            """async (text) => {
              const { prose } = await import("/recursos/prose.js");
              const place = document.createElement("div");
              place.append(...prose(text, (marker) => `{${marker}}`));
              return place.innerHTML;
            }""",
            text,
        )
    assert shown == (
        '<h3>Pasos</h3><ol><li value="1">Uno <strong>fuerte</strong> y <em>suave</em> {1}<ul><li>'
        'dentro</li></ul></li><li value="2">Dos</li><li value="3">Tres</li></ol><table><thead><tr>'
        '<th scope="col">Concepto</th><th scope="col">Importe</th></tr></thead><tbody><tr>'
        "<td>Renta</td><td>850 € {2}</td></tr></tbody></table><pre><code>x &lt; 1</code></pre>"
        "<p>3 * 4 * 5 y a_b_c &lt;b&gt;no&lt;/b&gt;</p><p>[pincha](http://192.0.2.1/)</p>"
    ), json.dumps(shown)
