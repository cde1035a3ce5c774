"""Excel's binary workbooks (.xls, .xlsb), by the only engine that reads both."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rag.load.archive import damaged, protected
from rag.load.extract import Extract
from rag.load.sheet import (
    MAX_CELL_CHARS,
    Cell,
    Sheets,
    date_text,
    elapsed_text,
    number_text,
    time_text,
    truth_text,
)
from rag.load.table import one_line

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_MEDIA_TYPE: Final = "application/vnd.ms-excel"


def read_old_workbook(data: bytes) -> Extract:
    """Read an XLS file; what other formats of workbooks are called so by mistake, as well."""
    return _read(data)


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
                sheets.notes.append(f"La hoja «{about.name}» no se ha leído: está oculta del todo")
                continue
            is_hidden = about.visible is SheetVisibleEnum.Hidden
            sheets.begin(number, about.name, is_hidden=is_hidden)
            for row, cells in _rows(book.get_sheet_by_index(number - 1)):
                sheets.row(row, cells)
    except PasswordError as error:
        raise protected() from error
    except (CalamineError, ValueError, OSError) as error:
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
