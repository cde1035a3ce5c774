"""Records: documents and chunks as lines of JSON that a person can open."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from rag.load import Stamp
from rag.schema import PLAIN, Chunk, Layout

MAX_TITLE_CHARS = 160  # bench/README.md, table 20
MAX_TITLE_TOKENS: Final = 80  # what those may come to, in any vocabulary but the strangest


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is remembered of a document: its file, and where its chunks are.

    Attributes
    ----------
    stamp
        Of the file when it was read; None where the file was so new that a later change might not
        show.
    segment
        The number of the segment that holds its chunks.
    first
        The place there of the first of them; the others follow. Documents that are the same have
        the same chunks.
    notes
        What was done to read it that the person should know, in Spanish sentences.
    """

    path: str
    sha256: str
    media_type: str
    stamp: Stamp | None
    segment: int
    first: int
    n_chunks: int
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        return asdict(self)

    @classmethod
    def of(cls, record: dict[str, Any]) -> Self:
        """Return the record that ``as_dict`` gave."""
        kept = {"stamp": _stamp(record["stamp"]), "notes": tuple(record["notes"])}
        return cls(**record | kept)


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """A file that could not be read, so that it is not tried again until it changes."""

    path: str
    reason: str
    stamp: Stamp | None

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        return asdict(self)

    @classmethod
    def of(cls, record: dict[str, Any]) -> Self:
        """Return the record that ``as_dict`` gave."""
        return cls(**record | {"stamp": _stamp(record["stamp"])})


def _stamp(numbers: list[int] | None) -> Stamp | None:
    return Stamp(*numbers) if numbers else None


def searchable_text(chunk: Chunk) -> str:
    """Return what of a chunk is searched: the titles above it, then its text.

    A paragraph seldom repeats the name of what its section is about. The titles are cut so that
    they never push the text out of the embedding model's window.
    """
    titles = "\n".join(chunk.headings)[:MAX_TITLE_CHARS]
    return f"{titles}\n{chunk.text}" if titles else chunk.text


def searchable_spans(chunk: Chunk) -> list[tuple[int, int]]:
    """Return where a chunk's sentences stand in its searchable text."""
    offset = len(searchable_text(chunk)) - len(chunk.text) - chunk.start
    return [(offset + each.start, offset + each.end) for each in chunk.sentences]


def write_records(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write one record a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(record_line(record) for record in records)


def record_line(record: dict[str, Any]) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def chunk_record(chunk: Chunk) -> dict[str, Any]:
    """Return a chunk as JSON; a sentence is told by its span and lines alone.

    The path is left out: a document may be renamed, and its segment is not written again.
    """
    record: dict[str, Any] = {
        "start": chunk.start,
        "end": chunk.end,
        "line_start": chunk.line_start,
        "line_end": chunk.line_end,
        "headings": chunk.headings,
        "text": chunk.text,
        "sentences": chunk.spans,
    }
    if chunk.layout != PLAIN:
        record["layout"] = chunk.layout.as_dict()
    return record


def chunk_from(record: dict[str, Any], path: str) -> Chunk:
    """Return the chunk that ``chunk_record`` wrote."""
    spans = tuple(map(tuple, record.pop("sentences")))
    headings = tuple(record.pop("headings"))
    layout = Layout.of(record.pop("layout")) if "layout" in record else PLAIN
    return Chunk(path=path, spans=spans, headings=headings, layout=layout, **record)
