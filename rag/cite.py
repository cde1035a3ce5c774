"""Cite: an answer's markers to places in files, checked against the files as they are now."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rag.schema import Citation, Document, Evidence, Status

_MARKER: Final = re.compile(r"\s*\[(\d{1,4}(?:\s*[,;y]\s*\d{1,4})*)\]")

ReadSource = Callable[[str], Document | None]


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer whose every marker points to a citation."""

    text: str
    citations: tuple[Citation, ...]


def cite(text: str, evidence: Sequence[Evidence], read_source: ReadSource) -> Cited:
    """Resolve the markers of an answer.

    Markers that were never shown to the model disappear, «[1, 2]» becomes «[1][2]». Lines come
    from the index and the file, never from the model.

    Parameters
    ----------
    text
        With ``[n]`` behind what evidence n says; any text at all is accepted.
    read_source
        Gives the document of a path as it is now, None where it is gone or unreadable.

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
    sources: dict[str, Document | None] = {}
    for item in cited.values():
        if item.path not in sources:
            sources[item.path] = read_source(item.path)
    citations = tuple(verify(item, sources[item.path]) for item in cited.values())
    return Cited(re.sub(r"\] +\[", "][", resolved), citations)


def verify(evidence: Evidence, source: Document | None) -> Citation:
    """Look for the quote in the file as it is now, and say where it stands.

    Parameters
    ----------
    source
        None where the file is gone.
    """
    lines = (evidence.line_start, evidence.line_end)
    status: Status
    if source is None:
        status = "missing"
    elif evidence.text in "\n".join(source.text.split("\n")[lines[0] - 1 : lines[1]]):
        status = "verified"
    elif (at := _nearest(evidence, source)) is not None:
        status, lines = "moved", source.lines(at, at + len(evidence.text))
    else:
        status = "stale"
    return Citation(
        marker=evidence.marker,
        path=evidence.path,
        line_start=lines[0],
        line_end=lines[1],
        page=evidence.page,
        quote=evidence.text,
        status=status,
        score=evidence.score,
        also_at=evidence.also_at,
    )


def _nearest(evidence: Evidence, source: Document) -> int | None:
    """Return the offset of the occurrence of the quote that is nearest to where it was."""
    offsets = [match.start() for match in re.finditer(re.escape(evidence.text), source.text)]
    was_at = evidence.line_start
    return min(offsets, key=lambda at: abs(source.lines(at, at + 1)[0] - was_at), default=None)
