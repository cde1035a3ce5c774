"""Files made, or put in the place of others, to crash, hang or fill whoever reads them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import socket
import threading
import time
from pathlib import Path

import pytest

from bench.fuzz import fuzz, inputs
from bench.specimens import SEEDS, specimens
from rag.errors import LoadError
from rag.index import Making, file_sha256, sync
from rag.load import (
    Closed,
    Limits,
    Readers,
    Skipped,
    SourceFile,
    Stamp,
    is_known,
    load,
    read_one,
    scan,
    suffixes,
)
from rag.load.registry import format_of, suffix_of
from rag.schema import Document

APART = Limits(plain_bytes=0)
BINARY = b"\x7fELF\0\0" + random.Random(0).randbytes(5000)
NO_STAMP = Stamp(0, 0, 0, 0)


def refusal(path: Path) -> str:
    """Return why a file is not read: for the same reason here and by another process."""
    with pytest.raises(LoadError) as here:
        load(path, path.name)
    with Readers(1, APART) as readers:
        (there,) = readers.read_all([SourceFile(path, path.name, NO_STAMP)])
    assert str(there) == str(here.value)
    assert here.value.remedy
    return here.value.message


# What is told by the name


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("notas.md", ".md"),
        ("NOTAS.MD", ".md"),
        ("notas.md.gz", ".gz"),
        ("README", ""),
        ("carpeta.d/README", ""),
        ("carpeta/.oculto", ""),
        ("Cap. 3 Los 3.5 años", ""),
        ("fin.", ""),
        ("", ""),
    ],
)
def test_the_suffix_of_a_name(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("notas.md.gz", True),
        ("README.xz", True),
        ("copia.tar.gz", False),
        ("notas.md.gz.gz", False),
        ("LICENSE", True),
        ("acta.doc", False),
        ("acta.inventado", False),
        (".gz", True),  # hidden, and without a suffix: text, if its bytes say so
    ],
)
def test_what_is_read_is_told_by_the_name(name: str, is_read: bool) -> None:
    assert is_known(name) is is_read


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("acta.DOC", "formato no admitido (.doc). Guárdalo como .docx."),
        ("todo.tar.gz", "formato no admitido (.gz). Descomprímelo."),
        ("foto.JPG", "formato no admitido (.jpg). Es una imagen: pásale un OCR."),
        (
            "x.inventado",
            "formato no admitido (.inventado). Si es un documento, guárdalo como .pdf o .txt.",
        ),
    ],
)
def test_what_is_not_read_has_a_remedy(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert list(scan(tmp_path, "d")) == [Skipped(f"d/{name}", says)]


def test_plain_texts_and_packed_files_have_bounds_of_their_own() -> None:
    for suffix in suffixes():
        found = format_of(f"a{suffix}")
        assert found is not None
        assert found.max_bytes in {64 * 2**20, 256 * 2**20}
        packed = format_of(f"a{suffix}.gz")
        assert packed is not None
        assert (packed.max_bytes, packed.is_plain) == (found.max_bytes, False)


# What is not a file, or no longer the one that was listed


def test_what_was_put_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hola")
    os.mkfifo(tmp_path / "tubo.txt")
    (tmp_path / "cero.txt").symlink_to("/dev/zero")
    (tmp_path / "enlace.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "bucle.txt").symlink_to(tmp_path / "bucle.txt")
    (tmp_path / "carpeta.txt").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
    said = {path.name: refusal(path) for path in tmp_path.iterdir() if path.name != "a.txt"}
    assert said == {
        "tubo.txt": "no se puede leer (no es un archivo corriente)",
        "cero.txt": "no se puede leer (es un enlace)",
        "enlace.txt": "no se puede leer (es un enlace)",
        "bucle.txt": "no se puede leer (es un enlace)",
        "carpeta.txt": "no se puede leer (no es un archivo corriente)",
        "s.txt": "no se puede leer (no es un archivo corriente)",
    }
    assert "no es un archivo corriente" in refusal(Path("/dev/zero"))
    assert refusal(tmp_path / "a.txt" / "b.txt").endswith(
        "(una parte de la ruta no es una carpeta)"
    )


def test_what_is_no_file_has_no_checksum_either(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tubo.txt")
    for path in (tmp_path / "tubo.txt", tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="No such device"):
            file_sha256(path)
    (tmp_path / "a.txt").write_bytes(b"")
    assert file_sha256(tmp_path / "a.txt").startswith("e3b0c442")


def test_a_loop_of_folders_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "vuelta").symlink_to(tmp_path)
    (tmp_path / "a" / "nada").symlink_to(tmp_path / "no-está")
    (tmp_path / "a" / "uno.txt").write_text("hola")
    found = list(scan(tmp_path, "d"))
    assert not [each for each in found if isinstance(each, Closed)]
    assert [each.name for each in found if isinstance(each, SourceFile)] == ["d/a/uno.txt"]


def test_names_of_all_kinds(tmp_path: Path) -> None:
    for name in (
        b"dos\nl\xc3\xadneas.txt",
        b"no-es-utf8-\xff.txt",
        b"-rf.txt",
        b"\xe2\x80\xae.txt",
    ):
        (tmp_path / os.fsdecode(name)).write_text("hola")
    found = list(scan(tmp_path, "d"))
    files = [each for each in found if isinstance(each, SourceFile)]
    assert [each.name for each in files] == ["d/-rf.txt", "d/dos\nlíneas.txt", "d/\u202e.txt"]
    with Readers(limits=APART) as readers:
        read = list(readers.read_all(files))
    assert [each.path for each in read if isinstance(each, Document)] == [f.name for f in files]


def test_a_file_that_disappears_while_others_are_read(tmp_path: Path) -> None:
    files = []
    for n in range(100):
        path = tmp_path / f"{n:03}.txt"
        path.write_text("hola")
        files.append(SourceFile(path, path.name, NO_STAMP))
    with Readers() as readers:
        found = readers.read_all(files)
        assert isinstance(next(found), Document)
        files[-1].path.unlink()
        *rest, last = found
    assert all(isinstance(each, Document) for each in rest)
    assert isinstance(last, LoadError)
    assert isinstance(last.__cause__, OSError)


# What has no end


def test_two_gigabytes_of_nothing_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    started = time.monotonic()
    assert refusal(path) == "ocupa 2048 MB y el máximo es 64 MB"
    assert time.monotonic() - started < 1


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"hola\n")
    over = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            while not over.is_set() and file.tell() < 300 * 2**20:
                file.write(b"hola\n" * 100_000)

    grower = threading.Thread(target=grow)
    grower.start()
    started = time.monotonic()
    try:
        for _ in range(10):
            try:
                assert read_one(path, "a.txt").text.startswith("hola\n")
            except LoadError as error:
                assert "el máximo es 64 MB" in error.message  # noqa: PT017 - it may be either
    finally:
        over.set()
        grower.join()
    assert time.monotonic() - started < 10


def test_a_file_whose_size_the_system_does_not_know() -> None:
    assert load(Path("/proc/self/status"), "status").text.startswith("Name:")


def compressed(data: bytes, suffix: str) -> bytes:
    if suffix == ".gz":
        return gzip.compress(data)
    return bz2.compress(data) if suffix == ".bz2" else lzma.compress(data)


def bomb(suffix: str) -> bytes:
    """Return some kilobytes that unfold into 640 MiB of zeros."""
    return compressed(bytes(2**24), suffix) * 40


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
def test_a_bomb_is_not_unfolded(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(bomb(suffix))
    started = time.monotonic()
    with pytest.raises(LoadError, match="MB"):
        read_one(path, path.name)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
def test_what_is_compressed_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.md{suffix}"
    path.write_bytes(compressed("# Título\n\nAño.\n".encode(), suffix))
    document = read_one(path, path.name)
    assert (document.text, document.headings[0].title) == ("# Título\n\nAño.\n", "Título")
    path.write_bytes(path.read_bytes()[:-7])
    assert refusal(path)


# What is too deep, too long or no text


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "README"
    path.write_bytes(BINARY)
    assert "binario" in refusal(path)


def test_nothing_but_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\n" * (5 * 2**20))
    assert refusal(path) == "tiene más de 4 millones de líneas"


@pytest.mark.parametrize("text", ["> ", "- ", "[", "<b>", "`", "# ", "é\u0301", "*a **b "])
def test_markdown_as_deep_as_it_is_long(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(text * 20_000, encoding="utf-8")
    started = time.monotonic()
    with Readers(1, APART) as readers:
        assert readers.read(path, "a.md").media_type == "text/markdown"
    assert time.monotonic() - started < 3


def test_html_as_deep_as_it_is_long(tmp_path: Path) -> None:
    files = []
    for n, tag in enumerate(("div", "b", "table><tr><td", "ul><li", "blockquote", "svg")):
        path = tmp_path / f"{n}.html"
        path.write_text(f"<{tag}>" * 10_000 + "hola", encoding="utf-8")
        files.append(SourceFile(path, path.name, NO_STAMP))
    with Readers(1, APART) as readers:
        *shown, unseen = readers.read_all(files)
    assert all(isinstance(found, Document) and "hola" in found.text for found in shown)
    assert isinstance(unseen, LoadError)
    assert "no tiene texto" in unseen.message


@pytest.mark.parametrize("suffix", suffixes())
def test_a_file_of_another_format_or_of_none(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    files = []
    for n, data in enumerate((b"", b"PK\x03\x04", b"%PDF-1.7\n", b"<", b"{", bytes(range(256)))):
        path = tmp_path / f"{n}{suffix}"
        path.write_bytes(data)
        files.append(SourceFile(path, path.name, NO_STAMP))
    with Readers(1, APART) as readers:
        for each in readers.read_all(files):
            assert isinstance(each, Document | LoadError)
            if isinstance(each, LoadError):
                assert "se ha parado" not in each.message


# All of it together


def test_the_rest_of_a_folder_is_indexed(tmp_path: Path, making: Making) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "a-bueno.md").write_text("# Riego\n\nEl riego empieza a las siete.\n")
    (folder / "bomba.txt.xz").write_bytes(bomb(".xz"))
    (folder / "cero.txt").write_bytes(BINARY)
    os.mkfifo(folder / "tubo.txt")
    (folder / "roto.md.gz").write_bytes(gzip.compress(b"hola" * 100)[:-20])
    with (folder / "vacío-y-enorme.txt").open("wb") as file:
        file.truncate(2 * 1024**3)
    (folder / "z-bueno.txt").write_text("La cosecha es en agosto.\n")
    report = sync(tmp_path / "i", [folder], making)
    assert [Path(name).name for name in report.new] == ["a-bueno.md", "z-bueno.txt"]
    assert {Path(name).name for name, _ in report.skipped} == {
        "bomba.txt.xz", "cero.txt", "tubo.txt", "roto.md.gz", "vacío-y-enorme.txt"
    }  # fmt: skip


def test_thousands_of_damaged_files_do_nothing_to_whoever_reads_them() -> None:
    """A sample of those of ``bench/fuzz.py``."""
    limits = Limits(seconds=5, plain_bytes=0)
    tally = fuzz(inputs(1, 120, specimens(SEEDS)), limits)
    assert tally.read.total() + tally.refused.total() == 120
    assert tally.read.total() >= 12
    assert tally.refused.total() >= 12
    assert not tally.lost
    assert not tally.ended
    assert not tally.late
    assert not tally.broken
    assert not tally.written
