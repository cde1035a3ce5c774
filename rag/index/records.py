"""Records: documents and chunks as lines of JSON that a person can open."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rag.schema import Chunk, Sentence

_MAX_TITLE_CHARS: Final = 160
MAX_TITLE_TOKENS: Final = 80  # what those may come to, in any vocabulary but the strangest


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is remembered of a document beside its chunks."""

    path: str
    sha256: str
    media_type: str
    n_chunks: int


def searchable_text(chunk: Chunk) -> str:
    """Return what of a chunk is searched: the titles above it, then its text.

    A paragraph seldom repeats the name of what its section is about. The titles are cut so that
    they never push the text out of the embedding model's window.
    """
    titles = "\n".join(chunk.headings)[:_MAX_TITLE_CHARS]
    return f"{titles}\n{chunk.text}" if titles else chunk.text


def write_records(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write one record a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def chunk_record(chunk: Chunk) -> dict[str, Any]:
    """Return a chunk as one line of JSON; a sentence is told by its span and lines alone."""
    return {
        "path": chunk.path,
        "start": chunk.start,
        "end": chunk.end,
        "line_start": chunk.line_start,
        "line_end": chunk.line_end,
        "headings": chunk.headings,
        "text": chunk.text,
        "sentences": [(s.start, s.end, s.line_start, s.line_end) for s in chunk.sentences],
    }


def chunk_from(record: dict[str, Any]) -> Chunk:
    """Return the chunk that ``chunk_record`` wrote."""
    offset, text = record["start"], record["text"]
    sentences = tuple(
        Sentence(start, end, line_start, line_end, text[start - offset : end - offset])
        for start, end, line_start, line_end in record.pop("sentences")
    )
    return Chunk(sentences=sentences, headings=tuple(record.pop("headings")), **record)
