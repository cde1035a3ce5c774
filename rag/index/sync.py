"""Bring the index in step with folders: read what is new, keep what is not, forget what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rag.embed import Embedder
from rag.errors import (
    IndexDamagedError,
    IndexMismatchError,
    LoadError,
    NoDocumentsError,
    RagError,
    UsageError,
)
from rag.errors import reason as reason_of
from rag.index.generation import Generation
from rag.index.journal import JOURNAL, Journal
from rag.index.lock import writing
from rag.index.manifest import REBUILD, Manifest, Root, SegmentRecord
from rag.index.plan import Plan, Unread, list_files, make_plan
from rag.index.records import MAX_TITLE_TOKENS, DocumentRecord, SkippedRecord
from rag.index.report import SyncReport
from rag.index.store import building, current_name, finished, generations, publish, remove_others
from rag.index.vectors import embed_chunks, vector_key
from rag.index.write import Content, GenerationWriter
from rag.load import Patterns, Skipped, load
from rag.schema import Chunk, Document, Progress
from rag.split import split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OnProgress = Callable[[Progress], None]

# A change writes the segments that it touches again: they are small enough for that to be quick,
# and few enough for a search through all of them.
_MIN_SEGMENT_CHUNKS: Final = 2048
_MAX_SEGMENTS: Final = 32
_BYTES_A_CHUNK: Final = 1000  # of text, on average


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


def sync(
    index_dir: Path,
    paths: Sequence[Path],
    making: Making,
    *,
    patterns: Patterns | None = None,
    rebuild: bool = False,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
) -> SyncReport:
    """Make the index hold exactly what the paths hold.

    Whatever interrupts it, the index is the old one or the new one, whole; what had been computed
    is used the next time. Damaged parts of the old one are made again.

    Parameters
    ----------
    index_dir
        The index folder; made if need be.
    paths
        Files and folders. Empty: the ones of last time.
    patterns
        Of the files wanted. None: all of them, or the ones of last time where ``paths`` is empty.
    rebuild
        Use nothing of the index that is there.
    dry_run
        Report and write nothing.
    on_progress
        Called now and then, from this thread.

    Raises
    ------
    NoDocumentsError
        If there is nothing to read, now or before.
    IndexMismatchError
        If the index there was made in another way and ``rebuild`` is false.
    IndexBusyError
        If another process is writing this index.
    RagError
        If the disk refuses; what was current still is.
    """
    with nullcontext() if dry_run else writing(index_dir):
        before = _open_previous(index_dir, rebuild=rebuild)
        if before and not rebuild:
            before.generation.manifest.check(making.embedding_model, making.max_chunk_tokens)
        roots, patterns = _followed(before, paths, patterns)
        run = _Run(index_dir, making, None if rebuild else before, on_progress)
        run.report.dry_run = dry_run
        run.look(roots, patterns)
        try:
            if dry_run:
                run.read_all()
            else:
                run.write(roots, patterns)
        except OSError as error:
            raise RagError(
                f"No se puede escribir el índice en «{index_dir}» ({reason_of(error)})",
                "Libera espacio o usa --index-dir con otra carpeta; el índice anterior sigue "
                "intacto",
            ) from error
        return run.report


@dataclass(frozen=True, slots=True)
class _Previous:
    """What is left of the index that is there.

    Attributes
    ----------
    generation
        Without its damaged segments.
    damaged
        The files that are not what was written.
    """

    generation: Generation
    damaged: Sequence[str]


def _open_previous(index_dir: Path, *, rebuild: bool) -> _Previous | None:
    """Open the current generation, or the newest whose manifest can be read."""
    try:
        name = current_name(index_dir)
        if name is None:
            return None
    except IndexDamagedError:
        name = ""
    folders = [generations(index_dir) / name] if name else []
    folders += sorted((path for path in finished(index_dir) if path.name != name), reverse=True)
    for folder in folders:
        try:
            generation = Generation(folder)
        except IndexDamagedError:
            continue
        except IndexMismatchError:
            if rebuild:
                continue
            raise
        if rebuild:
            return _Previous(generation, ())
        damaged = generation.damaged_files()
        return _Previous(generation.without(damaged), damaged)
    if rebuild:
        return None
    raise IndexDamagedError(
        f"El índice de «{index_dir}» está dañado y no dice qué carpetas tenía",
        "Indícalas: rag index --rebuild CARPETA",
    )


def _followed(
    before: _Previous | None, paths: Sequence[Path], patterns: Patterns | None
) -> tuple[tuple[Root, ...], Patterns]:
    """Return what to follow: the paths, or without any what the index follows already."""
    if paths:
        roots = {path.resolve(): Root(path.as_posix(), str(path.resolve())) for path in paths}
        return tuple(roots.values()), patterns or Patterns()
    if before is None:
        raise UsageError(
            "El índice no dice qué carpetas tenía", "Indícalas: rag index --rebuild CARPETA"
        )
    manifest = before.generation.manifest
    return manifest.roots, manifest.patterns if patterns is None else patterns


class _Run:
    """One synchronisation, from the list of files to the generation that holds them."""

    def __init__(
        self,
        index_dir: Path,
        making: Making,
        before: _Previous | None,
        on_progress: OnProgress | None,
    ) -> None:
        self.report = SyncReport()
        self._index_dir = index_dir
        self._making = making
        self._previous = before.generation if before else None
        self._damaged = before.damaged if before else ()
        self._on_progress = on_progress
        self._plan = Plan({}, (), ())
        self._skipped: list[SkippedRecord] = []
        self._n_files = self._n_bytes = 0
        self._n_embedded_chunks = self._n_read_bytes = 0

    def look(self, roots: Sequence[Root], patterns: Patterns) -> None:
        """Compare the files with the index."""
        files, left_out = list_files(roots, patterns, self._index_dir)
        self.report.skipped.extend(left_out)
        self._n_files = len(files)
        previous = self._previous
        self._plan = make_plan(
            files,
            previous.documents if previous else (),
            previous.skipped if previous else (),
            self.report,
            lambda n_looked: self._tell("read", n_looked, self._n_files),
        )
        for record in self._plan.skipped:
            self._skip(record)
        self._n_bytes = sum(unread.file.stamp.n_bytes for unread in self._plan.unread)
        if not files and not (previous and previous.documents):
            self._refuse(roots)

    def read_all(self) -> None:
        """Read what has to be read, to be able to say what would become of it."""
        for unread in self._plan.unread:
            self._read(unread)
        self._conclude()

    def write(self, roots: tuple[Root, ...], patterns: Patterns) -> None:
        """Write what has changed, and make it the current generation."""
        standing, loose = self._share_out()
        previous = self._previous
        with building(self._index_dir) as folder:
            writer: GenerationWriter | None = None
            for contents in self._batches(loose):
                writer = writer or self._start(folder, roots, patterns)
                self._embed(contents)
                writer.add(contents)
            self._conclude()
            if not (self.report.n_documents or (previous and previous.documents)):
                self._refuse(roots)
            if self._nothing_to_write(roots, patterns, wrote=writer is not None):
                self.report.n_chunks = previous.n_chunks if previous else 0
                kept = (previous.folder.name, previous.manifest.fallback) if previous else ()
                self._forget_all_but(*kept)
                return
            writer = writer or self._start(folder, roots, patterns)
            if previous is not None:
                for segment, records in standing:
                    writer.keep(previous, segment, records)
            fallback = self._fallback()
            writer.finish(self._skipped, fallback)
            final = publish(self._index_dir, folder)
            self._forget_all_but(final.name, fallback)
        self.report.n_chunks = writer.n_chunks

    def _forget_all_but(self, *kept: str) -> None:
        with suppress(OSError):  # of another generation, it would be found not to serve
            (self._index_dir / JOURNAL).unlink(missing_ok=True)
        remove_others(self._index_dir, *kept)

    def _share_out(
        self,
    ) -> tuple[list[tuple[SegmentRecord, list[DocumentRecord]]], list[Unread | DocumentRecord]]:
        """Tell the segments that stand, with their documents, from what is to be written again.

        A segment stands when all its documents do. Small ones are written again with what is new,
        so that many small changes do not make many small segments.
        """
        loose: list[Unread | DocumentRecord] = list(self._plan.unread)
        if self._previous is None:
            return [], loose
        known: dict[int, list[DocumentRecord]] = {}
        for record in self._plan.known.values():
            known.setdefault(record.segment, []).append(record)
        standing: list[tuple[SegmentRecord, list[DocumentRecord]]] = []
        for segment in self._previous.manifest.segments:
            records = known.get(segment.number, [])
            if sum(record.n_chunks for record in records) == segment.n_chunks:
                standing.append((segment, records))
            else:
                loose.extend(records)
        if loose:
            standing.sort(key=lambda item: item[0].n_chunks)
            room = self._segment_chunks() // 2
            while standing and (room := room - standing[0][0].n_chunks) >= 0:
                loose.extend(standing.pop(0)[1])
        return standing, sorted(loose, key=_name)

    def _segment_chunks(self) -> int:
        """Return how many chunks a new segment is to have."""
        n_known = sum(record.n_chunks for record in self._plan.known.values())
        n_chunks = n_known + self._n_bytes // _BYTES_A_CHUNK
        return max(_MIN_SEGMENT_CHUNKS, n_chunks // _MAX_SEGMENTS)

    def _batches(self, loose: Iterable[Unread | DocumentRecord]) -> Iterator[list[Content]]:
        """Read documents until they fill a segment, and go on with the next."""
        batch: list[Content] = []
        n_chunks = 0
        for each in loose:
            content = self._stored(each) if isinstance(each, DocumentRecord) else self._cut(each)
            if content is None or not content.chunks:
                continue
            batch.append(content)
            n_chunks += len(content.chunks)
            if n_chunks >= self._segment_chunks():
                yield batch
                batch, n_chunks = [], 0
        if batch:
            yield batch

    def _stored(self, record: DocumentRecord) -> Content:
        """Return a document that stands, from the previous generation."""
        found = self._known_chunks(record)
        chunks = [replace(chunk, path=record.path) for chunk, _ in found]
        return Content(record, chunks, [rows for _, rows in found])

    def _cut(self, unread: Unread) -> Content | None:
        """Read a document and cut it, taking from the index what it knows of it."""
        document = self._read(unread)
        if document is None:
            return None
        chunks = split(document, self._embedder.count_tokens, self._max_tokens)
        vectors: Mapping[bytes, NDArray[np.float16]] = {}
        before = unread.before or self._by_hash.get(document.sha256)
        if before is not None:
            known = self._known_chunks(before)
            vectors = {vector_key(chunk): rows for chunk, rows in known}
        record = DocumentRecord(
            document.path, document.sha256, document.media_type, unread.stamp, 0, 0, len(chunks)
        )
        return Content(record, chunks, [vectors.get(vector_key(chunk)) for chunk in chunks])

    def _known_chunks(self, record: DocumentRecord) -> list[tuple[Chunk, NDArray[np.float16]]]:
        return self._previous.chunks_of(record) if self._previous else []

    def _read(self, unread: Unread) -> Document | None:
        """Read a file, and put it in the report."""
        name = unread.file.name
        self._n_read_bytes += unread.file.stamp.n_bytes
        try:
            document = load(unread.file.path, name)
        except LoadError as error:
            self._skip(SkippedRecord(name, str(error), unread.stamp))
            return None
        if not document.text.strip():
            self._skip(SkippedRecord(name, "está vacío", unread.stamp))
            return None
        before = unread.before
        if before is None:
            self.report.new.append(name)
        elif before.path == name:
            self.report.changed.append(name)
        else:
            self.report.renamed.append((before.path, name))
        return document

    def _skip(self, record: SkippedRecord) -> None:
        self._skipped.append(record)
        self.report.skipped.append(Skipped(record.path, record.reason))

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
        n_before = self._n_embedded_chunks

        def on_embedded(n_done: int, n_texts: int) -> None:
            self.report.n_embedded += n_texts
            self._n_embedded_chunks = n_before + n_done
            # How much the files yet to be read will come to is guessed from those that were.
            n_found = n_before + len(missing)
            n_total = max(n_found, n_found * self._n_bytes // max(1, self._n_read_bytes))
            self._tell("embed", self._n_embedded_chunks, n_total)

        chunks = [content.chunks[at] for content, at in missing]
        found = embed_chunks(chunks, self._embedder, self._journal, on_embedded)
        for (content, at), rows in zip(missing, found, strict=True):
            content.vectors[at] = rows

    @cached_property
    def _by_hash(self) -> Mapping[str, DocumentRecord]:
        previous = self._previous.documents if self._previous else ()
        return {record.sha256: record for record in previous}

    @cached_property
    def _embedder(self) -> Embedder:
        embedder = self._making.open_embedder()
        previous = self._previous
        if previous and previous.manifest.embedding_fingerprint != embedder.fingerprint:
            raise IndexMismatchError(
                f"Los pesos de «{embedder.name}» no son los que hicieron el índice", REBUILD
            )
        return embedder

    @cached_property
    def _max_tokens(self) -> int:
        return min(self._making.max_chunk_tokens, self._embedder.max_tokens - MAX_TITLE_TOKENS)

    @cached_property
    def _journal(self) -> Journal:
        embedder = self._embedder
        return Journal(self._index_dir / JOURNAL, embedder.fingerprint, embedder.dimension)

    def _start(self, folder: Path, roots: tuple[Root, ...], patterns: Patterns) -> GenerationWriter:
        previous = self._previous
        making = previous.manifest if previous else None
        manifest = Manifest(
            embedding_model=self._making.embedding_model,
            embedding_fingerprint=(
                making.embedding_fingerprint if making else self._embedder.fingerprint
            ),
            dimension=making.dimension if making else self._embedder.dimension,
            max_chunk_tokens=self._making.max_chunk_tokens,
            roots=roots,
            patterns=patterns,
        )
        return GenerationWriter(folder, manifest, previous)

    def _conclude(self) -> None:
        """Fill in the rest of the report."""
        report = self.report
        for paths in (report.new, report.changed):
            paths.sort()
        report.skipped.sort()
        stays = {*report.unchanged, *report.changed, *(was for was, _ in report.renamed)}
        previous = self._previous.documents if self._previous else ()
        report.deleted.extend(record.path for record in previous if record.path not in stays)
        report.n_documents = (
            len(report.new) + len(report.changed) + len(report.renamed) + len(report.unchanged)
        )
        report.damaged.extend(self._damaged)

    def _nothing_to_write(
        self, roots: tuple[Root, ...], patterns: Patterns, *, wrote: bool
    ) -> bool:
        """Say whether the previous generation is what would be written."""
        previous = self._previous
        if previous is None or wrote or self._damaged:
            return False
        manifest = previous.manifest
        return (
            (manifest.roots, manifest.patterns) == (roots, patterns)
            and {record.path: record for record in previous.documents} == self._plan.known
            and previous.skipped == self._skipped
        )

    def _fallback(self) -> str:
        """Name the previous generation if nothing that it holds was to go."""
        loses = self.report.changed or self.report.deleted or self._damaged
        return self._previous.folder.name if self._previous and not loses else ""

    def _refuse(self, roots: Sequence[Root]) -> None:
        raise NoDocumentsError(
            f"No hay ningún documento que se pueda leer en {_names(roots)}{_why(self.report)}",
            "Pon ahí archivos .md o .txt en UTF-8 y vuelve a intentarlo",
        )

    def _tell(self, stage: Literal["read", "embed"], n_done: int, n_total: int) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(stage, n_done, n_total))


def _name(each: Unread | DocumentRecord) -> str:
    return each.path if isinstance(each, DocumentRecord) else each.file.name


def _names(roots: Sequence[Root]) -> str:
    return ", ".join(f"«{root.given}»" for root in roots) or "ninguna carpeta"


def _why(report: SyncReport) -> str:
    """Name the first of the files skipped, so that the person knows what to mend."""
    if not report.skipped:
        return ""
    name, why = report.skipped[0]
    more = f" y {len(report.skipped) - 1} más" if len(report.skipped) > 1 else ""
    return f" ({name}: {why.rstrip('.')}{more})"
