# ruff: noqa: E501 — documents are written as one line each
from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import docx
import pptx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx.util import Cm

from rag.errors import LoadError
from rag.load import load
from rag.load.archive import MAX_ENTRIES, MAX_TOTAL_BYTES, open_archive
from rag.load.extract import Extract
from rag.load.office.open_document import read_open_document
from rag.load.office.open_slides import read_open_slides
from rag.load.office.slides import read_slides
from rag.load.office.tree import parse_tree
from rag.load.office.word_document import read_word_document
from rag.load.office.word_numbering import Numbering

_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_NAMES: Final = (
    f'xmlns:w="{_WORD}" xmlns:r="{_OFFICE}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def relations(*related: tuple[str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(related)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{inside}</Relationships>'


def word(body: str, styles: str = "", footnotes: str = "", endnotes: str = "") -> bytes:
    """Write a Word document whose body is given as XML."""
    return zipped(
        {
            "_rels/.rels": relations(("officeDocument", "word/document.xml")),
            "word/document.xml": f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations(
                ("styles", "styles.xml"),
                ("footnotes", "footnotes.xml"),
                ("endnotes", "/word/e.xml"),
            ),
            "word/styles.xml": f"<w:styles {_NAMES}>{styles}</w:styles>",
            "word/footnotes.xml": f"<w:footnotes {_NAMES}>{footnotes}</w:footnotes>",
            "word/e.xml": f"<w:endnotes {_NAMES}>{endnotes}</w:endnotes>",
        }
    )


def p(*runs: str, properties: str = "") -> str:
    inside = "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str, properties: str = "") -> str:
    inside = "".join(
        cell if cell.startswith("<w:tc") else f"<w:tc>{p(cell)}</w:tc>" for cell in cells
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def numbered(extract: Extract) -> list[tuple[int, str]]:
    lines = extract.text.split("\n") if extract.text else []
    assert len(lines) == len(extract.layout.numbers)
    assert extract.layout.unit == "paragraph"
    assert extract.layout.line_ends == "final"
    return list(zip(extract.layout.numbers, lines, strict=True))


def test_a_word_document_as_python_docx_writes_it(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Estatutos de la cooperativa", 0)
    document.add_heading("Socios", 1)
    document.add_paragraph("Las altas se piden por escrito.")
    document.add_paragraph("")
    document.add_paragraph("con el impreso", style="List Bullet")
    cells = [["Cuota", "Importe"], ["Mensual", "12 €"], ["Anual", ""]]
    written = document.add_table(3, 2)
    for n_row, texts in enumerate(cells):
        for n_column, text in enumerate(texts):
            written.cell(n_row, n_column).text = text
    document.add_heading("Plazos", 2)
    document.add_paragraph("El plazo es de un mes.")
    document.save(str(tmp_path / "a.docx"))

    read = load(tmp_path / "a.docx", "a.docx")
    assert read.title == "Estatutos de la cooperativa"
    assert [(each.level, each.title) for each in read.headings] == [(1, "Socios"), (2, "Plazos")]
    assert read.text.split("\n") == [
        "Estatutos de la cooperativa", "Socios", "Las altas se piden por escrito.",
        "– con el impreso", "Columnas: Cuota, Importe", "Cuota: Mensual; Importe: 12 €",
        "Cuota: Anual", "Plazos", "El plazo es de un mes.",
    ]  # fmt: skip
    assert read.layout.numbers == tuple(range(1, 10))
    start = read.text.index("El plazo")
    assert str(read.place(start, start + 8)) == "a.docx, párrafo 9"


_FORM: Final = (("Titular", "Ana Ruiz"), ("Calle", "Mayor, 3"), ("DNI", "12345678Z"))
_AS_A_FORM: Final = ["Titular | Ana Ruiz", "Calle | Mayor, 3", "DNI | 12345678Z"]
_AS_A_TABLE: Final = ["Columnas: Titular, Ana Ruiz", "Titular: Calle; Ana Ruiz: Mayor, 3",
                      "Titular: DNI; Ana Ruiz: 12345678Z"]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "style", "bold", "expected"),
    [
        ("", "", "", _AS_A_FORM),
        ("<w:tblHeader/>", "", "", _AS_A_TABLE),
        ("", "Lista", "", _AS_A_TABLE),
        ("", "Nada", "", _AS_A_FORM),
        ("", "", "<w:b/>", _AS_A_TABLE),
    ],
)
def test_a_form_is_no_table_with_a_header(
    header: str, style: str, bold: str, expected: list[str]
) -> None:
    first = "".join(
        f"<w:tc>{p(f'<w:r><w:rPr>{bold}</w:rPr><w:t>{each}</w:t></w:r>')}</w:tc>"
        for each in _FORM[0]
    )
    said = f'<w:tblPr><w:tblStyle w:val="{style}"/><w:tblLook w:val="04A0"/></w:tblPr>'
    styles = """<w:style w:styleId="Lista"><w:name w:val="l"/><w:tblStylePr w:type="firstRow"/>
        </w:style><w:style w:styleId="Nada"><w:name w:val="n"/></w:style>"""
    begun = f"<w:tr><w:trPr>{header}</w:trPr>{first}</w:tr>"
    body = table(said, begun, *(row(*each) for each in _FORM[1:]))
    assert read_word_document(word(body, styles)).text.split("\n") == expected


def numbering(
    levels: str, lists: str = '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
) -> Numbering:
    scheme = f'<w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
    return Numbering.of(parse_tree(f"<w:numbering {_NAMES}>{scheme}{lists}</w:numbering>".encode()))


def level(at: int, kind: str, text: str, start: int = 1, style: str = "") -> str:
    said = f'<w:start w:val="{start}"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{at}">{said}<w:pStyle w:val="{style}"/></w:lvl>'


def test_the_numbers_that_word_puts_itself() -> None:
    lists = numbering(
        level(0, "upperRoman", "Título %1.", start=3, style="T1")
        + level(1, "decimal", "Artículo %2.º", style="T2")
        + level(2, "lowerLetter", "%3)")
        + level(3, "bullet", "\uf0b7")
    )
    levels = (0, 1, 1, 2, 2, 3, 1, 2, 0, 1)
    assert [lists.label("1", at, "") for at in levels] == [
        "Título III.", "Artículo 1.º", "Artículo 2.º", "a)", "b)", "–", "Artículo 3.º", "a)",
        "Título IV.", "Artículo 1.º",
    ]  # fmt: skip
    assert lists.label("1", None, "T2") == "Artículo 2.º"
    assert lists.label("nadie", 0, "") == "–"


def test_a_list_that_begins_anew_and_one_that_goes_on() -> None:
    lists = numbering(
        level(0, "decimal", "%1."),
        """<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
        <w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0">
          <w:startOverride w:val="5"/></w:lvlOverride></w:num>
        <w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>""",
    )
    assert [lists.label(each, 0, "") for each in "112231"] == ["1.", "2.", "5.", "6.", "7.", "8."]


@pytest.mark.parametrize(
    ("kind", "start", "text"),
    [("lowerRoman", 1994, "mcmxciv"), ("upperLetter", 28, "BB"), ("ordinalText", 3, "Tercero"),
     ("ordinalText", 30, "30.º"), ("ordinal", 2, "2.º"), ("decimalZero", 4, "04"),
     ("hebrew1", 4, "4"), ("upperRoman", 999_999, "999999")],
)  # fmt: skip
def test_ways_of_writing_a_number(kind: str, start: int, text: str) -> None:
    assert numbering(level(0, kind, "%1", start)).label("1", 0, "") == text


def test_a_numbered_list_of_python_docx(tmp_path: Path) -> None:
    document = docx.Document()
    for text in ("Objeto", "Plazo"):
        document.add_paragraph(text, style="List Number")
    document.save(str(tmp_path / "a.docx"))
    read = load(tmp_path / "a.docx", "a.docx")
    assert read.text == "1. Objeto\n2. Plazo"


def test_titles_are_known_by_what_their_style_is_based_on() -> None:
    styles = """
    <w:style w:styleId="T1"><w:name w:val="heading 1"/></w:style>
    <w:style w:styleId="Mio"><w:name w:val="Mi título"/><w:basedOn w:val="T1"/></w:style>
    <w:style w:styleId="Capa"><w:name w:val="Capa"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
    <w:style w:styleId="Otro"><w:name w:val="Título 4"/></w:style>
    <w:style w:styleId="Bucle"><w:name w:val="x"/><w:basedOn w:val="Bucle"/></w:style>
    <w:style w:styleId="No"><w:name w:val="n"/><w:basedOn w:val="T1"/><w:pPr>
      <w:outlineLvl w:val="9"/></w:pPr></w:style>
    <w:style w:styleId="I"><w:name w:val="toc 1"/></w:style>"""
    body = "".join(
        p(style, properties=f'<w:pStyle w:val="{style}"/>')
        for style in ("T1", "I", "Mio", "Capa", "Otro", "Bucle", "No", "Nadie")
    ) + p("directo", properties='<w:outlineLvl w:val="1"/>')
    read = read_word_document(word(body, styles))
    assert [(each.level, each.title) for each in read.headings] == [
        (1, "T1"), (1, "Mio"), (3, "Capa"), (4, "Otro"), (2, "directo"),
    ]  # fmt: skip
    # The line of the table of contents is counted, and not read.
    assert numbered(read)[:3] == [(1, "T1"), (3, "Mio"), (4, "Capa")]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ('<w:del><w:r><w:delText>no</w:delText></w:r></w:del><w:ins><w:r><w:t>sí</w:t></w:r></w:ins>', "sí"),
        ('<w:moveFrom><w:r><w:t>no</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>sí</w:t></w:r></w:moveTo>', "sí"),
        ('<w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:t>sí</w:t></w:r>', "sí"),
        ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>sí</w:t></w:r>', "sí"),
        ('<w:r><w:rPr><w:rStyle w:val="Oculto"/></w:rPr><w:t>no</w:t></w:r><w:r><w:t>sí</w:t></w:r>', "sí"),
        ('<w:hyperlink><w:r><w:t>un enlace</w:t></w:r></w:hyperlink>', "un enlace"),
        ('<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>', "a b c-d"),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText><w:t>no</w:t>'
         '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>sí</w:t></w:r>'
         '<w:r><w:fldChar w:fldCharType="end"/></w:r>', "sí"),
        ('<w:fldSimple w:instr="DATE"><w:r><w:t>sí</w:t></w:r></w:fldSimple>', "sí"),
        ('<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>sí</w:t></w:r></w:sdtContent></w:sdt>', "sí"),
        ('<w:ruby><w:rt><w:r><w:t>no</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>sí</w:t></w:r></w:rubyBase></w:ruby>', "sí"),
    ],
)  # fmt: skip
def test_what_a_paragraph_shows(runs: str, text: str) -> None:
    styles = '<w:style w:styleId="Oculto"><w:name w:val="o"/><w:rPr><w:vanish/></w:rPr></w:style>'
    assert numbered(read_word_document(word(p(runs) + p("fin"), styles))) == [(1, text), (2, "fin")]


