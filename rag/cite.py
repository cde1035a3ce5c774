"""Cite: an answer's markers to places in files, checked against the files as they are now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from rag.schema import Citation, Document, Evidence, Status

_MARKER: Final = re.compile(r"\s*\[(\d{1,4}(?:\s*[,;y]\s*\d{1,4})*)\]")


class Sources(Protocol):
    """The files that evidence comes from, as they are now."""

    def is_unchanged(self, path: str) -> bool:
        """Say whether a file is for sure the one that was indexed, without reading it."""
        ...

    def read(self, path: str) -> Document | None:
        """Return a document, or None where it is gone or cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer whose every marker points to a citation."""

    text: str
    citations: tuple[Citation, ...]


def cite(text: str, evidence: Sequence[Evidence], sources: Sources) -> Cited:
    """Resolve the markers of an answer.

    Markers that were never shown to the model disappear, «[1, 2]» becomes «[1][2]». Lines come
    from the index and the file, never from the model.

    Parameters
    ----------
    text
        With ``[n]`` behind what evidence n says; any text at all is accepted.
    sources
        Where each quote is looked for.

    Returns
    -------
    Cited
        Citations in the order in which the text first cites them.
    """
    shown = {item.marker: item for item in evidence}
    cited: dict[int, Evidence] = {}

    def resolve(match: re.Match[str]) -> str:
        markers = [int(number) for number in re.findall(r"\d+", match.group(1))]
        known = [marker for marker in dict.fromkeys(markers) if marker in shown]
        cited.update((marker, shown[marker]) for marker in known)
        return " " + "".join(f"[{marker}]" for marker in known) if known else ""

    resolved = _MARKER.sub(resolve, text).strip()
    citations = tuple(
        Citation(
            marker=item.marker,
            path=item.path,
            line_start=item.line_start,
            line_end=item.line_end,
            page=item.page,
            quote=item.text,
            status=item.status,
            score=item.score,
            also_at=item.also_at,
            warnings=item.warnings,
        )
        for item in verify(list(cited.values()), sources)
    )
    return Cited(re.sub(r"\] +\[", "][", resolved), citations)


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
