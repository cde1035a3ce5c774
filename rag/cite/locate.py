"""Locate: a quote in its file, as the file is now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.lexical import points_back
from rag.schema import Document, Evidence, Status
from rag.split import Span, sentence_spans


class Sources(Protocol):
    """The files that evidence comes from, as they are now."""

    def is_unchanged(self, path: str) -> bool:
        """Say whether a file is for sure the one that was indexed, without reading it."""
        ...

    def read(self, path: str) -> Document | None:
        """Return a document, or None where it is gone or cannot be read."""
        ...


def sentences_of(evidence: Evidence) -> tuple[Evidence, ...]:
    """Part evidence into its sentences, each with the lines that it stands on."""
    spans = sentence_spans(evidence.text) or [Span(0, len(evidence.text))]
    return tuple(_part(evidence, start, end) for start, end in spans)


def narrowed(evidence: Evidence, first: int, last: int) -> Evidence:
    """Keep of evidence the sentences that say something, and what they need to be understood.

    Parameters
    ----------
    first, last
        By their order among ``sentences_of``.
    """
    spans = sentence_spans(evidence.text)
    if not spans:
        return evidence
    # A sentence that points back is understood with the one before it.
    while first > 0 and points_back(evidence.text[spans[first].start : spans[first].end]):
        first -= 1
    return _part(evidence, spans[first].start, spans[last].end)


def _part(evidence: Evidence, start: int, end: int) -> Evidence:
    line_start = evidence.line_start + evidence.text.count("\n", 0, start)
    return replace(
        evidence,
        text=evidence.text[start:end],
        start=evidence.start + start,
        line_start=line_start,
        line_end=line_start + evidence.text.count("\n", start, end),
    )


def verify(evidence: Sequence[Evidence], sources: Sources) -> tuple[Evidence, ...]:
    """Look for each text in its file as it is now, and say where it stands.

    Returns
    -------
    tuple
        The evidence with its status, with the lines where it is now, and without the other places
        that said the same if their files have changed.
    """
    documents: dict[str, Document | None] = {}
    verified = []
    for item in evidence:
        status: Status = "verified"
        lines = (item.line_start, item.line_end)
        if not sources.is_unchanged(item.path):
            if item.path not in documents:
                documents[item.path] = sources.read(item.path)
            status, lines = _locate(item, documents[item.path])
        verified.append(
            replace(
                item,
                status=status,
                line_start=lines[0],
                line_end=lines[1],
                also_at=tuple(at for at in item.also_at if sources.is_unchanged(at.path)),
            )
        )
    return tuple(verified)


def _locate(evidence: Evidence, source: Document | None) -> tuple[Status, tuple[int, int]]:
    lines = (evidence.line_start, evidence.line_end)
    if source is None:
        return "missing", lines
    if evidence.text in "\n".join(source.text.split("\n")[lines[0] - 1 : lines[1]]):
        # Where it stands may already be where it moved to.
        return "moved" if evidence.status == "moved" else "verified", lines
    at = _nearest(evidence, source)
    if at is None:
        return "stale", lines
    return "moved", source.lines(at, at + len(evidence.text))


def _nearest(evidence: Evidence, source: Document) -> int | None:
    """Return the offset of the occurrence of the quote that is nearest to where it was."""
    offsets = [match.start() for match in re.finditer(re.escape(evidence.text), source.text)]
    was_at = evidence.line_start
    return min(offsets, key=lambda at: abs(source.lines(at, at + 1)[0] - was_at), default=None)
