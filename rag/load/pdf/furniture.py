"""What stands on the pages of a book for turning them: running heads and feet, page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from rag.load.pdf.lines import Line

_N_LINES: Final = 3  # at the top of a page, and at its bottom, that are looked at
_SAME_HEIGHT: Final = 2.0  # points
_MIN_SHARE: Final = 0.5  # of the pages
_MIN_NEAR: Final = 3  # pages, near one another, with the head of their chapter
_NEAR: Final = 2  # pages; those of the left side have another head than those of the right
_MIN_GAP: Final = 1.5  # of the size of the letters, to the text
_MAX_SIZE: Final = 1.15  # of the body's letters; what is larger is a title

_NUMBER: Final = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER: Final = re.compile(
    r"\W*(?:p[áa]g(?:ina|\.)?\s*)?(\d{1,5}|[ivxlc]+)(?:\s*(?:/|de|of)\s*\d{1,5})?\W*", re.IGNORECASE
)


class _Edge(NamedTuple):
    """A line near the top or the bottom of its page."""

    page: int
    rank: int  # 0 the outermost
    line: Line


def find_furniture(pages: Sequence[Sequence[Line]], body_size: float) -> list[set[int]]:
    """Say which lines of each page are not of its text.

    The same words, digits apart, at the same height on half of the pages, or on pages that are near
    one another; a number alone that grows with the pages; and what stands outermost on the
    height where most pages have such a line.

    Parameters
    ----------
    body_size
        Of the letters, in points.
    """
    found: list[set[int]] = [set() for _ in pages]
    if len(pages) < 2:
        return found
    for is_top in (True, False):
        ordered = [
            sorted(range(len(lines)), key=lambda at: lines[at].base, reverse=is_top)
            for lines in pages
        ]
        edges = [
            _Edge(page, rank, pages[page][at])
            for page, order in enumerate(ordered)
            for rank, at in enumerate(order[:_N_LINES])
            if pages[page][at].size <= _MAX_SIZE * body_size
        ]
        said = {*_repeated(edges, len(pages)), *_numbered(edges)}
        said |= _at_height(edges, said, len(pages))
        places = {(edge.page, edge.rank) for edge in said}
        for page, order in enumerate(ordered):
            lines = [pages[page][at] for at in order]
            n_outer = 0
            while (page, n_outer) in places:
                n_outer += 1
            while n_outer and not _stands_apart(lines, n_outer):
                n_outer -= 1
            found[page].update(order[:n_outer])
    is_all = all(len(left_out) == len(lines) for left_out, lines in zip(found, pages, strict=True))
    return [set() for _ in pages] if is_all else found


def _stands_apart(lines: Sequence[Line], n_outer: int) -> bool:
    """Say whether the outermost lines of a page are away from what is said between them."""
    if n_outer == len(lines):
        return n_outer == 1  # a page with a picture, or with nothing
    outer, inner = lines[n_outer - 1], lines[n_outer]
    return abs(outer.base - inner.base) > _MIN_GAP * min(outer.size, inner.size)


def _repeated(edges: Sequence[_Edge], n_pages: int) -> set[_Edge]:
    alike: dict[tuple[str, ...], list[_Edge]] = defaultdict(list)
    for edge in edges:
        words = tuple(sorted(_NUMBER.sub(" ", edge.line.text).casefold().split()))
        if any(character.isalpha() for word in words for character in word):
            alike[words].append(edge)
    said: set[_Edge] = set()
    for group in alike.values():
        height = median(edge.line.base for edge in group)
        level = [edge for edge in group if abs(edge.line.base - height) <= _SAME_HEIGHT]
        if len({edge.page for edge in level}) >= max(2, _MIN_SHARE * n_pages):
            said.update(level)
        elif len(level) >= _MIN_NEAR:
            gaps = [after.page - edge.page for edge, after in pairwise(level)]
            near = [gap <= _NEAR for gap in gaps]
            pairs = zip(level, [False, *near], [*near, False], strict=True)
            said.update(edge for edge, before, after in pairs if before or after)
    return said


def _numbered(edges: Sequence[_Edge]) -> set[_Edge]:
    """Find the numbers that stand alone and are as far ahead of their page as others are."""
    numbers = [
        (edge, _value(match.group(1)) - edge.page)
        for edge in edges
        if (match := _PAGE_NUMBER.fullmatch(edge.line.text))
    ]
    usual = Counter(ahead for _, ahead in numbers)
    return {edge for edge, ahead in numbers if usual[ahead] > 1}


def _at_height(edges: Sequence[_Edge], said: set[_Edge], n_pages: int) -> set[_Edge]:
    """Find the heads that stand on one page only, where those of most pages stand."""
    outermost = [edge.line for edge in said if edge.rank == 0]
    if len(outermost) < max(3, _MIN_SHARE * n_pages):
        return set()
    height = median(line.base for line in outermost)
    size = median(line.size for line in outermost)
    return {
        edge
        for edge in edges
        if edge.rank == 0
        and abs(edge.line.base - height) <= _SAME_HEIGHT
        and abs(edge.line.size - size) < 1
    }


_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def _value(number: str) -> int:
    """Return the value of a number in Arabic or Roman figures."""
    if number.isdigit():
        return int(number)
    values = [_ROMAN[sign] for sign in number.lower()]
    return sum(
        -value if after > value else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )
