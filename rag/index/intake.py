"""Intake: files to documents with all their vectors, whether they are known or computed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rag.embed import Embedder
from rag.errors import LoadError
from rag.index.generation import Generation
from rag.index.journal import Journal
from rag.index.plan import Unread
from rag.index.records import MAX_TITLE_TOKENS, DocumentRecord, SkippedRecord
from rag.index.report import SyncReport
from rag.index.vectors import embed_chunks, vector_key
from rag.index.write import Content
from rag.load import Readers, Skipped, Stamp
from rag.schema import Chunk, Document, Progress
from rag.split import split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Making:
    """How the index is to be made.

    Attributes
    ----------
    open_embedder
        Called only when there is something to embed: opening a model takes seconds.
    embedding_model
        The name of what it opens.
    max_chunk_tokens
        Longest chunk, in the model's tokens.
    """

    open_embedder: Callable[[], Embedder]
    embedding_model: str
    max_chunk_tokens: int


class Intake:
    """Reads, cuts and embeds documents, a segment at a time.

    Parameters
    ----------
    previous
        What is known of them.
    journal_path
        Where what is computed is kept until a generation holds it.
    n_bytes
        Of all the files to be read.
    report
        Receives what is new, changed, renamed and skipped, and how much was embedded.
    """

    def __init__(
        self,
        making: Making,
        previous: Generation | None,
        journal_path: Path,
        n_bytes: int,
        report: SyncReport,
        on_progress: OnProgress | None,
    ) -> None:
        self.skipped: list[SkippedRecord] = []
        self._making = making
        self._previous = previous
        self._journal_path = journal_path
        self._n_bytes = n_bytes
        self._report = report
        self._on_progress = on_progress
        self._n_read_bytes = 0
        self._n_embedded = 0

    @cached_property
    def embedder(self) -> Embedder:
        """The model, opened when it is first needed."""
        embedder = self._making.open_embedder()
        if self._previous:
            self._previous.manifest.check_weights(embedder)
        return embedder

    def contents(
        self, documents: Sequence[Unread | Sequence[DocumentRecord]], n_chunks: int
    ) -> Iterator[list[Content]]:
        """Yield documents, those for a segment of about so many chunks together.

        Parameters
        ----------
        documents
            Files to read, and documents that stand, those that are the same together.
        """
        batch: list[Content] = []
        n_in_batch = 0
        for content in self._contents(documents):
            if not content.chunks:
                continue
            batch.append(content)
            n_in_batch += len(content.chunks)
            if n_in_batch >= n_chunks:
                self._embed(batch)
                yield batch
                batch, n_in_batch = [], 0
        if batch:
            self._embed(batch)
            yield batch

    def _contents(
        self, documents: Sequence[Unread | Sequence[DocumentRecord]]
    ) -> Iterator[Content]:
        unread = [each for each in documents if isinstance(each, Unread)]
        with closing(self.read(unread)) as read:  # the next ones, while these are embedded
            for each in documents:
                if isinstance(each, Unread):
                    document = next(read)
                    if document is not None:
                        yield self._cut(each, document)
                else:
                    yield self._stored(each)

    def read(self, unread: Sequence[Unread]) -> Generator[Document | None, None, None]:
        """Read files and report each as it is taken; None where one cannot be read."""
        with Readers() as readers:
            found = readers.read_all(each.file for each in unread)
            for n_read, (each, document) in enumerate(zip(unread, found, strict=True), start=1):
                if self._on_progress is not None:
                    self._on_progress(Progress("read", n_read, len(unread)))
                yield self._received(each, document)

    def _received(self, unread: Unread, document: Document | LoadError) -> Document | None:
        name = unread.file.name
        self._n_read_bytes += unread.file.stamp.n_bytes
        if isinstance(document, LoadError):
            # What the system refuses today it may give tomorrow: only the content is remembered.
            stamp = None if isinstance(document.__cause__, OSError) else unread.stamp
            self._refuse(unread, str(document), stamp)
            return None
        if not any(map(str.isalnum, document.text)):
            why = "no dice ni una palabra" if document.text.strip() else "está vacío"
            self._refuse(unread, why, unread.stamp)
            return None
        self._report.note_read(name, unread.before_path)
        self._report.notes.extend((name, note) for note in document.notes)
        for copy in unread.copies:
            if _has_copies(unread, document):
                self._report.note_copy(copy.file.name, copy.before_path, name)
            else:
                why = "su original ha cambiado mientras se leía; repite rag index"
                self.skip(SkippedRecord(copy.file.name, why, None))
        return document

    def _refuse(self, unread: Unread, why: str, stamp: Stamp | None) -> None:
        """Report that neither a file nor its copies can be read."""
        self.skip(SkippedRecord(unread.file.name, why, stamp))
        for copy in unread.copies:
            self.skip(SkippedRecord(copy.file.name, why, copy.stamp and stamp))

    def skip(self, record: SkippedRecord) -> None:
        """Report a file that cannot be read, and remember it."""
        self.skipped.append(record)
        self._report.skipped.append(Skipped(record.path, record.reason))

    def _stored(self, records: Sequence[DocumentRecord]) -> Content:
        """Return a document that stands, from the previous generation."""
        found = self._known_chunks(records[0])
        return Content(records, [chunk for chunk, _ in found], [rows for _, rows in found])

    def _cut(self, unread: Unread, document: Document) -> Content:
        """Cut a document, taking from the index what it knows of it."""
        max_tokens = min(self._making.max_chunk_tokens, self.embedder.max_tokens - MAX_TITLE_TOKENS)
        chunks = split(document, self.embedder.count_tokens, max_tokens)
        before = unread.before or self._by_hash.get(document.sha256)
        known = self._known_chunks(before) if before is not None else []
        vectors = {vector_key(chunk): rows for chunk, rows in known}
        record = DocumentRecord(
            document.path,
            document.sha256,
            document.media_type,
            unread.stamp,
            segment=0,
            first=0,
            n_chunks=len(chunks),
            notes=document.notes,
        )
        records = [record] + [
            replace(record, path=copy.file.name, stamp=copy.stamp)
            for copy in unread.copies
            if _has_copies(unread, document)
        ]
        return Content(records, chunks, [vectors.get(vector_key(chunk)) for chunk in chunks])

    def _known_chunks(self, record: DocumentRecord) -> list[tuple[Chunk, NDArray[np.float16]]]:
        return self._previous.chunks_of(record) if self._previous else []

    @cached_property
    def _by_hash(self) -> Mapping[str, DocumentRecord]:
        previous = self._previous.documents if self._previous else ()
        return {record.sha256: record for record in previous}

    def _embed(self, contents: Sequence[Content]) -> None:
        """Fill in the vectors that are not known."""
        missing = [
            (content, at)
            for content in contents
            for at, rows in enumerate(content.vectors)
            if rows is None
        ]
        if not missing:
            return
        n_before, n_found = self._n_embedded, self._n_embedded + len(missing)
        # How much the files yet to be read will come to is guessed from those that were.
        n_total = max(n_found, n_found * self._n_bytes // max(1, self._n_read_bytes))

        def on_embedded(n_done: int, n_texts: int) -> None:
            self._report.n_embedded += n_texts
            if self._on_progress is not None:
                self._on_progress(Progress("embed", n_before + n_done, n_total))

        on_embedded(0, 0)  # to open the model takes seconds, and reading is over
        chunks = [content.chunks[at] for content, at in missing]
        found = embed_chunks(chunks, self.embedder, self._journal, on_embedded)
        for (content, at), rows in zip(missing, found, strict=True):
            content.vectors[at] = rows
        self._n_embedded = n_found

    @cached_property
    def _journal(self) -> Journal:
        embedder = self.embedder
        return Journal(self._journal_path, embedder.fingerprint, embedder.dimension)


def _has_copies(unread: Unread, document: Document) -> bool:
    """Say whether what was read is still what its copies were found to be copies of."""
    return document.sha256 == unread.sha256
