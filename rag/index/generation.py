"""A generation, open for reading: an index on disk that was written once and never changes.

``CURRENT`` names the folder under ``generations/`` that readers open. It is replaced by one atomic
rename, after everything that it names is on disk, so a reader sees the whole of one generation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rag.dense import DenseIndex
from rag.errors import IndexDamagedError, NoIndexError, reason
from rag.index.manifest import REBUILD, Manifest
from rag.index.records import DocumentRecord, chunk_from
from rag.lexical import LexicalIndex
from rag.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Generation:
    """A generation, open for reading. Its parts are read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest.read(folder)

    @classmethod
    def open_current(cls, index_dir: Path) -> Self:
        """Open the current generation of an index folder.

        Raises
        ------
        NoIndexError
            If nothing has been indexed there.
        IndexDamagedError
            If a file is missing or is not what was written.
        """
        name = current_name(index_dir)
        if name is None:
            raise NoIndexError(
                f"Todavía no hay ningún índice en «{index_dir}»",
                "Créalo con: rag index CARPETA",
            )
        return cls(index_dir / "generations" / name)

    def open_all(self) -> Self:
        """Open every part that searching needs, while the folder is sure to be there."""
        _ = self.sentence_starts, self.dense, self.sentence_vectors, self.lexical
        return self

    @cached_property
    def documents(self) -> list[DocumentRecord]:
        """The documents, sorted by path."""
        return [DocumentRecord(**record) for record in self._records("documents.jsonl")]

    @cached_property
    def chunks(self) -> list[Chunk]:
        """The chunks; line n of the file is row n of both searches."""
        return [chunk_from(record) for record in self._records("chunks.jsonl")]

    @cached_property
    def sentence_starts(self) -> list[int]:
        """The row of the first sentence vector of each chunk, and the total at the end."""
        starts = [0]
        for chunk in self.chunks:
            starts.append(starts[-1] + len(chunk.sentences))
        return starts

    @cached_property
    def dense(self) -> DenseIndex:
        """The chunks' vectors."""
        return DenseIndex.open(self._checked("chunks.faiss"))

    @cached_property
    def sentence_vectors(self) -> NDArray[np.float16]:
        """The sentences' vectors, shape (n_sentences, dimension), read from disk as needed."""
        import numpy as np

        path = self._checked("sentences.npy")
        vectors: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
        return vectors

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The chunks' terms."""
        for name in self.manifest.files:
            if name.startswith("lexical/"):
                self._checked(name)
        return LexicalIndex.open(self.folder / "lexical")

    def source(self, path: str) -> Path:
        """Return where the file of a document is."""
        for root in self.manifest.roots:
            if path == root.given:
                return Path(root.absolute)
            prefix = "" if root.given == "." else root.given.rstrip("/") + "/"
            if path.startswith(prefix):
                return Path(root.absolute, path.removeprefix(prefix))
        return Path(path)

    def _records(self, name: str) -> Iterator[dict[str, Any]]:
        with self._checked(name).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def _checked(self, name: str) -> Path:
        """Return the path of a file of ours, once its checksum has vouched for it."""
        path = self.folder / name
        try:
            digest = file_sha256(path)
        except OSError as error:
            raise IndexDamagedError(
                f"Falta el archivo «{name}» del índice ({reason(error)})", REBUILD
            ) from error
        if digest != self.manifest.files.get(name):
            raise IndexDamagedError(f"El archivo «{name}» del índice está dañado", REBUILD)
        return path


def current_name(index_dir: Path) -> str | None:
    """Return the name of the current generation, or None where there is none."""
    try:
        name = (index_dir / "CURRENT").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(f"No se puede leer el índice de «{index_dir}»", REBUILD) from error
    if not name or Path(name).name != name:
        raise IndexDamagedError(f"El índice de «{index_dir}» está dañado", REBUILD)
    return name


def file_sha256(path: Path) -> str:
    """Return the checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
