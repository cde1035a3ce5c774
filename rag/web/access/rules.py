"""Rules: what may be asked of the page, from where, and what a browser may do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rag.web.access.answer import say
from rag.web.access.entry import Entry, allowed_hosts
from rag.web.access.gate import Gate
from rag.web.access.uploads import UPLOAD_PATH, BodyLimits, UploadFolder

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MCP_PATH: Final = "/gradio_api/mcp"


def guards(
    entry: Entry, *, host: str, port: int, uploads: UploadFolder, title: str
) -> list[Middleware]:
    """Return all that a request goes through before it reaches the page, outermost first."""
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    return [
        Middleware(SafeHeaders),
        # Against a foreign page that has its own name resolve to this machine.
        Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(host)),
        Middleware(SameOrigin),
        Middleware(Gate, entry=entry, port=port, title=title),
        Middleware(OpenRoutes, takes_files=uploads.max_file_bytes > 0),
        Middleware(BodyLimits, folder=uploads),
    ]


class SafeHeaders:
    """Middleware: the browser itself is told to fetch nothing from anyone else.

    Escaping is what keeps a document from acting; this holds even where it failed.
    """

    # Gradio's page begins with scripts of its own and makes functions of its components' code.
    _POLICY: Final = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
        "frame-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
    )
    _HEADERS: Final = (
        (b"content-security-policy", _POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        # Not «no-referrer»: with it the form of the password would not say where it comes from.
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (
            b"permissions-policy",
            b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
        ),
    )
    # What is the same for everyone until the program is another.
    _PUBLIC: Final = ("/assets/", "/static/", "/svelte/", "/favicon.ico")
    # What a browser may keep, and asks after each time: another version has the same names.
    _OWN: Final = "/recursos/"

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *self._HEADERS]
                if not scope["path"].startswith(self._PUBLIC):
                    headers = [item for item in headers if item[0].lower() != b"cache-control"]
                    is_own = scope["path"].startswith(self._OWN)
                    headers.append((b"cache-control", b"no-cache" if is_own else b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_headers)


class SameOrigin:
    """Middleware: no other page asks anything with this browser's hands; it may only link here.

    A browser says with what it sends which page sends it; a program says nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_own(scope):
            await say(403, "La petición viene de otra página.")(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    headers: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
    site = headers.get(b"sec-fetch-site")
    origin = headers.get(b"origin")
    if site is not None and site not in {"same-origin", "none"}:
        is_link = headers.get(b"sec-fetch-mode") == "navigate" and scope["method"] in {"GET"}
        return is_link and headers.get(b"sec-fetch-dest", "document") == "document"
    if origin is None or (origin == "null" and site is not None):
        return True
    return urlsplit(origin).netloc.lower() == headers.get(b"host", "").lower()


class OpenRoutes:
    """Middleware: what the page needs of Gradio's routes is open, and nothing else is there.

    Left out are those that read files or other machines (``file=``, ``proxy=``), that keep what
    was asked (``run-history``, ``deep_link``), that tell who asks what (``monitoring``) and those
    of its developers.

    Parameters
    ----------
    takes_files
        Whether the route that files are sent to is open too.
    """

    _WHOLE: Final = frozenset(
        {
            "/",
            "/config",
            "/favicon.ico",
            "/manifest.json",
            "/robots.txt",
            "/theme.css",
            "/gradio_api/app_id",
            "/gradio_api/cancel",
            "/gradio_api/component_server",
            "/gradio_api/info",
            "/gradio_api/login_check",
            "/gradio_api/queue/data",
            "/gradio_api/queue/join",
            "/gradio_api/queue/status",
            "/gradio_api/reset",
            "/gradio_api/startup-events",
            "/gradio_api/theme.css",
            "/gradio_api/user",
            MCP_PATH,
        }
    )
    _OF_FILES: Final = frozenset({"/gradio_api/upload_progress", UPLOAD_PATH})
    _UNDER: Final = (
        "/assets/",
        "/recursos/",
        "/static/",
        "/svelte/",
        "/gradio_api/call/",
        "/gradio_api/heartbeat/",
        "/gradio_api/run/",
    )

    def __init__(self, app: ASGIApp, *, takes_files: bool) -> None:
        self._app = app
        self._open = self._WHOLE | self._OF_FILES if takes_files else self._WHOLE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            path = scope["path"]
            is_open = (path.rstrip("/") or "/") in self._open or path.startswith(self._UNDER)
            if not is_open:
                await say(404, "Aquí no hay nada.")(scope, receive, send)
                return
        await self._app(scope, receive, send)
