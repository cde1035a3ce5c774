"""The tables of tbl(1) to rows: «columna: valor; …» under a header, «valor | valor» without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rag.load.table import one_line, row_line

_RULE: Final = re.compile(r"\s*(?:[_=]|\\_)\s*$")
_TAB: Final = re.compile(r"tab\s*\((.)\)")


def table_rows(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield each row of a table, still with its escapes, and the line from 0 that it begins on.

    Parameters
    ----------
    lines
        Those between ``.TS`` and ``.TE``.
    """
    at, separator = 0, "\t"
    if lines and lines[0].rstrip().endswith(";"):
        found = _TAB.search(lines[0])
        separator = found[1] if found else "\t"
        at = 1
    at, is_bold = _past_format(lines, at)
    rows = list(_cells(lines, at, separator))
    has_header = len(rows) > 2 and (is_bold or rows[1][1] is None)
    header: list[str] = []
    for start, cells in rows:
        if cells is None:
            continue
        if has_header and not header:
            header = cells
            yield start, " | ".join(cells)
        elif any(cells):
            names = dict(enumerate(header)) if len(cells) == len(header) else {}
            yield start, row_line(enumerate(cells), names)


def _past_format(lines: list[str], at: int) -> tuple[int, bool]:
    """Return where the data begin, and whether the first row alone is in bold."""
    formats: list[str] = []
    while at < len(lines):
        formats.append(lines[at])
        at += 1
        if formats[-1].rstrip().endswith("."):
            break
    bold = ["b" in each.lower() for each in formats]
    return at, len(bold) > 1 and bold[0] and not any(bold[1:])


def _cells(lines: list[str], at: int, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the cells of each row with its first line; None for a rule."""
    while at < len(lines):
        start, line = at, lines[at]
        at += 1
        if re.match(r"[.'][ \t]*T&", line):
            at, _ = _past_format(lines, at)
        elif _RULE.match(line):
            yield start, None
        elif not line.startswith((".", "'")):
            cells = line.split(separator)
            while cells[-1].strip() == "T{" and at < len(lines):  # a cell of several lines
                inside: list[str] = []
                while at < len(lines) and not lines[at].startswith("T}"):
                    inside.append(_without_font(lines[at]))
                    at += 1
                rest = lines[at][2:] if at < len(lines) else ""
                at += 1
                cells[-1] = " ".join(filter(None, inside))
                if len(cells[-1]) >= max(map(len, cells)):  # where most of the row stands
                    start = at - 1 - len(inside)
                cells += rest.split(separator)[1:] if separator in rest else []
            yield start, [one_line(cell) for cell in cells]


def _without_font(line: str) -> str:
    """Return the text of a line in a cell: that of a font macro, nothing of another."""
    if not line.startswith((".", "'")):
        return line
    found = re.match(r"\.(?:[BI]|SM|SB|BR|RB|BI|IB|IR|RI)\s+(.*)", line)
    return found[1].replace('"', "") if found else ""
