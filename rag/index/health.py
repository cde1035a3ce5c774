"""Health: whether an index is what was written, tidied of what interrupted writers left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexBusyError
from rag.index.journal import JOURNAL
from rag.index.lock import writing
from rag.index.store import finished, leftovers, open_current, remove_leftovers, remove_others


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """What a look at every file of an index found.

    Attributes
    ----------
    damaged
        Files that are not what was written, of those that there are.
    n_removed
        Folders and files that interrupted writers had left.
    is_interrupted
        Vectors wait for an indexing that did not end.
    notice
        That an older index stands in for a damaged one.
    """

    n_documents: int
    n_chunks: int
    n_files: int
    damaged: tuple[str, ...]
    n_removed: int
    is_interrupted: bool
    notice: str


def examine_index(index_dir: Path) -> IndexHealth:
    """Read every file of an index, and remove what no reader can use.

    Raises
    ------
    NoIndexError
        If nothing has been indexed there.
    IndexDamagedError
        If it cannot even be opened.
    """
    generation = open_current(index_dir)
    n_removed = 0
    if not generation.notice:  # while another generation stands in, whatever is there may be needed
        n_removed = _tidy(index_dir, generation.folder.name, generation.manifest.fallback)
    return IndexHealth(
        n_documents=len(generation.documents),
        n_chunks=generation.n_chunks,
        n_files=len(generation.manifest.files),
        damaged=tuple(generation.damaged_files()),
        n_removed=n_removed,
        is_interrupted=is_interrupted(index_dir),
        notice=generation.notice,
    )


def is_interrupted(index_dir: Path) -> bool:
    """Say whether vectors wait for an indexing that did not end."""
    return (index_dir / JOURNAL).exists()


def _tidy(index_dir: Path, *kept: str) -> int:
    try:
        with writing(index_dir):
            before = len(leftovers(index_dir)) + len(finished(index_dir))
            remove_leftovers(index_dir)
            remove_others(index_dir, *kept)
            return before - len(leftovers(index_dir)) - len(finished(index_dir))
    except IndexBusyError:  # a writer is at work: it tidies up itself
        return 0
