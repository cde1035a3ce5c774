"""Cite: an answer against its evidence, and its evidence against the files as they are now."""

from __future__ import annotations

from collections.abc import Sequence

from rag.cite.check import WITHOUT_SUPPORT, Checker, Unsupported
from rag.cite.judge import Judge, Support, Verdict
from rag.cite.locate import Sources, narrowed, verify
from rag.cite.support import Similarity
from rag.schema import Citation, Evidence

__all__ = [
    "WITHOUT_SUPPORT",
    "Checker",
    "Judge",
    "Similarity",
    "Sources",
    "Support",
    "Unsupported",
    "Verdict",
    "citations_of",
    "verify",
]


def citations_of(
    supports: Sequence[Support], evidence: Sequence[Evidence], sources: Sources
) -> tuple[Citation, ...]:
    """Make the citations that an answer rests on.

    Lines come from the index and the file, never from the model. A marker has one citation: from
    the first to the last sentence of its evidence that anything rests on.

    Returns
    -------
    tuple
        In the order in which the answer first cites them.
    """
    runs: dict[int, tuple[int, int]] = {}
    for support in supports:
        first, last = runs.get(support.marker, (support.first, support.last))
        runs[support.marker] = min(first, support.first), max(last, support.last)
    shown = {item.marker: item for item in evidence}
    cited = [narrowed(shown[marker], *run) for marker, run in runs.items()]
    return tuple(
        Citation(
            marker=item.marker,
            at=item.at,
            quote=item.text,
            status=item.status,
            score=item.score,
            also_at=item.also_at,
            warnings=item.warnings,
            headings=item.headings,
        )
        for item in verify(cited, sources)
    )
