"""Where something stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

# Of a quote, in its file as it is now: it stands at the lines said; at others, which are the ones
# given; the file has changed and says it no more; the file is gone.
Status = Literal["verified", "moved", "stale", "missing"]


class Place(NamedTuple):
    """Lines of a document."""

    path: str
    line_start: int
    line_end: int
    page: int | None

    def __str__(self) -> str:
        """Return the form that editors and terminals open: ``path:line`` or ``path:first-last``."""
        one = self.line_start == self.line_end
        lines = str(self.line_start) if one else f"{self.line_start}-{self.line_end}"
        return f"{self.path}:{lines}"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return self._asdict()


class Located:
    """What stands at a place, and perhaps says what others say too."""

    __slots__ = ()

    if TYPE_CHECKING:
        marker: int
        path: str
        line_start: int
        line_end: int
        page: int | None
        score: float
        status: Status
        also_at: tuple[Place, ...]
        warnings: tuple[str, ...]

    @property
    def place(self) -> str:
        """The form that editors and terminals open: ``path:line``, or ``path:first-last``."""
        return str(Place(self.path, self.line_start, self.line_end, self.page))

    @property
    def all_places(self) -> str:
        """The place and the others that say the same, as a person is told."""
        also = ", ".join(map(str, self.also_at))
        return f"{self.place} (también en {also})" if also else self.place

    def _place_dict(self) -> dict[str, Any]:
        return {
            "marker": self.marker,
            "path": self.path,
            "line_start": self.line_start,
            "line_end": self.line_end,
            "page": self.page,
            "score": round(self.score, 4),
            "status": self.status,
            "also_at": [place.as_dict() for place in self.also_at],
            "warnings": list(self.warnings),
        }
