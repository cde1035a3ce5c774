"""Web: the chat page, over an Assistant. Everything it shows of a document is escaped."""

from __future__ import annotations

import html
import os
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from rag.assistant import Assistant
from rag.errors import PortInUseError, RagError, UsageError, reason
from rag.schema import Answer, Citation, Evidence, Retrieved, Token, Turn

if TYPE_CHECKING:
    import gradio

TITLE: Final = "Pregunta a tus documentos"
_DESCRIPTION: Final = (
    "Cada respuesta cita el archivo y la línea que lo dicen. Nada sale de este equipo."
)
_ASK: Final = "¿Qué quieres saber?"
_WAIT: Final = "Espera a que termine la respuesta, o detenla"
_STATUSES: Final = {
    "verified": "verificada",
    "moved": "movida: el archivo ha cambiado y está ahora en esta línea",
    "stale": "obsoleta: el archivo ha cambiado y ya no dice esto",
    "missing": "el archivo ya no está",
}
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


def build_page(assistant: Assistant) -> gradio.Blocks:
    """Build the page; it asks the assistant and nobody else."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gradio

    def respond(
        question: str, shown: list[Any], turns: list[Turn]
    ) -> Iterator[tuple[Any, list[Any], list[Turn]]]:
        if not question.strip():
            yield ready, shown, turns
            return
        # The question is escaped as well: it may have been pasted from anywhere.
        shown = [*shown, {"role": "user", "content": _paragraph(question)}]
        # What is typed meanwhile stays in the box, which is emptied once and cannot send.
        box = gradio.update(value="", submit_btn=False, placeholder=_WAIT)
        answered: list[Turn] = []

        def on_answer(answer: Answer) -> None:
            answered.append(answer.turn)

        for state in render_events(assistant, question, turns, on_answer):
            # Not before the answer is whole: one that is stopped is no turn.
            yield box, [*shown, {"role": "assistant", "content": state}], turns
            box = gradio.skip()
        yield ready, [*shown, {"role": "assistant", "content": state}], [*turns, *answered]

    def stop(shown: list[Any]) -> tuple[Any, list[Any]]:
        stopped = {"role": "assistant", "content": _paragraph("Respuesta detenida.", "aviso")}
        return ready, [*shown[:-1], stopped] if shown else shown

    def forget() -> tuple[Any, list[Any], list[Turn]]:
        return ready, [], []

    ready = gradio.update(submit_btn=True, placeholder=_ASK)

    with gradio.Blocks(title=TITLE, analytics_enabled=False, fill_height=True) as blocks:
        gradio.Markdown(f"# {TITLE}\n\n{_DESCRIPTION}")
        chat = gradio.Chatbot(
            show_label=False,
            sanitize_html=True,
            latex_delimiters=[],
            buttons=[],
            feedback_options=None,
            height="60vh",
            scale=1,
        )
        question = gradio.Textbox(
            placeholder=_ASK,
            label="Pregunta",
            show_label=False,
            max_length=assistant.settings.max_question_chars,
            autofocus=True,
            submit_btn=True,
            stop_btn=True,
        )
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
    page: gradio.Blocks = blocks
    return page


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
    credentials = _credentials(host, auth)
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
        auth=credentials,
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
                Middleware(TrustedHostMiddleware, allowed_hosts=_allowed_hosts(host)),
                Middleware(_ContentSecurityPolicy),
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


class _ContentSecurityPolicy:
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


def render_events(
    assistant: Assistant,
    question: str,
    history: Sequence[Turn] = (),
    on_answer: Callable[[Answer], None] | None = None,
) -> Iterator[str]:
    """Turn the events of an answer into the states of its message, as HTML on one line.

    Parameters
    ----------
    history
        The conversation so far, oldest first.
    on_answer
        Called with the answer once it is whole.
    """
    yield _paragraph("Buscando en los documentos…", "aviso")
    understood = text = ""
    try:
        for event in assistant.stream(question, history):
            match event:
                case Retrieved():
                    understood = _understood(event.standalone_question)
                    yield understood + _paragraph("Escribiendo…", "aviso")
                case Token():
                    text += event.text
                    shown = _paragraph(text) if text.strip() else _paragraph("Pensando…", "aviso")
                    yield understood + shown
                case Answer():
                    if on_answer is not None:
                        on_answer(event)
                    yield render_answer(event)
    except RagError as error:
        yield understood + _paragraph(text) + _paragraph(f"⚠ {error}", "aviso")


def render_answer(answer: Answer) -> str:
    """Return an answer with its sources, as HTML on one line.

    A line with no break inside a block element is taken as it is by Markdown, so nothing that a
    document says is ever read as Markdown: no image is fetched, no link is made.
    """
    parts = [_understood(answer.standalone_question), _paragraph(answer.text)]
    if answer.abstained:
        if answer.evidence:
            parts.append(_paragraph("Lo más cercano que hay:", "aviso"))
            parts.append(_sources((item, item.text) for item in answer.evidence[:3]))
    else:
        parts.append(_sources((item, item.quote) for item in answer.citations))
    parts.extend(_paragraph(notice, "aviso") for notice in answer.notices)
    seconds = f"{answer.timings.total_seconds:.1f}".replace(".", ",")
    parts.append(_paragraph(f"{answer.writer} · {seconds} s", "aviso"))
    return "".join(parts)


def _understood(standalone_question: str | None) -> str:
    """Say how a question was understood, where that is not as it was written."""
    if standalone_question is None:
        return ""
    return _paragraph(f"He entendido: {standalone_question}", "aviso")


def _summary(source: Evidence | Citation) -> str:
    return f"[{source.marker}] {source.all_places} · {_STATUSES[source.status]}"


def _sources(sources: Iterable[tuple[Evidence | Citation, str]]) -> str:
    """Fold each source under its place, with what there is to be wary of beside it."""
    items = (
        f"<details><summary>{_escape(_summary(source))}</summary>"
        f"{_section(source)}<blockquote>{_escape(' '.join(quote.split()))}</blockquote></details>"
        + "".join(_paragraph(f"⚠ {warning}", "aviso") for warning in source.warnings)
        for source, quote in sources
    )
    return f'<div class="fuentes">{"".join(items)}</div>'


def _section(source: Evidence | Citation) -> str:
    return _paragraph(source.section, "seccion") if source.section else ""


def _paragraph(text: str, css_class: str = "respuesta") -> str:
    return f'<div class="{css_class}">{_escape(text)}</div>'


def _escape(text: str) -> str:
    """Escape for HTML, and leave no line end that would end the HTML block."""
    return re.sub(r"[\r\n\v\f\x85\u2028\u2029]", "<br>", html.escape(text.strip()))


def _credentials(host: str, auth: str | None) -> tuple[str, str] | None:
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


def _allowed_hosts(host: str) -> list[str]:
    """Return the names under which the page may be asked for; behind a password, any."""
    return ["127.0.0.1", "localhost", host] if _is_loopback(host) else ["*"]


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
