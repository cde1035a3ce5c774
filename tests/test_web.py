"""The page in a real browser: what a person does at the desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.assistant import Assistant
from tests.browsing import PATIENCE, QUESTION, Visit, served, visiting
from tests.hashing_embedder import HashingEmbedder
from tests.ollama_server import OllamaServer

pytestmark = pytest.mark.browser

HOSTILE = (
    "El faro de <script>alert(1)</script> mide ![x](http://192.0.2.1/x.png) 41 metros "
    "<img src=http://192.0.2.1/y.png onerror=alert(2)> y [pincha](javascript:alert(3)) $$x^2$$.\n"
)
WIDTHS = [390, 1280]


@pytest.fixture(scope="module")
def address(seeds_assistant: Assistant) -> Iterator[str]:
    with served(seeds_assistant) as url:
        yield url


@pytest.fixture(scope="module")
def quoting(quoting_assistant: Assistant) -> Iterator[str]:
    """A page that answers at once: it quotes."""
    with served(quoting_assistant) as url:
        yield url


@pytest.mark.parametrize("width", WIDTHS)
def test_a_person_asks_and_follows_a_citation(browser: Browser, address: str, width: int) -> None:
    with visiting(browser, address, width) as visit:
        visit.ask(QUESTION)
        answer = visit.wait_for_answer()
        expect(answer.locator(".answer")).to_contain_text("Open Source Initiative")
        marker = answer.locator(".marker").first
        marker.click()
        source = visit.page.locator(".source.pointed")
        expect(source).to_be_visible()
        expect(source).to_be_focused()
        assert marker.get_attribute("href") == f"#{source.get_attribute('id')}"
        expect(source.locator(".place")).to_contain_text("licencias-y-pesos-abiertos.md:")
        expect(source.locator(".status")).to_have_text("verificada")
        expect(source.locator("mark").first).to_contain_text("Open Source Initiative")
        assert not visit.scrolls_sideways


def test_the_number_in_the_margin_is_the_line_of_the_file(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask(QUESTION)
        visit.wait_for_answer()
        source = visit.sources.first
        place = source.locator(".place").text_content() or ""
        path, _, number = place.removeprefix("Fuente 1: ").rpartition(":")
        lines = Path(path).read_text("utf-8").splitlines()
        for line in source.locator(".line").all():
            margin = line.locator(".line-number").get_attribute("data-number")
            assert line.locator(".line-text").inner_text().strip() == lines[int(margin) - 1].strip()
        cited = source.locator(".line.cited .line-number").first
        assert cited.get_attribute("data-number") == number.partition("-")[0]


def test_sources_come_before_the_first_word(
    browser: Browser, ollama_assistant: Assistant, ollama: OllamaServer
) -> None:
    ollama.scripts["pausado"] = ["La Open Source Initiative [1].\n\n", *["palabra "] * 40]
    with served(ollama_assistant.using(model="pausado")) as url, visiting(browser, url) as visit:
        visit.page.evaluate(
            """() => { window.order = [];
            new MutationObserver(() => {
              if (document.querySelector('.side .source')) window.order.push('source');
              if (document.querySelector('.answer p')) window.order.push('word');
            }).observe(document.body, { childList: true, subtree: true, characterData: true }); }"""
        )
        visit.ask(QUESTION)
        visit.wait_for_answer()
        order = visit.page.evaluate("window.order")
        assert order[0] == "source"
        assert "word" in order


def test_the_whole_document_opens_at_the_place(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask(QUESTION)
        visit.wait_for_answer()
        visit.sources.first.get_by_role("button", name="Abrir el documento").click()
        viewer = visit.page.get_by_role("dialog")
        expect(viewer.locator("h2")).to_contain_text("licencias-y-pesos-abiertos.md")
        expect(viewer.locator(".cited").first).to_be_in_viewport()
        expect(viewer.locator("mark").first).to_contain_text("Open Source Initiative")
        visit.page.keyboard.press("Escape")
        expect(viewer).to_be_hidden()


def test_abstaining_shows_the_nearest_there_is(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask("¿Cómo se prepara el salmorejo cordobés?")
        answer = visit.wait_for_answer()
        expect(answer).to_contain_text("No he encontrado la respuesta")
        expect(visit.page.locator(".panel h2")).to_have_text("Lo más cercano")
        expect(visit.sources.first).to_be_visible()


def test_a_hostile_document_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(HOSTILE, encoding="utf-8")
    assistant = Assistant.open(
        index_dir=tmp_path / "i",
        model="extractive",
        min_confidence=0,
        embedding_model=HashingEmbedder.name,
    )
    assistant._engines._embedder = HashingEmbedder()
    assistant.index([tmp_path / "a.txt"])
    with served(assistant) as url, visiting(browser, url) as visit:
        visit.ask("¿Cuánto mide el faro? <b>x</b> ![y](http://192.0.2.1/z)")
        answer = visit.wait_for_answer()
        shown = visit.sources.first.locator(".lines").inner_text()
        for part in HOSTILE.split():
            assert part in shown
        assert "<b>x</b> ![y](http://192.0.2.1/z)" in answer.locator(".question").inner_text()
        assert "<script>alert(1)</script>" in answer.locator(".answer").inner_text()
        assert visit.page.locator(".desk :is(script, img, b)").count() == 0
        assert visit.dialogs == []


def test_a_stopped_answer_says_so_and_stops_the_model(
    browser: Browser, ollama_assistant: Assistant, ollama: OllamaServer
) -> None:
    ollama.scripts["lento"] = ["La Open Source Initiative [1].\n\n", *["palabra "] * 3000]
    before = ollama.n_cut_short
    with served(ollama_assistant.using(model="lento")) as url, visiting(browser, url) as visit:
        visit.ask(QUESTION)
        visit.page.get_by_text("La Open Source Initiative").first.wait_for(timeout=PATIENCE)
        visit.page.get_by_role("button", name="Detener la respuesta").click()
        expect(visit.page.get_by_text("Respuesta detenida.")).to_be_visible()
        for _ in range(200):
            if ollama.n_cut_short > before:
                break
            visit.page.wait_for_timeout(50)
    assert ollama.n_cut_short == before + 1


def test_whoever_leaves_stops_the_model(
    browser: Browser, ollama_assistant: Assistant, ollama: OllamaServer
) -> None:
    ollama.scripts["lento"] = ["La Open Source Initiative [1].\n\n", *["palabra "] * 3000]
    before = ollama.n_cut_short
    with served(ollama_assistant.using(model="lento")) as url:
        with visiting(browser, url) as visit:
            visit.ask(QUESTION)
            visit.page.get_by_text("La Open Source Initiative").first.wait_for(timeout=PATIENCE)
        with visiting(browser, url) as visit:
            for _ in range(200):
                if ollama.n_cut_short > before:
                    break
                visit.page.wait_for_timeout(50)
    assert ollama.n_cut_short == before + 1


def test_a_conversation_goes_on_is_kept_and_begins_anew(browser: Browser, quoting: str) -> None:
    understood = "He entendido: ¿Qué ocupación tiene Chris Manning?"
    with visiting(browser, quoting) as visit:
        visit.ask("¿Qué ocupación tiene Bill Gurley?")
        visit.wait_for_answer(1)
        visit.ask("¿y Chris Manning?")
        expect(visit.wait_for_answer(2)).to_contain_text(understood)
        visit.page.reload()
        expect(visit.page.locator(".exchange")).to_have_count(2)
        expect(visit.page.get_by_text(understood)).to_be_visible()
        expect(visit.sources.first).to_be_visible()
        visit.page.get_by_role("button", name="Conversación nueva").first.click()
        expect(visit.page.locator(".exchange")).to_have_count(0)
        visit.ask("¿y Chris Manning?")
        assert understood not in visit.wait_for_answer(1).inner_text()
        visit.page.get_by_role("button", name="Conversaciones anteriores").click()
        visit.page.get_by_role("button", name="¿Qué ocupación tiene Bill Gurley?").first.click()
        expect(visit.page.locator(".exchange")).to_have_count(2)


def test_what_is_typed_during_an_answer_waits_in_the_box(
    browser: Browser, ollama_assistant: Assistant, ollama: OllamaServer
) -> None:
    ollama.scripts["pausado"] = ["La Open Source Initiative [1].\n\n", *["Palabra "] * 100]
    with served(ollama_assistant.using(model="pausado")) as url, visiting(browser, url) as visit:
        visit.ask(QUESTION)
        visit.page.get_by_text("La Open Source Initiative").first.wait_for(timeout=PATIENCE)
        visit.box.fill("¿Qué es MLA?")
        visit.box.press("Enter")  # cannot send yet
        visit.wait_for_answer(1)
        assert visit.box.input_value() == "¿Qué es MLA?"
        visit.box.press("Enter")
        visit.wait_for_answer(2)
        assert visit.box.input_value() == ""


def test_a_changed_question_is_asked_and_the_rest_is_kept(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask("¿Qué ocupación tiene Bill Gurley?")
        first = visit.wait_for_answer(1)
        visit.ask(QUESTION)
        visit.wait_for_answer(2)
        first.hover()
        first.get_by_role("button", name="Cambiar la pregunta").click()
        area = first.get_by_role("textbox", name="Pregunta")
        area.fill("¿Qué es MLA?")
        area.press("Enter")
        expect(visit.page.locator(".exchange")).to_have_count(1)
        expect(visit.wait_for_answer(1).locator(".question")).to_contain_text("MLA")
        visit.page.get_by_role("button", name="Conversaciones anteriores").click()
        expect(visit.page.locator(".past li")).to_have_count(2)  # nothing was lost


def test_thumbs_are_kept_in_a_file(browser: Browser, quoting: str, seeds_index: Path) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask(QUESTION)
        answer = visit.wait_for_answer()
        answer.get_by_role("button", name="Buena respuesta").click()
        expect(answer.locator("[aria-pressed=true]")).to_have_count(1)
    (line,) = (seeds_index / "feedback.jsonl").read_text("utf-8").splitlines()
    rating = json.loads(line)
    assert rating["rating"] == "good"
    assert rating["question"] == QUESTION
    assert "licencias-y-pesos-abiertos.md:" in rating["places"][0]


def test_a_conversation_is_saved_as_markdown(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask(QUESTION)
        visit.wait_for_answer()
        with visit.page.expect_download() as download:
            visit.page.get_by_role("button", name="Guardar la conversación").click()
        assert download.value.suggested_filename.startswith("qué-organización-definió-en-2024-")
        text = Path(download.value.path()).read_text("utf-8")
    assert f"## {QUESTION}" in text
    assert "licencias-y-pesos-abiertos.md:" in text
    assert "(verificada): «" in text


def test_why_this_answer(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.ask(QUESTION)
        answer = visit.wait_for_answer()
        answer.get_by_role("button", name="¿Por qué esta respuesta?").click()
        why = answer.locator(".why")
        expect(why).to_contain_text("Confianza en que las citas contestan")
        assert (
            why.locator("svg.plot rect").count()
            == why.locator("table").first.locator("tbody tr").count()
        )
        expect(why).to_contain_text("se usó")
        expect(why).to_contain_text("quedó fuera")
        expect(why).to_contain_text("Buscar 0,")


def test_the_keyboard_is_enough(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as visit:
        visit.box.focus()
        visit.page.keyboard.type(QUESTION)
        visit.page.keyboard.press("Enter")
        visit.wait_for_answer()
        reached = set()
        for _ in range(40):
            visit.page.keyboard.press("Shift+Tab")
            reached.add(visit.page.evaluate("document.activeElement.getAttribute('aria-label')"))
            if visit.page.evaluate("document.activeElement.classList.contains('marker')"):
                break
        assert {"Copiar la respuesta", "Buena respuesta", "Mala respuesta"} <= reached
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator(".source.pointed")).to_be_focused()


def test_the_light_can_be_chosen_and_lasts(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting, color_scheme="light") as visit:
        paper = "getComputedStyle(document.body).backgroundColor"
        by_day = visit.page.evaluate(paper)
        switch = visit.page.get_by_role("button", name="Aspecto")
        switch.click()
        switch.click()
        expect(switch).to_have_attribute("aria-label", "Aspecto: Oscuro")
        by_night = visit.page.evaluate(paper)
        assert by_night != by_day
        visit.page.reload()
        visit.box.wait_for(timeout=PATIENCE)
        expect(switch).to_have_attribute("aria-label", "Aspecto: Oscuro")
        assert visit.page.evaluate(paper) == by_night


def test_two_people_at_once_get_each_their_own(browser: Browser, quoting: str) -> None:
    with visiting(browser, quoting) as ana, visiting(browser, quoting) as luis:
        ana.ask(QUESTION)
        luis.ask("¿Qué ocupación tiene Bill Gurley?")
        assert "Open Source Initiative" in ana.wait_for_answer().inner_text()
        assert "Open Source Initiative" not in luis.wait_for_answer().inner_text()
        assert "Gurley" in luis.sources.first.inner_text()


def test_without_documents_the_page_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    assistant = Assistant.open(index_dir=tmp_path / "index", uploads_dir=tmp_path / "documentos")
    with served(assistant) as url, visiting(browser, url) as visit:
        expect(visit.page.get_by_text("Todavía no hay documentos")).to_be_visible()
        visit.ask("¿Hola, qué hay?")
        expect(visit.wait_for_answer()).to_contain_text("pestaña Documentos")
        visit.page.get_by_role("button", name="Añadir documentos").click()
        tab = visit.page.get_by_role("tab", name="Documentos")
        expect(tab).to_have_attribute("aria-selected", "true")


def test_a_page_that_is_only_read_invites_nobody_to_add(browser: Browser, tmp_path: Path) -> None:
    assistant = Assistant.open(index_dir=tmp_path / "index", uploads_dir=tmp_path / "documentos")
    with served(assistant, may_change=False) as url, visiting(browser, url) as visit:
        expect(visit.page.get_by_text("Los añade quien ha abierto la página")).to_be_visible()
        visit.ask("¿Hola, qué hay?")
        expect(visit.wait_for_answer()).to_contain_text("los añade quien ha abierto la página")
        visit.page.get_by_role("tab", name="Documentos").click()
        expect(visit.page.get_by_text("Todavía no hay ningún documento")).to_be_visible()
        for name in ("Añadir documentos", "Elegir archivos", "Poner al día"):
            expect(visit.page.get_by_role("button", name=name)).to_have_count(0)


def test_a_program_that_has_ended_is_told_and_nothing_spins(
    browser: Browser, quoting_assistant: Assistant
) -> None:
    with served(quoting_assistant) as url:
        visit = Visit(browser, url)
    visit.page.clock.install()
    visit.ask(QUESTION)
    visit.page.clock.run_for(6000)
    expect(visit.wait_for_answer()).to_contain_text("ha dejado de responder")
    visit.leave()
