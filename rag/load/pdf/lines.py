"""The glyphs of a page to its lines, in the order in which they are read.

A page is cut into columns where there are any. In each, what stands on one height is a line: the
cells of a table that stand side by side too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.load.pdf.columns import Box, columns
from rag.load.pdf.glyphs import FloatArray, Glyphs

# Of the size of the letters. Kerning stays below the first; above the second, what PDFium takes for
# no space is one where those of its line are like it; above the third always; the fourth is wider
# than any word space.
_MIN_SPACE: Final = 0.05
_MIN_LOST_SPACE: Final = 0.15
_SURE_SPACE: Final = 0.25
_CELL_SPACE: Final = 2.0
_MAX_RISE: Final = 0.5  # of a mark above the line, or below it
_ROW_RISE: Final = 0.35
_BESIDE: Final = 0.75  # lower by less, it stands beside what is above it

_MAX_ROW_LINES: Final = 8  # of a row of a table

# Letters that are set apart: at least so many pairs in a run, and space in this share of them.
_MIN_TRACKED: Final = 6
_TRACKED: Final = 0.6

_MARK_SIZE: Final = 0.85  # of the largest letters of the line
_MARK_RISE: Final = 0.15
# PDFium makes a plain «1» of a «¹» that is a glyph by itself.
_NOTE: Final = re.compile(r"^([\d⁰⁴-⁹]{1,3})(?=[A-ZÁÉÍÓÚÑ][a-záéíóúñ])")

_LEADERS: Final = re.compile(r"\s*(?:\.\s?){4,}")

_LIGATURES: Final = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
# Of accents that stand alone, the one that joins the letter.
_ACCENTS: Final = {
    "`": "\u0300", "´": "\u0301", "\u02ca": "\u0301", "\u02cb": "\u0300", "ˆ": "\u0302",
    "˜": "\u0303", "¨": "\u0308", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307", "˚": "\u030a",
    "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip
_DOTLESS: Final = {"ı": "i", "ȷ": "j"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or the part of it that belongs to one cell of a table.

    Attributes
    ----------
    number
        On the page, from 1: the lines of a column are counted before those of the next; what stands
        half a line lower, beside another, is of its line.
    text
        Words, one space apart.
    left, right, base, size
        In points.
    last_left
        Where the last cell begins, in points; the same as ``left`` where there are no cells.
    column
        Left and right edge of the text among which it stands, in points.
    opens
        What it is the first line of.
    is_cell
        Whether it is of a row of a table, as far as can be told.
    """

    number: int
    text: str
    left: float
    right: float
    base: float
    size: float
    last_left: float
    column: tuple[float, float]
    opens: Literal["", "column", "block"] = ""
    is_cell: bool = False


class _Run(NamedTuple):
    """Glyphs that are drawn one after the other on one line."""

    box: Box
    text: str
    at: int  # in the order of drawing


def page_lines(glyphs: Glyphs) -> list[Line]:
    """Return the lines of a page in reading order; what is set another way comes at the end."""
    lines: list[Line] = []
    n_lines = 0
    turns, counts = np.unique(glyphs.turn, return_counts=True)
    for turn in turns[np.argsort(-counts, kind="stable")]:
        upright = glyphs.only(glyphs.turn == turn) if len(turns) > 1 else glyphs
        runs = list(_runs(_accented(upright)))
        for column in columns([run.box for run in runs]):
            rows = _rows([runs[at] for at in column])
            found = list(_column_lines(rows, n_lines))
            n_lines = max(line.number for line in found)
            lines += found
    return lines


