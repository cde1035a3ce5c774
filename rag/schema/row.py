"""A row of an index: the segment that a chunk is in, and its place in it, in one integer."""

from __future__ import annotations

from typing import Final, NamedTuple

_PLACE_BITS: Final = 32  # leaves 31 for segments: FAISS keeps signed 64-bit integers


class Row(NamedTuple):
    """Where a chunk is in an index. It keeps its row while its segment lasts."""

    segment: int
    place: int

    @classmethod
    def of(cls, number: int) -> Row:
        """Return the row that ``number`` stands for."""
        return cls(number >> _PLACE_BITS, number & (2**_PLACE_BITS - 1))

    @property
    def number(self) -> int:
        """The row as one integer, which the searches keep; rows of a segment are consecutive."""
        return self.segment << _PLACE_BITS | self.place
