# ruff: noqa: E501 — documents are written as one line each
from __future__ import annotations

import base64
import datetime as dt
import io
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import load
from rag.load.extract import Extract, clean_line
from rag.load.office.number_format import NumberFormat
from rag.load.office.old_workbook import read_binary_workbook, read_old_workbook
from rag.load.office.open_sheet import read_open_sheet
from rag.load.office.sheet import number_text
from rag.load.office.workbook import read_workbook
from rag.load.text.delimited import read_delimited

# Three sheets of Excel 97, one hidden and one wholly hidden, their first cell at B3.
_XLS: Final = zlib.decompress(
    base64.b85decode(
        b"c-rk)O-NKx6#nj;_hv>>XZ#B^kU_}G1c^3nY?`v%<Y3dHU#RE!77uk^&5VL>vTRln1g(lTf-TxuZTg`f3W8c"
        b"hMJ<9L&|0<%3R<YIbI*IP)GQoOL3!WfoqNu?_nv#^+;e~Cy?s+TId-Rh3Jb6c0nFMZ2+q+7dP_VZ3aYnl$$D"
        b"j&Ufai-LP?k=GN|EU`KyqeLpk45P;gs)Milr=?+Khn(#jaIRm2|lK^M}8HW8%UQz#>^6RkiUdsf9X&9s{7Ep"
        b"GjY>2B6sV%kP+C&e+mi6@(Px|w`LY2>;Jq5}80&qvm5M=f5;Og?*AIBhi~vZmg*#wr@rGK_;JwZq65St&<w1"
        b"EoNFduwNB>ruiaYG}g8@xzV*-@TRnH0JA9S1&;NpY!#hf9S(Bi3{~t6creOeM-n=E>KdNs<W66S!vVC6;O^d"
        b"K_@qoR$eDX8D3CoC{U5qd-Q1>=iNK(>;OrtzdLJ?i9}ys*MPkP)QR+oblx1as8J%L$5I34FtG;)%v`L)?27;"
        b"?W6;d$*_e@u_3J|x+0Pm2tdX}$<-x%lO?2KyQ_hR8jA#!c%vbUfjFKbMH^05>?Cy%6WX%Y><{Uwr<gbN|bFv"
        b"3@uHY6yH}`>NmbWoI&sH}wU(d9L+ECflRqHbQN4d=fu5F@mb}-(@H_zd>5MTIu@P0$#OMENw6CG2-H4`7=V`"
        b"!u!v4{H0XA~`>MO?co@gVM%!riJqF|GS++X^dDE;ZQhIUB(YEmS8S5{{&hBz{W)H&%|Mk`!=l1s1UtU|TY7k"
        b"I9<=^{B$@=hEWEYLKicVWKLJAZ=)i*wEO9=GxHMhVn$(NWrtAu?@ODC{?&C-J^~84^}!4yc&nD#XN9)pC5OL"
        b"N{$mp6@FBgFRG#cM%9N8A3l8eSf`Ljy295t@byr0FApL2yUq-~v;Jq2b&C`%dh+y#avw5OW-(M${%n9IJX>O"
        b"keZ2355{GH@EPBz+e)JZdzjXN%bAQj0J4Tmp2^Bm3Y%zYW@c6#~9d$(c"
    )
)


def numbered(extract: Extract) -> list[tuple[int, str]]:
    lines = extract.text.split("\n") if extract.text else []
    assert len(lines) == len(extract.layout.numbers)
    assert extract.layout.line_ends == "final"
    return list(zip(extract.layout.numbers, lines, strict=True))


def workbook(write: Callable[[Any], None], **options: Any) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, options) as book:
        write(book)
    return file.getvalue()


def grid(*rows: tuple[Any, ...], top: int = 0, left: int = 0) -> bytes:
    """Write a workbook of one sheet; None leaves a cell empty."""

    def write(book: Any) -> None:
        sheet = book.add_worksheet("Hoja")
        for n_row, row in enumerate(rows, start=top):
            for n_column, value in enumerate(row, start=left):
                if value is not None:
                    sheet.write(n_row, n_column, value)

    return workbook(write)


def test_a_workbook(tmp_path: Path) -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Socios")
        sheet.merge_range("B1:E1", "Listado de socios")
        for column, name in enumerate(("Nombre", "Alta", "Cuota", "Descuento", "Activo"), start=1):
            sheet.write(2, column, name)
        sheet.write(3, 1, "Ana Ruiz")
        sheet.write(3, 2, dt.datetime(2024, 3, 12), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write(3, 3, 1234.5, book.add_format({"num_format": '#,##0.00\\ "€"'}))
        sheet.write(3, 4, 0.215, book.add_format({"num_format": "0.0%"}))
        sheet.write(3, 5, True)
        sheet.write(6, 1, "Luis Gil")
        sheet.write_formula(6, 3, "=1+2", None, 3.0)
        book.add_worksheet("Vacía")
        hidden = book.add_worksheet("Notas")
        hidden.write("A1", "Revisar en mayo")
        hidden.hide()
        secret = book.add_worksheet("Nada")
        secret.write("A1", "secreto")
        secret.very_hidden()
        book.set_properties({"title": "Censo"})

    (tmp_path / "a.xlsx").write_bytes(workbook(write))
    read = load(tmp_path / "a.xlsx", "a.xlsx")
    assert read.text.split("\n") == [
        "Socios", "Listado de socios", "Columnas: Nombre, Alta, Cuota, Descuento, Activo",
        "Nombre: Ana Ruiz; Alta: 12 de marzo de 2024; Cuota: 1234,5 €; Descuento: 21,5 %; Activo: sí",
        "Nombre: Luis Gil; Cuota: 3", "Notas", "Revisar en mayo",
    ]  # fmt: skip
    assert read.layout.numbers == (1, 1, 3, 4, 7, 1, 1)
    assert [heading.title for heading in read.headings] == ["Socios", "Notas"]
    assert read.title == "Censo"
    assert len(read.notes) == 2
    assert "Notas" in read.notes[0]
    assert "Nada" in read.notes[1]
    start = read.text.index("Luis Gil")
    assert str(read.place(start, start + 8)) == "a.xlsx, hoja «Socios», fila 7"
    assert read.place(len(read.text) - 4, len(read.text)).page == 3


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([("País", "Capital"), ("Perú", "Lima")], ["Columnas: País, Capital", "País: Perú; Capital: Lima"]),
        ([("País", "Capital")], ["País | Capital"]),  # no row follows
        ([("Ana", 33), ("Luis", 40)], ["Ana | 33", "Luis | 40"]),
        ([("a", "a"), ("b", "c")], ["a | a", "b | c"]),  # not distinct
        ([("Titular:", "Ana"), ("Calle:", "Mayor")], ["Titular: Ana", "Calle: Mayor"]),
        ([("Sede", 2023, 2024), ("Lugo", 5, 6)], ["Columnas: Sede, 2023, 2024", "Sede: Lugo; 2023: 5; 2024: 6"]),
        ([("Sede", "Mes", None, "Ojo"), ("Lugo", "mayo", None, "x")],
         ["Columnas: Sede, Mes, Ojo", "Sede: Lugo; Mes: mayo; x"]),  # what is beside the table has no name
        ([("Sede", "Mes"), ("Lugo", 5), (None,), ("Calle", "Tramo"), ("Mayor", 7)],
         ["Columnas: Sede, Mes", "Sede: Lugo; Mes: 5", "Columnas: Calle, Tramo", "Calle: Mayor; Tramo: 7"]),
        ([("Sede", "Mes"), ("Lugo", 5), (None,), ("Obras",), ("Calle", "Tramo"), ("Mayor", 7)],
         ["Columnas: Sede, Mes", "Sede: Lugo; Mes: 5", "Obras", "Columnas: Calle, Tramo", "Calle: Mayor; Tramo: 7"]),
        ([("Sede", "Mes"), ("Lugo", "mayo"), (None,), ("Vigo", "junio"), ("Noia", "abril")],
         ["Columnas: Sede, Mes", "Sede: Lugo; Mes: mayo", "Sede: Vigo; Mes: junio", "Sede: Noia; Mes: abril"]),
    ],
)  # fmt: skip
def test_which_row_names_the_columns(rows: list[tuple[Any, ...]], lines: list[str]) -> None:
    assert [line for _, line in numbered(read_workbook(grid(*rows)))][1:] == lines


