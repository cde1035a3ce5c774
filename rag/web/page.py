"""Page: its tabs, and what happens in them. It asks the assistant and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import gradio

from rag.assistant import Assistant
from rag.web.about import TITLE, AboutState, describe, take_rating
from rag.web.documents import build_documents
from rag.web.endpoints import offer_to_programs
from rag.web.exchange import Asked, converse
from rag.web.line import Lines
from rag.web.preferences import Preferences, build_preferences, settings_of
from rag.web.source import DocumentState, Refusal, open_document
from rag.web.telling import ExchangeState
from rag.web.theme import view

_DAY: Final = 24 * 60 * 60  # seconds
_TELL_MODEL: Final = (
    "(model) => { window.dispatchEvent(new CustomEvent('rag:model-chosen', { detail: model })); }"
)


def build_page(
    assistant: Assistant, lines: Lines | None = None, *, may_change: bool = True
) -> gradio.Blocks:
    """Build the page.

    Parameters
    ----------
    lines
        Of those who wait for an answer to be written; None: the page's own.
    may_change
        Whether whoever opens the page may add documents and take them out.
    """
    lines = lines or Lines()
    with gradio.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(_DAY, _DAY)) as page:
        gradio.HTML(
            {"title": TITLE},
            html_template="<div></div>",
            js_on_load=view("header"),
            apply_default_css=False,
            elem_id="masthead",
        )
        with gradio.Tabs(elem_id="tabs"):
            with gradio.Tab("Conversación"):
                desk = _build_desk(assistant, may_change=may_change)
            with gradio.Tab("Documentos"):
                build_documents(assistant, may_change=may_change)
            with gradio.Tab("Ajustes") as tab, gradio.Column(elem_id="preferences"):
                preferences = build_preferences(assistant, tab)
        _answer_at(desk, preferences, assistant, lines)
        offer_to_programs(assistant, lines)
    built: gradio.Blocks = page
    return built


def _build_desk(assistant: Assistant, *, may_change: bool) -> gradio.HTML:
    """Build the conversation beside its sources; what it asks here needs no turn."""

    def describe_program(request: Any) -> AboutState:
        return describe(assistant, request)

    def read_document(request: Any) -> DocumentState | Refusal:
        return open_document(assistant, request)

    def rate(data: Any) -> dict[str, str]:
        return take_rating(assistant, data)

    return gradio.HTML(
        {"may_change": may_change},
        html_template="<div></div>",
        js_on_load=view("desk"),
        server_functions=[describe_program, read_document, rate],
        apply_default_css=False,
        elem_id="desk",
    )


def _answer_at(
    desk: gradio.HTML, preferences: Preferences, assistant: Assistant, lines: Lines
) -> None:
    """Let the desk ask, and stop what it has asked."""

    async def respond(
        model: object,
        strictness: object,
        max_evidence: object,
        event: gradio.EventData,
        request: gradio.Request,
    ) -> AsyncIterator[ExchangeState]:
        asked = Asked.of(event._data, request.session_hash or "")
        wanted = settings_of(model, strictness, max_evidence, assistant.settings)
        chosen = assistant.using(**wanted)
        async for state in converse(chosen, asked, lines.of(chosen)):
            yield state

    asking = desk.submit(
        respond,
        list(preferences),
        desk,
        show_progress="hidden",
        concurrency_limit=None,
        api_visibility="private",
    )
    desk.stop(None, cancels=[asking], api_visibility="private")
    preferences.model.change(
        None, preferences.model, None, js=_TELL_MODEL, api_visibility="private", queue=False
    )
