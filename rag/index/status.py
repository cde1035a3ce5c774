"""Status: what an index holds, and with what it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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
    n_copies
        Of the documents, those that are the same as another.
    media_types
        How many documents are of each, the most frequent first.
    notes
        Pairs (path, Spanish sentence): what was done to read a document.
    skipped
        Files that could not be read, with the reason.
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
    n_copies: int
    media_types: Mapping[str, int]
    notes: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]
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
            "n_copies": self.n_copies,
            "media_types": dict(self.media_types),
            "notes": [{"path": path, "note": note} for path, note in self.notes],
            "n_skipped": len(self.skipped),
            "skipped": [{"path": path, "reason": why} for path, why in self.skipped],
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
    manifest, documents = generation.manifest, generation.documents
    return IndexStatus(
        index_dir=index_dir,
        roots=tuple(root.given for root in manifest.roots),
        embedding_model=manifest.embedding_model,
        dimension=manifest.dimension,
        created=manifest.created,
        n_documents=len(documents),
        n_copies=len(documents) - len({(each.segment, each.first) for each in documents}),
        media_types=dict(Counter(each.media_type for each in documents).most_common()),
        notes=tuple((each.path, note) for each in documents for note in each.notes),
        skipped=tuple((each.path, each.reason) for each in generation.skipped),
        n_chunks=generation.n_chunks,
        n_sentences=generation.n_sentences,
        n_bytes=sum(p.stat().st_size for p in generation.folder.rglob("*") if p.is_file()),
        notice=generation.notice,
    )
