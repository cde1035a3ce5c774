"""Vectors to and from disk, and the nearest of them: the only file that knows FAISS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import IndexDamagedError, IndexMismatchError
from rag.schema import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DenseIndex:
    """Exact cosine search over unit vectors, row n for the n-th of them."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> DenseIndex:
        """Hold unit vectors, shape (n_rows, dimension)."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> DenseIndex:
        """Read a file that ``save`` wrote; its checksum is the caller's to have checked."""
        import faiss

        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:
            raise IndexDamagedError(
                f"El archivo «{path.name}» del índice está dañado",
                "Vuelve a crearlo con: rag index --rebuild",
            ) from error

    def save(self, path: Path) -> None:
        """Write the vectors to a file."""
        import faiss

        # Written from here and not by FAISS, whose error does not say that the disk is full.
        path.write_bytes(faiss.serialize_index(self._index).data)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Columns of every vector."""
        return int(self._index.d)

    def search(self, vector: NDArray[np.float32], top_k: int) -> list[Hit]:
        """Find the nearest rows, best first.

        Parameters
        ----------
        vector
            Unit length, shape (dimension,).
        top_k
            Hits wanted; fewer come back when there are fewer rows.

        Returns
        -------
        list[Hit]
            Scores are cosines, in [-1, 1].

        Raises
        ------
        IndexMismatchError
            If the vector has another dimension than the index.
        """
        if vector.shape != (self.dimension,):
            raise IndexMismatchError(
                f"El índice guarda vectores de {self.dimension} números y la pregunta tiene "
                f"{vector.size}",
                "Vuelve a crearlo con: rag index --rebuild",
            )
        scores, rows = self._index.search(vector[None, :], max(1, min(top_k, len(self))))
        # FAISS fills up short results with row -1.
        return [
            Hit(int(row), float(score))
            for row, score in zip(rows[0], scores[0], strict=True)
            if row >= 0
        ]

    def vectors(self, rows: list[int]) -> NDArray[np.float32]:
        """Return the vectors of some rows, shape (n_rows, dimension)."""
        import numpy as np

        stored: NDArray[np.float32] = self._index.reconstruct_batch(
            np.asarray(rows, dtype=np.int64)
        )
        return stored