def test_a_field_that_nobody_ends_hides_only_its_paragraph() -> None:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/><w:t>no</w:t></w:r>'
    assert numbered(read_word_document(word(p(begun) + p("sí")))) == [(1, "sí")]


def test_notes_and_boxes_hang_from_their_paragraph() -> None:
    def reference(kind: str, number: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'

    box = f"<w:txbxContent>{p('Aviso.')}{p('Otro.')}</w:txbxContent>"
    drawn = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    body = (
        p("Uno", reference("footnote", 7), ".") + p("Dos", drawn)
        + table(row("Plazo", f"<w:tc>{p('Mes', reference('footnote', 5), reference('endnote', 2))}</w:tc>"))
        + p("Tres")
    )  # fmt: skip
    footnotes = "".join(
        f'<w:footnote w:id="{n}">{p(text)}</w:footnote>'
        for n, text in ((5, "Quinta."), (7, "Séptima."))
    )
    endnotes = f'<w:endnote w:id="2">{p("Última.")}</w:endnote>'
    assert numbered(read_word_document(word(body, "", footnotes, endnotes))) == [
        (1, "Uno."), (1, "Nota 1: Séptima."), (2, "Dos"), (2, "Aviso. Otro."),
        (3, "Plazo | Mes"), (3, "Nota 2: Quinta."), (3, "Nota final 1: Última."), (4, "Tres"),
    ]  # fmt: skip


def test_rows_of_tables() -> None:
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{p("Total")}</w:tc>'
    nested = f"<w:tc>{p('Madrid')}{table(row('a', 'b'))}</w:tc>"
    body = table(
        row(f"<w:tc>{p('Ventas de 2024')}{p('En euros.')}</w:tc>"),
        row("Sede", "Mes", "Importe"),
        row("Lugo", "mayo", "3", properties="<w:del/>"),
        row(nested, "mayo", "12"),
        row(wide, "12"),
    )
    assert numbered(read_word_document(word(body))) == [
        (1, "Ventas de 2024"), (2, "En euros."), (3, "Columnas: Sede, Mes, Importe"),
        (4, "Sede: Madrid a b; Mes: mayo; Importe: 12"), (5, "Sede: Total; Importe: 12"),
    ]  # fmt: skip
    assert numbered(read_word_document(word(table(row("uno", "2"), row("tres", "4"))))) == [
        (1, "uno | 2"), (2, "tres | 4"),
    ]  # fmt: skip
    years = table(row("Sede", "2023", "2024"), row("Lugo", "5", "6"))
    assert numbered(read_word_document(word(years)))[1] == (2, "Sede: Lugo; 2023: 5; 2024: 6")


def test_tables_in_tables_to_the_depth_that_a_parser_allows() -> None:
    inside = p("fondo")
    for _ in range(70):
        inside = table(f"<w:tr><w:tc>{inside}</w:tc></w:tr>")
    assert numbered(read_word_document(word(inside))) == [(1, "fondo")]
    for _ in range(70):
        inside = table(f"<w:tr><w:tc>{inside}</w:tc></w:tr>")
    with pytest.raises(LoadError, match="dañado"):
        read_word_document(word(inside))


_ODF: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_NAMES: Final = " ".join(
    f'xmlns:{short}="{_ODF}{name}:1.0"'
    for short, name in {
        "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
        "presentation": "presentation",
    }.items()
)  # fmt: skip


def odf(kind: str, body: str, styles: str = "") -> bytes:
    """Write an OpenDocument file whose body is given as XML."""
    return zipped(
        {
            "content.xml": f"<office:document-content {_ODF_NAMES}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
            "</office:body></office:document-content>",
            "meta.xml": f'<office:document-meta {_ODF_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<office:meta><dc:title>Un título</dc:title></office:meta></office:document-meta>",
        }
    )


def test_an_open_document() -> None:
    styles = """<style:style style:name="O"><style:text-properties text:display="none"/></style:style>
    <style:style style:name="P1" style:parent-style-name="Title"/>
    <style:style style:name="O2" style:parent-style-name="O"/>"""
    body = """
    <text:tracked-changes><text:changed-region><text:deletion><text:p>borrado</text:p></text:deletion>
    </text:changed-region></text:tracked-changes>
    <text:p text:style-name="P1">Estatutos</text:p>
    <text:table-of-content><text:index-body><text:p>Socios 3</text:p></text:index-body></text:table-of-content>
    <text:h text:outline-level="1">Socios</text:h>
    <text:section text:name="s"><text:p>Dos<text:s text:c="2"/>espacios<text:tab/>y
      otra<text:note><text:note-citation>0</text:note-citation></text:note> <text:span>línea<text:line-break/>más</text:span><text:note text:note-class="footnote">
      <text:note-citation>4</text:note-citation><text:note-body><text:p>Al pie.</text:p></text:note-body>
      </text:note> cola<office:annotation><text:p>comentario</text:p></office:annotation>.</text:p></text:section>
    <text:p text:style-name="O">no</text:p>
    <text:p>Se <text:span text:style-name="O2">no</text:span>ve<draw:frame><draw:text-box><text:p>Caja.</text:p>
      </draw:text-box></draw:frame></text:p>
    <text:list><text:list-item><text:p>uno</text:p><text:p>sigue</text:p></text:list-item>
      <text:list-item><text:h text:outline-level="2">Plazos</text:h></text:list-item></text:list>
    <table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Sede</text:p>
      </table:table-cell><table:table-cell><text:p>Mes</text:p></table:table-cell></table:table-row>
      </table:table-header-rows><table:table-row><table:table-cell><text:p>Lugo</text:p></table:table-cell>
      <table:table-cell><text:p>mayo</text:p></table:table-cell></table:table-row></table:table>"""
    read = read_open_document(odf("text", body, styles))
    lines = [(number, " ".join(line.split())) for number, line in numbered(read)]
    assert lines == [
        (1, "Estatutos"), (3, "Socios"), (4, "Dos espacios y otra línea más cola."),
        (4, "Nota 4: Al pie."), (5, "Se ve"), (5, "Caja."), (6, "– uno"), (7, "sigue"), (8, "Plazos"),
        (9, "Columnas: Sede, Mes"), (10, "Sede: Lugo; Mes: mayo"),
    ]  # fmt: skip
    assert "Dos  espacios" in read.text
    assert [(each.level, each.title) for each in read.headings] == [(1, "Socios"), (2, "Plazos")]
    assert read.title == "Estatutos"
    assert read_open_document(odf("text", "<text:p>x</text:p>")).title == "Un título"


@cache
def slide_deck() -> bytes:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    for text, top in (("abajo", 15), ("arriba", 9)):
        slide.shapes.add_textbox(Cm(1), Cm(top), Cm(3), Cm(3)).text_frame.text = text
    slide.placeholders[1].text = "primero\nsegundo"
    slide.shapes.title.text = "Balance"
    slide.notes_slide.notes_text_frame.text = "Hablar despacio.\nMirar al público."
    frame = slide.shapes.add_table(2, 2, Cm(1), Cm(12), Cm(5), Cm(3))
    for at, text in enumerate(("Sede", "Socios", "Lugo", "40")):
        frame.table.cell(at // 2, at % 2).text = text
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Cm(1), Cm(17), Cm(3), Cm(3)).text_frame.text = "en grupo"
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden._element.set("show", "0")
    hidden.shapes.title.text = "no se ve"
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Gracias"
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def test_slides(tmp_path: Path) -> None:
    (tmp_path / "a.pptx").write_bytes(slide_deck())
    read = load(tmp_path / "a.pptx", "a.pptx")
    assert read.text.split("\n") == [
        "Balance", "primero", "segundo", "arriba", "Columnas: Sede, Socios", "Sede: Lugo; Socios: 40",
        "abajo", "en grupo", "Notas: Hablar despacio. Mirar al público.", "Gracias",
    ]  # fmt: skip
    assert read.layout.numbers == (1, 2, 3, 4, 5, 6, 7, 8, 8, 1)
    assert [(each.level, each.title) for each in read.headings] == [(1, "Balance"), (1, "Gracias")]
    assert read.title == "Balance"
    assert read.notes == ("la diapositiva 2 no se ha leído: está oculta",)
    start = read.text.index("arriba")
    assert str(read.place(start, start + 6)) == "a.pptx, diapositiva 1, párrafo 4"
    start = read.text.index("Gracias")
    assert str(read.place(start, start + 7)) == "a.pptx, diapositiva 3, párrafo 1"


def test_open_slides() -> None:
    styles = """<style:style style:name="h"><style:drawing-page-properties presentation:visibility="hidden"/>
    </style:style>"""

    def frame(kind: str, text: str) -> str:
        return (
            f'<draw:frame presentation:class="{kind}"><draw:text-box><text:p>{text}</text:p>'
            "</draw:text-box></draw:frame>"
        )

    body = (
        f"<draw:page>{frame('outline', 'Cuerpo')}{frame('title', 'Balance')}{frame('footer', 'pie')}"
        f"<draw:g>{frame('', 'en grupo')}</draw:g>"
        f"<presentation:notes>{frame('notes', 'Despacio.')}</presentation:notes></draw:page>"
        f'<draw:page draw:style-name="h">{frame("title", "no")}</draw:page>'
        f"<draw:page>{frame('title', 'Gracias')}</draw:page>"
    )
    read = read_open_slides(odf("presentation", body, styles))
    assert numbered(read) == [
        (1, "Balance"), (2, "Cuerpo"), (3, "en grupo"), (3, "Notas: Despacio."), (1, "Gracias"),
    ]  # fmt: skip
    assert [mark.page for mark in read.layout.marks] == [1, 3]
    assert read.notes == ("la diapositiva 2 no se ha leído: está oculta",)


LAUGHS: Final = (
    '<!DOCTYPE r [<!ENTITY a "ja">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: b"", "dañado"),
        (lambda: b"PK\x03\x04 y nada", "dañado"),
        (lambda: word(p("hola"))[:-40], "dañado"),
        (lambda: zipped({"otro.txt": "x"}), "dañado"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "anterior a 2007"),
        (
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "contraseña",
        ),
        (lambda: zipped({f"{n}": "" for n in range(MAX_ENTRIES + 1)}), "más de 20000 archivos"),
        (
            lambda: zipped(
                {
                    "_rels/.rels": relations(("officeDocument", "d.xml")),
                    "d.xml": LAUGHS
                    + f"<w:document {_NAMES}><w:body><w:p><w:r><w:t>&m;</w:t></w:r></w:p>"
                    "</w:body></w:document>",
                }
            ),
            "dañado",
        ),
        (
            lambda: zipped(
                {
                    "_rels/.rels": relations(("officeDocument", "d.xml")),
                    "d.xml": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
                    f"<w:document {_NAMES}><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>",
                }
            ),
            "dañado",
        ),
        (
            lambda: zipped(
                {
                    "_rels/.rels": relations(("officeDocument", "d.xml")),
                    "d.xml": bytes(40 * 2**20),
                }
            ),
            "ocupa demasiado",
        ),
    ],
)
def test_what_cannot_be_read_says_why_at_once(make: Callable[[], bytes], says: str) -> None:
    data = make()
    begun = time.monotonic()
    with pytest.raises(LoadError, match=says) as raised:
        read_word_document(data)
    assert raised.value.remedy
    assert time.monotonic() - begun < 2


