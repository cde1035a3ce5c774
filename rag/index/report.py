"""The report of a synchronisation: what was new, changed, renamed, deleted, unchanged, skipped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rag.load import Skipped


@dataclass(slots=True)
class SyncReport:
    """What a synchronisation did, or would do: paths by kind.

    Attributes
    ----------
    renamed
        Pairs (before, now) of the same bytes under another path.
    skipped
        Files left out, with the reason in Spanish.
    copies
        Pairs (path, original): files just read that are the same as another to the last byte. They
        are among the new or changed ones too.
    notes
        Pairs (path, Spanish sentence): what was done to read a file that the person should know.
    damaged
        Files of the index that were not what had been written: their documents were read again.
    include, exclude
        The patterns that chose the files.
    left_out
        Files that a person left out one by one.
    n_embedded
        Chunks and sentences that had to be embedded; the others were already known.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    copies: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    n_documents: int = 0
    n_chunks: int = 0
    n_embedded: int = 0
    dry_run: bool = False

    @property
    def has_changes(self) -> bool:
        """Whether the index is not what it was."""
        return bool(self.new or self.changed or self.renamed or self.deleted or self.damaged)

    def note_read(self, name: str, before: str | None) -> None:
        """Take down a file that has been read.

        Parameters
        ----------
        before
            The name of what the index knew of it; None for a new one.
        """
        if before is None:
            self.new.append(name)
        elif before == name:
            self.changed.append(name)
        else:
            self.renamed.append((before, name))

    def note_copy(self, name: str, before: str | None, original: str) -> None:
        """Take down a file that need not be read: it is the same as another."""
        self.note_read(name, before)
        self.copies.append((name, original))

    def conclude(self, paths_before: Iterable[str]) -> None:
        """Fill in what follows from the rest, once everything has been read.

        Parameters
        ----------
        paths_before
            Of the documents that the index held.
        """
        for paths in (self.new, self.changed):
            paths.sort()
        for pairs in (self.skipped, self.copies, self.notes):
            pairs.sort()
        was = {*self.unchanged, *self.changed, *(before for before, _ in self.renamed)}
        self.deleted.extend(path for path in paths_before if path not in was)
        self.n_documents = (
            len(self.new) + len(self.changed) + len(self.renamed) + len(self.unchanged)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag index``."""
        kinds = ("new", "changed", "renamed", "deleted", "unchanged", "skipped")
        return {
            "dry_run": self.dry_run,
            "counts": {kind: len(getattr(self, kind)) for kind in kinds},
            "new": self.new,
            "changed": self.changed,
            "renamed": [{"from": before, "to": now} for before, now in self.renamed],
            "deleted": self.deleted,
            "unchanged": self.unchanged,
            "skipped": [{"path": name, "reason": why} for name, why in self.skipped],
            "copies": [{"path": name, "same_as": original} for name, original in self.copies],
            "notes": [{"path": name, "note": note} for name, note in self.notes],
            "damaged": self.damaged,
            "include": list(self.include),
            "exclude": list(self.exclude),
            "left_out": list(self.left_out),
            "n_documents": self.n_documents,
            "n_chunks": self.n_chunks,
            "n_embedded": self.n_embedded,
        }
