"""Health: whether an index is what was written, tidied of what interrupted writers left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.errors import RagError
from rag.index.journal import JOURNAL, holds_vectors
from rag.index.lock import writing
from rag.index.manifest import Manifest
from rag.index.store import (
    finished,
    leftovers,
    look_at_current,
    open_current,
    remove_leftovers,
    remove_others,
)


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """What a look at every file of an index found.

    Attributes
    ----------
    manifest
        What made it.
    damaged
        Files that are not what was written.
    n_removed
        Folders and files that interrupted writers had left.
    is_interrupted
        Vectors wait for an indexing that did not end.
    notice
        That an older index stands in for a damaged one.
    """

    n_documents: int
    n_chunks: int
    manifest: Manifest
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
    n_removed = _tidy(index_dir)
    return look_at_current(
        index_dir,
        lambda generation: IndexHealth(
            n_documents=len(generation.documents),
            n_chunks=generation.n_chunks,
            manifest=generation.manifest,
            damaged=tuple(generation.damaged_files()),
            n_removed=n_removed,
            is_interrupted=is_interrupted(index_dir),
            notice=generation.notice,
        ),
    )


def is_interrupted(index_dir: Path) -> bool:
    """Say whether vectors wait for an indexing that did not end, and none is at work."""
    if not (index_dir / JOURNAL).exists():
        return False
    try:
        with writing(index_dir):
            return holds_vectors(index_dir / JOURNAL)
    except RagError:
        return False


def _tidy(index_dir: Path) -> int:
    """Remove leftovers, and the generations that no reader opens; return how many things."""
    if not index_dir.is_dir():
        return 0
    try:
        with writing(index_dir):
            n_before = _n_removable(index_dir)
            remove_leftovers(index_dir)
            try:
                generation = open_current(index_dir)
            except RagError:
                kept = None
            else:
                kept = (generation.folder.name, generation.manifest.fallback)
                if generation.notice:  # it stands in: whatever is there may be needed
                    kept = None
            if kept is not None:
                remove_others(index_dir, *kept)
            return n_before - _n_removable(index_dir)
    except RagError:  # a writer is at work and tidies up itself, or nobody may write here
        return 0


def _n_removable(index_dir: Path) -> int:
    return len(leftovers(index_dir)) + len(finished(index_dir))
