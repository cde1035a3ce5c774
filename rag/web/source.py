"""Source: what an answer rests on, as numbered lines with the cited words marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final, TypedDict

from rag.assistant import Assistant, whole
from rag.errors import RagError
from rag.schema import Citation, Document, Evidence, Place, Status
from rag.web.excerpt import Excerpt, LineState, Span, trimmed, visible

_N_AROUND: Final = 3  # lines of context on each side
_MAX_LINES: Final = 40  # of a source
_MAX_WINDOW: Final = 400  # lines of a document at once
_MAX_PATH_CHARS: Final = 4096
_MAX_QUOTE_CHARS: Final = 20_000
_MAX_LINE_CHARS: Final = 4000
_MAX_NUMBER: Final = 2**31

_CHANGED: Final = "El archivo ha cambiado desde que se indexó: se muestra como está ahora."
_NO_LONGER: Final = "El archivo ha cambiado y ya no dice lo que se citó."


class SourceState(TypedDict):
    """A source as the page shows it.

    ``place`` is for people, ``copy`` for an editor, ``path`` to ask for the document with.
    """

    marker: int
    cited: bool
    path: str
    place: str
    copy: str
    line_start: int
    line_end: int
    page: int | None
    unit: str
    label: str
    section: str
    status: Status
    score: float
    also: list[str]
    warnings: list[str]
    admissible: bool
    quote: str
    lines: list[LineState]


class DocumentState(TypedDict):
    """A window of a document; ``first`` and ``last`` count the lines of its text from 1."""

    path: str
    title: str
    format: str
    n_lines: int
    first: int
    last: int
    lines: list[LineState]
    notice: str | None


class Refusal(TypedDict):
    """Why a request is not answered, in Spanish."""

    error: dict[str, str]


def sources_of(
    assistant: Assistant, evidence: Sequence[Evidence], citations: Sequence[Citation] = ()
) -> list[SourceState]:
    """Return evidence as the page shows it; of what is cited, just the cited words are marked.

    Raises
    ------
    RagError
        If the index cannot be read any more.
    """
    cited = {citation.marker: citation for citation in citations}
    return [_source(assistant, item, cited.get(item.marker)) for item in evidence]


def _source(assistant: Assistant, evidence: Evidence, citation: Citation | None) -> SourceState:
    shown = _narrowed(evidence, citation) if citation else evidence
    at = shown.at
    return {
        "marker": shown.marker,
        "cited": citation is not None,
        "path": shown.path,
        "place": visible(shown.place),
        "copy": visible(_address(at)),
        "line_start": at.line_start,
        "line_end": at.line_end,
        "page": at.page,
        "unit": at.unit,
        "label": visible(at.label),
        "section": visible(shown.section),
        "status": shown.status,
        "score": round(shown.score, 4),
        "also": [visible(str(place)) for place in shown.also_at],
        "warnings": [visible(warning) for warning in shown.warnings],
        "admissible": evidence.is_admissible,
        "quote": visible(" ".join(shown.text.split())),
        "lines": _lines_of(assistant, shown),
    }


def _address(at: Place) -> str:
    """Return a place as a program opens it; as people read it, where none can."""
    if at.page is not None and at.path.lower().endswith(".pdf"):
        return f"{at.path}#page={at.page}"  # as browsers and readers of PDF take it
    if at.page is None and at.unit == "line":
        return f"{at.path}:{at.line_start}"
    return str(at)


def _narrowed(evidence: Evidence, citation: Citation) -> Evidence:
    """Return what of evidence is cited, at the place and with the status of the citation."""
    offset = max(0, evidence.text.find(citation.quote))
    return replace(
        evidence,
        at=citation.at,
        start=evidence.start + offset,
        text=citation.quote,
        status=citation.status,
        also_at=citation.also_at,
        warnings=citation.warnings,
    )


def _lines_of(assistant: Assistant, evidence: Evidence) -> list[LineState]:
    excerpt = Excerpt(assistant.around(evidence, _N_AROUND))
    span = _span_of(evidence, excerpt)
    if span is None:
        return []
    first, last = excerpt.lines_of(span)
    first = max(0, first - _N_AROUND)
    return trimmed(excerpt.lines(first, min(last + _N_AROUND, first + _MAX_LINES - 1), span))


def _span_of(evidence: Evidence, excerpt: Excerpt) -> Span | None:
    """Return where the words of evidence are in a stretch of its document."""
    start = evidence.start - excerpt.stretch.start
    if start >= 0 and excerpt.stretch.text.startswith(evidence.text, start):
        end = evidence.start + len(evidence.text)
        if evidence.status != "moved" or excerpt.stretch.place(evidence.start, end) == evidence.at:
            return start, start + len(evidence.text)
    return excerpt.find(evidence.text, evidence.at.page, evidence.at.line_start)


def open_document(assistant: Assistant, request: object) -> DocumentState | Refusal:
    """Return the part of an indexed document that a browser asks for.

    Parameters
    ----------
    request
        From the browser, so anything at all. A mapping with ``path`` and, of a citation, ``page``,
        ``line_start``, ``line_end`` and ``quote``, which are marked and stand in the middle; or
        ``after`` or ``before``, a line of the text that what is wanted follows or precedes.
    """
    asked: Mapping[Any, Any] = request if isinstance(request, Mapping) else {}
    path = asked.get("path")
    if not isinstance(path, str) or not 0 < len(path) <= _MAX_PATH_CHARS:
        return _refusal("Falta decir qué documento abrir", "Ábrelo desde una cita")
    try:
        document = assistant.open_source(path.encode("utf-8", "replace").decode())
        return _window(document, asked, is_current=assistant.is_current(path))
    except RagError as error:
        return _refusal(error.message, error.remedy)


def _window(document: Document, asked: Mapping[Any, Any], *, is_current: bool) -> DocumentState:
    excerpt = Excerpt(whole(document))
    n_lines = excerpt.n_lines
    span, is_there = _asked_span(excerpt, asked)
    after, before = _number(asked.get("after")), _number(asked.get("before"))
    if after is not None:
        first = min(after, n_lines)
        last = first + _MAX_WINDOW - 1
    elif before is not None:
        first, last = before - 1 - _MAX_WINDOW, before - 2
    else:
        top, bottom = excerpt.lines_of(span or (0, 0))
        middle = top + min(bottom - top, _MAX_WINDOW) // 2
        first = max(0, min(middle - _MAX_WINDOW // 2, n_lines - _MAX_WINDOW))
        last = first + _MAX_WINDOW - 1
    first, last = max(0, first), min(last, n_lines - 1)
    notices = list(document.notes)
    if not is_current:
        notices.insert(0, _CHANGED if is_there else _NO_LONGER)
    path = PurePosixPath(document.path)
    return {
        "path": document.path,
        "title": visible(document.title or path.name),
        "format": visible(path.suffix.removeprefix(".").upper()),
        "n_lines": n_lines,
        "first": first + 1,
        "last": last + 1,
        "lines": excerpt.lines(first, last, span, max_chars=_MAX_LINE_CHARS, is_top=True),
        "notice": " ".join(notices) or None,
    }


def _asked_span(excerpt: Excerpt, asked: Mapping[Any, Any]) -> tuple[Span | None, bool]:
    """Return what is to be marked, and whether it is what was cited."""
    line, page, quote = (asked.get(name) for name in ("line_start", "page", "quote"))
    first, page = _number(line), _number(page)
    if first is None:
        return None, True
    last = _number(asked.get("line_end")) or first
    lines = excerpt.span_of(page, first, last)
    if not isinstance(quote, str) or not 0 < len(quote) <= _MAX_QUOTE_CHARS:
        return lines, True
    found = excerpt.find(quote, page, first)
    return found or lines, found is not None


def _number(value: object) -> int | None:
    """Return what a browser gives as a number of something, if it can be one."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MAX_NUMBER else None


def _refusal(message: str, remedy: str) -> Refusal:
    return {"error": {"message": visible(message), "remedy": visible(remedy)}}
