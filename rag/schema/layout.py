"""Where in its file each line of a document's text stands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from rag.schema.place import LineEnds, Place, Unit


class Mark(NamedTuple):
    """The beginning of a page, or of whatever else tells where a text stands.

    Attributes
    ----------
    start
        The first character of the document's text that it is true of.
    page
        Of a page, slide, sheet or chapter, from 1; None where the format has none.
    label
        In Spanish: «página 3», «hoja «Ventas»», «00:01:02», «/personas/0/nombre».
    """

    start: int
    page: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in its file each line of a text stands.

    Attributes
    ----------
    unit
        What a line of the text is in the file.
    numbers
        Of each line of the text, from 1, as the file or the page counts it; empty where the lines
        are the file's own, one by one.
    marks
        In order of their beginning.
    line_ends
        What the end of a line is to a sentence. Where none runs over it, none runs over the end of
        a page either.
    """

    unit: Unit = "line"
    numbers: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    line_ends: LineEnds = "unknown"

    def place(self, path: str, span: tuple[int, int], lines: tuple[int, int], base: int) -> Place:
        """Return where a span of at least one character stands.

        Parameters
        ----------
        span
            Half open, in characters of the document's text.
        lines
            The first and the last line of the text that it stands on, from 0.
        base
            The number of the first line, where the lines are the file's own.
        """
        first, last = ((self.numbers[at] if self.numbers else base + at) for at in lines)
        mark, end = self._mark(span[0]), self._mark(span[1] - 1)
        page, label = (mark.page, mark.label) if mark else (None, "")
        page_end = end.page if end and end.page != page else None
        if page_end is None and self.numbers:  # a cell of a table may begin above where one ends
            within = self.numbers[lines[0] : lines[1] + 1]
            first, last = min(within), max(within)
        return Place(path, first, last, page, page_end, self.unit, label)

    def part(self, span: tuple[int, int], lines: tuple[int, int]) -> Self:
        """Return the layout of a part of the text; its offsets stay the document's."""
        mark = self._mark(span[0])
        inside = tuple(each for each in self.marks if span[0] < each.start < span[1])
        return type(self)(
            self.unit,
            self.numbers[lines[0] : lines[1] + 1],
            inside if mark is None else (mark, *inside),
            self.line_ends,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the layout as JSON has it."""
        return {
            "unit": self.unit,
            "numbers": self.numbers,
            "marks": self.marks,
            "line_ends": self.line_ends,
        }

    @classmethod
    def of(cls, record: dict[str, Any]) -> Self:
        """Return the layout that ``as_dict`` gave."""
        marks = tuple(Mark(*each) for each in record["marks"])
        return cls(record["unit"], tuple(record["numbers"]), marks, record["line_ends"])

    def _mark(self, at: int) -> Mark | None:
        """Return the mark that holds at a character."""
        found = bisect_right(self.marks, at, key=lambda mark: mark.start)
        return self.marks[found - 1] if found else None


# Of a text whose lines are the file's own, one by one.
PLAIN: Final = Layout()
