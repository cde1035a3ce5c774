"""Page: its tabs, and what happens in them. It asks the assistant and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import gradio

from rag.assistant import Assistant
from rag.errors import NoIndexError, RagError
from rag.web.documents import build_documents
from rag.web.exchange import Asked, ExchangeState, converse
from rag.web.line import WritingLine
from rag.web.preferences import build_preferences, settings_of
from rag.web.programs import add_endpoints
from rag.web.source import open_document
from rag.web.theme import view
from rag.schema import Answer, Turn
from rag.web.exchange import paragraph, render_events
from rag.web.programs import offer_to_programs

if TYPE_CHECKING:
    import gradio

TITLE: Final = "Pregunta a tus documentos"
_N_EXAMPLES: Final = 4
_DAY: Final = 24 * 60 * 60  # seconds


def build_page(assistant: Assistant, *, may_change: bool = True) -> gradio.Blocks:
    """Build the page.

    Parameters
    ----------
    may_change
        Whether whoever opens it may add documents and take them out.
    """
    line = WritingLine()

    async def respond(
        event: gradio.EventData,
        request: gradio.Request,
        model: Any,
        strictness: Any,
        max_evidence: Any,
    ) -> AsyncIterator[ExchangeState]:
        asked = Asked.of(event._data, request.session_hash or "")  # noqa: SLF001 - the way to it
        chosen = assistant.using(**settings_of(model, strictness, max_evidence))
        async for state in converse(chosen, asked, line):
            yield state

    def describe(_: Any) -> dict[str, Any]:
        return _describe(assistant)

    def read_document(request: Any) -> dict[str, Any]:
        return open_document(assistant, request)

    def rate(data: Any) -> dict[str, Any]:
        return _rate(assistant, data)

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
                desk = gradio.HTML(
                    {},
                    html_template="<div></div>",
                    js_on_load=view("desk"),
                    server_functions=[describe, read_document, rate],
                    apply_default_css=False,
                    elem_id="desk",
                )
            with gradio.Tab("Documentos"):
                build_documents(assistant, may_change=may_change)
            with gradio.Tab("Ajustes"):
                preferences = build_preferences(assistant)
        asked = desk.submit(
            respond,
            [*preferences],
            desk,
            show_progress="hidden",
            concurrency_limit=None,
            api_visibility="private",
        )
        desk.stop(None, cancels=[asked], api_visibility="private")
        add_endpoints(assistant, line)
    built: gradio.Blocks = page
    return built
        anew = gradio.Button("Nueva conversación", size="sm", variant="secondary")
        turns = gradio.State([])  # what was said, which the chat holds only as HTML
        conversation = [question, chat, turns]
        asked = question.submit(respond, conversation, conversation, api_visibility="private")
        question.stop(None, cancels=[asked]).then(
            stop, chat, [question, chat], queue=False, api_visibility="private"
        )
        anew.click(None, cancels=[asked]).then(
            forget, None, conversation, queue=False, api_visibility="private"
        )
        offer_to_programs(assistant)
    page: gradio.Blocks = blocks
    return page
