"""Repeats: what is said in the same words in several places counts once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from rag.lexical import fold
from rag.schema import Chunk, Hit

_WORD: Final = re.compile(r"[^\W_]+")
_LENGTH_APART: Final = 0.1  # texts whose lengths differ by more are not the same
_MAX_TIMES_ASKED: Final = 16  # as many hits as wanted: a folder may hold one form a thousand times


@lru_cache(maxsize=10_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, whatever their case, accents and punctuation."""
    return tuple(_WORD.findall(fold(text.casefold())))


def is_same(one: str, other: str) -> bool:
    """Say whether two texts are the same words."""
    own, others = _n_letters(one), _n_letters(other)
    # Most are too different in length, and words take time.
    if abs(own - others) > _LENGTH_APART * (own if own > others else others):
        return False
    return words_of(one) == words_of(other)


@lru_cache(maxsize=10_000)
def _n_letters(text: str) -> int:
    """Return how long a text is without its white space."""
    return len("".join(text.split()))


class Distinct:
    """The chunks that searches find, those of the same words under the first of them.

    Parameters
    ----------
    chunk_of
        Returns the chunk of a row.
    """

    def __init__(self, chunk_of: Callable[[int], Chunk]) -> None:
        self._chunk_of = chunk_of
        self._chunks: dict[int, Chunk] = {}
        self._rows: dict[tuple[str, ...], list[int]] = {}

    def search(self, search: Callable[[int], Sequence[Hit]], n_wanted: int) -> list[Hit]:
        """Return the best hits that say different things.

        Parameters
        ----------
        search
            Returns so many hits, best first, or all there are.
        """
        n_asked = n_wanted
        while True:
            hits = search(n_asked)
            found: dict[int, Hit] = {}
            for hit in hits:
                first = self._take(hit.row)
                found.setdefault(first, Hit(first, hit.score))
            is_all = len(hits) < n_asked or n_asked >= _MAX_TIMES_ASKED * n_wanted
            if len(found) >= n_wanted or is_all:
                return list(found.values())[:n_wanted]
            n_asked *= 2

    def chunk(self, row: int) -> Chunk:
        """Return the chunk of a row."""
        if row not in self._chunks:
            self._chunks[row] = self._chunk_of(row)
        return self._chunks[row]

    def copies(self, row: int) -> tuple[Chunk, ...]:
        """Return the other chunks found that say the words of one."""
        rows = self._rows.get(words_of(self.chunk(row).text), [])
        return tuple(self.chunk(other) for other in rows if other != row)

    def _take(self, row: int) -> int:
        """Return the first row found with the words of one."""
        rows = self._rows.setdefault(words_of(self.chunk(row).text), [])
        if row not in rows:
            rows.append(row)
        return rows[0]
