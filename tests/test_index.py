from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from rag.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    NoDocumentsError,
    NoIndexError,
)
from rag.index import (
    Generation,
    Making,
    SyncReport,
    current_name,
    examine_index,
    open_current,
    searchable_text,
    sync,
)
from rag.index.intake import Intake
from rag.index.journal import Journal
from rag.index.plan import Listing, Unread, list_files, make_plan
from rag.load import Patterns, SourceFile, Stamp
from rag.retrieve import Retriever
from tests.hashing_embedder import HashingEmbedder


def names(generation: Generation) -> list[str]:
    return [record.path for record in generation.documents]


def test_what_is_written_is_what_is_read(generation: Generation, folder: Path) -> None:
    assert names(generation) == sorted(
        f"{folder}/{name}" for name in ("actas/enero.txt", "huerta.md", "puerto.txt")
    )
    chunks = list(generation.chunks())
    assert len(generation.dense) == len(generation.lexical) == generation.n_chunks == len(chunks)
    for row, chunk in zip(generation.rows(), chunks, strict=True):
        assert generation.chunk(row) == chunk
        assert len(generation.sentences(row).vectors) == len(chunk.sentences)
        text = generation.source(chunk.path).read_text("utf-8")
        assert text[chunk.start : chunk.end] == chunk.text
        for sentence in chunk.sentences:
            assert text[sentence.start : sentence.end] == sentence.text


