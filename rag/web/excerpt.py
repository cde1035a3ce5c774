"""Excerpt: a stretch of a document as numbered lines, with some of its words marked."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, TypedDict

from rag.schema import Chunk

_MAX_BESIDE: Final = 400  # characters of a line shown on each side of what is marked
_MAX_MARKED: Final = 4000  # of it

# What would show a text otherwise than it is: control characters, and those that turn its order.
_UNTRUE: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_SPACES: Final = "\n\v\f\r\x85\u2028\u2029"

Span = tuple[int, int]  # half open, in characters of the stretch


class LineState(TypedDict):
    """A line as the page shows it.

    ``number`` is None where the file does not count it; ``marks`` are in UTF-16 units of ``text``,
    as a browser counts; ``cut`` tells at which of its ends more of it is left out.
    """

    number: int | None
    label: str
    text: str
    marks: list[list[int]]
    cut: list[bool]


def visible(text: str) -> str:
    """Return a text in which nothing hides, or turns round, what is written."""
    return _UNTRUE.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SPACES:
        return " "
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # ␀, ␛…
    if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069:
        return f"⟨U+{code:04X}⟩"
    return "\N{REPLACEMENT CHARACTER}"


class Excerpt:
    """The lines of a stretch of a document, counted here from 0.

    Parameters
    ----------
    stretch
        A chunk, several, or the whole.
    """

    def __init__(self, stretch: Chunk) -> None:
        self.stretch = stretch
        self._starts = [0, *(match.end() for match in re.finditer("\n", stretch.text))]

    @property
    def n_lines(self) -> int:
        """How many lines there are."""
        return len(self._starts)

    def lines_of(self, span: Span) -> tuple[int, int]:
        """Return the first and the last line that a span stands on."""
        first = bisect_right(self._starts, span[0]) - 1
        return first, max(first, bisect_left(self._starts, span[1]) - 1)

    def find(self, quote: str, page: int | None, line: int) -> Span | None:
        """Return where a text stands, nearest to a line of a page; None where it does not.

        Parameters
        ----------
        quote
            White space in it matches any other.
        """
        words = quote.split()
        if not words:
            return None
        text, start = self.stretch.text, self.stretch.start
        nearest: tuple[int, int] | None = None
        found: Span | None = None
        for match in re.finditer(r"\s+".join(map(re.escape, words)), text):
            at = self.stretch.place(start + match.start(), start + match.end())
            distance = abs((at.page or 0) - (page or 0)), abs(at.line_start - line)
            if nearest is None or distance < nearest:
                nearest, found = distance, match.span()
        return found

    def span_of(self, page: int | None, first: int, last: int) -> Span | None:
        """Return the span of some lines of a page, as the file counts them; None where none is."""
        inside = [
            at
            for at in range(self.n_lines)
            if (number := self._number(at)) is not None
            and first <= number <= last
            and (page is None or self._page(at) == page)
        ]
        return (self._starts[inside[0]], self._end(inside[-1])) if inside else None

    def lines(
        self,
        first: int,
        last: int,
        span: Span | None = None,
        *,
        max_chars: int = 2 * _MAX_BESIDE,
        is_top: bool = False,
    ) -> list[LineState]:
        """Return some lines.

        Parameters
        ----------
        span
            To be marked.
        max_chars
            Of a line with no mark.
        is_top
            Whether the first line tells the page that it is on, though it does not begin it.
        """
        first, last = max(0, first), min(last, self.n_lines - 1)
        shown = [self._line(at, span, max_chars) for at in range(first, last + 1)]
        if is_top and shown and not shown[0]["label"]:
            mark = self._mark(self._starts[first])
            shown[0]["label"] = visible(self.stretch.layout.marks[mark].label) if mark >= 0 else ""
        return shown

    def _line(self, at: int, span: Span | None, max_chars: int) -> LineState:
        start, end = self._starts[at], self._end(at)
        text = self.stretch.text
        marked = _within(text, span, start, end)
        if marked is None:
            shown_end = min(end, start + max_chars)
            return self._state(at, visible(text[start:shown_end]), [], [False, shown_end < end])
        mark_end = min(marked[1], marked[0] + _MAX_MARKED)
        shown_start = max(start, marked[0] - _MAX_BESIDE)
        shown_end = min(end, mark_end + _MAX_BESIDE)
        before = visible(text[shown_start : marked[0]])
        words = visible(text[marked[0] : mark_end])
        behind = visible(text[mark_end:shown_end])
        mark = [_n_units(before), _n_units(before) + _n_units(words)]
        return self._state(
            at, before + words + behind, [mark], [shown_start > start, shown_end < end]
        )

    def _state(self, at: int, text: str, marks: list[list[int]], cut: list[bool]) -> LineState:
        return {
            "number": self._number(at),
            "label": self._label(at),
            "text": text,
            "marks": marks,
            "cut": cut,
        }

    def _end(self, at: int) -> int:
        """Return the end of a line, without what ends it."""
        is_last = at + 1 == self.n_lines
        return len(self.stretch.text) if is_last else self._starts[at + 1] - 1

    def _number(self, at: int) -> int | None:
        """Return the number of a line in its file; None where a blank line stands for no line."""
        numbers = self.stretch.layout.numbers
        if not numbers:
            return self.stretch.line_start + at
        is_blank = not self.stretch.text[self._starts[at] : self._end(at)].strip()
        return None if is_blank else numbers[at]

    def _mark(self, at: int) -> int:
        """Return which mark of the layout holds at a character; -1 where none does."""
        marks = self.stretch.layout.marks
        return bisect_right(marks, self.stretch.start + at, key=lambda mark: mark.start) - 1

    def _page(self, at: int) -> int | None:
        mark = self._mark(self._starts[at])
        return self.stretch.layout.marks[mark].page if mark >= 0 else None

    def _label(self, at: int) -> str:
        """Return what begins on a line: a page, a chapter, a minute."""
        mark = self._mark(self._end(at))
        if (
            mark < 0
            or self.stretch.layout.marks[mark].start < self.stretch.start + self._starts[at]
        ):
            return ""
        return visible(self.stretch.layout.marks[mark].label)


def trimmed(lines: Sequence[LineState]) -> list[LineState]:
    """Leave out the blank lines at both ends."""
    said = [at for at, line in enumerate(lines) if line["text"].strip()]
    return list(lines[said[0] : said[-1] + 1]) if said else []


def _within(text: str, span: Span | None, start: int, end: int) -> Span | None:
    """Return the part of a span that stands on a line, without the space around it."""
    if span is None:
        return None
    part = text[max(span[0], start) : min(span[1], end)] if span[0] < end else ""
    if not part.strip():
        return None
    first = max(span[0], start) + len(part) - len(part.lstrip())
    return first, first + len(part.strip())


def _n_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
