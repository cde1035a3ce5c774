"""Repeats: what is said in the same words in several places counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from rag.lexical import fold
from rag.schema import Chunk, Hit

_LENGTH_ALIKE: Final = 0.9  # a text with less of another's letters is not the same
_MAX_TIMES_ASKED: Final = 16  # as many hits as wanted: a folder may hold one form a thousand times


@lru_cache(maxsize=10_000)
def words_of(text: str) -> str:
    """Return the words of a text, whatever their case, accents and punctuation.

    A space stands before and after each, so that what says some words is found by ``in``.
    """
    said = text.casefold()
    # A text has few different characters, and each takes one quick pass.
    for character in set(said):
        letter = _letter(character)
        if letter != character:
            said = said.replace(character, letter)
    return f" {' '.join(said.split())} "


@lru_cache(maxsize=10_000)
def _letter(character: str) -> str:
    """Return the letter or digit under a character's accents; a space where there is none."""
    letter = fold(character)
    return letter if letter.isalnum() else " "


class Said:
    """What some texts say, to be asked which of them another repeats.

    Texts are repeated in the same words, unless one is longer by much else than words.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [(*_as_long(_n_letters(text)), text) for text in texts]

    def which(self, text: str) -> int | None:
        """Return the place, from 0, of the first that says the same; None if there is none."""
        own = _n_letters(text)
        for at, (least, most, said) in enumerate(self._texts):
            # Most are too different in length, and words take time.
            if least <= own <= most and words_of(text) == words_of(said):
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
    chunk_of
        Returns the chunk of a row.
    """

    def __init__(self, chunk_of: Callable[[int], Chunk]) -> None:
        self._chunk_of = chunk_of
        self._chunks: dict[int, Chunk] = {}
        self._rows: dict[str, list[int]] = {}

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
