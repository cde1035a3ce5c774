"""Access: who may open the page, and what a browser that opens it may fetch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any, Final

from rag.errors import UsageError


def credentials(host: str, auth: str | None) -> tuple[str, str] | None:
    """Return who may enter, or None where anyone on this machine may."""
    if auth is None:
        if not _is_loopback(host):
            raise UsageError(
                f"La dirección {host} se ve desde otros equipos",
                "Añade --auth USUARIO:CLAVE, o quita --host",
            )
        return None
    user, separator, password = auth.partition(":")
    if not (user and separator and password):
        raise UsageError("--auth no tiene usuario y clave", "Escríbelo así: --auth USUARIO:CLAVE")
    return user, password


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_hosts(host: str) -> list[str]:
    """Return the names under which the page may be asked for; behind a password, any."""
    return ["127.0.0.1", "localhost", host] if _is_loopback(host) else ["*"]


class ContentSecurityPolicy:
    """Middleware: the browser itself is told to fetch nothing from anyone else.

    Escaping is what keeps a document from acting; this holds even where it failed.
    """

    _POLICY: Final = (
        "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
        "connect-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'self'"
    )

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                policy = (b"content-security-policy", self._POLICY.encode())
                message = {**message, "headers": [*message.get("headers", ()), policy]}
            await send(message)

        await self._app(scope, receive, send_with_policy)
