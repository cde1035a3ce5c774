"""The settings of a browser: what it may send, and that its choice lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.config import load_settings
from rag.schema import ModelChoice
from rag.web.preferences import (
    BALANCED,
    OPEN,
    STRICT,
    build_preferences,
    choose_model,
    read_stored,
    settings_of,
)
from tests.browsing import free_port
from tests.json_values import SCALARS, json_values
from tests.ollama_server import OllamaServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OWN = {"model": "auto", "strictness": BALANCED, "max_evidence": 5}
ANYTHING = json_values(
    SCALARS | st.sampled_from(["auto", "ollama:x", STRICT, OPEN, "ollama:a b", 5, 5.0])
)


def test_each_strictness_is_laxer_than_the_one_before() -> None:
    own = load_settings()
    strict = settings_of("auto", STRICT, 5, own)
    lax = settings_of("auto", OPEN, 5, own)
    assert settings_of("auto", BALANCED, 5) == {"model": "auto", "max_evidence": 5}
    assert strict["min_confidence"] > own.min_confidence > lax["min_confidence"]
    assert (strict["unsupported"], lax["unsupported"]) == ("drop", "mark")


@pytest.mark.parametrize("confidence", [0.0, 0.05, 0.7, 1.0])
def test_strictness_is_about_what_the_assistant_was_given(confidence: float) -> None:
    own = load_settings(min_confidence=confidence)
    assert settings_of("auto", STRICT, 5, own)["min_confidence"] >= confidence
    assert settings_of("auto", OPEN, 5, own)["min_confidence"] <= confidence


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_a_browser_sends_the_settings_are_valid(
    model: object, strictness: object, max_evidence: object
) -> None:
    ours = Assistant(load_settings())
    other = ours.using(**settings_of(model, strictness, max_evidence))
    assert 1 <= other.settings.max_evidence <= 10


@given(ANYTHING | st.fixed_dictionaries(dict.fromkeys(OWN, ANYTHING)))
def test_whatever_a_browser_has_kept_the_components_can_show_it(kept: object) -> None:
    shown = read_stored(kept, OWN)
    assert read_stored(shown, OWN) == shown
    assert settings_of(*shown.values()).keys() >= {"model", "max_evidence"}


@pytest.mark.parametrize(
    "name", ["", "ollama:", "ollama:a\nb", "ollama:<b>", "x" * 500, "ollama:" + "x" * 500, "qwen3"]
)
def test_names_that_the_page_does_not_list_are_not_asked_for(name: str) -> None:
    assert "model" not in settings_of(name, BALANCED, 5)


def test_a_model_that_is_gone_gives_way_to_the_automatic() -> None:
    choices = (
        ModelChoice("auto", "Automático"),
        ModelChoice("embedded", "Incluido", is_available=False, why_not="Instálalo."),
    )
    assert choose_model("auto", "auto", choices) == ("auto", [("Automático", "auto")], "")
    value, listed, said = choose_model("ollama:llama3.2:3b", "auto", choices)
    assert (value, listed) == ("auto", [("Automático", "auto")])
    assert "«Ollama: llama3.2:3b» no está disponible" in said
    assert "Instálalo." in choose_model("embedded", "auto", choices)[2]
    value, listed, said = choose_model("a-su-manera", "a-su-manera", choices)
    assert (value, said) == ("a-su-manera", "")
    assert listed[-1][1] == "a-su-manera"


@contextmanager
def page_of(assistant: Assistant, port: int) -> Iterator[str]:
    """A page with the tab, and a box that tells what a question would be asked with."""
    import gradio

    with gradio.Blocks(analytics_enabled=False) as blocks:
        with gradio.Tab("Conversación"):
            shown = gradio.Textbox(label="Se preguntaría con")
            show = gradio.Button("Ver")
        with gradio.Tab("Ajustes") as tab:
            chosen = build_preferences(assistant, tab)
        show.click(lambda *values: str(settings_of(*values)), list(chosen), shown)
    blocks.launch(server_port=port, prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield f"http://127.0.0.1:{port}"
    blocks.close(verbose=False)


def in_force(page: Any, expected: str) -> str:
    """What a question would be asked with, once that is as expected."""
    page.get_by_role("tab", name="Conversación").click()
    box = page.get_by_label("Se preguntaría con")
    for _ in range(40):
        page.get_by_role("button", name="Ver").click()
        page.wait_for_timeout(100)
        if expected in box.input_value():
            break
    said: str = box.input_value()
    assert expected in said
    return said


@pytest.mark.browser
def test_the_choice_lasts_for_the_browser(
    browser: Browser, tmp_path: Path, ollama: OllamaServer
) -> None:
    ollama.scripts["llama3.2:3b"] = ["Sí."]
    assistant = Assistant.open(index_dir=tmp_path, ollama_host=ollama.url)
    port = free_port()
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    with page_of(assistant, port) as address:
        page.goto(address)
        assert "'model': 'auto', 'max_evidence': 5" in in_force(page, "auto")
        page.get_by_role("tab", name="Ajustes").click()
        page.get_by_text("Ahora contesta: Incluido").wait_for()
        page.get_by_label("Modelo").click()
        page.get_by_role("option", name="Ollama: llama3.2:3b").click()
        page.get_by_text("Ahora contesta: Ollama: llama3.2:3b").wait_for()
        page.get_by_label("Estricta").check()
        assert "0.5" in in_force(page, "ollama:llama3.2:3b")
    with page_of(assistant, port) as address:  # the program was started again
        page.goto(address)
        assert "0.5" in in_force(page, "ollama:llama3.2:3b")
        del ollama.scripts["llama3.2:3b"]
        page.get_by_role("tab", name="Ajustes").click()
        page.get_by_text("«Ollama: llama3.2:3b» no está disponible ahora").wait_for()
        assert "0.5" in in_force(page, "'auto'")
        ollama.scripts["llama3.2:3b"] = ["Sí."]
        page.get_by_role("tab", name="Ajustes").click()
        page.get_by_role("button", name="Buscar modelos").click()
        in_force(page, "ollama:llama3.2:3b")
    context.close()
    del ollama.scripts["llama3.2:3b"]


@pytest.mark.browser
def test_a_choice_made_while_models_are_looked_for_stands(
    browser: Browser, tmp_path: Path, ollama: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ollama.scripts, "llama3.2:3b", ["Sí."])
    assistant = Assistant.open(index_dir=tmp_path, ollama_host=ollama.url)
    context = browser.new_context(locale="es-ES")
    page = context.new_page()
    with page_of(assistant, free_port()) as address:
        page.goto(address)
        page.get_by_role("tab", name="Ajustes").click()
        page.get_by_text("Ahora contesta: Incluido").wait_for()
        page.get_by_role("button", name="Buscar modelos").click()
        page.wait_for_timeout(500)
        monkeypatch.setattr(ollama, "seconds_before_listing", 0.6)
        page.get_by_role("button", name="Buscar modelos").click()
        page.get_by_label("Modelo").click()
        page.get_by_role("option", name="Ollama: llama3.2:3b").click()
        page.wait_for_timeout(3000)
        assert page.get_by_text("Ahora contesta: Ollama: llama3.2:3b").is_visible()
        assert "Ollama: llama3.2:3b" in page.get_by_label("Modelo").input_value()
        in_force(page, "ollama:llama3.2:3b")
    context.close()
