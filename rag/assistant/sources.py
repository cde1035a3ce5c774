"""The files behind an index, as they are now."""

from __future__ import annotations

from rag.errors import LoadError
from rag.index import Generation, file_sha256
from rag.load import Stamp, read_one
from rag.schema import Document


class IndexedSources:
    """The files that a generation was made of."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def is_unchanged(self, path: str) -> bool:
        """Say whether a file has the stamp, or at least the bytes, that were indexed."""
        record = self._generation.document(path)
        if record is None:
            return False
        source = self._generation.source(path)
        try:
            if Stamp.of(source.stat()) == record.stamp:
                return True
            return file_sha256(source) == record.sha256
        except OSError:
            return False

    def read(self, path: str) -> Document | None:
        """Return a document as it is now, or None where it cannot be read."""
        try:
            return read_one(self._generation.source(path), path)
        except LoadError:
            return None
