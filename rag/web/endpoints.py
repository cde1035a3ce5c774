"""Endpoints: the two requests by name, for Gradio's clients and whoever speaks HTTP."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any, Final

import gradio
from gradio.events import api

from rag.assistant import Assistant
from rag.errors import RagError
from rag.web.line import Lines
from rag.web.programs import ASK, SEARCH, UNEXPECTED, Program, unless_gone

_LOG = logging.getLogger(__name__)
# Where what is asked and its answer are one connection; elsewhere they are not, and Gradio follows.
_DIRECT: Final = "/gradio_api/run/"


def offer_to_programs(assistant: Assistant, lines: Lines) -> None:
    """Add the named endpoints ``ask`` and ``search`` to the page that is being built."""

    def program(request: gradio.Request) -> Program:
        return Program(assistant, lines, _visitor(request))

    # Gradio reads these names and types: they are what its clients are told.
    async def ask(
        request: gradio.Request,
        question: str,
        history: list[dict[str, str]] | None = None,
        model: str | None = None,
    ) -> dict[str, Any]:
        return await _told(request, program(request).ask(question, history, model))

    async def search(
        request: gradio.Request, question: str, max_evidence: float | None = None
    ) -> dict[str, Any]:
        return await _told(request, program(request).search(question, max_evidence))

    # Gradio's queue is one for all, and people's is the line.
    for function, description in ((ask, ASK), (search, SEARCH)):
        api(
            function,
            api_name=function.__name__,
            api_description=description,
            queue=False,
            concurrency_limit=None,
        )


def _visitor(request: gradio.Request) -> str:
    """Return who takes turns: the session of a client, or the machine of who has none."""
    client = request.client
    return request.session_hash or f"program at {client.host if client else 'an unknown address'}"


async def _told(
    request: gradio.Request, asked: Coroutine[Any, Any, dict[str, Any]]
) -> dict[str, Any]:
    """Do what a program asks, and tell it what goes wrong as a person is told."""
    sent = request.request
    try:
        if sent is not None and sent.url.path.startswith(_DIRECT):
            return await unless_gone(sent, asked)
        return await asked
    except RagError as error:
        raise gradio.Error(str(error), print_exception=False) from error
    except Exception as error:
        _LOG.exception("an endpoint failed")
        raise gradio.Error(UNEXPECTED, print_exception=False) from error
