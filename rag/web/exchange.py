"""Exchange: the events of an answer, as the states that the page shows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from rag.assistant import Assistant
from rag.errors import RagError
from rag.schema import Answer, Citation, Evidence, Retrieved, Token, Turn

_STATUSES: Final = {
    "verified": "verificada",
    "moved": "movida: el archivo ha cambiado y está ahora en esta línea",
    "stale": "obsoleta: el archivo ha cambiado y ya no dice esto",
    "missing": "el archivo ya no está",
}


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
    yield paragraph("Buscando en los documentos…", "aviso")
    understood = text = ""
    try:
        for event in assistant.stream(question, history):
            match event:
                case Retrieved():
                    understood = _understood(event.standalone_question)
                    yield understood + paragraph("Escribiendo…", "aviso")
                case Token():
                    text += event.text
                    shown = paragraph(text) if text.strip() else paragraph("Pensando…", "aviso")
                    yield understood + shown
                case Answer():
                    if on_answer is not None:
                        on_answer(event)
                    yield render_answer(event)
    except RagError as error:
        yield understood + paragraph(text) + paragraph(f"⚠ {error}", "aviso")


def render_answer(answer: Answer) -> str:
    """Return an answer with its sources, as HTML on one line.

    A line with no break inside a block element is taken as it is by Markdown, so nothing that a
    document says is ever read as Markdown: no image is fetched, no link is made.
    """
    parts = [_understood(answer.standalone_question), paragraph(answer.text)]
    if answer.abstained:
        if answer.evidence:
            parts.append(paragraph("Lo más cercano que hay:", "aviso"))
            parts.append(_sources((item, item.text) for item in answer.evidence[:3]))
    else:
        parts.append(_sources((item, item.quote) for item in answer.citations))
    parts.extend(paragraph(notice, "aviso") for notice in answer.notices)
    seconds = f"{answer.timings.total_seconds:.1f}".replace(".", ",")
    parts.append(paragraph(f"{answer.writer} · {seconds} s", "aviso"))
    return "".join(parts)


def _understood(standalone_question: str | None) -> str:
    """Say how a question was understood, where that is not as it was written."""
    if standalone_question is None:
        return ""
    return paragraph(f"He entendido: {standalone_question}", "aviso")


def _summary(source: Evidence | Citation) -> str:
    return f"[{source.marker}] {source.all_places} · {_STATUSES[source.status]}"


def _sources(sources: Iterable[tuple[Evidence | Citation, str]]) -> str:
    """Fold each source under its place, with what there is to be wary of beside it."""
    items = (
        f"<details><summary>{_escape(_summary(source))}</summary>"
        f"{_section(source)}<blockquote>{_escape(' '.join(quote.split()))}</blockquote></details>"
        + "".join(paragraph(f"⚠ {warning}", "aviso") for warning in source.warnings)
        for source, quote in sources
    )
    return f'<div class="fuentes">{"".join(items)}</div>'


def _section(source: Evidence | Citation) -> str:
    return paragraph(source.section, "seccion") if source.section else ""


def paragraph(text: str, css_class: str = "respuesta") -> str:
    """Return a text as a block of HTML, escaped."""
    return f'<div class="{css_class}">{_escape(text)}</div>'


def _escape(text: str) -> str:
    """Escape for HTML, and leave no line end that would end the HTML block."""
    return re.sub(r"[\r\n\v\f\x85\u2028\u2029]", "<br>", html.escape(text.strip()))
