"""What a reasoning model says to itself, kept apart from what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NAMES: Final = ("<{}think>", "<{}thinking>", "<{}thought>", "[{}think]")
_OPENING_TAGS: Final = tuple(name.format("") for name in _NAMES)
_CLOSING_TAGS: Final = tuple(name.format("/") for name in _NAMES)
_LONGEST: Final = max(map(len, _CLOSING_TAGS))
_OPENING: Final = re.compile("|".join(map(re.escape, _OPENING_TAGS)), re.IGNORECASE)
_CLOSING: Final = re.compile("|".join(map(re.escape, _CLOSING_TAGS)), re.IGNORECASE)


def without_thinking(pieces: Iterator[str], *, begins_thinking: bool = False) -> Iterator[str]:
    """Leave out what stands between ``<think>`` and ``</think>``, however it is cut up.

    Parameters
    ----------
    begins_thinking
        The model may begin inside a thought whose opening tag was part of its prompt: hold
        everything back until a closing tag, or the end, says what it was.

    Yields
    ------
    str
        At least one piece, be it an empty one, for each that comes in: whoever reads may stop the
        model while it thinks.
    """
    if begins_thinking:
        pieces = _from_the_answer(pieces)
    held, thinking = "", False
    for piece in pieces:
        held += piece
        ready = ""
        while True:
            found = (_CLOSING if thinking else _OPENING).search(held)
            end = found.start() if found else len(held) - _begun(held, thinking=thinking)
            if not thinking:
                ready += held[:end]
            held = held[found.end() if found else end :]
            if found is None:
                break
            thinking = not thinking
        yield ready
    if held and not thinking:
        yield held


def spoken(text: str) -> str:
    """Return what follows the last closing tag of a text, or the whole of it."""
    return text[max((tag.end() for tag in _CLOSING.finditer(text)), default=0) :]


def _begun(held: str, *, thinking: bool) -> int:
    """Return how many characters at the end may be the beginning of a tag."""
    ending = held.lower()
    tags = _CLOSING_TAGS if thinking else _OPENING_TAGS
    for n_chars in range(min(_LONGEST - 1, len(ending)), 0, -1):
        if any(tag.startswith(ending[-n_chars:]) for tag in tags):
            return n_chars
    return 0


def _from_the_answer(pieces: Iterator[str]) -> Iterator[str]:
    held = ""
    for piece in pieces:
        held += piece
        # What was looked through before may at most end in the beginning of a tag.
        closing = _CLOSING.search(held, max(0, len(held) - len(piece) - _LONGEST))
        if closing:
            yield held[closing.end() :]
            yield from pieces
            return
        yield ""
    yield held
