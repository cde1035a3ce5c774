"""Repeats: what is said in the same words in several places counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rag.schema import Hit

_LENGTH_ALIKE: Final = 0.9  # a text with less of another's letters is not the same
_MAX_TIMES_ASKED: Final = 16  # as many hits as wanted: a folder may hold one form a thousand times


class Said:
    """What some sentences say, to be asked which of them another repeats.

    Sentences are repeated in the same words, unless one is longer by much else than words.

    Parameters
    ----------
    sentences
        The fingerprint of each, and its text.
    """

    def __init__(self, sentences: Iterable[tuple[int, str]]) -> None:
        self._alike: dict[int, list[tuple[int, float, float]]] = {}
        for at, (words, text) in enumerate(sentences):
            self._alike.setdefault(words, []).append((at, *_as_long(_n_letters(text))))

    def which(self, words: int, text: str) -> int | None:
        """Return the place, from 0, of the first that says the same; None if there is none."""
        for at, least, most in self._alike.get(words, ()):
            if least <= _n_letters(text) <= most:
                return at
        return None


def _as_long(n_letters: int) -> tuple[float, float]:
    """Return the lengths between which a text may be the same as one of so many letters."""
    return n_letters * _LENGTH_ALIKE, n_letters / _LENGTH_ALIKE


def _n_letters(text: str) -> int:
    """Return how long a text is without its white space."""
    return len("".join(text.split()))


class Distinct:
    """The chunks that searches find, those of the same words under the first of them.

    Parameters
    ----------
    fingerprint_of
        Returns that of the words of a row's chunk.
    """

    def __init__(self, fingerprint_of: Callable[[int], int]) -> None:
        self._fingerprint_of = fingerprint_of
        # Rows in the order they were found, by fingerprint; a set would lose the order.
        self._alike: dict[int, dict[int, None]] = {}

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

    def copies(self, row: int) -> tuple[int, ...]:
        """Return the other rows found whose chunks say the words of one."""
        return tuple(other for other in self._alike[self._fingerprint_of(row)] if other != row)

    def _take(self, row: int) -> int:
        """Return the first row found with the words of one."""
        alike = self._alike.setdefault(self._fingerprint_of(row), {})
        alike[row] = None
        return next(iter(alike))
