"""Serve: open the page, and keep it open."""

from __future__ import annotations

import os
import signal
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from rag.assistant import Assistant
from rag.errors import PortInUseError, UsageError, reason
from rag.web.about import TITLE
from rag.web.access import MCP_PATH, Entry, UploadFolder, guards, may_enter
from rag.web.language import InSpanish
from rag.web.line import Lines
from rag.web.tools import ToolServer

if TYPE_CHECKING:
    import gradio

_MAX_THREADS: Final = 64  # that answer at once: most of them wait for their turn to write
_PARTING_SECONDS: Final = 1  # for what is being sent when the page closes


def serve(
    assistant: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: str | None = None,
    auth_file: Path | None = None,
    token: str | None = None,
    mcp: bool = False,
    may_change: bool = True,
    on_ready: Callable[[str], None] | None = None,
    block: bool = True,
) -> gradio.Blocks:
    """Open the page and keep it open.

    Parameters
    ----------
    auth
        ``user:password``.
    auth_file
        Hashed passwords, as ``rag password`` writes them.
    token
        Lets programs in, and whoever has the address with it; empty: one is made up. A password
        or a token is needed unless the host is this machine's own.
    mcp
        Offer ``ask`` and ``search`` to other assistants as well.
    may_change
        Whether whoever enters may add documents and take them out, which deletes no file but
        copies that were uploaded. Otherwise no file is taken in at all.
    on_ready
        Called with the address, and its token if it has one, once the page answers.
    block
        Until Ctrl-C or SIGTERM. If false, return at once; the page's ``close`` ends it.

    Raises
    ------
    UsageError
        If the address may be reached from outside and nothing is asked of who comes, or what is
        asked is not valid.
    PortInUseError
        If the port is taken.
    """
    entry = may_enter(host, auth, auth_file, token)
    _check_port(host, port)
    limits = assistant.library.uploads.limits
    uploads = UploadFolder(limits.max_file_bytes if may_change else 0)
    with _sigterm_interrupts() if block else nullcontext():
        try:
            page, url = _launch(assistant, entry, uploads, host=host, port=port, mcp=mcp)
            if on_ready is not None:
                on_ready(url)
        except BaseException:
            uploads.remove()
            raise
        if block:
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
            page.close(verbose=False)
            uploads.remove()
    return page


def _launch(
    assistant: Assistant, entry: Entry, uploads: UploadFolder, *, host: str, port: int, mcp: bool
) -> tuple[gradio.Blocks, str]:
    """Build the page and serve it from a thread; return it with its address."""
    lines = Lines()  # people, programs and other assistants take turns
    tools = ToolServer(assistant, lines, TITLE) if mcp else None
    uploads.use()
    _speak_to_loopback_directly()
    from starlette.middleware import Middleware
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    from rag.web.page import build_page
    from rag.web.theme import ASSETS, ASSETS_URL, STYLE_SHEETS, make_theme

    page = build_page(assistant, lines, may_change=uploads.max_file_bytes > 0)
    weakref.finalize(page, uploads.remove)
    routes: list[Any] = [Mount(ASSETS_URL, StaticFiles(directory=ASSETS), name="assets")]
    if tools is not None:
        routes += [Route(MCP_PATH, tools), Route(f"{MCP_PATH}/", tools)]
    app_kwargs: dict[str, Any] = {
        "middleware": [
            *guards(entry, host=host, port=port, uploads=uploads, title=TITLE),
            Middleware(InSpanish),
        ],
        "routes": routes,
    }
    if tools is not None:
        app_kwargs["lifespan"] = tools.lifespan
    _, url, _ = page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        run_history=False,
        footer_links=[],
        enable_monitoring=False,
        show_error=False,
        strict_cors=True,
        max_threads=_MAX_THREADS,
        max_file_size=uploads.max_file_bytes,
        favicon_path=ASSETS / "favicon.svg",
        theme=make_theme(),
        css_paths=STYLE_SHEETS,
        app_kwargs=app_kwargs,
    )
    page.server.config.timeout_graceful_shutdown = _PARTING_SECONDS
    # Not before: it would take the cores from what the person waits for.
    threading.Thread(target=assistant.warm_up, name="warm-up", daemon=True).start()
    return page, f"{url}?token={entry.token}" if entry.token else url


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Take SIGTERM, which a service manager sends, as Ctrl-C, where signals can be heard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _speak_to_loopback_directly() -> None:
    """Keep what the page asks of itself from going by a proxy that the machine may have."""
    for name in ("NO_PROXY", "no_proxy"):
        named = [item for item in os.environ.get(name, "").split(",") if item]
        missing = [item for item in ("127.0.0.1", "localhost") if item not in named]
        os.environ[name] = ",".join([*named, *missing])


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
