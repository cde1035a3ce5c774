from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.assistant import Assistant
from rag.schema import Answer, Turn
from rag.web import TITLE, render_events, serve
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


# --- what the page says --------------------------------------------------------------------------


def test_the_states_of_an_answer(seeds_assistant: Assistant) -> None:
    states = list(render_events(seeds_assistant, QUESTION))
    assert "Buscando" in states[0]
    assert "Escribiendo" in states[1]
    assert "Open Source Initiative" in states[-1]
    assert "licencias-y-pesos-abiertos.md:" in states[-1]
    assert "verificada" in states[-1]


def test_a_model_that_thinks_is_said_to_think(seeds_index: Path, ollama: OllamaServer) -> None:
    ollama.scripts["pensador"] = ["La Open Source Initiative [1]."]
    ollama.thoughts["pensador"] = ["Veamos…", "Sí."]
    ollama.shown["pensador"] = {"capabilities": ["completion", "thinking"]}
    assistant = Assistant.open(
        index_dir=seeds_index, model="pensador", ollama_host=ollama.url, think=True
    )
    states = list(render_events(assistant, QUESTION))
    assert sum("Pensando" in state for state in states) >= 2
    assert not any("Veamos" in state for state in states)
    assert "Open Source Initiative" in states[-1]


def test_abstaining_shows_the_nearest_there_is(seeds_assistant: Assistant) -> None:
    *_, last = render_events(seeds_assistant, "¿Cómo se prepara el salmorejo cordobés?")
    assert "No he encontrado la respuesta" in last
    assert "Lo más cercano" in last
    assert "<blockquote>" in last


def test_an_error_names_its_remedy(tmp_path: Path) -> None:
    *_, last = render_events(Assistant.open(index_dir=tmp_path), "¿Hola?")
    assert "rag index CARPETA" in last


def test_what_a_document_says_is_text_and_stays_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(HOSTILE + "\n\n# no soy un título\n\n" * 2, encoding="utf-8")
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive")
    assistant.index([tmp_path / "a.txt"])
    for state in render_events(assistant, "¿Cuánto mide el faro?"):
        assert "<script" not in state
        assert "<img" not in state
        assert "\n" not in state


def test_a_follow_up_says_how_it_was_understood_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("El faro mide 41 metros.\n", encoding="utf-8")
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive", min_confidence=0)
    assistant.index([tmp_path / "a.txt"])
    answers: list[Answer] = []
    history = [Turn("¿Qué es el faro <b>rojo</b>?")]
    states = list(render_events(assistant, "¿cuánto mide?", history, answers.append))
    assert all("He entendido: " in state for state in states[1:])
    assert all("<b>" not in state and "\n" not in state for state in states)
    (answer,) = answers
    assert answer.turn.question == answer.standalone_question != "¿cuánto mide?"


# --- serving ---------------------------------------------------------------------------------


def test_the_page_answers_and_speaks_to_nobody_else(address: str) -> None:
    text = httpx.get(address).text
    assert TITLE in text
    for host in ("fonts.googleapis", "cdnjs", "jsdelivr", "unpkg", "huggingface.co/api"):
        assert host not in text


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
