"""OpenDocument sheets (.ods): each row as a sentence, at the row that LibreOffice shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.load.extract import Extract
from rag.load.office.open_package import (
    CONTENT,
    OpenPackage,
    OpenStyles,
    open_text,
    styles_with,
    table_parts,
    times,
)
from rag.load.office.sheet import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Sheets,
    date_text,
    number_text,
    percentage_text,
    truth_text,
)
from rag.load.office.tree import attribute, children, local_name
from rag.load.table import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA_TYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
_CELLS: Final = frozenset({"table-cell", "covered-table-cell"})
_NO_STYLES: Final = OpenStyles()
_CURRENCIES: Final = {"EUR": "€", "USD": "$", "GBP": "£"}
_TIME: Final = re.compile(r"PT(\d{1,9})H(\d{1,2})M(\d{1,2})(?:[.,]\d*)?S")


def read_open_sheet(data: bytes) -> Extract:
    """Read an ODS file."""
    package = OpenPackage(data)
    content = package.tree(CONTENT)
    hidden = styles_with(content, "table-properties", display="false")
    sheets = Sheets()
    tables = [
        each for each in children(content, "body", "spreadsheet") if local_name(each) == "table"
    ]
    for number, table in enumerate(tables, start=1):
        is_hidden = attribute(table, "style-name") in hidden
        sheets.begin(number, attribute(table, "name"), is_hidden=is_hidden)
        at = 1
        for row in table_parts(table, {"table-row"}):
            n_rows = times(row, "number-rows-repeated", MAX_ROWS)
            cells = list(_cells(row))
            if cells:
                for each in range(at, min(at + n_rows, MAX_ROWS + 1)):
                    sheets.row(each, cells)
            at += n_rows
    return sheets.extract(_MEDIA_TYPE, package.title())


def _cells(row: _Element) -> Iterator[Cell]:
    column = 0
    for cell in table_parts(row, _CELLS):
        n_columns = times(cell, "number-columns-repeated", MAX_COLUMNS)
        if len(cell) and local_name(cell) == "table-cell":
            text, is_text = _value(cell)
            if text:
                for each in range(column, min(column + n_columns, MAX_COLUMNS)):
                    yield Cell(each, text, is_text)
        column += n_columns


def _value(cell: _Element) -> tuple[str, bool]:
    """Return the text of a cell, and whether it was written as text."""
    kind = attribute(cell, "value-type")
    try:
        if kind in {"float", "percentage", "currency"}:
            return _number(
                kind, float(attribute(cell, "value")), attribute(cell, "currency")
            ), False
        if kind == "date":
            return date_text(dt.datetime.fromisoformat(attribute(cell, "date-value")[:19])), False
    except (ValueError, OverflowError):
        return _shown(cell), False
    if kind == "boolean":
        return truth_text(value=attribute(cell, "boolean-value") == "true"), False
    if kind == "time" and (match := _TIME.fullmatch(attribute(cell, "time-value"))):
        hours, minutes, seconds = map(int, match.groups())
        return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else ""), False
    return _shown(cell), kind in {"", "string"}


def _shown(cell: _Element) -> str:
    if len(cell) == 1 and not len(cell[0]) and local_name(cell[0]) == "p":  # as most are
        return one_line((cell[0].text or "")[:MAX_CELL_CHARS])
    return one_line(open_text(cell, _NO_STYLES).text)[:MAX_CELL_CHARS]


def _number(kind: str, value: float, currency: str) -> str:
    if kind == "percentage":
        return percentage_text(value)
    return f"{number_text(value)} {_CURRENCIES.get(currency, currency)[:3]}".rstrip()