def test_a_long_document_costs_no_more_than_its_length() -> None:
    runs = "<w:r><w:t>x</w:t></w:r>" * 15_000
    styles = "".join(
        f'<w:style w:styleId="s{n}"><w:name w:val="n"/><w:basedOn w:val="s{n + 1}"/></w:style>'
        for n in range(1000)
    )
    styled = "".join(p("y", properties=f'<w:pStyle w:val="s{n}"/>') for n in range(1000))
    note = '<w:r><w:footnoteReference w:id="1"/></w:r>' * 1000
    footnote = f'<w:footnote w:id="1">{"<w:p/>" * 1000}</w:footnote>'
    data = word(f"<w:p>{runs}</w:p>{styled}{p('z', note)}", styles, footnote)
    begun = time.monotonic()
    assert len(numbered(read_word_document(data))) == 1002
    assert time.monotonic() - begun < 5


def test_an_open_document_under_a_password() -> None:
    manifest = (
        '<m:manifest xmlns:m="urn"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    )
    with pytest.raises(LoadError, match="contraseña"):
        read_open_document(zipped({"META-INF/manifest.xml": manifest, "content.xml": b"\x01\x02"}))


def test_an_archive_unfolds_no_more_than_its_bound() -> None:
    megabytes = MAX_TOTAL_BYTES // 2**20
    block = bytes(range(256)) * 64
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for n in range(megabytes // 3 + 1):
            archive.writestr(str(n), block * (3 * 2**20 // len(block)))
    opened = open_archive(file.getvalue())

    def unfold_all() -> None:
        for name in opened.names:
            opened.read(name)

    with pytest.raises(LoadError, match="ocupa demasiado"):
        unfold_all()


def test_an_entry_that_lies_about_its_size() -> None:
    honest = zipped({"a": b"a" * 5000})
    at = honest.index(b"PK\x01\x02") + 24
    liar = honest[:at] + (10).to_bytes(4, "little") + honest[at + 4 :]
    with pytest.raises(LoadError, match="dañado"):
        open_archive(liar).read("a")


_DOCUMENTS: Final[Mapping[str, tuple[Callable[[bytes], Extract], Callable[[], bytes]]]] = {
    "docx": (read_word_document, lambda: word(p("hola", "<w:r><w:footnoteReference w:id='1'/></w:r>")
             + table(row("a", "b"), row("1", "2")), '<w:style w:styleId="x"/>', f'<w:footnote w:id="1">{p("n")}</w:footnote>')),
    "odt": (read_open_document, lambda: odf("text", "<text:p>hola<text:s text:c='3'/></text:p><table:table>"
            "<table:table-row><table:table-cell table:number-columns-repeated='2'><text:p>x</text:p>"
            "</table:table-cell></table:table-row></table:table>")),
    "odp": (read_open_slides, lambda: odf("presentation", "<draw:page><draw:frame><text:p>x</text:p></draw:frame></draw:page>")),
    "pptx": (read_slides, slide_deck),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(_DOCUMENTS))
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_damage_is_told_or_read_over(kind: str, data: st.DataObject) -> None:
    """Whatever a few changed characters of the XML within do, no other error comes out."""
    read, make = _DOCUMENTS[kind]
    with zipfile.ZipFile(io.BytesIO(make())) as archive:
        parts = {
            name: archive.read(name) for name in archive.namelist() if "slideLayout" not in name
        }
    name = data.draw(
        st.sampled_from(sorted(each for each in parts if each.endswith((".xml", ".rels"))))
    )
    part = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(part) - 1))
        piece = data.draw(
            st.sampled_from([b"-", b"9", b"\xff", b"", b"\x00", b'"', b"<", b"99999999999"])
        )
        part[at : at + 1] = piece
    try:
        extract = read(zipped({**parts, name: bytes(part)}))
    except LoadError:
        return
    numbered(extract)