@given(
    top=st.integers(0, 1_048_500),
    left=st.integers(0, 16_300),
    cells=st.dictionaries(
        st.tuples(st.integers(0, 30), st.integers(0, 30)), st.integers(10_000, 99_999), min_size=1
    ),
)
@settings(max_examples=30, deadline=None)
def test_each_value_stands_on_its_row(
    top: int, left: int, cells: Mapping[tuple[int, int], int]
) -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Hoja")
        for (row, column), value in cells.items():
            sheet.write(top + row, left + column, value)

    found = numbered(read_workbook(workbook(write)))
    for (row, _), value in cells.items():
        assert any(
            n == top + row + 1 and str(value) in re.split(r" \| ", line) for n, line in found
        )


def test_cells_at_both_ends_of_a_sheet() -> None:
    begun = time.monotonic()
    far = grid(("uno",), *[()] * 999, (*[None] * 16_383, "otro"))
    assert numbered(read_workbook(far))[1:] == [(1, "uno"), (1001, "otro")]
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1234,5"), (3.0, "3"), (0.1 + 0.2, "0,3"), (-2.25, "-2,25"), (1e20, "1e+20"),
     (123456789012.0, "123456789012"), (1e-7, "1e-07")],
)  # fmt: skip
def test_numbers_as_spanish_writes_them(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("date", 45363, "12 de marzo de 2024"),
        ("date", 45363.5, "12 de marzo de 2024, 12:00"),
        ("date", 1, "1 de enero de 1900"),
        ("date", 61, "1 de marzo de 1900"),
        ("date", -5, "-5"),
        ("date", 1e9, "1000000000"),
        ("time", 0.75, "18:00"),
        ("elapsed", 1.5, "36:00:00"),
        ("percentage", 0.07, "7 %"),
    ],
)
def test_numbers_as_their_format_shows_them(kind: Any, value: float, text: str) -> None:
    assert NumberFormat(kind).text(value) == text


def test_the_other_calendar_of_excel() -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Hoja")
        sheet.write(0, 0, dt.datetime(2024, 3, 12), book.add_format({"num_format": 14}))

    assert read_workbook(workbook(write, date_1904=True)).text == "Hoja\n12 de marzo de 2024"


def test_an_old_workbook() -> None:
    read = read_old_workbook(_XLS)
    assert numbered(read) == [
        (1, "Socios"), (3, "Columnas: Nombre, Alta, Cuota, Activo"),
        (4, "Nombre: Ana Ruiz; Alta: 12 de marzo de 2024; Cuota: 12,5; Activo: sí"),
        (6, "Nombre: Luis Gil; Alta: 2 de enero de 2023; Cuota: 20; Activo: no"),
        (1, "Notas"), (1, "Revisar en mayo"),
    ]  # fmt: skip
    assert [mark.page for mark in read.layout.marks] == [1, 2]
    assert len(read.notes) == 2


