"""Locate: a quote in its file, as the file is now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.lexical import points_back
from rag.schema import Document, Evidence, Place, Status
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
    spans = _spans(evidence) or [Span(0, len(evidence.text))]
    return tuple(_part(evidence, start, end) for start, end in spans)


def narrowed(evidence: Evidence, first: int, last: int) -> Evidence:
    """Keep of evidence the sentences that say something, and what they need to be understood.

    Parameters
    ----------
    first, last
        By their order among ``sentences_of``.
    """
    spans = _spans(evidence)
    if not spans:
        return evidence
    # A sentence that points back is understood with the one before it.
    while first > 0 and points_back(evidence.text[spans[first].start : spans[first].end]):
        first -= 1
    return _part(evidence, spans[first].start, spans[last].end)


def _spans(evidence: Evidence) -> list[Span]:
    return sentence_spans(evidence.text, line_ends=evidence.passage.chunk.layout.line_ends)


def _part(evidence: Evidence, start: int, end: int) -> Evidence:
    """Return a part, at the place that was indexed: where it is now has to be looked up again."""
    first = evidence.start + start
    return replace(
        evidence,
        at=evidence.passage.chunk.place(first, evidence.start + end),
        start=first,
        text=evidence.text[start:end],
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
        at = item.at
        if not sources.is_unchanged(item.path):
            if item.path not in documents:
                documents[item.path] = sources.read(item.path)
            status, at = _locate(item, documents[item.path])
        verified.append(
            replace(
                item,
                at=at,
                status=status,
                also_at=tuple(at for at in item.also_at if sources.is_unchanged(at.path)),
            )
        )
    return tuple(verified)


def _locate(evidence: Evidence, source: Document | None) -> tuple[Status, Place]:
    if source is None:
        return "missing", evidence.at
    found = re.finditer(re.escape(evidence.text), source.text)
    places = [source.place(*match.span()) for match in found]
    if evidence.at in places:
        # Where it stands may already be where it moved to.
        return "moved" if evidence.status == "moved" else "verified", evidence.at
    if not places:
        return "stale", evidence.at
    return "moved", min(places, key=lambda place: _distance(place, evidence.at))


def _distance(one: Place, other: Place) -> tuple[int, int]:
    """Return how far apart two places of a file are, in pages and then in lines."""
    return abs((one.page or 0) - (other.page or 0)), abs(one.line_start - other.line_start)
