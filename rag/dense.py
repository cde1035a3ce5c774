"""Vectors to and from disk, and the nearest of them: the only file that knows FAISS."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.errors import IndexDamagedError, IndexMismatchError
from rag.schema import Hit, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Up to here every vector is compared: some 8 ms. Beyond, only those in the cells that are nearest
# to the question (bench/README.md, table 9).
MAX_EXACT: Final = 100_000
_CELLS_PER_ROOT: Final = 4  # cells = 4 √n, as FAISS's guidelines for a million vectors advise
_SAMPLE_PER_CELL: Final = 64  # vectors that a cell's centre is learnt from
_SHARE_OF_CELLS: Final = 1 / 32  # looked into for one question
_OVERSAMPLING: Final = 2  # the cells keep 8 bits a number: look at more, and compare them exactly
_RETRAIN_GROWTH: Final = 2.0  # times the cells that its size asks for


def write_vectors(path: Path, vectors: NDArray[np.floating]) -> None:
    """Write unit vectors, shape (n_rows, dimension), in half precision."""
    import faiss
    import numpy as np

    quantizer = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexScalarQuantizer(vectors.shape[1], quantizer, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    _write(path, index)


def write_cells(
    path: Path,
    parts: Mapping[int, Path],
    *,
    previous: Path | None = None,
    dropped: Collection[int] = (),
    added: Collection[int] = (),
) -> None:
    """Write the index that finds the nearest of many vectors without looking at them all.

    Vectors are kept by the cell they fall in, 8 bits a number, under the rows they have.

    Parameters
    ----------
    parts
        The files of ``write_vectors``, by the number of their segment.
    previous
        An index of most of these parts, to be brought in step; its cells are learnt anew when it
        has outgrown them.
    dropped, added
        Segments that it holds too many, and those that it lacks.
    """
    import faiss
    import numpy as np

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    opened = {number: _read(part) for number, part in parts.items()}
    n_cells = _n_cells(sum(part.ntotal for part in opened.values()))
    index = _read(previous, in_memory=True) if previous is not None else None
    if index is None or not 1 / _RETRAIN_GROWTH < n_cells / index.nlist < _RETRAIN_GROWTH:
        index = _learn_cells(list(opened.values()), n_cells)
        dropped, added = (), opened.keys()
    for number in dropped:
        first, end = Row(number, 0).number, Row(number + 1, 0).number
        index.remove_ids(faiss.IDSelectorRange(first, end))
    for number in added:
        part = opened[number]
        rows = Row(number, 0).number + np.arange(part.ntotal, dtype=np.int64)
        index.add_with_ids(part.reconstruct_n(0, part.ntotal), rows)
    if index.ntotal != sum(part.ntotal for part in opened.values()):
        raise AssertionError("the cells hold other rows than the parts")
    _write(path, index)


def _learn_cells(parts: Sequence[Any], n_cells: int) -> Any:
    """Return an index of empty cells, learnt from vectors at equal distances through the parts."""
    import faiss
    import numpy as np

    n_rows = sum(part.ntotal for part in parts)
    step = max(1, n_rows // (_SAMPLE_PER_CELL * n_cells))
    sample = np.concatenate(
        [part.reconstruct_batch(np.arange(0, part.ntotal, step)) for part in parts]
    )
    dimension = sample.shape[1]
    index: Any = faiss.index_factory(dimension, f"IVF{n_cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.spherical = True  # centres of unit vectors are unit vectors
    index.train(sample)
    return index


def _n_cells(n_rows: int) -> int:
    return max(1, min(n_rows, int(_CELLS_PER_ROOT * math.sqrt(n_rows))))


class DenseIndex:
    """Cosine search over the vectors of an index's segments.

    Parameters
    ----------
    parts
        FAISS indexes of the vectors, by the number of their segment.
    cells
        FAISS index of all of them by cell; None to compare every one.
    """

    def __init__(self, parts: Mapping[int, Any], cells: Any | None = None) -> None:
        self._parts = dict(parts)
        self._cells = cells
        if cells is not None:
            cells.nprobe = max(1, round(cells.nlist * _SHARE_OF_CELLS))

    @classmethod
    def open(cls, parts: Mapping[int, Path], cells: Path | None = None) -> DenseIndex:
        """Open what ``write_vectors`` and ``write_cells`` wrote, mapped into memory.

        Their checksums are the caller's to have checked. The files may go once they are open.
        """
        return cls(
            {number: _read(path) for number, path in parts.items()},
            _read(cells) if cells is not None else None,
        )

    def __len__(self) -> int:
        return sum(part.ntotal for part in self._parts.values())

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
        import faiss
        import numpy as np

        for part in self._parts.values():
            if vector.shape != (part.d,):
                raise IndexMismatchError(
                    f"El índice guarda vectores de {part.d} números y la pregunta tiene "
                    f"{vector.size}",
                    "Vuelve a crearlo con: rag index --rebuild",
                )
        faiss.omp_set_num_threads(1)  # for one question the others would only spin
        if self._cells is None:
            found = [self._nearest_of(number, vector, top_k) for number in self._parts]
            rows = np.concatenate([rows for rows, _ in found]) if found else np.empty(0, np.int64)
            scores = np.concatenate([scores for _, scores in found]) if found else np.empty(0)
        else:
            _, near = self._cells.search(vector[None, :], top_k * _OVERSAMPLING)
            rows = near[0][near[0] >= 0]  # FAISS fills up short results with row -1
            scores = self.vectors(rows.tolist()) @ vector
        order = np.argsort(-scores, kind="stable")[:top_k]
        return [Hit(int(rows[at]), float(scores[at])) for at in order]

    def vectors(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of some rows, shape (n_rows, dimension)."""
        import numpy as np

        places = [Row.of(row) for row in rows]
        found: NDArray[np.float32] = np.empty((len(rows), self._dimension), dtype=np.float32)
        for number in {each.segment for each in places}:
            own = [at for at, each in enumerate(places) if each.segment == number]
            wanted = np.array([places[at].place for at in own], dtype=np.int64)
            found[own] = self._parts[number].reconstruct_batch(wanted)
        return found

    @property
    def _dimension(self) -> int:
        return next((int(part.d) for part in self._parts.values()), 0)

    def _nearest_of(
        self, number: int, vector: NDArray[np.float32], top_k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        part = self._parts[number]
        scores, places = part.search(vector[None, :], max(1, min(top_k, part.ntotal)))
        return Row(number, 0).number + places[0], scores[0]


def _read(path: Path, *, in_memory: bool = False) -> Any:
    import faiss

    try:
        return faiss.read_index(str(path), 0 if in_memory else faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise IndexDamagedError(
            f"El archivo «{path.name}» del índice está dañado",
            "Repáralo con: rag index",
        ) from error


def _write(path: Path, index: Any) -> None:
    import faiss

    # Written from here and not by FAISS, whose error does not say that the disk is full.
    path.write_bytes(faiss.serialize_index(index).data)
