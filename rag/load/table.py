"""A table as sentences: «columna: valor; columna: valor», so that each row says what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

YEARS: Final = frozenset(str(year) for year in range(1900, 2101))
MAX_NAME_CHARS: Final = 80  # of a column: what is longer is a text, not a name
_ROW: Final = re.compile(r"(?s:[^:;.]{1,80}: [^;]+(?:; [^:;.]{1,80}: [^;]+)+)")


def is_header(cells: Sequence[str]) -> bool:
    """Say whether the first row of a table can name its columns.

    It has two or more distinct names; figures are none, but for years when there are several; nor
    is «Titular:» beside what it is of.
    """
    figures = [cell for cell in cells if is_figure(cell)]
    return (
        len(cells) > max(1, len(figures))
        and all(0 < len(cell) <= MAX_NAME_CHARS for cell in cells)
        and len(set(cells)) == len(cells)
        and len(figures) != 1
        and all(figure in YEARS for figure in figures)
        and len({cell.endswith(":") for cell in cells}) == 1
    )


def header_line(names: Iterable[str]) -> str:
    """Return the line of a table's header."""
    return f"Columnas: {', '.join(name for name in names if name)}"


def row_line(cells: Iterable[tuple[int, str]], names: Mapping[int, str]) -> str:
    """Return the line of a row: its cells that are not empty, with the name of their column.

    Parameters
    ----------
    cells
        The number of its column, and the text on one line, of each.
    names
        Of the columns, by number; empty: the table has no header.
    """
    if not names:
        shown = [text for _, text in cells if text]
        ends = [" " if text.endswith(":") else " | " for text in shown[:-1]]
        return "".join(text + end for text, end in zip(shown, [*ends, ""], strict=False))
    named = ((names.get(column, "").rstrip(" :"), text) for column, text in cells if text)
    return "; ".join(f"{name}: {text}" if name else text for name, text in named)


def is_row(text: str) -> bool:
    """Say whether a sentence is a row as ``row_line`` writes it, of two named cells or more."""
    return _ROW.fullmatch(text) is not None


def one_line(text: str) -> str:
    """Return the text of a cell without line ends nor runs of spaces."""
    return " ".join(text.split())


def is_figure(cell: str) -> bool:
    """Say whether a cell is a number, a date…: it has digits, and no letters."""
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))
