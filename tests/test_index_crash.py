"""Whatever stops a writer, and wherever, the index is the old one or the new one, whole."""

from __future__ import annotations

import errno
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index import Generation, Making, current_name, open_current, sync
from tests.crashing import KILL, Outcome, Writers
from tests.hashing_embedder import HashingEmbedder

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")

Content = set[tuple[str, str, bytes]]

SECRET = "Zugarramurdi"  # stands in what is deleted alone


def content(generation: Generation) -> Content:
    """Everything that an index holds, with the vectors of each chunk."""
    return {
        (
            chunk.path,
            chunk.text,
            generation.dense.vectors([row]).tobytes() + generation.sentences(row).vectors.tobytes(),
        )
        for row in generation.rows()
        for chunk in [generation.chunk(row)]
    }


@pytest.fixture(scope="module")
def writers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writers]:
    with Writers(tmp_path_factory.mktemp("writers")) as started:
        yield started


class Case:
    """A folder before and after some changes, and the index of each."""

    def __init__(self, base: Path, writers: Writers) -> None:
        self.base, self.writers = base, writers
        self.folder = base / "documentos"
        self.folder.mkdir()
        for n in range(12):
            (self.folder / f"{n:02d}.txt").write_text(
                f"El expediente {n} trata de riegos y molinos.\n\nLo firmó la persona {n * 7}.\n"
            )
        (self.folder / "secreto.txt").write_text(f"El acta de {SECRET} se guarda aparte.\n")
        assert writers.write(base / "old", self.folder).message == ""
        assert len(open_current(base / "old").manifest.segments) > 1
        self.old = content(open_current(base / "old"))
        (self.folder / "secreto.txt").unlink()
        (self.folder / "03.txt").write_text("El expediente 3 se ha escrito otra vez.\n")
        (self.folder / "05.txt").rename(self.folder / "cinco.txt")
        (self.folder / "nuevo.txt").write_text("Un expediente nuevo sobre caminos.\n")
        time.sleep(2.1)  # until then, the next writer would read the files again
        self.outcome = self.write(self.fresh("new"))
        assert self.outcome.message == ""
        self.new = content(open_current(base / "new"))
        assert self.old != self.new

    def fresh(self, name: str) -> Path:
        """A copy of the old index."""
        shutil.copytree(self.base / "old", self.base / name, dirs_exist_ok=True)
        return self.base / name

    def write(self, index_dir: Path, **how: int | float | bool | None) -> Outcome:
        return self.writers.write(index_dir, self.folder, **how)  # type: ignore[arg-type]

    def check(self, index_dir: Path) -> str:
        """See that an index is the old or the new one, and that the next writer makes it new."""
        generation = open_current(index_dir)
        found = content(generation)
        assert generation.notice == ""
        assert found in (self.old, self.new)
        assert generation.lexical.search({"expedient": 1.0}, 3)
        vector = HashingEmbedder().embed_question("un expediente de riegos")
        rows = set(generation.rows())
        assert {hit.row for hit in generation.dense.search(vector, 50)} <= rows
        assert len(generation.lexical) == len(generation.dense) == len(found)
        again = self.write(index_dir)
        assert again.message == ""
        after = open_current(index_dir)
        assert content(after) == self.new
        assert after.damaged_files() == []
        assert [path.name for path in (index_dir / "generations").iterdir()] == [after.folder.name]
        assert not (index_dir / "journal").exists()
        left = (path.read_bytes() for path in index_dir.rglob("*") if path.is_file())
        assert not any(word in data for data in left for word in (SECRET.encode(), b"zugarramurd"))
        shutil.rmtree(index_dir)
        return "old" if found == self.old else "new"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, writers: Writers) -> Case:
    return Case(tmp_path_factory.mktemp("crash"), writers)


FAULTS = [(errno.ENOSPC, True), (errno.EIO, False), (KILL, False)]


def explore(case: Case, points: list[int], fault: int, lasting: bool) -> dict[str, int]:
    ended = {"old": 0, "new": 0}
    for n in points:
        index_dir = case.fresh("index")
        outcome = case.write(index_dir, fail_at=n, fault=fault, lasting=lasting)
        assert outcome.killed == (fault == KILL), outcome
        assert not outcome.message.startswith(("unexpected", "ended")), (n, outcome)
        ended[case.check(index_dir)] += 1
    return ended


@pytest.mark.parametrize(("fault", "lasting"), FAULTS)
def test_a_fault_at_some_of_the_writes(case: Case, fault: int, lasting: bool) -> None:
    n_calls = case.outcome.n_calls
    assert n_calls > 100
    points = random.Random(fault).sample(range(1, n_calls + 1), 15)
    ended = explore(case, sorted({1, *points, n_calls}), fault, lasting)
    assert ended["old"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "lasting"), FAULTS)
def test_a_fault_at_every_write(case: Case, fault: int, lasting: bool) -> None:
    ended = explore(case, list(range(1, case.outcome.n_calls + 1)), fault, lasting)
    print(f"\nfault {fault}: {case.outcome.n_calls} points, {ended}")


def kill_at_random(case: Case, n_kills: int) -> dict[str, int]:
    ended = {"old": 0, "new": 0}
    moments = random.Random(0)
    for _ in range(n_kills):
        index_dir = case.fresh("index")
        case.write(index_dir, kill_after=moments.uniform(0, 1.1 * case.outcome.seconds))
        ended[case.check(index_dir)] += 1
    return ended


def test_killed_at_some_moments(case: Case) -> None:
    assert kill_at_random(case, 20)["old"] > 0


@pytest.mark.slow
def test_killed_at_two_hundred_moments(case: Case) -> None:
    print(f"\n200 kills: {kill_at_random(case, 200)}")


def test_a_first_indexing_goes_on_from_what_was_embedded(case: Case, tmp_path: Path) -> None:
    whole = case.write(tmp_path / "whole")
    n_before = 0
    for n in range(1, whole.n_calls, 12):
        index_dir = tmp_path / "index"
        case.write(index_dir, fail_at=n, fault=KILL)
        kept = (index_dir / "journal").exists() and (index_dir / "journal").stat().st_size > 500
        assert current_name(index_dir) is None or content(open_current(index_dir)) == case.new
        resumed = case.write(index_dir)
        assert resumed.message == ""
        assert content(open_current(index_dir)) == case.new
        assert (resumed.n_embedded < whole.n_embedded) == (kept or resumed.n_embedded == 0), n
        n_before += kept
        shutil.rmtree(index_dir)
    assert n_before > 5


def test_a_rebuild_goes_on_too(case: Case, tmp_path: Path) -> None:
    index_dir = case.fresh("rebuilt")
    stopped = case.write(
        index_dir, rebuild=True, fail_at=case.outcome.n_calls // 2, fault=errno.EIO, lasting=True
    )
    assert "No se puede escribir" in stopped.message
    assert content(open_current(index_dir)) == case.old
    whole = case.write(tmp_path / "whole")
    resumed = case.write(index_dir, rebuild=True)
    assert resumed.n_embedded < whole.n_embedded
    assert content(open_current(index_dir)) == case.new


def test_a_journal_of_another_model_is_not_used(
    tmp_path: Path, folder: Path, making: Making, hashing: HashingEmbedder
) -> None:
    (tmp_path / "i").mkdir()
    (tmp_path / "i" / "journal").write_bytes(b"otra huella 256\n" + bytes(1000))
    report = sync(tmp_path / "i", [folder], making)
    assert report.n_embedded == hashing.n_embedded > 0
