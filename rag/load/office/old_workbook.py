"""Excel's binary workbooks (.xls, .xlsb), by the only engine that reads both."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rag.errors import LoadError
from rag.load.archive import open_archive
from rag.load.extract import Extract
from rag.load.office.sheet import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Sheets,
    date_text,
    elapsed_text,
    number_text,
    time_text,
    truth_text,
)
from rag.load.office.workbook import read_workbook
from rag.load.table import one_line
from rag.load.unreadable import damaged, protected

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_MAX_CELLS: Final = 16_000_000  # laid out, empty or not: half a gigabyte
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.bin")
_ROW: Final = 0
_FULL_CELLS: Final = range(2, 12)
_MEDIA_TYPE: Final = "application/vnd.ms-excel"


def read_old_workbook(data: bytes) -> Extract:
    """Read an XLS file, whose sheets have 65,536 rows of 256 columns at most."""
    return read_workbook(data) if data.startswith(b"PK") else _read(data)


def read_binary_workbook(data: bytes) -> Extract:
    """Read an XLSB file."""
    archive = open_archive(data)
    for name in archive.names:
        if _SHEET.fullmatch(name):
            _check_extent(archive.read(name))
    return _read(open_archive(data).repacked())


def _check_extent(sheet: bytes) -> None:
    """Refuse a sheet that the engine, which lays out all from its first cell to its last, cannot.

    A sheet is a row of records: a kind and a size, seven bits a byte, and so many bytes.
    """
    rows, columns = [MAX_ROWS, -1], [MAX_COLUMNS, -1]
    at = row = 0
    while at < len(sheet):
        kind, at = _seven_bits(sheet, at, 2)
        size, at = _seven_bits(sheet, at, 4)
        number = int.from_bytes(sheet[at : at + 4], "little")
        if kind == _ROW:
            row = number
        elif kind in _FULL_CELLS:
            rows = [min(rows[0], row), max(rows[1], row)]
            columns = [min(columns[0], number), max(columns[1], number)]
        at += size
    if (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) > _MAX_CELLS:
        raise LoadError(
            "tiene celdas tan separadas que la hoja no cabe en la memoria",
            "Borra las celdas sueltas lejos de la tabla, o guárdalo como .xlsx",
        )


def _seven_bits(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Return the number that begins at a byte, and where it ends."""
    number = 0
    for nth, byte in enumerate(data[at : at + most]):
        number |= (byte & 0x7F) << (7 * nth)
        if byte < 0x80:
            return number, at + nth + 1
    return number, at + most


def _read(data: bytes) -> Extract:
    from python_calamine import (
        CalamineError,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
        load_workbook,
    )

    sheets = Sheets()
    try:
        book = load_workbook(io.BytesIO(data))
        for number, about in enumerate(book.sheets_metadata, start=1):
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            if about.visible is SheetVisibleEnum.VeryHidden:
                sheets.leave_out(about.name)
                continue
            is_hidden = about.visible is SheetVisibleEnum.Hidden
            sheets.begin(number, about.name, is_hidden=is_hidden)
            for row, cells in _rows(book.get_sheet_by_index(number - 1)):
                sheets.row(row, cells)
    except PasswordError as error:
        raise protected() from error
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise damaged() from error
    except BaseException as error:
        # Of the engine's own, which is no Exception and has no name to import.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged() from error
    return sheets.extract(_MEDIA_TYPE)


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, Iterator[Cell]]]:
    if sheet.start is None:  # nothing on it
        return
    # The rows above the first that has a cell are told too; the columns before it are not.
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if any(value != "" for value in row):
            yield number, _cells(row, sheet.start[1])


def _cells(row: Sequence[Any], column: int) -> Iterator[Cell]:
    for at, value in enumerate(row, start=column):
        text = _text(value)
        if text:
            yield Cell(at, text, isinstance(value, str))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return one_line(value[:MAX_CELL_CHARS])
    if isinstance(value, bool):
        return truth_text(value=value)
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, dt.timedelta):
        return elapsed_text(value)
    return time_text(value) if isinstance(value, dt.time) else date_text(value)
