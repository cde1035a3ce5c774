from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import load
from rag.load.epub import read_epub
from rag.load.extract import Extract

CONTAINER = """<?xml version="1.0"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>
<rootfile full-path="OEBPS/libro.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
 xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>
<enc:EncryptionMethod Algorithm="{}"/></enc:EncryptedData></encryption>"""


def page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'
    )


def package(items: dict[str, str], extra: str = "", guide: str = "") -> str:
    """Return a package whose spine has some items: their ids and where they are."""
    manifest = "".join(
        f'<item id="{name}" href="{href}" media-type="application/xhtml+xml"/>'
        for name, href in items.items()
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in items)
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Las mareas</dc:title>'
        f"</metadata><manifest>{manifest}{extra}</manifest><spine>{spine}</spine>{guide}</package>"
    )


def book(files: Mapping[str, str | bytes], container: str = CONTAINER) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        if container:
            archive.writestr("META-INF/container.xml", container)
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def lines(extract: Extract) -> list[tuple[int, str]]:
    return list(zip(extract.layout.numbers, extract.text.split("\n"), strict=True))


def test_paragraphs_are_counted_in_their_chapter(tmp_path: Path) -> None:
    one = "<h1>El puerto</h1><p>La marea\nsube.</p><p></p><ul><li>Boya</li></ul>"
    two = "<h2>La sal</h2>\n<p>Un verso<br/>y otro.</p><p>Ana<br/>Luis<br/>Eva</p>"
    (tmp_path / "a.epub").write_bytes(
        book(
            {
                "OEBPS/libro.opf": package(
                    {"a": "uno.xhtml", "v": "vacío.xhtml", "b": "dos.xhtml"}
                ),
                "OEBPS/dos.xhtml": page(two),
                "OEBPS/vacío.xhtml": page("<p> </p>"),
                "OEBPS/uno.xhtml": page(one),
            }
        )
    )
    document = load(tmp_path / "a.epub", "a.epub")
    assert document.text.split("\n") == [
        "El puerto", "La marea sube.", "- Boya", "La sal", "Un verso y otro.", "Ana", "Luis", "Eva"
    ]  # fmt: skip
    assert document.layout.numbers == (1, 2, 3, 1, 2, 3, 3, 3)
    assert document.layout.line_ends == "final"
    assert document.title == "Las mareas"
    assert document.notes == ()
    assert [(each.level, each.title) for each in document.headings] == [
        (1, "El puerto"), (2, "La sal")
    ]  # fmt: skip
    start = document.text.index("Un verso")
    assert str(document.place(start, start + 8)) == "a.epub, capítulo 2, párrafo 2"


def test_names_from_the_table_of_contents() -> None:
    ncx = (
        '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/ncx.dtd">'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>'
        "<navPoint><navLabel><text>Primera  parte</text></navLabel><content src='uno.xhtml#a'/>"
        "<navPoint><navLabel><text>Dentro</text></navLabel><content src='uno.xhtml#b'/></navPoint>"
        "</navPoint></navMap></ncx>"
    )
    nav = page(
        '<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><ol>'
        '<li><a href="textos/dos.xhtml">Segunda <i>parte</i></a></li>'
        '<li><a href="textos/tres.xhtml">Tercera</a></li></ol></nav>'
    )
    extra = (
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    )
    items = {"a": "uno.xhtml", "b": "textos/dos.xhtml", "c": "textos/tres.xhtml"}
    spine = package(items, extra).replace("<spine>", '<spine><itemref idref="nav"/>')
    extract = read_epub(
        book(
            {
                "OEBPS/libro.opf": spine,
                "OEBPS/toc.ncx": ncx,
                "OEBPS/nav.xhtml": nav,
                "OEBPS/uno.xhtml": page("<p>El mar.</p>"),
                "OEBPS/textos/dos.xhtml": page("<h1>Otro título</h1><p>La sal.</p>"),
                "OEBPS/textos/tres.xhtml": page("<h2>TERCERA</h2><p>El sol.</p>"),
            }
        )
    )
    assert lines(extract) == [
        (1, "Primera parte"),
        (1, "El mar."),
        (1, "Otro título"),
        (2, "La sal."),
        (1, "TERCERA"),
        (2, "El sol."),
    ]
    assert [each.level for each in extract.headings] == [1, 1, 2]


