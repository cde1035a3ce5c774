"""Evidence of a text, for the steps that come after retrieval."""

from __future__ import annotations

from rag.lexical import fingerprint
from rag.schema import Chunk, Evidence, Passage, Place


def passage(chunk: Chunk, row: int = 0) -> Passage:
    """Return a chunk as if a question had found it; its scores are all alike."""
    return Passage(
        row=row,
        chunk_of=lambda _: chunk,
        score=1.0,
        dense_score=1.0,
        lexical_score=1.0,
        sentence_score=1.0,
        fused_score=1.0,
        dense_rank=1,
        lexical_rank=1,
        fused_rank=1,
        fingerprints=tuple(fingerprint(sentence.text) for sentence in chunk.sentences),
    )


def evidence(
    marker: int, text: str, path: str = "a.txt", line_start: int = 1, line_end: int = 1
) -> Evidence:
    """Return evidence that stands on some lines of a file; its scores are all alike."""
    found = passage(Chunk(path, 0, len(text), line_start, line_end, text, (), ()))
    return Evidence(marker, Place(path, line_start, line_end), 0, text, 0.5, found)
