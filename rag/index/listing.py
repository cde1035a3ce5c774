"""Listing: each document of an index, as a person wants to see it."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rag.errors import IndexDamagedError
from rag.index.format_names import format_name
from rag.index.generation import Generation
from rag.index.manifest import Root, source_of
from rag.index.records import DocumentRecord
from rag.language import language_of
from rag.load import Stamp
from rag.schema import Row

_SAMPLE_CHARS: Final = 600  # from the beginning of each of the chunks looked at

# By the hash of the bytes: a language that is known is not told again.
Languages = MutableMapping[str, str | None]


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document of the index.

    Attributes
    ----------
    format
        Its name in Spanish.
    language
        ISO 639-1, of a sample of its text; None where it cannot be told.
    n_bytes
        Of the file, when it was read or as it is now; None where it is not known.
    modified
        ISO 8601, UTC, likewise.
    notes
        What was done to read it that the person should know, in Spanish sentences.
    copy_of
        The path of the document that it is the same as; empty where it is none.
    is_uploaded
        Whether it is a copy that was uploaded, and not the person's own file.
    """

    path: str
    format: str
    n_chunks: int
    language: str | None
    n_bytes: int | None
    modified: str | None
    notes: tuple[str, ...]
    copy_of: str
    is_uploaded: bool

    @property
    def is_copy(self) -> bool:
        """Whether it is the same as another, which comes before it."""
        return bool(self.copy_of)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index holds, and what it does not.

    Attributes
    ----------
    generation
        The name of what was looked at: another one has other contents.
    skipped
        Pairs (path, reason) of the files that could not be read.
    left_out
        Paths that a person left out one by one.
    created
        ISO 8601, UTC.
    notice
        That an older index stands in for a damaged one; empty where it does not.
    """

    generation: str
    documents: tuple[IndexedDocument, ...]
    skipped: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    roots: tuple[Root, ...]
    embedding_model: str
    created: str
    n_chunks: int
    notice: str

    def source(self, path: str) -> Path:
        """Return where the file of a path is."""
        return source_of(path, self.roots)


def list_contents(
    generation: Generation, languages: Languages, uploaded: frozenset[tuple[str, str]]
) -> Contents:
    """List what a generation holds; its files may be gone already if it has been opened.

    Parameters
    ----------
    languages
        Those that are known; receives the others.
    uploaded
        Pairs (absolute path, hash of its bytes) of the copies that were uploaded.
    """
    manifest = generation.manifest
    return Contents(
        generation=generation.folder.name,
        documents=tuple(_documents(generation, languages, uploaded)),
        skipped=tuple((each.path, each.reason) for each in generation.skipped),
        left_out=manifest.patterns.left_out,
        roots=manifest.roots,
        embedding_model=manifest.embedding_model,
        created=manifest.created,
        n_chunks=generation.n_chunks,
        notice=generation.notice,
    )


def _documents(
    generation: Generation, languages: Languages, uploaded: frozenset[tuple[str, str]]
) -> Iterator[IndexedDocument]:
    first_of: dict[tuple[int, int], str] = {}
    for record in generation.documents:
        original = first_of.setdefault((record.segment, record.first), record.path)
        if record.sha256 not in languages:
            languages[record.sha256] = _language(generation, record)
        stamp = record.stamp or _stamp_now(generation, record)
        yield IndexedDocument(
            path=record.path,
            format=format_name(record.media_type),
            n_chunks=record.n_chunks,
            language=languages[record.sha256],
            n_bytes=stamp.n_bytes if stamp else None,
            modified=_moment(stamp.modified_ns) if stamp else None,
            notes=record.notes,
            copy_of="" if original == record.path else original,
            is_uploaded=(str(generation.source(record.path)), record.sha256) in uploaded,
        )


def _language(generation: Generation, record: DocumentRecord) -> str | None:
    """Tell the language of the beginning, the middle and the end of a document."""
    places = sorted({0, record.n_chunks // 2, record.n_chunks - 1})
    first = Row(record.segment, record.first).number
    try:
        texts = [generation.chunk(first + place).text[:_SAMPLE_CHARS] for place in places]
    except IndexDamagedError:  # whoever searches there will say so
        return None
    return language_of("\n".join(texts))


def _stamp_now(generation: Generation, record: DocumentRecord) -> Stamp | None:
    try:
        return Stamp.of(generation.source(record.path).stat())
    except OSError:
        return None


def _moment(nanoseconds: int) -> str | None:
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a file may bear any date
        return None
