"""Whether what was found says the answer: the same rule for every peer, ours too.

A piece is right when, looked up in the file that it says it is of, it has the whole of the answer's
own span. White space counts for nothing. What a peer has written in another way, so that it is not
found there, is right when it says the sentence of the answer, signs of markup apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from bench.peers.documents import Asked, Documents, Place, normal

Found = dict[str, Any]  # text and source, as a program tells them

_MARKUP: Final = re.compile(r"[#*_`>|\\\[\]]")
_SENTENCE_END: Final = re.compile(r"[.!?…](?=\s|$)")


class Judge:
    """Judges what is found in a set of documents."""

    def __init__(self, documents: Documents) -> None:
        self._flat = {name: _Flat(text) for name, text in documents.texts.items()}

    def rank(self, found: Sequence[Found], asked: Asked) -> int | None:
        """Return the rank, from 1, of the first that is right; None if none is."""
        right = (rank for rank, piece in enumerate(found, 1) if self.is_right(piece, asked))
        return next(right, None)

    def is_right(self, piece: Found, asked: Asked) -> bool:
        """Say whether a piece says the answer."""
        if asked.places:
            return any(self._holds(piece, place) for place in asked.places)
        said = normal(piece["text"])
        return piece["source"] in asked.files and any(normal(one) in said for one in asked.answers)

    def _holds(self, piece: Found, place: Place) -> bool:
        if piece["source"] != place.file:
            return False
        flat = self._flat[place.file]
        start, end = flat.span(place)
        text = " ".join(piece["text"].split())
        spots = [match.start() for match in re.finditer(f"(?={re.escape(text)})", flat.text)]
        if text and spots:
            return any(spot <= start and end <= spot + len(text) for spot in spots)
        return _bare(flat.sentence(start, end)) in _bare(text)


class _Flat:
    """A text with single white space, and where each of its characters has gone."""

    def __init__(self, text: str) -> None:
        kept: list[str] = []
        self._at: list[int] = []
        for character in text:
            self._at.append(len(kept))
            if not character.isspace():
                kept.append(character)
            elif kept and kept[-1] != " ":
                kept.append(" ")
        self.text = "".join(kept)

    def span(self, place: Place) -> tuple[int, int]:
        """Return where a span of the text stands here."""
        return self._at[place.start], self._at[place.end - 1] + 1

    def sentence(self, start: int, end: int) -> str:
        """Return the sentence, or sentences, that a span stands in."""
        ends = [match.end() for match in _SENTENCE_END.finditer(self.text)]
        first = max((at for at in ends if at <= start), default=0)
        last = min((at for at in ends if at >= end), default=len(self.text))
        return self.text[first:last]


def _bare(text: str) -> str:
    return " ".join(_MARKUP.sub("", text).split())
