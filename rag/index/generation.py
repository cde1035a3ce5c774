"""A generation, open for reading: an index on disk that was written once and never changes."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.dense import DenseIndex
from rag.errors import IndexDamagedError, reason
from rag.index.files import file_sha256
from rag.index.manifest import Manifest, source_of
from rag.index.records import DocumentRecord, SkippedRecord
from rag.index.segment import CHECKED_BY_ROW, REPAIR, VECTORS, Segment, StoredSentences
from rag.lexical import LexicalIndex
from rag.schema import Chunk, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DOCUMENTS = "documents.jsonl"
SKIPPED = "skipped.jsonl"
CELLS = "cells.faiss"
LEXICAL = "lexical"


class Generation:
    """A generation, open for reading. Its parts are opened when they are first asked for.

    A chunk is known by its row, as ``Row.number``: the same in both searches and here.

    Attributes
    ----------
    notice
        Spanish sentences that whoever asks should see: why this is not the current generation.

    Raises
    ------
    IndexDamagedError
        From any member, if a file is missing or is not what was written.
    IndexMismatchError
        If another version of this program wrote it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notice = ""
        self.manifest = Manifest.read(folder)

    def __deepcopy__(self, memo: object) -> Generation:
        return self  # it never changes

    def open_all(self) -> Generation:
        """Open every part that searching needs, while the folder is sure to be there."""
        _ = self._owners, self._by_path, self.skipped, self._segments, self.dense, self.lexical
        return self

    @cached_property
    def documents(self) -> list[DocumentRecord]:
        """The documents, sorted by path."""
        numbers = {segment.number for segment in self.manifest.segments}
        records = map(DocumentRecord.of, self._records(DOCUMENTS))
        return [record for record in records if record.segment in numbers]

    @cached_property
    def skipped(self) -> list[SkippedRecord]:
        """The files that could not be read."""
        return [SkippedRecord.of(record) for record in self._records(SKIPPED)]

    @cached_property
    def dense(self) -> DenseIndex:
        """The chunks' vectors."""
        parts = {
            segment.number: self._checked(f"{segment.folder}/{VECTORS}")
            for segment in self.manifest.segments
        }
        cells = self._checked(CELLS) if CELLS in self.manifest.files else None
        return DenseIndex.open(parts, cells)

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The chunks' terms."""
        for name in self.manifest.files:
            if name.startswith(f"{LEXICAL}/"):
                self._checked(name)
        return LexicalIndex.open(self.folder / LEXICAL)

    @property
    def n_chunks(self) -> int:
        """How many chunks there are."""
        return self.manifest.n_chunks

    @property
    def n_sentences(self) -> int:
        """How many sentences there are."""
        return self.manifest.n_sentences

    def chunk(self, row: int) -> Chunk:
        """Return a chunk by its row."""
        number, place = Row.of(row)
        first_places, records = self._owners[number]
        first, *others = records[bisect_right(first_places, place) - 1]
        chunk = self._segments[number].chunk(place, first.path)
        return replace(chunk, also_in=tuple(other.path for other in others)) if others else chunk

    def fingerprint(self, row: int) -> int:
        """Return the fingerprint of a chunk's words, without reading them."""
        number, place = Row.of(row)
        return self._segments[number].fingerprint(place)

    def sentences(self, row: int) -> StoredSentences:
        """Return what is kept of a chunk's sentences."""
        number, place = Row.of(row)
        return self._segments[number].sentences(place)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks, in the order of their rows."""
        for row in self.rows():
            yield self.chunk(row)

    def rows(self) -> Iterator[int]:
        """Yield the row of every chunk, in order."""
        for segment in self.manifest.segments:
            for place in range(segment.n_chunks):
                yield Row(segment.number, place).number

    def rows_of(self, document: DocumentRecord) -> range:
        """Return the rows of a document's chunks."""
        first = Row(document.segment, document.first).number
        return range(first, first + document.n_chunks)

    def chunks_of(self, document: DocumentRecord) -> list[tuple[Chunk, NDArray[np.float16]]]:
        """Return a document's chunks, each with its vector and its sentences', one a row."""
        import numpy as np

        rows = self.rows_of(document)
        own = self.dense.vectors(rows).astype(np.float16)
        return [
            (self.chunk(row), np.vstack([vector, self.sentences(row).vectors]))
            for row, vector in zip(rows, own, strict=True)
        ]

    def sample_of_sentences(self, n_wanted: int) -> NDArray[np.float32]:
        """Return the vectors of sentences at equal distances through the index.

        Returns
        -------
        NDArray
            Shape (at most n_wanted, dimension).
        """
        import numpy as np

        n_total = self.n_sentences
        found = np.empty((min(n_wanted, n_total), self.manifest.dimension), dtype=np.float32)
        wanted = np.linspace(0, max(0, n_total - 1), len(found)).astype(int)
        ends = np.cumsum([segment.n_sentences for segment in self.manifest.segments])
        for at, sentence in enumerate(wanted):
            which = int(np.searchsorted(ends, sentence, side="right"))
            record = self.manifest.segments[which]
            segment = self._segments[record.number]
            place, n = segment.place_of_sentence(int(sentence - ends[which] + record.n_sentences))
            found[at] = segment.sentences(place).vectors[n]
        return found

    def document(self, path: str) -> DocumentRecord | None:
        """Return what is remembered of a document, or None where there is no such document."""
        return self._by_path.get(path)

    def source(self, path: str) -> Path:
        """Return where the file of a document is."""
        return source_of(path, self.manifest.roots)

    def damaged_files(self) -> list[str]:
        """Return which of its files are not what was written, by their checksums."""
        return [name for name in self.manifest.files if not self._is_whole(name)]

    def without(self, damaged: Collection[str]) -> Generation:
        """Return what is left of it without some files: the segments that have none of them."""
        manifest = self.manifest
        segments = tuple(
            segment
            for segment in manifest.segments
            if DOCUMENTS not in damaged and not set(damaged) & set(manifest.files_of(segment))
        )
        # The cells hold the rows of every segment: with one less, they would not fit the rest.
        left_out = {*damaged, CELLS} if len(segments) < len(manifest.segments) else set(damaged)
        files = {name: digest for name, digest in manifest.files.items() if name not in left_out}
        rest = Generation(self.folder)
        rest.manifest = replace(manifest, segments=segments, files=files)
        return rest

    @cached_property
    def _segments(self) -> Mapping[int, Segment]:
        for segment in self.manifest.segments:
            for name in self.manifest.files_of(segment):
                if name.startswith(segment.folder) and Path(name).name not in CHECKED_BY_ROW:
                    self._checked(name)
        return {
            segment.number: Segment(self.folder / segment.folder, self.manifest.dimension)
            for segment in self.manifest.segments
        }

    @cached_property
    def _owners(self) -> Mapping[int, tuple[Sequence[int], Sequence[Sequence[DocumentRecord]]]]:
        """The place of the first chunk of each document of a segment, in order, and the document.

        Those that are the same stand together.
        """
        by_segment: dict[int, dict[int, list[DocumentRecord]]] = {}
        for record in self.documents:
            by_first = by_segment.setdefault(record.segment, {})
            by_first.setdefault(record.first, []).append(record)
        return {
            number: (firsts := sorted(by_first), [by_first[first] for first in firsts])
            for number, by_first in by_segment.items()
        }

    @cached_property
    def _by_path(self) -> Mapping[str, DocumentRecord]:
        return {record.path: record for record in self.documents}

    def _records(self, name: str) -> Iterator[dict[str, Any]]:
        if name not in self.manifest.files:  # left out by «without»
            return
        path = self._checked(name)
        try:
            with path.open(encoding="utf-8") as file:
                for line in file:
                    yield json.loads(line)
        except FileNotFoundError as error:  # gone since, with its whole generation
            raise _missing(name, error) from error

    def _is_whole(self, name: str) -> bool:
        try:
            return file_sha256(self.folder / name) == self.manifest.files.get(name)
        except OSError:
            return False

    def _checked(self, name: str) -> Path:
        """Return the path of a file of ours, once its checksum has vouched for it."""
        path = self.folder / name
        try:
            digest = file_sha256(path)
        except OSError as error:
            raise _missing(name, error) from error
        if digest != self.manifest.files.get(name):
            raise IndexDamagedError(f"El archivo «{name}» del índice está dañado", REPAIR)
        return path


def _missing(name: str, error: OSError) -> IndexDamagedError:
    if isinstance(error, PermissionError):
        return IndexDamagedError(
            f"No se puede leer el archivo «{name}» del índice ({reason(error)})",
            "Pide permiso de lectura sobre la carpeta del índice",
        )
    return IndexDamagedError(f"Falta el archivo «{name}» del índice ({reason(error)})", REPAIR)
