"""A table to its rows, each with the names of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rag.load.html.block import Block, Line
from rag.load.table import MAX_NAME_CHARS, row_line

_MAX_CELL_CHARS: Final = 1000  # in a longer one, a page is laid out
_MAX_COLUMNS: Final = 100  # that a cell may span or be named in
_MAX_ROWS: Final = 1000  # that a cell may span
_MAX_NAMING_ROWS: Final = 3
_MAX_REPEATED_CHARS: Final = 8 * 1024 * 1024  # in a table


@dataclass(slots=True)
class Cell:
    """What stands in a row under a column, or under several."""

    is_name: bool
    n_columns: int = 1
    n_rows: int = 1
    blocks: list[Block] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(block.text for block in self.blocks)


class _Value(NamedTuple):
    """The text of a cell, and the columns it stands under, from 0."""

    column: int
    n_columns: int
    text: str
    is_repeated: bool = False


class _Spanning(NamedTuple):
    """A cell that goes on in the rows below its own."""

    n_rows_left: int
    text: str


class Table:
    """The rows of a table that is being read."""

    def __init__(self) -> None:
        self._outside: list[Block] = []
        self._rows: list[list[Cell]] = []
        self._is_in_cell = False
        self._n_repeated_chars = 0

    def open_row(self) -> None:
        """Begin a row."""
        self._rows.append([])
        self._is_in_cell = False

    def open_cell(self, n_columns: str, n_rows: str, *, is_name: bool) -> None:
        """Begin a cell, with the attributes that say what it spans."""
        if not self._rows:
            self.open_row()
        columns, rows = _span(n_columns, _MAX_COLUMNS), _span(n_rows, _MAX_ROWS)
        self._rows[-1].append(Cell(is_name, columns, rows))
        self._is_in_cell = True

    def close_cell(self) -> None:
        """End a cell: what comes now is in none."""
        self._is_in_cell = False

    def add(self, block: Block) -> None:
        """Add to the cell that is open; a caption stands before them all."""
        (self._rows[-1][-1].blocks if self._is_in_cell else self._outside).append(block)

    def plain(self) -> Iterator[Block]:
        """Yield all that is in it as if it were in none."""
        yield from self._outside
        for row in self._rows:
            for cell in row:
                yield from cell.blocks

    def blocks(self) -> Iterator[Block]:
        """Yield each row as a block: «columna: valor; columna: valor»; or all as it stands.

        A table that only lays out a page is no table.
        """
        if self._is_layout():
            yield from self.plain()
            return
        yield from self._outside
        names: dict[int, str] = {}
        spanning: dict[int, _Spanning] = {}
        naming = self._naming_rows()
        for at, row in enumerate(self._rows):
            values = _values(row, spanning)
            if at in naming:
                _add_names(names, values)
                continue
            blocks = [block for cell in row for block in cell.blocks]
            if blocks:
                yield _block(blocks, self._text(row, values, names))

    def _is_layout(self) -> bool:
        """Say whether it is no table but a way to put things side by side."""
        cells = [cell for row in self._rows for cell in row if cell.blocks]
        return (
            any(block.level is not None for cell in cells for block in cell.blocks)
            or any(len(cell.text) > _MAX_CELL_CHARS for cell in cells)
            or max((sum(bool(cell.blocks) for cell in row) for row in self._rows), default=0) < 2
        )

    def _naming_rows(self) -> range:
        """Return which rows have the names of the columns: the first ones, below a title."""
        start = 0
        while start < len(self._rows) and len(self._rows[start]) < 2:
            start += 1
        end = start
        for row in self._rows[start : start + _MAX_NAMING_ROWS]:
            if not all(cell.is_name or not cell.blocks for cell in row):
                break
            end += 1
        is_all = not any(cell.blocks for row in self._rows[end:] for cell in row)
        return range(0) if is_all else range(start, end)

    def _text(self, row: list[Cell], values: list[_Value], names: dict[int, str]) -> str:
        """Write a row down."""
        if self._n_repeated_chars > _MAX_REPEATED_CHARS:
            values, names = [value for value in values if not value.is_repeated], {}
        values = [value for value in values if value.text]
        self._n_repeated_chars += sum(len(value.text) for value in values if value.is_repeated)
        if len(values) == 1 and values[0].n_columns > 1:
            names = {}
        if not names and row[0].is_name and len(values) > 1 and not all(c.is_name for c in row):
            first, *others = (value.text for value in values)
            return f"{first.removesuffix(':')}: {'; '.join(others)}"
        self._n_repeated_chars += sum(len(names.get(value.column, "")) for value in values)
        return row_line(((value.column, value.text) for value in values), names)


def _values(row: list[Cell], spanning: dict[int, _Spanning]) -> list[_Value]:
    """Return what stands in a row, with what goes on from the rows above; keep what goes on."""
    values: list[_Value] = []
    begun: dict[int, _Spanning] = {}
    at = 0
    for cell in (*row, None):
        while at in spanning:
            values.append(_Value(at, 1, spanning[at].text, is_repeated=True))
            at += 1
        if cell is None:
            break
        text = cell.text
        values.append(_Value(at, cell.n_columns, text))
        for column in range(at, min(at + cell.n_columns, _MAX_COLUMNS)):
            if cell.n_rows > 1:
                is_said = column == at and len(text) <= MAX_NAME_CHARS
                begun[column] = _Spanning(cell.n_rows - 1, text if is_said else "")
        at += cell.n_columns
    for column, (n_rows_left, text) in list(spanning.items()):
        if n_rows_left > 1:
            spanning[column] = _Spanning(n_rows_left - 1, text)
        else:
            del spanning[column]
    spanning.update(begun)
    return values


def _add_names(names: dict[int, str], values: list[_Value]) -> None:
    """Name columns; one that has a name gets the other one after it."""
    for value in values:
        text = value.text.removesuffix(":")
        if not text or value.is_repeated:
            continue
        for column in range(value.column, min(value.column + value.n_columns, _MAX_COLUMNS)):
            name = f"{names[column]} {text}" if column in names else text
            if len(name) <= MAX_NAME_CHARS:
                names[column] = name


def _block(blocks: list[Block], text: str) -> Block:
    """Make one block of those of a row; it stands where the first does."""
    line = Line(blocks[0].number, text)
    n_link_chars = sum(block.n_link_chars for block in blocks)
    return Block(((line,),), blocks[0].region, n_link_chars=n_link_chars)


def _span(text: str, most: int) -> int:
    """Read how many columns or rows a cell spans."""
    return min(max(int(text), 1), most) if text.isdecimal() and len(text) < 5 else 1