def binary_workbook(cells: Mapping[tuple[int, int], str | float]) -> bytes:
    """Write an XLSB workbook: records of a kind, a size and so many bytes."""

    def record(kind: int, body: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        return head + bytes([len(body)]) + body

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def relation(kind: str, target: str) -> str:
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        return (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/></Relationships>'
        )

    sheet = record(129) + record(148, bytes(16)) + record(145)
    for (row, column), value in sorted(cells.items()):
        head = struct.pack("<II", column, 0)
        sheet += record(0, struct.pack("<I", row) + bytes(13))
        sheet += (
            record(6, head + wide(value))
            if isinstance(value, str)
            else record(5, head + struct.pack("<d", value))
        )
    sheet += record(146) + record(130)
    about = struct.pack("<II", 0, 1) + wide("rId1") + wide("Ventas")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.bin"))
        archive.writestr(
            "xl/workbook.bin",
            record(131) + record(143) + record(156, about) + record(144) + record(132),
        )
        archive.writestr("xl/_rels/workbook.bin.rels", relation("worksheet", "worksheets/s.bin"))
        archive.writestr("xl/worksheets/s.bin", sheet)
    return file.getvalue()


def test_a_binary_workbook() -> None:
    read = read_binary_workbook(binary_workbook({(4, 2): "Lugo", (5, 2): 1234.5}))
    assert numbered(read) == [(1, "Ventas"), (5, "Lugo"), (6, "1234,5")]
    with pytest.raises(LoadError, match="no cabe en la memoria"):
        read_binary_workbook(binary_workbook({(0, 0): "uno", (1_048_575, 16_383): "otro"}))


_ODF: Final = "urn:oasis:names:tc:opendocument:xmlns:"


def open_sheet(body: str, styles: str = "") -> bytes:
    names = " ".join(
        f'xmlns:{each}="{_ODF}{each}:1.0"' for each in ("office", "table", "text", "style")
    )
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{body}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", content)
    return file.getvalue()


def odf_cell(text: str, kind: str = "string", **attributes: str) -> str:
    said = "".join(
        f' {key.replace("_", ":", 1).replace("_", "-")}="{value}"'
        for key, value in attributes.items()
    )
    return f'<table:table-cell office:value-type="{kind}"{said}><text:p>{text}</text:p></table:table-cell>'


def odf_row(*cells: str, n: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{n}">{"".join(cells)}</table:table-row>'


def test_an_open_sheet() -> None:
    empty = '<table:table-cell table:number-columns-repeated="{}"/>'
    rows = (
        odf_row(empty.format(16_384), n=4)
        + odf_row(empty.format(2), odf_cell("Sede"), odf_cell("Tipo"), odf_cell("Alta"), odf_cell("Abre"))
        + odf_row(
            empty.format(2), odf_cell("Lugo"), odf_cell("21,5%", "percentage", office_value="0.215"),
            odf_cell("12/03/24", "date", office_date_value="2024-03-12"),
            odf_cell("9:30", "time", office_time_value="PT09H30M00S"), empty.format(16_378),
        )
        + odf_row(empty.format(16_384), n=1_000_000)
        + odf_row(empty.format(3), odf_cell("1.234,50 €", "currency", office_value="1234.5", office_currency="EUR"),
                  odf_cell("VERDADERO", "boolean", office_boolean_value="true"), n=2)
        + odf_row(empty.format(16_384), n=48_568)
    )  # fmt: skip
    styles = (
        '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    )
    hidden = f'<table:table table:name="Otra" table:style-name="h">{odf_row(odf_cell("x"))}</table:table>'
    read = read_open_sheet(
        open_sheet(f'<table:table table:name="Sedes">{rows}</table:table>{hidden}', styles)
    )
    assert numbered(read) == [
        (1, "Sedes"), (5, "Columnas: Sede, Tipo, Alta, Abre"),
        (6, "Sede: Lugo; Tipo: 21,5 %; Alta: 12 de marzo de 2024; Abre: 09:30"),
        (1_000_007, "Tipo: 1234,5 €; Alta: sí"), (1_000_008, "Tipo: 1234,5 €; Alta: sí"),
        (1, "Otra"), (1, "x"),
    ]  # fmt: skip
    assert read.notes == ("la hoja «Otra» está oculta, pero se ha leído",)


def test_a_small_sheet_of_endless_text_is_refused_at_once() -> None:
    cell = odf_cell("x" * 30_000, table_number_columns_repeated="16384")
    begun = time.monotonic()
    with pytest.raises(LoadError, match="caracteres"):
        read_open_sheet(open_sheet(f"<table:table>{odf_row(cell, n=1_000_000)}</table:table>"))
    assert time.monotonic() - begun < 5


def test_tables_in_text(tmp_path: Path) -> None:
    text = 'Nombre;Precio;Nota\r\nPan;1,5;"de\r\nmolde"\r\n\r\nLeche;0,9;"sin cerrar\r\nAgua;2,1;""\r\n'
    (tmp_path / "a.csv").write_bytes(text.encode())
    read = load(tmp_path / "a.csv", "a.csv")
    assert read.text.split("\n") == [
        "Columnas: Nombre, Precio, Nota", "Nombre: Pan; Precio: 1,5; Nota: de molde",
        'Nombre: Leche; Precio: 0,9; Nota: "sin cerrar', "Nombre: Agua; Precio: 2,1",
    ]  # fmt: skip
    assert read.layout.numbers == (1, 2, 5, 6)
    start = read.text.index("Leche")
    assert str(read.place(start, start + 5)) == "a.csv:5"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a,b\n1,2", [(1, "Columnas: a, b"), (2, "a: 1; b: 2")]),
        ("a\tb\n1,5\t2,5", [(1, "Columnas: a, b"), (2, "a: 1,5; b: 2,5")]),
        ("a|b\n1|2", [(1, "Columnas: a, b"), (2, "a: 1; b: 2")]),
        ("x;y\n1,5;2,5\n3,5;4,5", [(1, "Columnas: x, y"), (2, "x: 1,5; y: 2,5"), (3, "x: 3,5; y: 4,5")]),
        ("sep=,\na,b\n1;1,2;2", [(2, "Columnas: a, b"), (3, "a: 1;1; b: 2;2")]),
        ("sep=\t\na\tb\n1;1\t2", [(2, "Columnas: a, b"), (3, "a: 1;1; b: 2")]),
        ("Cuenta ES12;;\n;;\nFecha;Pago;Saldo\n2/1;3,5;9\n;Total;9",
         [(1, "Cuenta ES12"), (3, "Columnas: Fecha, Pago, Saldo"), (4, "Fecha: 2/1; Pago: 3,5; Saldo: 9"),
          (5, "Pago: Total; Saldo: 9")]),
        ("Ana;33\nLuis;40", [(1, "Ana | 33"), (2, "Luis | 40")]),
        ("Ana;alta\nLuis;alta", [(1, "Ana | alta"), (2, "Luis | alta")]),  # said again: no name
        (";b\n1;2", [(1, "b"), (2, "1 | 2")]),
        ("una sola columna\notra", [(1, "una sola columna"), (2, "otra")]),
        ("", []),
        ('"',[(1, '"')]),
    ],
)  # fmt: skip
def test_which_character_separates_the_cells(text: str, lines: list[tuple[int, str]]) -> None:
    assert numbered(read_delimited(text.encode())) == lines


_SIGNS: Final = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"
)
_CELLS: Final = st.text(_SIGNS, max_size=12)