def _accented(glyphs: Glyphs) -> Glyphs:
    """Put the accents that are drawn over a letter into it."""
    signs = set(filter(_combining, set(glyphs.texts)))
    if not signs:
        return glyphs
    accents = [at for at, text in enumerate(glyphs.texts) if text in signs]
    texts, spaced = list(glyphs.texts), glyphs.spaced.copy()
    kept = np.ones(len(texts), bool)
    for at in accents:
        middle = (glyphs.left[at] + glyphs.right[at]) / 2
        for letter in (at + 1, at - 1):
            if not 0 <= letter < len(texts) or not texts[letter].isalpha():
                continue
            is_over = glyphs.left[letter] <= middle <= glyphs.right[letter]
            is_near = abs(glyphs.base[at] - glyphs.base[letter]) < glyphs.size[letter]
            whole = unicodedata.normalize(
                "NFC", _DOTLESS.get(texts[letter], texts[letter]) + _combining(texts[at])
            )
            if is_over and is_near and len(whole) == 1:
                texts[letter], kept[at] = whole, False
                if letter > at:
                    spaced[letter] = spaced[at]
                elif letter + 2 < len(texts) and spaced[at]:  # PDFium saw a gap before the accent
                    gap = glyphs.left[letter + 2] - glyphs.right[letter]
                    spaced[letter + 2] |= gap > _SURE_SPACE * glyphs.size[letter]
                break
    return Glyphs(
        texts, glyphs.left, glyphs.right, glyphs.base, glyphs.size, spaced, glyphs.turn
    ).only(kept)


def _combining(text: str) -> str:
    """Return the accent that a glyph is, as one that joins the letter before it; else nothing."""
    return _ACCENTS.get(text) or (text if text and unicodedata.combining(text[0]) else "")


