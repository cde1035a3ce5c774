"""A plan: what of some folders an index knows already, and what has to be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rag.index.files import file_sha256
from rag.index.manifest import Root
from rag.index.records import DocumentRecord, SkippedRecord
from rag.index.report import SyncReport
from rag.load import Closed, Patterns, Skipped, SourceFile, Stamp, format_of, scan

# A file changed this shortly before it was listed may change once more and keep its stamp: some
# file systems count time in steps of two seconds.
_UNSETTLED_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Unread:
    """A file to read.

    Attributes
    ----------
    stamp
        To be remembered.
    before
        What is known under this name, or of the same bytes under another: most of it may stand.
    copies
        Others that have the same bytes, and need not be read.
    sha256
        Of those bytes; empty where there are no copies.
    """

    file: SourceFile
    stamp: Stamp | None
    before: DocumentRecord | None = None
    copies: tuple[Unread, ...] = ()
    sha256: str = ""

    @property
    def before_path(self) -> str | None:
        """The name of what was known of it."""
        return self.before.path if self.before else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each file.

    Attributes
    ----------
    known
        By the path it has now: a document whose chunks stand as they are.
    unread
        What must be read, sorted by name.
    skipped
        What could not be read last time, and has not changed.
    """

    known: Mapping[str, DocumentRecord]
    unread: Sequence[Unread]
    skipped: Sequence[SkippedRecord]


@dataclass(frozen=True, slots=True)
class Listing:
    """What is below some roots.

    Attributes
    ----------
    files
        Sorted by name.
    closed
        The names of the folders that could not be opened, which are among those skipped too.
    """

    files: Sequence[SourceFile]
    skipped: Sequence[Skipped]
    closed: Sequence[str]

    def may_hide(self, path: str) -> bool:
        """Say whether a file is in a folder that could not be opened."""
        return any(not name or path.startswith(name + "/") for name in self.closed)


def list_files(roots: Sequence[Root], patterns: Patterns, index_dir: Path) -> Listing:
    """List what is below some roots, each file once, and what is not for reading.

    Raises
    ------
    NoDocumentsError
        If a root is neither a file nor a folder.
    """
    files: dict[Path, SourceFile] = {}
    skipped: dict[str, Skipped] = {}
    closed: list[str] = []
    left_out = frozenset(patterns.left_out)
    unwanted: set[Path] = set()
    for root in roots:
        for found in scan(Path(root.absolute), root.given, index_dir.resolve(), patterns):
            if found.name in left_out and not isinstance(found, Closed):
                if isinstance(found, SourceFile):
                    unwanted.add(found.path)
                continue
            if isinstance(found, SourceFile):
                files.setdefault(found.path, found)  # a root may be inside another
                continue
            if isinstance(found, Closed):
                closed.append(found.name)
            name = found.name or root.given
            skipped.setdefault(name, Skipped(name, found.reason))
    wanted = (file for path, file in files.items() if path not in unwanted)
    in_order = sorted(wanted, key=lambda file: file.name)
    return Listing(in_order, list(skipped.values()), closed)


def make_plan(
    listing: Listing,
    records: Iterable[DocumentRecord],
    skipped: Iterable[SkippedRecord],
    report: SyncReport,
    on_looked: Callable[[int], None],
) -> Plan:
    """Compare files with what is remembered of them.

    What cannot be seen now, because its folder cannot be opened, stays as it was.

    A file with the stamp that it had is not opened. Any other is known by its bytes: under the
    same name, or under a name that is gone.

    Parameters
    ----------
    report
        Receives what is unchanged and what is renamed.
    on_looked
        Receives how many files have been looked at.
    """
    listed_ns = time.time_ns()
    before = {record.path: record for record in records}
    unreadable = {record.path: record for record in skipped}
    found = listing.files
    names = {file.name for file in found}
    known = {
        path: record
        for path, record in before.items()
        if path not in names and listing.may_hide(path)
    }
    gone = _Gone(before, {*names, *known})
    unread: list[Unread] = []
    still_skipped: list[SkippedRecord] = []
    for n_looked, file in enumerate(found, start=1):
        stamp = _settled(file.stamp, listed_ns)
        record = before.get(file.name)
        failed = unreadable.get(file.name)
        if record and record.stamp == file.stamp:
            known[file.name] = record
        elif record and sha256_of(file.path) == record.sha256:
            known[file.name] = replace(record, stamp=stamp)
        elif record:
            unread.append(Unread(file, stamp, record))
        elif failed and failed.stamp == file.stamp:
            still_skipped.append(failed)
        elif renamed := gone.take(file):
            if format_of(renamed.path) == format_of(file.name):
                known[file.name] = replace(renamed, path=file.name, stamp=stamp)
                report.renamed.append((renamed.path, file.name))
            else:  # the same bytes read as another format give other chunks
                unread.append(Unread(file, stamp, renamed))
        else:
            unread.append(Unread(file, stamp))
        on_looked(n_looked)
    report.unchanged.extend(name for name in known if name in before)
    return Plan(known, unread, still_skipped)


class _Gone:
    """The documents whose files are no longer there, to be found again by their bytes."""

    def __init__(self, before: Mapping[str, DocumentRecord], names: set[str]) -> None:
        gone = [record for path, record in before.items() if path not in names]
        self._by_hash: dict[str, list[DocumentRecord]] = {}
        for record in gone:
            self._by_hash.setdefault(record.sha256, []).append(record)
        self._sizes = {record.stamp.n_bytes for record in gone if record.stamp}
        self._any_size = any(record.stamp is None for record in gone)

    def take(self, file: SourceFile) -> DocumentRecord | None:
        """Return the document that this file is under another name, once."""
        if not self._any_size and file.stamp.n_bytes not in self._sizes:
            return None
        same = self._by_hash.get(sha256_of(file.path))
        return same.pop(0) if same else None


def _settled(stamp: Stamp, listed_ns: int) -> Stamp | None:
    latest = max(stamp.modified_ns, stamp.changed_ns)
    return stamp if latest < listed_ns - _UNSETTLED_NS else None


def sha256_of(path: Path) -> str:
    """Return the hash of a file, or nothing where it cannot be read."""
    try:
        return file_sha256(path)
    except OSError:  # whoever reads it will say why
        return ""
