"""Fingerprints: what says the same words as another text has the same number.

The index keeps them: whoever makes the words of a text others raises ``ANALYZER_VERSION``.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from rag.lexical.analysis import fold

_N_BYTES: Final = 8  # of a thousand million texts, two that differ are alike once in forty times


def words_of(text: str) -> str:
    """Return the words of a text, a space apart, whatever their case, accents and punctuation."""
    said = text.casefold()
    # A text has few different characters, and each takes one quick pass.
    for character in set(said):
        letter = _letter(character)
        if letter != character:
            said = said.replace(character, letter)
    return " ".join(said.split())


def fingerprint(text: str) -> int:
    """Return a number in [0, 2**64) that texts of the same words have, and by chance alone others.

    By it the chunks and sentences of an index that repeat others are known unread.
    """
    return int.from_bytes(blake2b(words_of(text).encode(), digest_size=_N_BYTES).digest(), "little")


@lru_cache(maxsize=10_000)
def _letter(character: str) -> str:
    """Return the letter or digit under a character's accents; a space where there is none."""
    letter = fold(character)
    return letter if letter.isalnum() else " "
