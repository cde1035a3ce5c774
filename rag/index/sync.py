"""Bring the index in step with folders: read what is new, keep what is not, forget what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rag.embed import Embedder
from rag.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    LoadError,
    NoDocumentsError,
    NoIndexError,
    RagError,
    UsageError,
    reason,
)
from rag.index.generation import Generation, current_name
from rag.index.manifest import REBUILD, Manifest, Root
from rag.index.records import MAX_TITLE_TOKENS, DocumentRecord
from rag.index.report import SyncReport
from rag.index.vectors import embed_chunks
from rag.index.write import Content, write_generation
from rag.load import Skipped, SourceFile, load, scan
from rag.schema import Chunk, Document, Progress
from rag.split import split

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


def sync(
    index_dir: Path,
    paths: Sequence[Path],
    making: Making,
    *,
    rebuild: bool = False,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
) -> SyncReport:
    """Make the index hold exactly what the paths hold.

    Parameters
    ----------
    index_dir
        The index folder; made if need be.
    paths
        Files and folders. Empty: the ones of last time.
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
    """
    with _writing(index_dir, dry_run=dry_run):
        previous = None if rebuild else _previous(index_dir, making)
        roots = _roots(index_dir, paths)
        report = SyncReport(dry_run=dry_run)
        documents = _read(index_dir, roots, report, on_progress)
        records = {record.path: record for record in previous.documents} if previous else {}
        kept = _classify(documents, records, report)
        report.n_documents = len(documents)
        if not documents and not records:
            raise NoDocumentsError(
                f"No hay ningún documento que se pueda leer en {_names(roots)}{_why(report)}",
                "Pon ahí archivos .md o .txt en UTF-8 y vuelve a intentarlo",
            )
        touched = report.new or report.changed or report.renamed or report.deleted
        if previous and not touched and previous.manifest.roots == roots:
            report.n_chunks = len(previous.chunks)
            return report
        if not dry_run:
            _write(index_dir, roots, making, previous, documents, kept, report, on_progress)
        return report


@contextmanager
def _writing(index_dir: Path, *, dry_run: bool) -> Iterator[None]:
    """Hold the index for writing; the lock dies with the process."""
    if dry_run:
        yield
        return
    from filelock import FileLock, Timeout

    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index_dir / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise IndexBusyError(
            f"Otro proceso está escribiendo el índice de «{index_dir}»",
            "Espera a que termine y vuelve a intentarlo",
        ) from error
    except OSError as error:
        raise RagError(
            f"No se puede escribir el índice en «{index_dir}» ({reason(error)})",
            "Comprueba sus permisos o indica otra carpeta con --index-dir",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _previous(index_dir: Path, making: Making) -> Generation | None:
    """Open the current generation, if what it holds may be used again."""
    if current_name(index_dir) is None:
        return None
    previous = Generation.open_current(index_dir)
    before = previous.manifest
    if before.embedding_model != making.embedding_model:
        raise IndexMismatchError(
            f"El índice se hizo con «{before.embedding_model}» y ahora se pide "
            f"«{making.embedding_model}»",
            REBUILD,
        )
    if not before.matches(making.max_chunk_tokens):
        raise IndexMismatchError(
            "El índice se hizo con otra versión de este programa o con otros ajustes",
            REBUILD,
        )
    return previous


def _roots(index_dir: Path, paths: Sequence[Path]) -> tuple[Root, ...]:
    """Return what to follow: the paths, or without any the roots of the index that is there."""
    if paths:
        roots = {path.resolve(): Root(path.as_posix(), str(path.resolve())) for path in paths}
        return tuple(roots.values())
    try:
        return Generation.open_current(index_dir).manifest.roots
    except NoIndexError:
        return ()
    except IndexDamagedError as error:
        raise UsageError(
            "El índice está dañado y no dice qué carpetas tenía",
            "Indícalas: rag index --rebuild CARPETA",
        ) from error


def _read(
    index_dir: Path, roots: Sequence[Root], report: SyncReport, on_progress: OnProgress | None
) -> dict[str, Document]:
    """Read every file below the roots, by the name it is cited by."""
    files: dict[str, SourceFile] = {}
    for root in roots:
        for found in scan(Path(root.absolute), root.given, index_dir.resolve()):
            if isinstance(found, Skipped):
                report.skipped.append(found)
            else:
                files[found.name] = found
    documents: dict[str, Document] = {}
    for n_done, file in enumerate(sorted(files.values(), key=lambda file: file.name), start=1):
        try:
            document = load(file.path, file.name)
        except LoadError as error:
            report.skipped.append(Skipped(file.name, str(error)))
        else:
            if document.text.strip():
                documents[file.name] = document
            else:
                report.skipped.append(Skipped(file.name, "está vacío"))
        if on_progress is not None:
            on_progress(Progress("read", n_done, len(files)))
    return documents


def _classify(
    documents: dict[str, Document], records: dict[str, DocumentRecord], report: SyncReport
) -> dict[str, str]:
    """Fill in the report; return, by path, the path under which its chunks are known already."""
    gone = [path for path in records if path not in documents]
    gone_by_hash = {records[path].sha256: path for path in gone}
    kept: dict[str, str] = {}
    for path, document in documents.items():
        record = records.get(path)
        if record and record.sha256 == document.sha256:
            report.unchanged.append(path)
            kept[path] = path
        elif record:
            report.changed.append(path)
        elif before := gone_by_hash.pop(document.sha256, None):
            # The same bytes read as another format would give other chunks.
            report.renamed.append((before, path))
            gone.remove(before)
            if records[before].media_type == document.media_type:
                kept[path] = before
        else:
            report.new.append(path)
    report.deleted.extend(gone)
    return kept


def _write(
    index_dir: Path,
    roots: tuple[Root, ...],
    making: Making,
    previous: Generation | None,
    documents: dict[str, Document],
    kept: dict[str, str],
    report: SyncReport,
    on_progress: OnProgress | None,
) -> None:
    embedder = making.open_embedder()
    if previous and previous.manifest.embedding_fingerprint != embedder.fingerprint:
        raise IndexMismatchError(
            f"Los pesos de «{embedder.name}» no son los que hicieron el índice",
            REBUILD,
        )
    chunks_before: dict[str, list[Chunk]] = {}
    for chunk in previous.chunks if previous else ():
        chunks_before.setdefault(chunk.path, []).append(chunk)
    chunks: list[Chunk] = []
    records: list[DocumentRecord] = []
    max_tokens = min(making.max_chunk_tokens, embedder.max_tokens - MAX_TITLE_TOKENS)
    for path, document in documents.items():
        if path in kept:
            own = [replace(chunk, path=path) for chunk in chunks_before.get(kept[path], [])]
        else:
            own = split(document, embedder.count_tokens, max_tokens)
        chunks.extend(own)
        records.append(DocumentRecord(path, document.sha256, document.media_type, len(own)))

    def on_embedded(n_done: int, n_total: int) -> None:
        if on_progress is not None:
            on_progress(Progress("embed", n_done, n_total))

    vectors = embed_chunks(chunks, previous, embedder, on_embedded)
    report.n_embedded = vectors.n_embedded
    report.n_chunks = len(chunks)
    manifest = Manifest(
        embedding_model=embedder.name,
        embedding_fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        max_chunk_tokens=making.max_chunk_tokens,
        roots=roots,
    )
    write_generation(
        index_dir, manifest, Content(records, chunks, vectors.chunks, vectors.sentences)
    )


def _names(roots: Sequence[Root]) -> str:
    return ", ".join(f"«{root.given}»" for root in roots) or "ninguna carpeta"


def _why(report: SyncReport) -> str:
    """Name the first of the files skipped, so that the person knows what to mend."""
    if not report.skipped:
        return ""
    name, why = report.skipped[0]
    more = f" y {len(report.skipped) - 1} más" if len(report.skipped) > 1 else ""
    return f" ({name}: {why.rstrip('.')}{more})"
