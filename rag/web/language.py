"""Language: Gradio's page in Spanish, whatever the browser speaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio takes the browser's language; it is told another before it asks.
_SPEAK: Final = (
    b"<script>for (const [name, value] of Object.entries({language: 'es', languages: ['es']})) "
    b"Object.defineProperty(navigator, name, {get: () => value});</script>"
)
# A browser that is told to keep nothing throws at the very name, and Gradio's page would not open:
# it gets a memory that lasts as long as the page.
_REMEMBER: Final = (
    b"<script>for (const name of ['localStorage', 'sessionStorage']) try { window[name].length; }"
    b" catch { const kept = new Map(); Object.defineProperty(window, name, {value: {"
    b"getItem: (key) => kept.get(key) ?? null, removeItem: (key) => { kept.delete(key); },"
    b" setItem: (key, text) => { kept.set(key, String(text)); }}}); }</script>"
)
_LANGUAGE: Final = re.compile(rb'(<html\s[^>]*?lang=)"en"')
# Cards that other sites show of a public page: this one is nobody else's.
_CARDS: Final = re.compile(rb'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*?/>')
# The keyboard of a phone makes the page shorter, and does not lie over what is written in.
_SCALE: Final = re.compile(rb'(name="viewport"\s+content="[^"]*)"')
_HEAD: Final = re.compile(rb"<head>")


class InSpanish:
    """Middleware: the first page says that it is in Spanish, and nothing about Gradio."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def rewritten(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = in_spanish(body)
            headers = [item for item in start["headers"] if item[0].lower() != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, rewritten)


def in_spanish(page: bytes) -> bytes:
    """Return Gradio's first page with its language told."""
    page = _LANGUAGE.sub(rb'\1"es"', page, count=1)
    page = _SCALE.sub(rb'\1, interactive-widget=resizes-content"', page, count=1)
    page = _CARDS.sub(b"", page)
    return _HEAD.sub(b"<head>" + _SPEAK + _REMEMBER, page, count=1)