def test_paths_that_are_escaped_or_lead_up_and_pages_that_are_not_there() -> None:
    extract = read_epub(
        book(
            {
                "OEBPS/libro.opf": package(
                    {"a": "../textos/cap%C3%ADtulo%201.xhtml", "b": "no-está.xhtml", "c": "c.xhtml"}
                ),
                "textos/capítulo 1.xhtml": page("<p>El mar.</p>"),
                "OEBPS/c.xhtml": b"\0\1\2",
            }
        )
    )
    assert extract.text == "El mar."
    assert extract.notes == (
        "faltan en el libro 2 páginas, o no se pueden leer: no-está.xhtml, c.xhtml",
    )


def test_the_cover_is_left_out_and_notes_and_a_cooks_menu_are_kept() -> None:
    files = {
        "OEBPS/libro.opf": package(
            {"cover": "portada.xhtml", "a": "a.xhtml"},
            guide='<guide><reference type="cover" href="a.xhtml"/></guide>',
        ),
        "OEBPS/portada.xhtml": page("<p>Las mareas</p>"),
        "OEBPS/a.xhtml": page(
            f"<p>{'La marea sube. ' * 20}</p><aside>Nota.</aside><p class='menu'>Sopa</p>"
        ),
    }
    extract = read_epub(book(files))
    assert extract.text.startswith("La marea sube.")
    assert lines(extract)[1:] == [(2, "Nota."), (3, "Sopa")]
    assert extract.layout.marks[0].label == "capítulo 1"


@pytest.mark.parametrize(
    ("method", "is_protected"),
    [
        ("http://www.idpf.org/2008/embedding", False),
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", True),
    ],
)
def test_fonts_may_be_scrambled_but_no_text(method: str, *, is_protected: bool) -> None:
    data = book(
        {
            "META-INF/encryption.xml": ENCRYPTION.format(method),
            "OEBPS/libro.opf": package({"a": "a.xhtml"}),
            "OEBPS/a.xhtml": page("<p>El mar.</p>"),
        }
    )
    if is_protected:
        with pytest.raises(LoadError, match="DRM"):
            read_epub(data)
    else:
        assert read_epub(data).text == "El mar."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 no es un archivo",
        book({}),
        book({}, container=""),
        book({"OEBPS/libro.opf": "no es XML"}),
        book({"OEBPS/libro.opf": package({})}),
        book({"OEBPS/libro.opf": package({"a": "a.xhtml"}), "OEBPS/a.xhtml": page("<img/>")}),
        book({"OEBPS/libro.opf": package({"a": "a.xhtml"})})[:-40],
    ],
)
def test_what_is_no_book_says_so(data: bytes) -> None:
    with pytest.raises(LoadError) as raised:
        read_epub(data)
    assert raised.value.remedy


def with_entities(declared: str, title: str, folder: Path) -> bytes:
    opf = package({"a": "a.xhtml"}).replace("Las mareas", title)
    (folder / "secreto").write_text("secreto")
    doctype = f"<!DOCTYPE package [{declared}]>"
    return book({"OEBPS/libro.opf": doctype + opf, "OEBPS/a.xhtml": page("<p>El mar.</p>")})


def test_what_an_entity_names_is_not_read(tmp_path: Path) -> None:
    declared = f'<!ENTITY f SYSTEM "{(tmp_path / "secreto").as_uri()}">'
    extract = read_epub(with_entities(declared, "Las mareas &f;", tmp_path))
    assert extract.text == "El mar."
    assert "secreto" not in extract.title


def test_entities_that_unfold_without_end_are_refused(tmp_path: Path) -> None:
    folded = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 30))
    with pytest.raises(LoadError):
        read_epub(with_entities(f'<!ENTITY e0 "x">{folded}', "&e29;", tmp_path))


def test_a_book_without_container() -> None:
    files = {"libro.opf": package({"a": "a.xhtml"}), "a.xhtml": page("<p>El mar.</p>")}
    assert read_epub(book(files, container="")).text == "El mar."


@given(st.data())
def test_a_damaged_book_is_read_or_refused(data: st.DataObject) -> None:
    whole = book(
        {"OEBPS/libro.opf": package({"a": "a.xhtml"}), "OEBPS/a.xhtml": page("<p>El mar.</p>")}
    )
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[at] = data.draw(st.integers(0, 255))
    with suppress(LoadError):
        assert read_epub(bytes(damaged)).text
