"""Markers: the ``[n]`` of an answer, found, and set back in their places."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

_MARKER: Final = re.compile(r"[^\S\n]*\[(\d{1,4}(?:\s*[,;y]\s*\d{1,4})*)\]")
_UNFINISHED: Final = re.compile(r"[^\S\n]*\[[\d,;y\s]*\Z")
_END: Final = re.compile(r"[.!?…:;,]*[)\]»”\"’'*_]*[.!?…:;,]*\Z")


class Mark(NamedTuple):
    """One group of markers: ``[1]``, ``[1, 2]``.

    Attributes
    ----------
    at
        The offset where it stood, in the text without any.
    """

    at: int
    numbers: tuple[int, ...]


class Bare(NamedTuple):
    """A text without its markers, and where they were."""

    text: str
    marks: tuple[Mark, ...]


def take_out(text: str) -> Bare:
    """Part a text from its markers."""
    pieces: list[str] = []
    marks: list[Mark] = []
    end = length = 0
    for match in _MARKER.finditer(text):
        pieces.append(text[end : match.start()])
        length += len(pieces[-1])
        end = match.end()
        numbers = dict.fromkeys(int(number) for number in re.findall(r"\d+", match.group(1)))
        marks.append(Mark(length, tuple(numbers)))
    return Bare("".join([*pieces, text[end:]]), tuple(marks))


def finished(text: str) -> int:
    """Return how much of a text that goes on holds no half marker."""
    unfinished = _UNFINISHED.search(text)
    return unfinished.start() if unfinished else len(text)


def put_back(text: str, marks: Sequence[Mark], wanted: Collection[int]) -> str:
    """Set markers in a text again.

    Parameters
    ----------
    marks
        Where they stood.
    wanted
        Those to be shown: each where it stood, the others before the final stop.
    """
    placed: dict[int, list[int]] = {}
    for mark in marks:
        kept = [number for number in mark.numbers if number in wanted]
        if kept:
            placed.setdefault(mark.at, []).extend(kept)
    shown = {number for numbers in placed.values() for number in numbers}
    added = [number for number in wanted if number not in shown]
    if added:
        end = _END.search(text)
        at = end.start() if end else len(text)
        if text[at:].startswith(("»", "”", '"')):  # «…» [1]
            at = len(text)
        placed.setdefault(at, []).extend(added)
    pieces: list[str] = []
    end_of_last = 0
    for at in sorted(placed):
        before = text[end_of_last:at]
        space = " " if at and not text[:at].endswith((" ", "\n")) else ""
        numbers = "".join(f"[{number}]" for number in dict.fromkeys(placed[at]))
        after = "" if at or not text or text[0] in " \n" else " "
        pieces += [before, space, numbers, after]
        end_of_last = at
    return "".join([*pieces, text[end_of_last:]])
