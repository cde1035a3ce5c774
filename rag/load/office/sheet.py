"""The sheets of a workbook as sentences, whatever the program that wrote it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rag.load.extract import MAX_CHARS, Extract, Transcript, too_much_text
from rag.load.table import YEARS, header_line, is_header, one_line, row_line

MAX_CELL_CHARS: Final = 32_767  # Excel's own limit
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384

_MONTHS: Final = tuple(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    .split()
)  # fmt: skip


class Cell(NamedTuple):
    """A cell that is not empty.

    Attributes
    ----------
    column
        From 0.
    text
        As a person reads it; not empty.
    is_text
        Whether it was written as text, and not as a number, a date…
    """

    column: int
    text: str
    is_text: bool


@dataclass(slots=True)
class Sheets:
    """Sheets, written down row by row with the number that the program shows beside each.

    The header of a sheet is the first row with two or more cells side by side, if those are
    distinct texts (or years) and more rows follow. After empty rows another may begin another
    table, if the row under it is not all text.
    """

    transcript: Transcript = field(default_factory=lambda: Transcript("row"))
    notes: list[str] = field(default_factory=list)
    _names: Mapping[int, str] = field(default_factory=dict)
    _begun: tuple[int, str, bool] | None = None  # its number, name and whether it is hidden
    _last_row: int = 0
    _is_awaited: bool = True  # a header may be the next row
    _held: tuple[int, list[Cell]] | None = None  # it is one, if the row after it says so

    def begin(self, number: int, name: str, *, is_hidden: bool = False) -> None:
        """Begin a sheet; one without rows is not told of.

        Parameters
        ----------
        number
            From 1, in the order of the workbook.
        """
        self._end()
        self._names, self._last_row, self._is_awaited = {}, 0, True
        self._begun = number, one_line(name), is_hidden

    def leave_out(self, name: str) -> None:
        """Tell of a sheet that only a program can show, and that is not read."""
        self.notes.append(f"la hoja «{one_line(name)}» no se ha leído: está oculta del todo")

    def row(self, number: int, cells: Iterable[Cell]) -> None:
        """Write down a row.

        Parameters
        ----------
        number
            From 1, as the program shows it.
        cells
            In the order of the columns; not all are asked for once the text is too long.

        Raises
        ------
        LoadError
            If the text of the file is too long.
        """
        found: list[Cell] = []
        n_chars = 0
        for cell in cells:
            n_chars += len(cell.text)
            if n_chars > MAX_CHARS:
                raise too_much_text()
            found.append(cell)
        if not found:
            return
        self._title()
        if self._held is not None:
            is_next = number == self._last_row + 1
            self._settle(followed_by=found if is_next or not self._names else [])
        is_apart = number > self._last_row + 1
        self._is_awaited = self._is_awaited or is_apart
        self._last_row = number
        run = _run(found)
        if self._is_awaited and len(run) > 1:
            self._is_awaited = False
            if _may_be_header(run):
                self._held = number, found
                return
        if is_apart and len(found) == 1 and found[0].is_text:  # a note, or what another is called
            self.transcript.write(found[0].text, number)
        else:
            self._write(number, found)

    def extract(self, media_type: str, title: str = "") -> Extract:
        """End the last sheet, and return what was written."""
        self._end()
        return self.transcript.extract(media_type, title, tuple(self.notes))

    def _end(self) -> None:
        if self._held is not None:
            self._settle(followed_by=[])

    def _title(self) -> None:
        """Write down the name of the sheet, if this is the first of its rows."""
        if self._begun is None:
            return
        page, name, is_hidden = self._begun
        self._begun = None
        self.transcript.mark(page, f"hoja «{name}»")
        self.transcript.write(name, 1, level=1)
        if is_hidden:
            self.notes.append(f"la hoja «{name}» está oculta, pero se ha leído")

    def _settle(self, followed_by: list[Cell]) -> None:
        """Say whether the row that was held is a header, and write it down."""
        if self._held is None:
            return
        number, cells = self._held
        self._held = None
        if followed_by and (not self._names or any(not cell.is_text for cell in followed_by)):
            self._names = {cell.column: cell.text for cell in _run(cells)}
            self.transcript.write(header_line(cell.text for cell in cells), number)
        else:
            self._write(number, cells)

    def _write(self, number: int, cells: list[Cell]) -> None:
        pairs = ((cell.column, cell.text) for cell in cells)
        self.transcript.write(row_line(pairs, self._names), number)


def _run(cells: list[Cell]) -> list[Cell]:
    """Return the first cells of a row that stand side by side; beside a gap is something else."""
    together = (at for at, cell in enumerate(cells) if cell.column != cells[0].column + at)
    return cells[: next(together, len(cells))]


def _may_be_header(cells: list[Cell]) -> bool:
    """Say whether a row can name columns: what is no text in it is a year."""
    are_names = all(cell.is_text or cell.text in YEARS for cell in cells)
    return are_names and is_header([cell.text for cell in cells])


def number_text(value: float) -> str:
    """Return a number as Spanish writes it, without separator of thousands.

    Excel shows fifteen figures at most: those after them are the computer's, not the person's.
    """
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}".replace(".", ",")


def percentage_text(value: float) -> str:
    """Return a share of one as a percentage."""
    return f"{number_text(float(f'{value * 100:.15g}'))} %"


def date_text(value: dt.date) -> str:
    """Return a date, with its time if it has one.

    With the month's name: whoever asks about March 2024 finds it, and who asks about 12/03/2024
    finds its day and its year; nobody has to guess whether the day or the month comes first.
    """
    text = f"{value.day} de {_MONTHS[value.month - 1]} de {value.year}"
    if isinstance(value, dt.datetime) and (value.hour or value.minute or value.second):
        text += f", {time_text(value.time())}"
    return text


def time_text(value: dt.time) -> str:
    """Return a time of the day, with its seconds if it has any."""
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


def elapsed_text(value: dt.timedelta) -> str:
    """Return a length of time in hours, minutes and seconds."""
    seconds = round(abs(value.total_seconds()))
    sign = "-" if value < dt.timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def truth_text(*, value: bool) -> str:
    """Return a truth value."""
    return "sí" if value else "no"
