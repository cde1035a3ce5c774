"""Write a generation: link the segments that stand, write the new ones, vouch for them all."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.dense import MAX_EXACT, write_cells
from rag.index.files import file_sha256, link
from rag.index.generation import CELLS, DOCUMENTS, LEXICAL, SKIPPED, Generation
from rag.index.manifest import Manifest, SegmentRecord
from rag.index.records import DocumentRecord, SkippedRecord, searchable_text, write_records
from rag.index.segment import VECTORS, write_segment
from rag.lexical import LexicalIndex
from rag.schema import Chunk, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Content:
    """A document to be written.

    Attributes
    ----------
    records
        Of the document, and of those that are the same; their segment and their place there are
        not known yet.
    vectors
        Of each chunk, unit rows, shape (1 + n_sentences, dimension): its own, then its sentences';
        None while they have to be computed.
    """

    records: Sequence[DocumentRecord]
    chunks: Sequence[Chunk]
    vectors: list[NDArray[np.float16] | None] = field(default_factory=list)


class GenerationWriter:
    """A generation being written in a folder of its own.

    Parameters
    ----------
    manifest
        What makes it; segments and checksums are added.
    previous
        The generation that linked segments come from.

    Raises
    ------
    OSError
        From every member, if the disk refuses.
    """

    def __init__(self, folder: Path, manifest: Manifest, previous: Generation | None) -> None:
        self._folder = folder
        self._manifest = manifest
        self._previous = previous
        self._segments: list[SegmentRecord] = []
        self._records: list[DocumentRecord] = []
        self._files: dict[str, str] = {}
        self._next = previous.manifest.next_segment if previous else manifest.next_segment
        (folder / "segments").mkdir()
        (folder / LEXICAL).mkdir()

    @property
    def n_chunks(self) -> int:
        """How many chunks it holds so far."""
        return sum(segment.n_chunks for segment in self._segments)

    def keep(
        self, generation: Generation, segment: SegmentRecord, records: Iterable[DocumentRecord]
    ) -> None:
        """Link a segment of another generation, whose documents all stand."""
        (self._folder / segment.folder).mkdir()
        for name in generation.manifest.files_of(segment):
            link(generation.folder / name, self._folder / name)
            self._files[name] = generation.manifest.files[name]
        self._segments.append(segment)
        self._records.extend(records)

    def add(self, contents: Sequence[Content]) -> None:
        """Write a new segment of documents whose vectors are all there."""
        number, self._next = self._next, self._next + 1
        chunks: list[Chunk] = []
        vectors: list[NDArray[np.float16]] = []
        for content in contents:
            first, n_chunks = len(chunks), len(content.chunks)
            self._records.extend(
                replace(record, segment=number, first=first, n_chunks=n_chunks)
                for record in content.records
            )
            chunks.extend(content.chunks)
            vectors.extend(rows for rows in content.vectors if rows is not None)
        parts = self._write_terms(number, chunks)
        n_sentences = sum(len(chunk.sentences) for chunk in chunks)
        segment = SegmentRecord(number, len(chunks), n_sentences, parts)
        (self._folder / segment.folder).mkdir()
        write_segment(self._folder / segment.folder, chunks, vectors)
        self._vouch(self._folder / segment.folder)
        self._segments.append(segment)

    def finish(self, skipped: Iterable[SkippedRecord], fallback: str) -> None:
        """Write what is about all segments, and the manifest.

        Parameters
        ----------
        fallback
            The generation that may stand in for this one if it is damaged.
        """
        self._records.sort(key=lambda record: record.path)
        write_records(self._folder / DOCUMENTS, (record.as_dict() for record in self._records))
        write_records(self._folder / SKIPPED, (record.as_dict() for record in skipped))
        for name in (DOCUMENTS, SKIPPED):
            self._files[name] = file_sha256(self._folder / name)
        parts = [part for segment in self._segments for part in segment.lexical]
        LexicalIndex.join(self._folder / LEXICAL, parts)
        meta = self._folder / LEXICAL / "meta.json"
        self._files[f"{LEXICAL}/meta.json"] = file_sha256(meta)
        if self.n_chunks > MAX_EXACT:
            self._write_cells()
        replace(
            self._manifest,
            segments=tuple(self._segments),
            next_segment=self._next,
            files=self._files,
            fallback=fallback,
        ).write(self._folder)

    def _write_terms(self, number: int, chunks: Sequence[Chunk]) -> tuple[dict[str, object], ...]:
        """Write the lexical index of a segment, and put its files beside those of the others."""
        alone = self._folder / f"{LEXICAL}-{number}"
        alone.mkdir()
        rows = (
            (Row(number, place).number, searchable_text(chunk))
            for place, chunk in enumerate(chunks)
        )
        parts = LexicalIndex.write(alone, rows)
        for path in LexicalIndex.files(alone, parts):
            target = path.rename(self._folder / LEXICAL / path.name)
            self._files[f"{LEXICAL}/{path.name}"] = file_sha256(target)
        shutil.rmtree(alone)
        return tuple(parts)

    def _write_cells(self) -> None:
        now = {
            segment.number: self._folder / segment.folder / VECTORS for segment in self._segments
        }
        before: set[int] = set()
        previous = None
        if self._previous is not None and CELLS in self._previous.manifest.files:
            previous = self._previous.folder / CELLS
            before = {segment.number for segment in self._previous.manifest.segments}
        write_cells(
            self._folder / CELLS,
            now,
            previous=previous,
            dropped=before - now.keys(),
            added=now.keys() - before,
        )
        self._files[CELLS] = file_sha256(self._folder / CELLS)

    def _vouch(self, folder: Path) -> None:
        for path in sorted(folder.iterdir()):
            self._files[path.relative_to(self._folder).as_posix()] = file_sha256(path)
