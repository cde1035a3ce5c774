"""Files that are the same: indexed once, cited at every place, whatever becomes of each."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.index import Generation, Making, SyncReport, open_current, read_status, sync
from rag.retrieve import Retriever
from tests.hashing_embedder import HashingEmbedder

TEXT = "El faro del puerto mide 41 metros.\n\nLo vigila Aurora Peña desde 1998.\n"


def paths_of_chunks(generation: Generation) -> list[set[str]]:
    return [{chunk.path, *chunk.also_in} for chunk in generation.chunks()]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "d"
    (folder / "2023").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "2023/copia.txt"):
        (folder / name).write_text(TEXT, "utf-8")
    (folder / "otra.txt").write_text("La huerta da tomates en agosto.\n", "utf-8")
    return folder


def test_copies_are_read_and_embedded_once(
    tmp_path: Path, documents: Path, making: Making, hashing: HashingEmbedder
) -> None:
    report = sync(tmp_path / "i", [documents], making)
    assert (len(report.new), report.n_documents, len(report.copies)) == (4, 4, 2)
    generation = open_current(tmp_path / "i")
    assert len(generation.documents) == 4
    together = {f"{documents}/{name}" for name in ("2023/copia.txt", "a.txt", "b.txt")}
    assert sorted(paths_of_chunks(generation), key=len)[-1] == together
    assert sum(together & paths != set() for paths in paths_of_chunks(generation)) == 1

    found = Retriever(generation, hashing).retrieve("¿Cuánto mide el faro?", 3)
    best = found.evidence[0]
    assert {best.path, *(at.path for at in best.also_at)} == together
    assert {best.line_start, *(at.line_start for at in best.also_at)} == {1}


def test_a_copy_outlives_the_one_that_was_read(
    tmp_path: Path, documents: Path, making: Making
) -> None:
    sync(tmp_path / "i", [documents], making)
    (documents / "2023" / "copia.txt").unlink()
    (documents / "a.txt").write_text("Ahora dice otra cosa.\n", "utf-8")
    (documents / "c.txt").write_text(TEXT, "utf-8")  # a copy of what is known
    report = sync(tmp_path / "i", [documents], making)
    # The new one takes the place of the one that is gone.
    assert report.renamed == [(f"{documents}/2023/copia.txt", f"{documents}/c.txt")]
    assert report.deleted == []
    assert report.copies == []
    generation = open_current(tmp_path / "i")
    assert {f"{documents}/b.txt", f"{documents}/c.txt"} in paths_of_chunks(generation)


def test_a_file_that_cannot_be_read_leaves_out_its_copies_too(
    tmp_path: Path, documents: Path, making: Making
) -> None:
    for name in ("x.txt", "y.txt"):
        (documents / name).write_bytes(b"\0\1\2\3" * 40)
    report = sync(tmp_path / "i", [documents], making)
    assert [skipped.name for skipped in report.skipped] == [
        f"{documents}/x.txt",
        f"{documents}/y.txt",
    ]
    assert {skipped.reason for skipped in report.skipped} == {report.skipped[0].reason}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["uno", "dos", "tres"])),
        min_size=2,
        max_size=4,
    )
)
def test_whatever_becomes_of_copies_the_index_holds_what_the_folder_holds(
    tmp_path_factory: pytest.TempPathFactory, making: Making, states: list[dict[str, str]]
) -> None:
    base = tmp_path_factory.mktemp("copies")
    folder = base / "d"
    folder.mkdir()
    for state in states:
        for old in folder.iterdir():
            old.unlink()
        for name, word in state.items():
            (folder / f"{name}.txt").write_text(f"La casa número {word} tiene jardín.\n", "utf-8")
        (folder / "fija.txt").write_text("Esto no cambia nunca.\n", "utf-8")
        report: SyncReport = sync(base / "i", [folder], making, allow_empty=True)
        generation = open_current(base / "i")
        told: dict[str, str] = {}
        for chunk in generation.chunks():
            for path in (chunk.path, *chunk.also_in):
                assert path not in told
                told[path] = chunk.text
        assert told == {
            f"{folder}/{name}.txt": f"La casa número {word} tiene jardín."
            for name, word in state.items()
        } | {f"{folder}/fija.txt": "Esto no cambia nunca."}
        assert generation.n_chunks == len(set(state.values())) + 1
        assert report.n_documents == len(state) + 1


def test_what_was_done_to_read_a_file_is_reported_and_remembered(
    tmp_path: Path, documents: Path, making: Making
) -> None:
    (documents / "antiguo.txt").write_bytes("El año pasado llovió más.\n".encode("latin-1"))
    (documents / "roto.txt").write_bytes(b"\0\1\2\3" * 40)
    report = sync(tmp_path / "i", [documents], making)
    ((name, note),) = report.notes
    assert name == f"{documents}/antiguo.txt"
    assert "cp1252" in note
    status = read_status(tmp_path / "i")
    assert status.notes == ((name, note),)
    assert [path for path, _ in status.skipped] == [f"{documents}/roto.txt"]
    assert (status.n_documents, status.n_copies) == (5, 2)
    assert status.media_types == {"text/plain": 5}
    assert sync(tmp_path / "i", [documents], making).notes == []  # nothing was read


def test_the_same_bytes_read_otherwise_are_no_copy(tmp_path: Path, making: Making) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    data = gzip.compress(b"# Faro\n\nMide 41 metros.\n")
    for name in ("a.md.gz", "b.txt.gz", "acta.12.txt.gz"):
        (folder / name).write_bytes(data)
    report = sync(tmp_path / "i", [folder], making)
    assert report.copies == [(f"{folder}/b.txt.gz", f"{folder}/acta.12.txt.gz")]
    (folder / "b.txt.gz").rename(folder / "c.md.gz")  # read as Markdown from now on
    sync(tmp_path / "i", [folder], making)
    chunks = open_current(tmp_path / "i").chunks()
    titled = {path for each in chunks if each.headings for path in (each.path, *each.also_in)}
    assert titled == {f"{folder}/a.md.gz", f"{folder}/c.md.gz"}
