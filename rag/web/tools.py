"""Tools: the same two requests, for other assistants, by the Model Context Protocol."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any, Final, cast

from rag.assistant import Assistant
from rag.errors import ModelMissingError, RagError, UsageError
from rag.web.line import Lines
from rag.web.programs import ASK, MAX_EVIDENCE, SEARCH, UNEXPECTED, Program, unless_gone

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

_LOG = logging.getLogger(__name__)
_QUESTION: Final = {"type": "string", "description": "Qué se quiere saber, en español."}
_ASK_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "question": _QUESTION,
        "history": {
            "type": "array",
            "description": "Lo que se dijo antes, de lo más antiguo a lo último.",
            "items": {
                "type": "object",
                "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["question"],
            },
        },
        "model": {
            "type": "string",
            "description": "Quién escribe: auto, embedded, extractive u ollama:NOMBRE.",
        },
    },
    "required": ["question"],
}
_SEARCH_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "question": _QUESTION,
        "max_evidence": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_EVIDENCE,
            "description": "Cuántas frases como mucho.",
        },
    },
    "required": ["question"],
}


class ToolServer:
    """An ASGI application that offers ``ask`` and ``search``, by streamable HTTP.

    Gradio's own would call the page by HTTP, without the token that it is asked, and return JSON as
    Python writes it.

    Raises
    ------
    ModelMissingError
        If the package of the protocol is not installed.
    """

    def __init__(self, assistant: Assistant, lines: Lines, title: str) -> None:
        try:
            from mcp.server.lowlevel import Server
            from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        except ImportError as error:
            raise ModelMissingError(
                "Falta el paquete mcp, que hace falta para --mcp", "Instálalo con: pip install mcp"
            ) from error
        from mcp import types

        only_reads = types.ToolAnnotations(readOnlyHint=True, openWorldHint=False)
        server: Server[Any, Any] = Server("rag", instructions=title)

        def program(request: Request) -> Program:
            host = request.client.host if request.client else "an unknown address"
            return Program(assistant, lines, f"MCP client at {host}")

        async def list_tools() -> list[types.Tool]:
            return [
                types.Tool(
                    name=name, description=description, inputSchema=schema, annotations=only_reads
                )
                for name, description, schema in (
                    ("ask", ASK, _ASK_SCHEMA),
                    ("search", SEARCH, _SEARCH_SCHEMA),
                )
            ]

        async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
            request = cast("Request", server.request_context.request)
            try:
                record = await unless_gone(request, _requested(program(request), name, arguments))
            except RagError as error:
                return _failed(str(error))
            except Exception:  # noqa: BLE001 - whoever asks is told as well
                _LOG.exception("a tool failed")
                return _failed(UNEXPECTED)
            text = json.dumps(record, ensure_ascii=False)
            return types.CallToolResult(
                content=[types.TextContent(type="text", text=text)], structuredContent=record
            )

        def _failed(why: str) -> types.CallToolResult:
            content = types.TextContent(type="text", text=why)
            return types.CallToolResult(content=[content], isError=True)

        # Not decorated: its decorators have no types.
        server.list_tools()(list_tools)  # type: ignore[no-untyped-call]
        server.call_tool(validate_input=False)(call_tool)
        self._sessions = StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sessions.handle_request(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[None]:
        """Keep it open while the page is."""
        async with self._sessions.run():
            yield


def _requested(
    program: Program, name: str, arguments: dict[str, Any]
) -> Coroutine[Any, Any, dict[str, Any]]:
    """Return what a call asks for, with no argument too many and none too few."""
    functions: dict[str, Callable[..., Coroutine[Any, Any, dict[str, Any]]]] = {
        "ask": program.ask,
        "search": program.search,
    }
    function = functions.get(name)
    if function is None:
        raise UsageError(f"No hay ninguna «{name}»", "Usa ask o search")
    try:
        bound = signature(function).bind(**arguments)
    except TypeError as error:
        raise UsageError(
            f"A «{name}» le faltan o le sobran argumentos", "Mira cuáles tiene"
        ) from error
    return function(*bound.args, **bound.kwargs)