@given(
    rows=st.lists(st.lists(_CELLS, min_size=2, max_size=5), min_size=1, max_size=12),
    delimiter=st.sampled_from("\t;|,"),
)
def test_each_cell_stands_on_the_line_its_row_begins_on(
    rows: list[list[str]], delimiter: str
) -> None:
    line, expected, text = 1, [], ""
    for row in rows:
        written = delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n"
        written = re.sub("\r\n?", "\n", written)
        expected.append((line, row))
        text += written
        line += written.count("\n")
    found = dict(numbered(read_delimited(f"sep={delimiter}\n{text}".encode())))
    for number, row in expected:
        for cell in row:
            assert " ".join(clean_line(cell).split()) in " ".join(found.get(number + 1, "").split())


def test_quotes_that_nobody_closes_cost_no_more_than_the_text() -> None:
    begun = time.monotonic()
    read_delimited(b'a"b;"c\n' * 50_000)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "read", [read_workbook, read_open_sheet, read_old_workbook, read_binary_workbook]
)
@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"<html>"]
)
def test_what_is_no_workbook_says_so(read: Callable[[bytes], Extract], data: bytes) -> None:
    with pytest.raises(LoadError) as raised:
        read(data)
    assert raised.value.remedy


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damage_is_told_or_read_over(data: st.DataObject) -> None:
    """Whatever a few changed bytes within do, no other error comes out."""
    read, made = data.draw(
        st.sampled_from(
            [
                (read_workbook, grid(("País", "Año"), ("Perú", 5.5))),
                (read_open_sheet, open_sheet(odf_row(odf_cell("1", "date", office_date_value="2024-01-01")))),
                (read_binary_workbook, binary_workbook({(0, 0): "uno", (1, 0): 2.5})),
            ]
        )
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    part = parts[data.draw(st.sampled_from(sorted(parts)))]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(part) - 1))
        part[at : at + 1] = data.draw(
            st.sampled_from([b"-", b"9", b"\xff", b"\x00", b'"', b"<", b"9" * 12])
        )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, inside in parts.items():
            archive.writestr(name, bytes(inside))
    try:
        numbered(read(file.getvalue()))
    except LoadError:
        return


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_XLS) - 1), st.integers(0, 255)), max_size=4))
def test_damage_to_an_old_workbook_is_told_or_read_over(changes: list[tuple[int, int]]) -> None:
    data = bytearray(_XLS)
    for at, byte in changes:
        data[at] = byte
    try:
        numbered(read_old_workbook(bytes(data)))
    except LoadError:
        return
