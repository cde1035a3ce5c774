"""Status: what an index holds, and with what it was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.index.generation import Generation


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is indexed, and with what.

    Attributes
    ----------
    n_bytes
        On disk.
    created
        ISO 8601, UTC.
    """

    index_dir: Path
    roots: tuple[str, ...]
    embedding_model: str
    dimension: int
    created: str
    n_documents: int
    n_chunks: int
    n_sentences: int
    n_bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag status``."""
        return {
            "index_dir": str(self.index_dir),
            "roots": list(self.roots),
            "embedding_model": self.embedding_model,
            "dimension": self.dimension,
            "created": self.created,
            "n_documents": self.n_documents,
            "n_chunks": self.n_chunks,
            "n_sentences": self.n_sentences,
            "n_bytes": self.n_bytes,
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
    generation = Generation.open_current(index_dir)
    manifest = generation.manifest
    return IndexStatus(
        index_dir=index_dir,
        roots=tuple(root.given for root in manifest.roots),
        embedding_model=manifest.embedding_model,
        dimension=manifest.dimension,
        created=manifest.created,
        n_documents=len(generation.documents),
        n_chunks=len(generation.chunks),
        n_sentences=generation.sentence_starts[-1],
        n_bytes=sum(p.stat().st_size for p in generation.folder.rglob("*") if p.is_file()),
    )
