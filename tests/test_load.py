from __future__ import annotations

import gzip
import os
import queue
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError, NoDocumentsError, UsageError
from rag.load import Patterns, Skipped, SourceFile, Stamp, changes, load, scan, suffixes
from rag.load.text.plain import decode
from tests.pdf_file import lines, pdf


def test_byte_order_mark_line_ends_and_accents(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    decomposed = unicodedata.normalize("NFD", "canción año")
    file.write_bytes(b"\xef\xbb\xbf" + f"uno\r\n{decomposed}\rtres\n".encode())
    document = load(file, "a.txt")
    assert document.text == "uno\ncanción año\ntres\n"
    assert document.line_starts == (0, 4, 16, 21)
    assert document.lines(4, 15) == (1, 1)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")))
def test_lines_are_those_of_the_file(text: str) -> None:
    decoded = decode(text.encode())
    assert (
        decoded.count("\n") == len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
    )
    assert "\r" not in decoded
    assert unicodedata.is_normalized("NFC", decoded)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"texto\0binario", "binario"),
        ("sin-sufijo", b"\x7fELF\0", "binario"),
        ("a.doc", b"x", r"formato no admitido \(\.doc\)"),
        ("a.xyz", b"PK", "formato no admitido"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LoadError, match=says) as raised:
        load(tmp_path / name, name)
    assert raised.value.remedy


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no existe"):
        load(tmp_path / "a.txt", "a.txt")


def test_a_folder_gives_its_files_and_the_reasons_for_the_rest(tmp_path: Path) -> None:
    root = tmp_path / "raíz"
    (root / "sub").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "b.txt").write_text("oculto")
    (root / ".oculto.txt").write_text("oculto")
    (root / "a.txt").write_text("hola")
    (root / "sub" / "c.MD").write_text("# hola")
    (root / "foto.png").write_bytes(b"\x89PNG")
    (root / "enlace.txt").symlink_to(root / "a.txt")
    (root / "sub" / "vuelta").symlink_to(root)
    os.mkfifo(root / "tubo.txt")
    found = list(scan(root, "docs"))
    assert [file.name for file in found if isinstance(file, SourceFile)] == [
        "docs/a.txt",
        "docs/sub/c.MD",
    ]
    skipped = {file.name: file.reason for file in found if isinstance(file, Skipped)}
    assert set(skipped) == {
        "docs/enlace.txt", "docs/foto.png", "docs/sub/vuelta", "docs/tubo.txt"
    }  # fmt: skip
    assert "enlace" in skipped["docs/sub/vuelta"]
    assert "no es un archivo corriente" in skipped["docs/tubo.txt"]


def test_one_file_and_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hola")
    assert [file.name for file in scan(tmp_path / "a.txt", "x/a.txt")] == ["x/a.txt"]
    assert [file.name for file in scan(tmp_path, ".")] == ["a.txt"]


def test_names_that_are_no_utf8_are_named_and_skipped(tmp_path: Path) -> None:
    for name in (b"a\xf1o.txt", b"a\xf3o.txt"):
        (tmp_path / os.fsdecode(name)).write_text("hola")
    found = list(scan(tmp_path, "d"))
    assert [type(file) for file in found] == [Skipped, Skipped]
    for file in found:
        assert file.name.encode("utf-8")
        assert "cámbialo" in file[1]
    with pytest.raises(NoDocumentsError, match="UTF-8"):
        list(scan(tmp_path, os.fsdecode(b"ma\xf1ana")))


def test_the_index_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "a.txt").write_text("hola")
    assert list(scan(tmp_path, ".", tmp_path / "index")) == []


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(NoDocumentsError, match=r"No se encuentra .*no existe"):
        list(scan(tmp_path / "nada", "nada"))


def listed(root: Path, **patterns: tuple[str, ...]) -> list[str]:
    found = scan(root, ".", patterns=Patterns(**patterns))
    return [each.name for each in found if isinstance(each, SourceFile)]