def _runs(glyphs: Glyphs) -> Iterator[_Run]:
    """Cut the glyphs where the pen goes to another line or to another cell."""
    n = len(glyphs.texts)
    if not n:
        return
    size = np.maximum(glyphs.size[1:], glyphs.size[:-1])
    gap = (glyphs.left[1:] - glyphs.right[:-1]) / size
    rise = np.abs(glyphs.base[1:] - glyphs.base[:-1]) / size
    is_cut = (rise > _MAX_RISE) | (gap > _CELL_SPACE) | (gap < -_CELL_SPACE / 2)
    is_space = (gap > _SURE_SPACE) | (glyphs.spaced[1:] & (gap > _MIN_SPACE))
    is_doubtful = ~is_space & (gap > _MIN_LOST_SPACE)
    bounds = [0, *(np.flatnonzero(is_cut) + 1).tolist(), n]
    for at, (start, end) in enumerate(pairwise(bounds)):
        inner = slice(start, end - 1)
        spaces = is_space[inner]
        if is_doubtful[inner].any():
            usual = float(np.median(gap[inner][spaces])) if spaces.any() else _SURE_SPACE
            spaces = spaces | (is_doubtful[inner] & (gap[inner] > 0.8 * usual))
        if spaces.sum() > _TRACKED * len(spaces):
            letters = [text.isalpha() for text in glyphs.texts[start:end]]
            spaces = _tracked_spaces(gap[inner], spaces, letters)
        sizes = glyphs.size[start:end]
        largest = int(np.argmax(sizes)) + start
        if sizes.min() < _MARK_SIZE * sizes.max():
            is_mark = (sizes < _MARK_SIZE * sizes.max()) & (
                glyphs.base[start:end] > glyphs.base[largest] + _MARK_RISE * sizes.max()
            )
            spaces = spaces | _around_marks(glyphs.texts[start:end], is_mark)
        text = _text(glyphs.texts[start:end], np.flatnonzero(spaces).tolist())
        box = Box(
            float(glyphs.left[start:end].min()),
            float(glyphs.right[start:end].max()),
            float(glyphs.base[largest]),
            sorted(sizes.tolist())[(end - start) // 2],
        )
        yield _Run(box, text, at)


def _tracked_spaces(
    gap: FloatArray, spaces: NDArray[np.bool_], is_letter: Sequence[bool]
) -> NDArray[np.bool_]:
    """Find the spaces of a run whose letters may be set apart: «T Í T U L O   L A R G O»."""
    inner = np.array([one and other for one, other in pairwise(is_letter)])
    n_inner = int(inner.sum())
    if n_inner < _MIN_TRACKED or spaces[inner].sum() < _TRACKED * n_inner:
        return spaces
    usual = float(np.median(gap[inner]))
    return np.asarray(spaces & (gap > max(1.6 * usual, usual + 2 * _MIN_SPACE)))


def _around_marks(texts: Sequence[str], is_raised: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Set the marks of notes apart from words and their signs; «m²» and «10⁶» stay together."""
    spaces = np.zeros(len(texts) - 1, bool)
    for at, (before, after) in enumerate(pairwise(is_raised)):
        if after and not before and texts[at + 1].isdigit():
            is_sign = not texts[at].isalnum()
            spaces[at] = is_sign or "".join(texts[max(0, at - 2) : at + 1]).isalpha()
        elif before and not after and texts[at].isdigit():
            spaces[at] = texts[at + 1].isalpha()
    return spaces


def _text(texts: Sequence[str], spaces: Sequence[int]) -> str:
    """Write glyphs down, with a space after each of those said."""
    pieces = [_LIGATURES.get(text, text) for text in texts]
    for at in spaces:
        pieces[at] += " "
    return "".join(pieces)


def _column_lines(rows: Sequence[Sequence[_Run]], n_before: int) -> Iterator[Line]:
    """Make lines of the rows of a column, numbered from the top after those before it."""
    boxes = [run.box for row in rows for run in row]
    column = (min(box.left for box in boxes), max(box.right for box in boxes))
    numbers = _numbers(rows, n_before)
    opens: Literal["", "column", "block"] = "column"
    is_table_row = False
    for start, end in _table_rows(rows):
        was_table_row, is_table_row = is_table_row, end > start + 1
        if start and (was_table_row or is_table_row or len(rows[start]) > 1):
            opens = "block"
        before = start
        for at, cells in _pieces(rows[start:end], start):
            ordered = sorted(cells, key=lambda run: run.box.left)
            main = max(ordered, key=lambda run: len(run.text)).box
            if at < before and end - start > _MAX_ROW_LINES:  # not a row: lists side by side
                opens = "block"
            yield Line(
                number=numbers[at],
                text=_clean(" ".join(run.text for run in ordered)),
                left=ordered[0].box.left,
                right=max(run.box.right for run in ordered),
                base=main.base,
                size=main.size,
                last_left=ordered[-1].box.left,
                column=column,
                opens=opens,
                is_cell=is_table_row or len(ordered) > 1,
            )
            before, opens = at, ""


def _clean(text: str) -> str:
    """Leave out the dots that lead to a page number; set a note's mark apart from its text."""
    return _NOTE.sub(r"\1 ", _LEADERS.sub(" ", text))


def _numbers(rows: Sequence[Sequence[_Run]], n_before: int) -> list[int]:
    numbers = []
    last = Box(0, 0, float("inf"), 0)
    for row in rows:
        box = max((run.box for run in row), key=lambda box: box.size)
        if last.base - box.base >= _BESIDE * min(box.size, last.size or box.size):
            last, n_before = box, n_before + 1
        numbers.append(n_before)
    return numbers


def _rows(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Gather what stands on one height, from the top."""
    rows: list[list[_Run]] = []
    main = Box(0, 0, 0, 0)  # the largest of the row
    for run in sorted(runs, key=lambda run: -run.box.base):
        if rows and main.base - run.box.base <= _ROW_RISE * max(main.size, run.box.size):
            rows[-1].append(run)
            main = max(main, run.box, key=lambda box: box.size)
        else:
            rows.append([run])
            main = run.box
    return rows


def _table_rows(rows: Sequence[Sequence[_Run]]) -> Iterator[tuple[int, int]]:
    """Yield the first row and the one after the last of what is a row of a table, or a line.

    The lines of its cells stand beside one another, or are drawn cell by cell.
    """
    start = 0
    while start < len(rows):
        end = start + 1
        first, last = _drawn(rows[start])
        while end < len(rows):
            begins, ends = _drawn(rows[end])
            above, box = rows[end - 1][0].box, rows[end][0].box
            is_beside = above.base - box.base < _BESIDE * min(above.size, box.size)
            if not is_beside and (begins > last or ends < first):
                break
            first, last = min(first, begins), max(last, ends)
            end += 1
        yield start, end
        start = end


def _pieces(rows: Sequence[Sequence[_Run]], start: int) -> Iterator[tuple[int, list[_Run]]]:
    """Yield what is drawn in one go on one row, with the place of the row."""
    drawn = sorted((run.at, row, run) for row, runs in enumerate(rows, start) for run in runs)
    for at, piece in groupby(drawn, key=lambda each: each[1]):
        yield at, [run for _, _, run in piece]


def _drawn(row: Sequence[_Run]) -> tuple[int, int]:
    return min(run.at for run in row), max(run.at for run in row)
