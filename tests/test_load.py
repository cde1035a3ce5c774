from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError, NoDocumentsError
from rag.load import Skipped, SourceFile, load, scan
from rag.load.text import decode


def test_byte_order_mark_line_ends_and_accents(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    decomposed = unicodedata.normalize("NFD", "canción año")
    file.write_bytes(b"\xef\xbb\xbf" + f"uno\r\n{decomposed}\rtres\n".encode())
    document = load(file, "a.txt")
    assert document.text == "uno\ncanción año\ntres\n"
    assert document.line_starts == (0, 4, 16, 21)
    assert document.lines(4, 15) == (2, 2)


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
        ("a.txt", "canción".encode("latin-1"), "no está en UTF-8"),
        ("a.txt", b"texto\0binario", "binario"),
        ("a.docx", b"PK", "formato no admitido"),
        ("sin-sufijo", b"hola", "sin extensión"),
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
    with pytest.raises(NoDocumentsError, match="No existe"):
        list(scan(tmp_path / "nada", "nada"))