def test_patterns_are_those_of_gitignore(tmp_path: Path) -> None:
    for name in ("a.md", "b.txt", "actas/2023/uno.md", "actas/2024/dos.txt", "borradores/x.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("texto")
    assert listed(tmp_path, include=("*.md",)) == ["a.md", "actas/2023/uno.md", "borradores/x.md"]
    assert listed(tmp_path, exclude=("borradores/", "actas/**/2023*")) == [
        "a.md", "b.txt", "actas/2024/dos.txt"
    ]  # fmt: skip
    assert listed(tmp_path, include=("actas/",), exclude=("*.txt",)) == ["actas/2023/uno.md"]
    assert listed(tmp_path, exclude=("*.md", "!a.md"))[0] == "a.md"
    with pytest.raises(UsageError, match="gitignore"):
        listed(tmp_path, include=("# nada",))


def test_folders_in_folders_without_end(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(1500):
        deep = deep / "d"
        try:
            deep.mkdir()
        except OSError:  # as long as a path may be
            break
    (tmp_path / "a.txt").write_text("texto")
    assert listed(tmp_path) == ["a.txt"]
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # too deep for pytest's own clean-up


def test_a_stamp_changes_with_what_is_written_though_its_times_are_set_back(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("uno")
    before = file.stat()
    stamp = Stamp.of(before)
    time.sleep(0.02)
    file.write_text("dos")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = Stamp.of(file.stat())
    assert (after.n_bytes, after.modified_ns) == (stamp.n_bytes, stamp.modified_ns)
    assert after != stamp


def test_changes_are_told_once_it_is_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["rag.load.changes"]  # the function goes by its name
    monkeypatch.setattr(module, "_QUIET_MS", 200)
    monkeypatch.setattr(module, "_LOOK_MS", 200)
    root, index_dir = tmp_path / "d", tmp_path / "d" / "index"
    index_dir.mkdir(parents=True)
    stop, told = threading.Event(), queue.Queue[None]()

    def listen() -> None:
        for _ in changes([root], index_dir, stop):
            told.put(None)

    listener = threading.Thread(target=listen)
    listener.start()
    told.get(timeout=20)  # it is listening
    (index_dir / "CURRENT").write_text("x")
    (root / ".oculto").write_text("x")
    with pytest.raises(queue.Empty):
        told.get(timeout=0.8)
    (root / "a.txt").write_text("uno")
    (root / "b.txt").write_text("dos")
    told.get(timeout=20)
    stop.set()
    listener.join(20)
    assert not listener.is_alive()


@pytest.mark.parametrize(
    ("name", "data", "expected", "suffix"),
    [
        ("banco.xls", b"<html><table><tr><td>Saldo<td>12</table>", "Saldo | 12", ".html"),
        ("notas.xls", "Año\tNota\n2023\t7\n".encode("cp1252"), "Columnas: Año, Nota", ".csv"),
        ("notas.xlsx", "Año\tNota\n2023\t7\n".encode("utf-16"), "Columnas: Año, Nota", ".csv"),
        ("carta.docx", b"Hola, Ana.\n", "Hola, Ana.", ".txt"),
        ("carta.pdf.gz", gzip.compress(b"Hola, Ana.\n", mtime=0), "Hola, Ana.", ".txt"),
        ("carta.odt", pdf(lines(["Hola, Ana."])), "Hola, Ana.", ".pdf"),
    ],
)
def test_a_file_is_read_as_what_it_is(
    tmp_path: Path, name: str, data: bytes, expected: str, suffix: str
) -> None:
    (tmp_path / name).write_bytes(data)
    read = load(tmp_path / name, name)
    assert read.text.split("\n")[0] == expected
    assert read.notes[-1].endswith(f": se ha leído como {suffix}")


@pytest.mark.parametrize("data", [b"{\\rtf1 hola}", b"PK\x03\x04", bytes(range(256)) * 9])
def test_what_is_nothing_of_ours_is_refused_as_what_it_says_it_is(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(LoadError, match="está dañado o no es de ese formato"):
        load(tmp_path / "a.docx", "a.docx")


@pytest.mark.parametrize("name", [f"a{suffix}" for suffix in suffixes()])
def test_no_bytes_are_no_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    read = load(tmp_path / name, name)
    assert (read.text, read.notes) == ("", ())
