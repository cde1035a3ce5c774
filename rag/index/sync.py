"""Bring the index in step with folders: read what is new, keep what is not, forget what is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from rag.errors import NoDocumentsError, RagError, reason
from rag.index.copies import join_copies
from rag.index.follow import Amendment, Followed, what_to_follow
from rag.index.generation import Generation
from rag.index.intake import Intake, Making, OnProgress
from rag.index.journal import JOURNAL
from rag.index.lock import writing
from rag.index.manifest import Manifest, SegmentRecord
from rag.index.plan import Listing, Plan, Unread, list_files, make_plan
from rag.index.previous import Previous, open_previous
from rag.index.records import DocumentRecord
from rag.index.report import SyncReport
from rag.index.store import building, make_current, named_current, publish, remove_others
from rag.index.write import GenerationWriter
from rag.schema import Progress

# A change writes the segments that it touches again: they are small enough for that to be quick,
# and few enough for a search through all of them.
_MIN_SEGMENT_CHUNKS: Final = 2048
_MAX_SEGMENTS: Final = 32
_BYTES_A_CHUNK: Final = 1000  # of text, on average


def sync(
    index_dir: Path,
    paths: Sequence[Path],
    making: Making,
    *,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    rebuild: bool = False,
    dry_run: bool = False,
    allow_empty: bool = False,
    amendment: Amendment | None = None,
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
    include, exclude
        Patterns as in ``.gitignore``: only files that match one of these, and none that match one
        of those. None: the ones of last time; blank: none. A blank ``exclude`` forgets what was
        left out one by one as well.
    rebuild
        Use nothing of the index that is there.
    dry_run
        Report and write nothing.
    allow_empty
        Believe a folder of many documents that now has none.
    amendment
        What else is to be different from last time.
    on_progress
        Called now and then, from this thread.

    Raises
    ------
    NoDocumentsError
        If there is nothing to read, now or before; or all that a root had is gone, which is more
        likely a disk that is not there.
    IndexMismatchError
        If the index there was made in another way and ``rebuild`` is false.
    IndexBusyError
        If another process is writing this index.
    RagError
        If the disk refuses; what was current still is.
    """
    amendment = amendment or Amendment()
    gone = amendment.gone

    def start() -> _Run:
        before = open_previous(index_dir, is_used=not rebuild)
        if before and before.generation:
            before.generation.manifest.check(making.embedding_model, making.max_chunk_tokens)
        followed = what_to_follow(before, paths, include, exclude, amendment)
        is_believed = allow_empty or rebuild
        return _Run(
            index_dir, followed, making, before, on_progress, gone=None if is_believed else gone
        )

    if dry_run:
        while True:  # without the lock, and so perhaps while somebody writes
            name = named_current(index_dir)
            report = start().rehearse()
            if named_current(index_dir) == name:
                return report
    with writing(index_dir):
        try:
            return start().write()
        except OSError as error:
            raise RagError(
                f"No se puede escribir el índice en «{index_dir}» ({reason(error)})",
                "Libera espacio o usa --index-dir con otra carpeta; el índice anterior sigue "
                "intacto",
            ) from error


