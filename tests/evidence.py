"""Evidence of a text, for the steps that come after retrieval."""

from __future__ import annotations

from rag.schema import Chunk, Evidence, Passage


def evidence(
    marker: int, text: str, path: str = "a.txt", line_start: int = 1, line_end: int = 1
) -> Evidence:
    """Return evidence that stands on some lines of a file; its scores are all alike."""
    passage = Passage(
        chunk=Chunk(path, 0, len(text), line_start, line_end, text, (), ()),
        score=1.0,
        dense_score=1.0,
        lexical_score=1.0,
        sentence_score=1.0,
        fused_score=1.0,
        dense_rank=1,
        lexical_rank=1,
        fused_rank=1,
        row=0,
    )
    return Evidence(marker, path, 0, line_start, line_end, None, text, 0.5, passage)
