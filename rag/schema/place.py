"""Where something stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

# Of a quote, in its file as it is now: it stands at the place said; at another, which is the one
# given; the file has changed and says it no more; the file is gone.
Status = Literal["verified", "moved", "stale", "missing"]

# What a line of a document's text is in its file.
Unit = Literal["line", "paragraph", "row"]

# Of the lines of a text: some are wraps and some not, as people type; sentences run over all of
# them, but over no blank line; none runs over them.
LineEnds = Literal["unknown", "wraps", "final"]

_MAX_NAMED: Final = 5  # of the places that say the same: a form may be there a thousand times

_UNITS: Final = {
    "line": ("línea", "líneas"),
    "paragraph": ("párrafo", "párrafos"),
    "row": ("fila", "filas"),
}


class Place(NamedTuple):
    """Lines of a file, or of one of its pages; or its paragraphs, or its rows.

    Attributes
    ----------
    line_start, line_end
        Counted from 1 as whoever opens the file counts them: in units, from the beginning of the
        page where there are pages.
    page
        Of a page, slide, sheet or chapter, from 1; None where the format has none.
    page_end
        The page that ``line_end`` is counted on, where that is another; else None.
    label
        What else finds it, in Spanish: «página 3», «hoja «Ventas»», «00:01:02»; may be empty.
    """

    path: str
    line_start: int
    line_end: int
    page: int | None = None
    page_end: int | None = None
    unit: Unit = "line"
    label: str = ""

    def __str__(self) -> str:
        """Return what a person follows; of plain lines, what editors open: ``path:line``."""
        if self.page is None and self.unit == "line":
            where = f"{self.path}:{_span(self.line_start, self.line_end)}"
            return f"{where} ({self.label})" if self.label else where
        one, several = _UNITS[self.unit]
        if self.page_end is not None:
            lines = f"{one} {self.line_start}, a página {self.page_end}, {one} {self.line_end}"
        elif self.line_start == self.line_end:
            lines = f"{one} {self.line_start}"
        else:
            lines = f"{several} {_span(self.line_start, self.line_end)}"
        return ", ".join(filter(None, (self.path, self.label, lines)))

    def holds(self, other: Place) -> bool:
        """Say whether another place is this one or within it."""
        return self.path == other.path and self._first <= other._first and other._last <= self._last

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return self._asdict()

    @property
    def _first(self) -> tuple[int, int]:
        return self.page or 0, self.line_start

    @property
    def _last(self) -> tuple[int, int]:
        return self.page_end or self.page or 0, self.line_end


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


class Located:
    """What stands at a place, and perhaps says what others say too."""

    __slots__ = ()

    if TYPE_CHECKING:
        marker: int
        at: Place
        score: float
        status: Status
        also_at: tuple[Place, ...]
        warnings: tuple[str, ...]

        @property
        def headings(self) -> Sequence[str]: ...

    @property
    def path(self) -> str:
        """Of the file, as the index knows it."""
        return self.at.path

    @property
    def line_start(self) -> int:
        """The first line, from 1."""
        return self.at.line_start

    @property
    def line_end(self) -> int:
        """The last line."""
        return self.at.line_end

    @property
    def page(self) -> int | None:
        """Of the page, slide, sheet or chapter, from 1."""
        return self.at.page

    @property
    def place(self) -> str:
        """The place as a person follows it; of plain lines, ``path:line``, as editors open."""
        return str(self.at)

    @property
    def all_places(self) -> str:
        """The place and the others that say the same, the first of them by name."""
        also = ", ".join(map(str, self.also_at[:_MAX_NAMED]))
        n_more = len(self.also_at) - _MAX_NAMED
        more = f" y {n_more} más" if n_more > 0 else ""
        return f"{self.place} (también en {also}{more})" if also else self.place

    @property
    def section(self) -> str:
        """The titles that it stands under, as a person is told; may be empty."""
        return " › ".join(self.headings)

    def _place_dict(self) -> dict[str, Any]:
        return {
            "marker": self.marker,
            **self.at.as_dict(),
            "place": self.place,
            "headings": list(self.headings),
            "score": round(self.score, 4),
            "status": self.status,
            "also_at": [place.as_dict() for place in self.also_at],
            "warnings": list(self.warnings),
        }
