from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.dense import DenseIndex, write_cells, write_vectors
from rag.errors import IndexDamagedError, IndexMismatchError
from rag.schema import Row

Vectors = NDArray[np.float32]


def unit(vectors: NDArray[np.floating]) -> Vectors:
    made: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return made.astype(np.float32)


@pytest.fixture
def vectors() -> Vectors:
    return unit(np.random.default_rng(7).normal(size=(40, 16)))


def written(folder: Path, **segments: Vectors) -> dict[int, Path]:
    """The files of some segments, «s3» being number 3."""
    paths = {}
    for name, vectors in segments.items():
        paths[int(name[1:])] = folder / f"{name}.faiss"
        write_vectors(folder / f"{name}.faiss", vectors)
    return paths


def rows(segment: int, places: NDArray[np.integer]) -> list[int]:
    return [Row(segment, int(place)).number for place in places]


def test_search_is_the_sorted_dot_product(vectors: Vectors, tmp_path: Path) -> None:
    index = DenseIndex.open(written(tmp_path, s1=vectors))
    for question in vectors[:5]:
        expected = np.argsort(-(vectors @ question))[:7]
        hits = index.search(question, 7)
        assert [hit.row for hit in hits] == rows(1, expected)
        assert hits[0].score == pytest.approx(1.0, abs=1e-3)


def test_segments_are_searched_as_one(vectors: Vectors, tmp_path: Path) -> None:
    index = DenseIndex.open(written(tmp_path, s2=vectors[:15], s9=vectors[15:]))
    assert len(index) == 40
    expected = np.argsort(-(vectors @ vectors[20]))[:9]
    found = [hit.row for hit in index.search(vectors[20], 9)]
    assert found == [Row(2, at).number if at < 15 else Row(9, at - 15).number for at in expected]
    there = index.vectors([Row(9, 3).number, Row(2, 1).number, Row(9, 0).number])
    assert there == pytest.approx(vectors[[18, 1, 15]], abs=1e-3)


def test_asking_for_more_than_there_is(vectors: Vectors, tmp_path: Path) -> None:
    hits = DenseIndex.open(written(tmp_path, s1=vectors[:3])).search(vectors[0], 10)
    assert sorted(hit.row for hit in hits) == rows(1, np.arange(3))


def test_an_empty_index(vectors: Vectors) -> None:
    assert DenseIndex.open({}).search(vectors[0], 10) == []


def test_another_width_is_refused(vectors: Vectors, tmp_path: Path) -> None:
    with pytest.raises(IndexMismatchError, match="16 números"):
        DenseIndex.open(written(tmp_path, s1=vectors)).search(vectors[0][:8], 1)


def test_a_file_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "v.faiss").write_bytes(b"soy otra cosa")
    with pytest.raises(IndexDamagedError):
        DenseIndex.open({1: tmp_path / "v.faiss"})


def test_a_file_may_go_once_it_is_open(vectors: Vectors, tmp_path: Path) -> None:
    paths = written(tmp_path, s1=vectors)
    index = DenseIndex.open(paths)
    paths[1].unlink()
    assert index.search(vectors[4], 1)[0].row == Row(1, 4).number


@pytest.fixture(scope="module")
def many() -> Vectors:
    """Vectors in loose clouds, as texts are: 12,000 of them."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(60, 32))
    return unit(centres[random.integers(60, size=12_000)] + 0.5 * random.normal(size=(12_000, 32)))


def recall(index: DenseIndex, vectors: dict[int, Vectors], questions: Vectors) -> float:
    numbers = [row for number, own in vectors.items() for row in rows(number, np.arange(len(own)))]
    everything = np.concatenate(list(vectors.values()))
    shares = []
    for question in questions:
        best = {numbers[at] for at in np.argsort(-(everything @ question))[:10]}
        shares.append(len(best & {hit.row for hit in index.search(question, 10)}) / 10)
    return float(np.mean(shares))


def test_cells_find_nearly_all_and_score_exactly(many: Vectors, tmp_path: Path) -> None:
    parts = {1: many[:7000], 2: many[7000:]}
    paths = written(tmp_path, s1=parts[1], s2=parts[2])
    write_cells(tmp_path / "cells", paths)
    index = DenseIndex.open(paths, tmp_path / "cells")
    questions = unit(many[::400] + 0.02)
    assert recall(index, parts, questions) > 0.9
    hit = index.search(questions[0], 1)[0]
    number, place = Row.of(hit.row)
    assert hit.score == pytest.approx(float(parts[number][place] @ questions[0]), abs=1e-3)


def test_cells_follow_the_segments(many: Vectors, tmp_path: Path) -> None:
    before = written(tmp_path, s1=many[:4000], s2=many[4000:8000])
    write_cells(tmp_path / "before", before)
    now = {1: before[1]} | written(tmp_path, s3=many[8000:])
    write_cells(tmp_path / "now", now, previous=tmp_path / "before", dropped={2}, added={3})
    index = DenseIndex.open(now, tmp_path / "now")
    found = {
        Row.of(hit.row).segment for question in many[::300] for hit in index.search(question, 9)
    }
    assert found == {1, 3}
    assert recall(index, {1: many[:4000], 3: many[8000:]}, many[::300]) > 0.9


def test_cells_are_learnt_anew_when_outgrown(many: Vectors, tmp_path: Path) -> None:
    before = written(tmp_path, s1=many[:500])
    write_cells(tmp_path / "before", before)
    now = before | written(tmp_path, s2=many[500:])
    write_cells(tmp_path / "grown", now, previous=tmp_path / "before", added={2})
    write_cells(tmp_path / "fresh", now)
    assert (tmp_path / "grown").read_bytes() == (tmp_path / "fresh").read_bytes()