def test_paths_are_as_the_user_gave_them(
    tmp_path: Path, folder: Path, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    sync(tmp_path / "i", [Path("documentos/")], making)
    generation = open_current(tmp_path / "i")
    assert names(generation)[0] == "documentos/actas/enero.txt"
    monkeypatch.chdir("/")
    assert generation.source("documentos/huerta.md") == folder / "huerta.md"


def test_each_kind_of_change_is_told_and_only_the_new_is_embedded(
    tmp_path: Path, folder: Path, making: Making, hashing: HashingEmbedder
) -> None:
    index_dir = tmp_path / "index"
    first = sync(index_dir, [folder], making)
    assert (len(first.new), first.n_documents) == (3, 3)
    assert first.n_embedded == hashing.n_embedded > 0

    again = sync(index_dir, [folder], making)
    assert (len(again.unchanged), again.n_embedded) == (3, 0)

    (folder / "puerto.txt").rename(folder / "faro.txt")
    (folder / "actas" / "enero.txt").unlink()
    huerta = folder / "huerta.md"
    huerta.write_text(huerta.read_text("utf-8") + "\nLas peras llegan en julio.\n", "utf-8")
    (folder / "nota.txt").write_text("Una nota nueva del taller.\n", "utf-8")
    (folder / "foto.png").write_bytes(b"\x89PNG")

    name = current_name(index_dir)
    dry = sync(index_dir, [folder], making, dry_run=True)
    assert current_name(index_dir) == name
    report = sync(index_dir, [folder], making)
    assert dry.as_dict()["counts"] == report.as_dict()["counts"]
    assert report.new == [f"{folder}/nota.txt"]
    assert report.changed == [f"{folder}/huerta.md"]
    assert report.renamed == [(f"{folder}/puerto.txt", f"{folder}/faro.txt")]
    assert report.deleted == [f"{folder}/actas/enero.txt"]
    assert [file.name for file in report.skipped] == [f"{folder}/foto.png"]
    # The note, the section that the pears were added to, and the five sentences of both.
    assert report.n_embedded == 7
    generation = open_current(index_dir)
    assert f"{folder}/faro.txt" in names(generation)
    assert [path.name for path in (index_dir / "generations").iterdir()] == [generation.folder.name]


def test_a_deleted_file_leaves_no_trace(tmp_path: Path, folder: Path, making: Making) -> None:
    index_dir = tmp_path / "index"
    sync(index_dir, [folder], making)
    (folder / "puerto.txt").unlink()
    sync(index_dir, [folder], making)
    left = [path.read_bytes() for path in index_dir.rglob("*") if path.is_file()]
    assert not any(b"Ferrer" in data or b"ferr" in data for data in left)


def test_the_last_document_can_go(tmp_path: Path, making: Making) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text("Solo hay un documento aquí.")
    sync(tmp_path / "i", [tmp_path / "d"], making)
    (tmp_path / "d" / "a.txt").unlink()
    with pytest.raises(NoDocumentsError, match=r"el índice tiene 1\. .*--allow-empty"):
        sync(tmp_path / "i", [], making)  # perhaps its disk is not there
    assert len(sync(tmp_path / "i", [], making, allow_empty=True).deleted) == 1
    assert open_current(tmp_path / "i").n_chunks == 0
    assert sync(tmp_path / "i", [], making).n_documents == 0
    assert sync(tmp_path / "i", [], making, rebuild=True).n_documents == 0


def test_unreadable_files_are_skipped_and_the_rest_goes_on(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    (folder / "binario.txt").write_bytes(b"\0\1\2\3" * 40)
    (folder / "vacío.txt").write_text("  \n")
    (folder / "marcas.txt").write_text("- - - -\n\n++++++\n")
    report = sync(tmp_path / "i", [folder], making)
    reasons = {Path(name).name: why for name, why in report.skipped}
    assert "binario" in reasons["binario.txt"]
    assert reasons["vacío.txt"] == "está vacío"
    assert reasons["marcas.txt"] == "no dice ni una palabra"
    assert report.n_documents == 3


def test_nothing_to_read(tmp_path: Path, making: Making) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "foto.png").write_bytes(b"\x89PNG")
    with pytest.raises(NoDocumentsError, match=r"foto\.png"):
        sync(tmp_path / "i", [tmp_path / "d"], making)
    with pytest.raises(NoIndexError):
        open_current(tmp_path / "i")


def test_without_paths_the_ones_of_last_time(tmp_path: Path, folder: Path, making: Making) -> None:
    sync(tmp_path / "i", [folder / "huerta.md", folder / "puerto.txt"], making)
    assert sync(tmp_path / "i", [], making).n_documents == 2


def test_roots_are_mirrored(tmp_path: Path, folder: Path, making: Making) -> None:
    sync(tmp_path / "i", [folder], making)
    report = sync(tmp_path / "i", [folder / "huerta.md"], making)
    assert len(report.deleted) == 2


def test_another_model_or_another_version_is_refused(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    sync(tmp_path / "i", [folder], making)
    with pytest.raises(IndexMismatchError, match=r"«hashing».*«otro»"):
        sync(tmp_path / "i", [folder], replace(making, embedding_model="otro"))
    with pytest.raises(IndexMismatchError, match="otros ajustes"):
        sync(tmp_path / "i", [folder], replace(making, max_chunk_tokens=99))
    sync(tmp_path / "i", [folder], replace(making, max_chunk_tokens=99), rebuild=True)


def test_other_weights_under_the_same_name_are_refused(
    tmp_path: Path, folder: Path, making: Making, hashing: HashingEmbedder
) -> None:
    sync(tmp_path / "i", [folder], making)
    hashing.fingerprint = "otros pesos"
    with pytest.raises(IndexMismatchError, match="«hashing» no son los que hicieron el índice"):
        Retriever(open_current(tmp_path / "i"), hashing)
    (folder / "nuevo.txt").write_text("Un texto nuevo del todo.")
    with pytest.raises(IndexMismatchError, match="pesos"):
        sync(tmp_path / "i", [folder], making)


def test_one_writer_at_a_time(tmp_path: Path, folder: Path, making: Making) -> None:
    (tmp_path / "i").mkdir()
    with FileLock(tmp_path / "i" / ".lock"), pytest.raises(IndexBusyError):
        sync(tmp_path / "i", [folder], making)


def damage(path: Path) -> None:
    """Turn one byte in the middle of a file; the links to it from elsewhere show it too."""
    with path.open("r+b") as file:  # in its place: whoever has it mapped must not find it cut
        middle = path.stat().st_size // 2
        file.seek(middle)
        byte = file.read(1)[0]
        file.seek(middle)
        file.write(bytes([byte ^ 0xFF]))


PARTS = [
    "documents.jsonl", "segments/*/rows.npy", "segments/*/chunks.faiss", "segments/*/chunks.jsonl",
    "segments/*/sentences.bin", "lexical/*.term", "lexical/meta.json",
]  # fmt: skip


def read_everything(generation: Generation) -> None:
    generation.open_all()
    for row in generation.rows():
        assert len(generation.sentences(row).vectors) == len(generation.chunk(row).sentences)


@pytest.mark.parametrize("pattern", PARTS)
def test_a_damaged_file_is_found_before_it_is_used_and_made_again(
    generation: Generation, folder: Path, making: Making, hashing: HashingEmbedder, pattern: str
) -> None:
    index_dir = generation.folder.parent.parent
    expected = {chunk.text for chunk in generation.chunks()}
    path = next(generation.folder.glob(pattern))
    damage(path)
    with pytest.raises(IndexDamagedError, match=r"dañad[oa].* Repáral[oa] con: rag index"):
        read_everything(Generation(generation.folder))
    report = sync(index_dir, [folder], making)
    assert report.damaged == [path.relative_to(generation.folder).as_posix()]
    repaired = open_current(index_dir)
    read_everything(repaired)
    assert {chunk.text for chunk in repaired.chunks()} == expected
    assert repaired.damaged_files() == []
    assert sync(index_dir, [folder], making).unchanged == names(repaired)


@pytest.mark.parametrize("name", ["manifest.json", "../../CURRENT"])
def test_without_a_manifest_it_says_what_to_do(
    generation: Generation, folder: Path, making: Making, name: str
) -> None:
    index_dir = generation.folder.parent.parent
    (generation.folder / name).write_text("{}" if name == "manifest.json" else "../../etc")
    if name == "manifest.json":
        with pytest.raises(IndexDamagedError, match="rebuild"):
            open_current(index_dir)
        with pytest.raises(IndexDamagedError, match="rag index --rebuild CARPETA"):
            sync(index_dir, [folder], making)
        assert sync(index_dir, [folder], making, rebuild=True).n_documents == 3
    else:  # the generation itself is whole
        assert "no dice cuál es el actual" in open_current(index_dir).notice
        assert sync(index_dir, [folder], making).unchanged == names(generation)
        assert open_current(index_dir).notice == ""


def test_a_manifest_that_was_edited_is_not_believed(generation: Generation) -> None:
    path = generation.folder / "manifest.json"
    path.write_text(path.read_text().replace('"max_chunk_tokens": 64', '"max_chunk_tokens": 65'))
    with pytest.raises(IndexDamagedError, match="dañada"):
        Generation(generation.folder)


def test_the_last_good_generation_stands_in_and_says_so(
    generation: Generation, folder: Path, making: Making
) -> None:
    index_dir = generation.folder.parent.parent
    before = {chunk.text for chunk in generation.chunks()}
    (folder / "nuevo.txt").write_text("Un texto nuevo del todo.")
    sync(index_dir, [folder], making)
    damage(open_current(index_dir).folder / "documents.jsonl")
    standing_in = open_current(index_dir)
    assert "documents.jsonl" in standing_in.notice
    assert "se usa el índice anterior" in standing_in.notice
    assert {chunk.text for chunk in standing_in.chunks()} == before
    sync(index_dir, [folder], making)
    assert open_current(index_dir).notice == ""


@pytest.mark.parametrize("content", ["", "../../etc", "no-existe"])
def test_a_pointer_to_nowhere(tmp_path: Path, content: str) -> None:
    (tmp_path / "CURRENT").write_text(content)
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_current(tmp_path)


def test_a_reader_keeps_the_generation_it_opened(
    generation: Generation, folder: Path, making: Making
) -> None:
    before = [list(generation.open_all().chunks()), len(generation.dense)]
    (folder / "nuevo.txt").write_text("Un texto nuevo del todo.")
    (folder / "puerto.txt").unlink()
    sync(generation.folder.parent.parent, [], making)
    assert not generation.folder.exists()
    assert [list(generation.chunks()), len(generation.dense)] == before
    assert generation.lexical.search({"far": 1.0}, 3)


FULL_DISK = """
import resource, sys
from pathlib import Path
from rag.errors import RagError
from rag.index import Making, sync
from tests.hashing_embedder import HashingEmbedder

index_dir, folder, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    sync(index_dir, [folder], Making(HashingEmbedder, "hashing", 64))
except RagError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [0, 600, 5_000])
def test_a_disk_that_refuses_leaves_what_was(
    generation: Generation, folder: Path, making: Making, limit: int
) -> None:
    """A limit on the size of files is a real refusal of the system, at whichever write it comes."""
    index_dir = generation.folder.parent.parent
    (folder / "nuevo.txt").write_text("Un texto nuevo del todo.")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(index_dir), str(folder), str(limit)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert "No se puede escribir el índice" in done.stdout, done.stderr
    assert current_name(index_dir) == generation.folder.name
    assert [path.name for path in (index_dir / "generations").iterdir()] == [generation.folder.name]
    assert open_current(index_dir).n_chunks == generation.n_chunks
    assert sync(index_dir, [folder], making).new == [f"{folder}/nuevo.txt"]


def test_the_index_is_made_of_files_a_person_can_open(generation: Generation) -> None:
    chunks = next(generation.folder.glob("segments/*/chunks.jsonl"))
    lines = chunks.read_text("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == [c.text for c in generation.chunks()]
    manifest = json.loads((generation.folder / "manifest.json").read_text("utf-8"))
    assert manifest["embedding_model"] == "hashing"
    assert not list(generation.folder.rglob("*.pkl"))


def test_endless_titles_do_not_push_the_text_out(
    tmp_path: Path, making: Making, hashing: HashingEmbedder
) -> None:
    (tmp_path / "a.md").write_text(f"# {'Título ' * 500}\n\nEl molino muele trigo.\n")
    sync(tmp_path / "i", [tmp_path / "a.md"], making)
    for chunk in open_current(tmp_path / "i").chunks():
        assert hashing.count_tokens(searchable_text(chunk)) <= hashing.max_tokens


def test_the_same_words_cut_otherwise_keep_their_own_vectors(
    tmp_path: Path, making: Making, hashing: HashingEmbedder
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "a.md").write_text("# Recetas\n\nBate los huevos con sal.\n")
    (folder / "b.txt").write_text("Recetas\n# Recetas\n\nBate los huevos con sal.\n")
    (folder / "c.txt").write_text("La torre cayó en invierno. El guarda se llamaba Tomás.\n")
    for _ in range(2):  # the second time, from what is known
        sync(tmp_path / "i", [folder], making)
        generation = open_current(tmp_path / "i")
        for row in generation.rows():
            sentences, vectors = generation.chunk(row).sentences, generation.sentences(row).vectors
            for sentence, vector in zip(sentences, vectors, strict=True):
                found = vector.astype("float32") @ hashing.embed_question(sentence.text)
                assert float(found) > 0.99
        (folder / "e.txt").write_text("Una línea más.\n")


def never() -> HashingEmbedder:
    raise AssertionError("nothing is to be embedded")


def test_deleting_and_renaming_need_no_model(tmp_path: Path, folder: Path, making: Making) -> None:
    sync(tmp_path / "i", [folder], making)
    (folder / "puerto.txt").rename(folder / "faro.txt")
    (folder / "actas" / "enero.txt").unlink()
    report = sync(tmp_path / "i", [folder], replace(making, open_embedder=never))
    assert (len(report.renamed), len(report.deleted), report.n_embedded) == (1, 1, 0)
    generation = open_current(tmp_path / "i")
    assert {chunk.path for chunk in generation.chunks()} == set(names(generation))


def test_a_copy_is_not_embedded_again(
    tmp_path: Path, folder: Path, making: Making, hashing: HashingEmbedder
) -> None:
    sync(tmp_path / "i", [folder], making)
    (folder / "copia.txt").write_bytes((folder / "puerto.txt").read_bytes())
    report = sync(tmp_path / "i", [folder], making)
    assert report.new == [f"{folder}/copia.txt"]
    assert report.n_embedded == 0


OPENED = """
import sys
from pathlib import Path
from rag.index import Making, sync
from tests.hashing_embedder import HashingEmbedder

index_dir, folder = sys.argv[1:]
opened = []
sys.addaudithook(lambda event, arguments: event == "open" and opened.append(str(arguments[0])))
report = sync(Path(index_dir), [Path(folder)], Making(HashingEmbedder, "hashing", 64))
print(len(report.unchanged), len(report.skipped), sum(name.startswith(folder) for name in opened))
"""


def test_a_file_with_the_same_stamp_is_not_opened(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    (folder / "binario.txt").write_bytes(b"a\0b")
    time.sleep(2.1)  # younger files are not trusted
    sync(tmp_path / "i", [folder], making)
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path / "i"), str(folder)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert done.stdout.split() == ["3", "1", "0"]
    (folder / "binario.txt").write_text("Ya es un texto.")
    assert sync(tmp_path / "i", [folder], making).new == [f"{folder}/binario.txt"]


def test_a_change_that_keeps_size_and_time_is_seen(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    file = folder / "puerto.txt"
    sync(tmp_path / "i", [folder], making)
    before = file.stat()
    file.write_text(file.read_text("utf-8").replace("41 metros", "52 metros"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sync(tmp_path / "i", [folder], making).changed == [f"{folder}/puerto.txt"]


def test_a_root_inside_another_is_read_once(tmp_path: Path, folder: Path, making: Making) -> None:
    sync(tmp_path / "i", [folder, folder / "actas", folder / "puerto.txt"], making)
    assert len(names(open_current(tmp_path / "i"))) == 3


def test_patterns_are_remembered(tmp_path: Path, folder: Path, making: Making) -> None:
    index_dir = tmp_path / "i"
    first = sync(index_dir, [folder], making, include=["*.txt"], exclude=["actas/"])
    assert (first.n_documents, first.include, first.exclude) == (1, ("*.txt",), ("actas/",))
    assert sync(index_dir, [], making).n_documents == 1
    assert sync(index_dir, [folder], making).n_documents == 1
    # What is not given stays: a folder that was left out does not come in with another option.
    assert sync(index_dir, [], making, include=["*.md", "*.txt"]).n_documents == 2
    assert sync(index_dir, [], making, include=[""], exclude=[""]).n_documents == 3
    assert sync(index_dir, [folder], making, exclude=["actas/", "*.md"]).deleted == [
        f"{folder}/actas/enero.txt", f"{folder}/huerta.md"
    ]  # fmt: skip


def test_many_small_changes_leave_few_segments(tmp_path: Path, making: Making) -> None:
    (tmp_path / "d").mkdir()
    for n in range(12):
        (tmp_path / "d" / f"{n}.txt").write_text(f"El documento número {n} habla de molinos.\n")
        sync(tmp_path / "i", [tmp_path / "d"], making)
    generation = open_current(tmp_path / "i")
    assert len(generation.manifest.segments) == 1
    assert len(generation.lexical) == len(generation.dense) == 12


def test_what_was_indexed_bit_by_bit_is_found_as_if_at_once(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    (folder / "puerto.txt").rename(tmp_path / "puerto.txt")
    sync(tmp_path / "i", [folder], making)
    (tmp_path / "puerto.txt").rename(folder / "puerto.txt")
    (folder / "huerta.md").write_text("Otra cosa.\n")
    sync(tmp_path / "i", [folder], making)
    sync(tmp_path / "fresh", [folder], making)
    one, other = open_current(tmp_path / "i"), open_current(tmp_path / "fresh")
    assert {chunk.text for chunk in one.chunks()} == {chunk.text for chunk in other.chunks()}
    found = [
        {generation.chunk(hit.row).text: round(hit.score, 5) for hit in hits}
        for generation in (one, other)
        for hits in [generation.lexical.search({"faro": 1.0, "presupuest": 1.0}, 5)]
    ]
    assert found[0] == found[1]


def test_a_look_at_the_health_tidies_up(tmp_path: Path, folder: Path, making: Making) -> None:
    index_dir = tmp_path / "i"
    with pytest.raises(NoIndexError):
        examine_index(index_dir)
    sync(index_dir, [folder], making)
    (index_dir / "generations" / ".building-antes").mkdir()
    (index_dir / "CURRENT.new").write_text("a medias")
    (index_dir / "journal").write_bytes(b"huella 256\n" + bytes(100))
    health = examine_index(index_dir)
    assert (health.n_documents, health.n_removed, health.damaged) == (3, 2, ())
    assert health.is_interrupted
    assert len(list((index_dir / "generations").iterdir())) == 1
    damage(next(open_current(index_dir).folder.glob("segments/*/chunks.jsonl")))
    assert examine_index(index_dir).damaged[0].endswith("chunks.jsonl")


def test_a_pointer_that_is_lost_is_found_again(
    generation: Generation, folder: Path, making: Making
) -> None:
    index_dir = generation.folder.parent.parent
    (index_dir / "CURRENT").unlink()
    assert names(open_current(index_dir)) == names(generation)
    assert sync(index_dir, [folder], making).n_embedded == 0
    assert open_current(index_dir).notice == ""


def test_cells_of_a_damaged_index_are_learnt_anew(
    tmp_path: Path, folder: Path, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.write.MAX_EXACT", 2)
    monkeypatch.setattr(import_module("rag.index.sync"), "_MIN_SEGMENT_CHUNKS", 2)
    index_dir = tmp_path / "i"
    sync(index_dir, [folder], making)
    damage(next(open_current(index_dir).folder.glob("segments/*/chunks.jsonl")))
    assert sync(index_dir, [folder], making).damaged
    generation = open_current(index_dir)
    assert len(generation.manifest.segments) > 1
    assert "cells.faiss" in generation.manifest.files
    for row in generation.rows():
        vector = generation.dense.vectors([row])[0]
        assert generation.dense.search(vector, 1)[0].row == row


def test_an_index_that_may_only_be_read(generation: Generation) -> None:
    index_dir = generation.folder.parent.parent
    code = (
        "import os, sys; from pathlib import Path; from rag.index import open_current; "
        "open_current(Path(sys.argv[1])); "  # what is imported later, nobody may read
        "os.setgid(65534); os.setuid(65534); "
        "print(len(open_current(Path(sys.argv[2])).lexical.search({'far': 1.0}, 3)))"
    )
    if os.getuid() != 0:
        pytest.skip("only root may become somebody else")
    shown = Path(tempfile.mkdtemp(dir="/var/tmp")) / "i"
    try:
        shutil.copytree(index_dir, shown)
        shown.parent.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", code, str(index_dir), str(shown)],
            capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert done.stdout.strip() == "1", done.stderr
    finally:
        shutil.rmtree(shown.parent)


@pytest.mark.parametrize(
    ("older", "said"),
    [
        ({"vectors_version": 0}, "cálculo de los vectores"),
        ({"splitter_version": 1}, "corte en frases"),
    ],
)
def test_an_index_made_in_another_way_is_refused_at_every_door(
    generation: Generation,
    making: Making,
    hashing: HashingEmbedder,
    older: dict[str, Any],
    said: str,
) -> None:
    """Where no file has changed too: no model is opened then that would tell its weights."""
    index_dir = generation.folder.parent.parent
    replace(generation.manifest, **older).write(generation.folder)
    for attempt in (
        lambda: sync(index_dir, [], making),
        lambda: sync(index_dir, [], making, dry_run=True),
        lambda: Retriever(open_current(index_dir), hashing),
    ):
        with pytest.raises(IndexMismatchError, match=rf"{said} .* rag index --rebuild"):
            attempt()
    assert sync(index_dir, [], making, rebuild=True).n_documents == 3


def test_an_index_of_before_says_what_it_followed(generation: Generation, making: Making) -> None:
    index_dir = generation.folder.parent.parent
    manifest = generation.folder / "manifest.json"
    record = json.loads(manifest.read_text("utf-8")) | {"format_version": 2}
    manifest.write_text(json.dumps(record), encoding="utf-8")
    for attempt in (lambda: open_current(index_dir), lambda: sync(index_dir, [], making)):
        with pytest.raises(IndexMismatchError, match=r"formato 2 .* rag index --rebuild"):
            attempt()
    assert sync(index_dir, [], making, rebuild=True).n_documents == 3


def test_what_the_system_refuses_is_tried_again(tmp_path: Path, making: Making) -> None:
    (tmp_path / "binario.txt").write_bytes(b"a\0b")
    stamp = Stamp.of((tmp_path / "binario.txt").stat())
    intake = Intake(making, None, tmp_path / "journal", 0, SyncReport(), None)
    files = [SourceFile(tmp_path / name, name, stamp) for name in ("binario.txt", "ya-no-está.txt")]
    assert list(intake.read([Unread(file, stamp) for file in files])) == [None, None]
    assert [record.stamp for record in intake.skipped] == [stamp, None]


def test_a_folder_that_cannot_be_opened_keeps_what_it_had(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    sync(tmp_path / "i", [folder], making)
    listing = list_files(open_current(tmp_path / "i").manifest.roots, Patterns(), tmp_path / "i")
    seen = [file for file in listing.files if "actas" not in file.name]
    closed = Listing(seen, (), [f"{folder}/actas"])
    report = SyncReport()
    plan = make_plan(closed, open_current(tmp_path / "i").documents, (), report, lambda _: None)
    assert f"{folder}/actas/enero.txt" in plan.known
    assert len(report.unchanged) == 3


def test_equal_files_that_are_renamed_are_renamed(
    tmp_path: Path, folder: Path, making: Making
) -> None:
    (folder / "copia.txt").write_bytes((folder / "puerto.txt").read_bytes())
    sync(tmp_path / "i", [folder], making)
    for name in ("copia", "puerto"):
        (folder / f"{name}.txt").rename(folder / f"otro-{name}.txt")
    report = sync(tmp_path / "i", [folder], replace(making, open_embedder=never))
    assert (len(report.renamed), report.new, report.deleted) == (2, [], [])


def test_a_journal_with_a_broken_length_is_cut_there(
    tmp_path: Path, folder: Path, making: Making, hashing: HashingEmbedder
) -> None:
    journal = Journal(tmp_path / "journal", hashing.fingerprint, 256)
    journal.append({bytes(32): np.ones((2, 256), dtype=np.float16)})
    whole = (tmp_path / "journal").stat().st_size
    with (tmp_path / "journal").open("ab") as file:
        file.write(bytes(32) + b"\xff" * 8 + bytes(100))
    again = Journal(tmp_path / "journal", hashing.fingerprint, 256)
    assert (len(again), (tmp_path / "journal").stat().st_size) == (1, whole)
    kept = again.get(bytes(32))
    assert kept is not None
    assert kept.tolist() == np.ones((2, 256)).tolist()
