"""Serve: open the page, and keep it open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from rag.assistant import Assistant
from rag.errors import PortInUseError, UsageError, reason
from rag.web.access import ContentSecurityPolicy, allowed_hosts, credentials
from rag.web.page import build_page

if TYPE_CHECKING:
    import gradio

_CSS: Final = """
footer { display: none !important; }
.fuentes { margin-top: .75em; font-size: .9em; }
.fuentes summary { cursor: pointer; }
.fuentes blockquote {
  margin: .25em 0 .5em 1em; padding-left: .75em; border-left: 3px solid #b45309;
}
.seccion { margin-left: 1em; font-size: .9em; opacity: .8; }
.aviso { margin-top: .5em; font-size: .85em; opacity: .8; }
"""


def serve(
    assistant: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: str | None = None,
    on_ready: Callable[[str], None] | None = None,
    block: bool = True,
) -> gradio.Blocks:
    """Open the page and keep it open.

    Parameters
    ----------
    auth
        ``user:password``; needed unless the host is this machine's own.
    on_ready
        Called with the address once the page answers.
    block
        Return at once if false; the page's ``close`` ends it.

    Raises
    ------
    UsageError
        If the address may be reached from outside and there is no password.
    PortInUseError
        If the port is taken.
    """
    users = credentials(host, auth)
    _check_port(host, port)
    page = build_page(assistant)
    threading.Thread(target=assistant.warm_up, name="warm-up", daemon=True).start()
    import gradio
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    _, url, _ = page.launch(
        server_name=host,
        server_port=port,
        auth=users,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        footer_links=[],
        enable_monitoring=False,
        theme=gradio.themes.Base(
            primary_hue="amber", font=fonts, font_mono=["ui-monospace", "monospace"]
        ),
        css=_CSS,
        app_kwargs={
            "middleware": [
                # Against a foreign page that has its own name resolve to this machine.
                Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(host)),
                Middleware(ContentSecurityPolicy),
            ]
        },
    )
    if on_ready is not None:
        on_ready(url)
    if block:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            page.close(verbose=False)
    return page


def _check_port(host: str, port: int) -> None:
    if ":" in host:
        raise UsageError(f"«{host}» es una dirección IPv6", "Usa --host 127.0.0.1")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, UnicodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "no es una dirección"
        raise PortInUseError(
            f"No se puede abrir la página en {host}:{port} ({why})",
            f"Elige otro puerto, por ejemplo: rag web --port {port % 65535 + 1}",
        ) from error
