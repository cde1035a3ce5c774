"""Which runs of letters stand in columns of text, from their place and the order of drawing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

import numpy as np

_MAX_DEPTH: Final = 3  # up to eight columns
_MARGIN: Final = 0.15  # of the width, at both sides, where no gutter is looked for
_MIN_GUTTER: Final = 0.5  # of the size of the letters
_MAX_ACROSS: Final = 0.35  # of the runs: titles, figures' captions
_BAND_GAP: Final = 3.0  # of the size of the letters; a blank band from side to side

# What sets columns of prose apart from a table: lines are long, most are full, and there are some.
_MIN_LINE: Final = 10.0  # of the size of the letters
_FULL: Final = 0.75  # of the longest lines
_MIN_FULL: Final = 0.5  # of the lines
_MIN_LINES: Final = 3
_MIN_LINES_MIXED: Final = 5  # where left and right are drawn by turns, as in a table


class Box(NamedTuple):
    """Where a run of letters stands, in points."""

    left: float
    right: float
    base: float
    size: float


def columns(boxes: Sequence[Box]) -> list[list[int]]:
    """Part the runs of a page into columns, in the order in which they are read.

    Parameters
    ----------
    boxes
        In the order in which they are drawn.

    Returns
    -------
    list[list[int]]
        Which boxes are in each, in the order of drawing; what goes from side to side of the
        page, and all of a page without columns, is a column too. None is empty.
    """
    return _part(boxes, list(range(len(boxes))), _MAX_DEPTH) if boxes else []


def _part(boxes: Sequence[Box], members: list[int], depth: int) -> list[list[int]]:
    gutter = _gutter([boxes[at] for at in members]) if depth else None
    if gutter is None:
        return [members]
    parts: list[list[int]] = []
    plain: list[int] = []
    sides: tuple[list[int], list[int]] = ([], [])

    def close() -> None:
        """End the columns, or what stands before them."""
        if plain:
            parts.append(sorted(plain))
            plain.clear()
        for side in sides:
            if side:
                parts.extend(_part(boxes, sorted(side), depth - 1))
                side.clear()

    for band in _bands(boxes, members, gutter):
        left = [at for at in band if boxes[at].right <= gutter]
        right = [at for at in band if boxes[at].left >= gutter]
        if len(left) + len(right) == len(band) and _are_columns(boxes, left, right):
            if plain:
                close()
            sides[0].extend(left)  # a blank band that happens to go through both ends neither
            sides[1].extend(right)
        else:
            if sides[0]:
                close()
            plain += band
    close()
    return parts


def _gutter(boxes: Sequence[Box]) -> float | None:
    """Return where the fewest runs go across, away from the margins; None if too many do."""
    if len(boxes) < 2 * _MIN_LINES:
        return None
    left = np.array([box.left for box in boxes])
    right = np.array([box.right for box in boxes])
    start, width = float(left.min()), float(right.max() - left.min())
    n_cells = min(int(width), 10_000)
    if n_cells < 10:
        return None
    scale = n_cells / width
    first = np.floor((left - start) * scale).astype(np.int64)
    last = np.ceil((right - start) * scale).astype(np.int64)
    n_across = np.cumsum(
        np.bincount(first, minlength=n_cells + 2) - np.bincount(last, minlength=n_cells + 2)
    )
    inner = n_across[int(n_cells * _MARGIN) : int(n_cells * (1 - _MARGIN))]
    if inner.min() > _MAX_ACROSS * len(boxes):
        return None
    is_least = np.concatenate([[False], inner == inner.min(), [False]])
    edges = np.flatnonzero(is_least[1:] != is_least[:-1]).reshape(-1, 2)
    widest = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    if (widest[1] - widest[0]) / scale < _MIN_GUTTER * median(box.size for box in boxes):
        return None
    return start + (int(n_cells * _MARGIN) + float(widest.mean())) / scale


def _bands(boxes: Sequence[Box], members: Sequence[int], gutter: float) -> list[list[int]]:
    """Part runs from the top down, where one goes across the gutter and where all is blank."""
    ordered = sorted(members, key=lambda at: -boxes[at].base)
    across = [at for at in ordered if boxes[at].left < gutter < boxes[at].right]
    cuts = [-boxes[at].base for at in across]
    for above, below in pairwise(ordered):
        if boxes[above].base - boxes[below].base > _BAND_GAP * boxes[above].size:
            cuts.append(-boxes[below].base - 1e-6)
    cuts.sort()
    is_across = set(across)
    bands: dict[tuple[int, bool], list[int]] = {}
    for at in ordered:
        band = bisect_left(cuts, -boxes[at].base)
        bands.setdefault((band, at in is_across), []).append(at)
    return list(bands.values())


def _are_columns(boxes: Sequence[Box], left: Sequence[int], right: Sequence[int]) -> bool:
    n_lines = min(len(left), len(right))
    if n_lines < _MIN_LINES or not (_is_prose(boxes, left) and _is_prose(boxes, right)):
        return False
    top = min(max(boxes[at].base for at in side) for side in (left, right))
    bottom = max(min(boxes[at].base for at in side) for side in (left, right))
    if top <= bottom:  # one below the other
        return False
    is_left = set(left)
    drawn = sorted((*left, *right))
    n_turns = sum((one in is_left) != (other in is_left) for one, other in pairwise(drawn))
    return n_turns <= 2 or (n_lines >= _MIN_LINES_MIXED and n_turns > n_lines)


def _is_prose(boxes: Sequence[Box], side: Sequence[int]) -> bool:
    widths = sorted(boxes[at].right - boxes[at].left for at in side)
    long = widths[len(widths) * 9 // 10]
    if long < _MIN_LINE * median(boxes[at].size for at in side):
        return False
    return sum(width >= _FULL * long for width in widths) >= _MIN_FULL * len(widths)
