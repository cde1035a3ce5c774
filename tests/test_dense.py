from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.dense import DenseIndex
from rag.errors import IndexDamagedError, IndexMismatchError


@pytest.fixture
def vectors() -> NDArray[np.float32]:
    drawn = np.random.default_rng(7).normal(size=(40, 16)).astype(np.float32)
    unit: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def test_search_is_the_sorted_dot_product(vectors: NDArray[np.float32], tmp_path: Path) -> None:
    DenseIndex.build(vectors).save(tmp_path / "v.faiss")
    index = DenseIndex.open(tmp_path / "v.faiss")
    for question in vectors[:5]:
        expected = np.argsort(-(vectors @ question))[:7]
        hits = index.search(question, 7)
        assert [hit.row for hit in hits] == expected.tolist()
        assert hits[0].score == pytest.approx(1.0, abs=1e-5)


def test_asking_for_more_than_there_is(vectors: NDArray[np.float32]) -> None:
    hits = DenseIndex.build(vectors[:3]).search(vectors[0], 10)
    assert sorted(hit.row for hit in hits) == [0, 1, 2]


def test_an_empty_index(vectors: NDArray[np.float32]) -> None:
    assert DenseIndex.build(vectors[:0]).search(vectors[0], 10) == []


def test_rows_come_back(vectors: NDArray[np.float32]) -> None:
    assert np.array_equal(DenseIndex.build(vectors).vectors([3, 1]), vectors[[3, 1]])


def test_another_width_is_refused(vectors: NDArray[np.float32]) -> None:
    with pytest.raises(IndexMismatchError, match="16 números"):
        DenseIndex.build(vectors).search(vectors[0][:8], 1)


def test_a_file_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "v.faiss").write_bytes(b"soy otra cosa")
    with pytest.raises(IndexDamagedError):
        DenseIndex.open(tmp_path / "v.faiss")
