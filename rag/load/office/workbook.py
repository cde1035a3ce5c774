"""Excel's workbooks since 2007 (.xlsx): each row as a sentence, at the row that Excel shows.

They are read row by row, not by an engine that lays out the whole sheet: one cell far from the
others makes such a sheet of thousands of millions. And a number is read by its format, which says
whether 0.21 is «21 %» and 45363 a date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rag.load.extract import Extract
from rag.load.office.number_format import NumberFormat, formats
from rag.load.office.package import Package
from rag.load.office.sheet import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Sheets,
    date_text,
    truth_text,
)
from rag.load.office.tree import attribute, child, children, iterate_tree, local_name
from rag.load.table import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character that XML cannot hold
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_GENERAL: Final = NumberFormat()


def read_workbook(data: bytes) -> Extract:
    """Read an XLSX file."""
    package = Package(data)
    book = package.tree(package.main)
    relations = package.relations(package.main)
    reading = _Reading(
        texts=_shared_texts(package),
        formats=formats(package.tree_of("styles", package.main)),
        is_1904=attribute(child(book, "workbookPr"), "date1904") in {"1", "true"},
    )
    sheets = Sheets()
    for number, sheet in enumerate(children(book, "sheets"), start=1):
        relation = relations.get(attribute(sheet, "id"))
        if relation is None or relation.kind != "worksheet":  # a sheet that is a chart
            continue
        name, state = attribute(sheet, "name"), attribute(sheet, "state")
        if state == "veryHidden":  # only a program can show it
            sheets.leave_out(name)
            continue
        sheets.begin(number, name, is_hidden=state == "hidden")
        for row, cells in reading.rows(package.read(relation.part)):
            sheets.row(row, cells)
    return sheets.extract(_MEDIA_TYPE, package.title())


def _shared_texts(package: Package) -> list[str]:
    """Return the texts that cells name by their number."""
    part = package.part_of("sharedStrings", package.main)
    return [_text(each) for _, each in iterate_tree(package.read(part), ["si"])] if part else []


def _text(element: _Element) -> str:
    """Return a text that may be in runs; how it is pronounced, which Japanese adds, is left out."""
    pieces = []
    for each in element:
        name = local_name(each)
        if name == "t":
            pieces.append(each.text or "")
        elif name == "r":
            pieces += [run.text or "" for run in each if local_name(run) == "t"]
    text = "".join(pieces)
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return one_line(text[:MAX_CELL_CHARS])


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the cells of all sheets refer to."""

    texts: Sequence[str]
    formats: Sequence[NumberFormat]
    is_1904: bool

    def rows(self, data: bytes) -> Iterator[tuple[int, Iterator[Cell]]]:
        """Yield the number and the cells of each row of a sheet."""
        number = 0
        for _, row in iterate_tree(data, ["row"]):
            said = row.get("r", "")
            number = int(said) if said.isdecimal() and len(said) < 8 else number + 1
            if 0 < number <= MAX_ROWS:
                yield number, self._cells(row)

    def _cells(self, row: _Element) -> Iterator[Cell]:
        column = -1
        for cell in row:
            reference = cell.get("r")
            column = column + 1 if reference is None else _column(reference)
            if len(cell) and 0 <= column < MAX_COLUMNS:
                text, is_text = self._value(cell)
                if text:
                    yield Cell(column, text, is_text)

    def _value(self, cell: _Element) -> tuple[str, bool]:
        """Return the text of a cell, and whether it was written as text."""
        kind = cell.get("t", "n")
        value = ""
        for each in cell:
            name = local_name(each)
            if name == "is":
                return _text(each), True
            if name == "v":
                value = each.text or ""
        if kind == "s":
            is_known = value.isdecimal() and len(value) < 9 and int(value) < len(self.texts)
            return (self.texts[int(value)] if is_known else ""), True
        if kind == "b" and value:
            return truth_text(value=value == "1"), False
        if kind == "n" and value:
            return self._number(value, cell.get("s", "0")), False
        if kind == "d":
            return _date(value), False
        return one_line(value[:MAX_CELL_CHARS]), kind == "str"

    def _number(self, value: str, style: str) -> str:
        try:
            number = float(value)
            form = self.formats[int(style[:9])] if self.formats else _GENERAL
            return form.text(number, is_1904=self.is_1904)
        except (ValueError, IndexError, OverflowError):
            return one_line(value[:MAX_CELL_CHARS])


def _date(value: str) -> str:
    try:
        return date_text(dt.datetime.fromisoformat(value[:32]))
    except ValueError:
        return one_line(value[:MAX_CELL_CHARS])


@lru_cache(maxsize=MAX_COLUMNS)
def _column_of(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _column(reference: str) -> int:
    """Return the number of a cell's column, from 0; -1 if it is none."""
    match = _REFERENCE.fullmatch(reference)
    return _column_of(match[1]) if match else -1
