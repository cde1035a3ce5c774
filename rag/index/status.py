"""Status: what an index holds, and with what it was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.index.generation import Generation
from rag.index.store import look_at_current


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is indexed, and with what.

    Attributes
    ----------
    n_skipped
        Files that could not be read.
    n_bytes
        On disk.
    created
        ISO 8601, UTC.
    notice
        What whoever asks should know: that an older index stands in for a damaged one.
    """

    index_dir: Path
    roots: tuple[str, ...]
    embedding_model: str
    dimension: int
    created: str
    n_documents: int
    n_skipped: int
    n_chunks: int
    n_sentences: int
    n_bytes: int
    notice: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag status``."""
        return {
            "index_dir": str(self.index_dir),
            "roots": list(self.roots),
            "embedding_model": self.embedding_model,
            "dimension": self.dimension,
            "created": self.created,
            "n_documents": self.n_documents,
            "n_skipped": self.n_skipped,
            "n_chunks": self.n_chunks,
            "n_sentences": self.n_sentences,
            "n_bytes": self.n_bytes,
            "notice": self.notice,
        }


def read_status(index_dir: Path) -> IndexStatus:
    """Tell what an index holds.

    Raises
    ------
    NoIndexError
        If nothing has been indexed there.
    IndexDamagedError
        If a file is missing or is not what was written.
    """
    return look_at_current(index_dir, lambda generation: _status(index_dir, generation))


def _status(index_dir: Path, generation: Generation) -> IndexStatus:
    manifest = generation.manifest
    return IndexStatus(
        index_dir=index_dir,
        roots=tuple(root.given for root in manifest.roots),
        embedding_model=manifest.embedding_model,
        dimension=manifest.dimension,
        created=manifest.created,
        n_documents=len(generation.documents),
        n_skipped=len(generation.skipped),
        n_chunks=generation.n_chunks,
        n_sentences=generation.n_sentences,
        n_bytes=sum(p.stat().st_size for p in generation.folder.rglob("*") if p.is_file()),
        notice=generation.notice,
    )