class _Run:
    """One synchronisation, from the list of files to the generation that holds them.

    Parameters
    ----------
    gone
        The documents that may be missing; None where all may.
    """

    def __init__(
        self,
        index_dir: Path,
        followed: Followed,
        making: Making,
        before: Previous | None,
        on_progress: OnProgress | None,
        *,
        gone: Collection[str] | None,
    ) -> None:
        self._index_dir = index_dir
        self._followed = followed
        self._making = making
        self._previous = before.generation if before else None
        self._damaged = before.damaged if before else ()
        self._is_first = before is None
        self._report = SyncReport(
            damaged=list(self._damaged),
            include=followed.patterns.include,
            exclude=followed.patterns.exclude,
            left_out=followed.patterns.left_out,
        )
        listing = list_files(followed.roots, followed.patterns, index_dir)
        self._report.skipped.extend(listing.skipped)
        if gone is not None:
            self._refuse_a_loss(listing, {*gone, *followed.patterns.left_out})
        plan = self._compare(listing, on_progress)
        unread_files, joined = join_copies(plan.unread, plan.known, self._report)
        self._plan = replace(plan, known={**plan.known, **joined}, unread=unread_files)
        n_bytes = sum(unread.file.stamp.n_bytes for unread in self._plan.unread)
        self._intake = Intake(
            making, self._previous, index_dir / JOURNAL, n_bytes, self._report, on_progress
        )
        for record in self._plan.skipped:
            self._intake.skip(record)
        # How many chunks a new segment is to have.
        n_known = sum(same[0].n_chunks for same in _same(self._plan.known.values()))
        n_chunks = n_known + n_bytes // _BYTES_A_CHUNK
        self._segment_chunks = max(_MIN_SEGMENT_CHUNKS, n_chunks // _MAX_SEGMENTS)

    def rehearse(self) -> SyncReport:
        """Read what has to be read, and say what would become of it."""
        for _ in self._intake.read(self._plan.unread):
            pass
        self._conclude()
        self._report.dry_run = True
        return self._report

    def write(self) -> SyncReport:
        """Write what has changed, and make it the current generation."""
        previous = self._previous
        standing, loose = self._share_out()
        with building(self._index_dir) as folder:
            writer: GenerationWriter | None = None
            for contents in self._intake.contents(loose, self._segment_chunks):
                writer = writer or self._start(folder)
                writer.add(contents)
            self._conclude()
            if previous is not None and writer is None and self._is_in_step(previous):
                self._report.n_chunks = previous.n_chunks
                if named_current(self._index_dir) != previous.folder.name:
                    make_current(self._index_dir, previous.folder.name)
                self._forget_all_but(previous.folder.name, previous.manifest.fallback)
                return self._report
            writer = writer or self._start(folder)
            if previous is not None:
                for segment, records in standing:
                    writer.keep(previous, segment, records)
            fallback = self._fallback()
            writer.finish(self._intake.skipped, fallback)
            final = publish(self._index_dir, folder)
            self._forget_all_but(final.name, fallback)
        self._report.n_chunks = writer.n_chunks
        return self._report

    def _refuse_a_loss(self, listing: Listing, gone: Collection[str]) -> None:
        """Refuse to forget at once all that a root had: more likely its disk is not there."""
        documents = self._previous.documents if self._previous else ()
        for root in self._followed.roots:
            had = [
                record.path
                for record in documents
                if root.holds(record.path) and record.path not in gone
            ]
            if had and not any(root.holds(file.name) for file in listing.files):
                if all(listing.may_hide(path) for path in had):
                    continue
                are_chosen = self._followed.patterns.choose
                first = "Revisa --include y --exclude" if are_chosen else "Conecta su disco"
                raise NoDocumentsError(
                    f"En «{root.given}» ya no hay ningún archivo que leer, y el índice tiene "
                    f"{len(had)}",
                    f"{first} o, si es lo que quieres, repite con --allow-empty",
                )

    def _compare(self, listing: Listing, on_progress: OnProgress | None) -> Plan:
        def on_looked(n_looked: int) -> None:
            if on_progress is not None:
                on_progress(Progress("compare", n_looked, len(listing.files)))

        previous = self._previous
        documents = previous.documents if previous else ()
        skipped = previous.skipped if previous else ()
        return make_plan(listing, documents, skipped, self._report, on_looked)

    def _share_out(
        self,
    ) -> tuple[
        list[tuple[SegmentRecord, list[DocumentRecord]]], list[Unread | list[DocumentRecord]]
    ]:
        """Tell the segments that stand, with their documents, from what is to be written again.

        A segment stands when all its documents do. Small ones are written again with what is new,
        so that many small changes do not make many small segments.
        """
        loose: list[Unread | list[DocumentRecord]] = list(self._plan.unread)
        if self._previous is None:
            return [], loose
        known: dict[int, list[DocumentRecord]] = {}
        for record in self._plan.known.values():
            known.setdefault(record.segment, []).append(record)
        standing: list[tuple[SegmentRecord, list[DocumentRecord]]] = []
        for segment in self._previous.manifest.segments:
            records = known.get(segment.number, [])
            if sum(same[0].n_chunks for same in _same(records)) == segment.n_chunks:
                standing.append((segment, records))
            else:
                loose.extend(_same(records))
        if loose:
            standing.sort(key=lambda item: item[0].n_chunks)
            room = self._segment_chunks // 2
            while standing and (room := room - standing[0][0].n_chunks) >= 0:
                loose.extend(_same(standing.pop(0)[1]))
        return standing, sorted(loose, key=_name)

    def _start(self, folder: Path) -> GenerationWriter:
        maker = self._previous.manifest if self._previous else self._intake.embedder
        manifest = Manifest(
            embedding_model=self._making.embedding_model,
            embedding_fingerprint=(
                maker.embedding_fingerprint if isinstance(maker, Manifest) else maker.fingerprint
            ),
            dimension=maker.dimension,
            max_chunk_tokens=self._making.max_chunk_tokens,
            roots=self._followed.roots,
            patterns=self._followed.patterns,
        )
        return GenerationWriter(folder, manifest, self._previous)

    def _conclude(self) -> None:
        """Fill in the rest of the report.

        Raises
        ------
        NoDocumentsError
            If there is nothing to index, and there is no index.
        """
        report = self._report
        previous = self._previous.documents if self._previous else []
        report.conclude(record.path for record in previous)
        self._intake.skipped.sort(key=lambda record: record.path)
        if not report.n_documents and self._is_first:
            names = ", ".join(f"«{root.given}»" for root in self._followed.roots)
            raise NoDocumentsError(
                f"No hay ningún documento que se pueda leer en {names}{_why(report)}",
                "Pon ahí documentos (PDF, Word, Excel, HTML, texto…) y vuelve a intentarlo",
            )

    def _is_in_step(self, previous: Generation) -> bool:
        """Say whether the previous generation is what would be written."""
        manifest = previous.manifest
        return (
            not self._damaged
            and (manifest.roots, manifest.patterns) == self._followed
            and {record.path: record for record in previous.documents} == self._plan.known
            and previous.skipped == self._intake.skipped
        )

    def _fallback(self) -> str:
        """Name the previous generation if nothing that it holds was to go."""
        report = self._report
        loses = report.changed or report.renamed or report.deleted or self._damaged
        return self._previous.folder.name if self._previous and not loses else ""

    def _forget_all_but(self, *kept: str) -> None:
        with suppress(OSError):  # the next writer tries again
            (self._index_dir / JOURNAL).unlink(missing_ok=True)
        remove_others(self._index_dir, *kept)


def _name(each: Unread | list[DocumentRecord]) -> str:
    return each.file.name if isinstance(each, Unread) else each[0].path


def _same(records: Iterable[DocumentRecord]) -> list[list[DocumentRecord]]:
    """Put together the documents that have the same chunks."""
    by_chunks: dict[tuple[int, int], list[DocumentRecord]] = {}
    for record in records:
        by_chunks.setdefault((record.segment, record.first), []).append(record)
    return list(by_chunks.values())


def _why(report: SyncReport) -> str:
    """Name the first of the files skipped, so that the person knows what to mend."""
    if not report.skipped:
        return ""
    name, why = report.skipped[0]
    more = f" y {len(report.skipped) - 1} más" if len(report.skipped) > 1 else ""
    return f" ({name}: {why.rstrip('.')}{more})"
