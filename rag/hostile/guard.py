"""Guard: what is known of a piece of evidence, from the passage that it stands in.

A comment or a false turn may open before the evidence and close behind it, so its whole chunk is
looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rag.hostile.signs import Sign, find_signs
from rag.schema import Chunk, Evidence

_MIN_LETTERS: Final = 3


def signs_in(evidence: Evidence) -> tuple[Sign, ...]:
    """Return the signs in a piece of evidence; their spans are in its text."""
    chunk = evidence.passage.chunk
    start = evidence.start - chunk.start
    end = start + len(evidence.text)
    if chunk.text[max(start, 0) : end] != evidence.text:
        return find_signs(evidence.text)
    return tuple(
        replace(sign, start=max(sign.start, start) - start, end=min(sign.end, end) - start)
        for sign in find_signs(chunk.text)
        if sign.start < end and start < sign.end
    )


def is_withheld(chunk: Chunk, start: int, end: int) -> bool:
    """Say whether a span holds what may not support an answer; offsets are the document's."""
    start, end = start - chunk.start, end - chunk.start
    return any(
        sign.withholds and sign.start < end and start < sign.end and _says(chunk, sign, start, end)
        for sign in find_signs(chunk.text)
    )


def admissible_span(chunk: Chunk, start: int, end: int) -> tuple[int, int] | None:
    """Return the longest part of a span that an answer may rest on; None if there is none.

    A sentence may hold a comment, or be run together with an order; what is left of it is data.
    Offsets are the document's.
    """
    at, stop = start - chunk.start, end - chunk.start
    pieces: list[tuple[int, int]] = []
    for sign in sorted(find_signs(chunk.text), key=lambda sign: sign.start):
        if sign.withholds and sign.start < stop and at < sign.end:
            pieces.append((at, sign.start))
            at = sign.end
    pieces.append((at, stop))
    best = max(
        (_trimmed(chunk.text, *piece) for piece in pieces), key=lambda span: span[1] - span[0]
    )
    is_cut = len(pieces) > 1
    if is_cut and sum(map(str.isalpha, chunk.text[slice(*best)])) < _MIN_LETTERS:
        return None
    return best[0] + chunk.start, best[1] + chunk.start


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    said = text[start:end] if end > start else ""
    return start + len(said) - len(said.lstrip()), start + len(said.rstrip())


def warnings_about(chunk: Chunk, start: int, end: int) -> tuple[str, ...]:
    """Return what a person should know of a span, in Spanish; offsets are the document's."""
    start, end = start - chunk.start, end - chunk.start
    own: list[str] = []
    near: list[str] = []
    for sign in find_signs(chunk.text):
        is_own = sign.start < end and start < sign.end and _says(chunk, sign, start, end)
        if is_own and (sign.warns or sign.withholds):
            own.append(f"{sign.why}.")
        elif sign.warns:
            near.append(f"En el mismo pasaje: {sign.why[0].lower()}{sign.why[1:]}.")
    return tuple(dict.fromkeys(own or near))


def _says(chunk: Chunk, sign: Sign, start: int, end: int) -> bool:
    """Say whether a sign and a span share more than the space between two sentences."""
    shared = chunk.text[max(start, sign.start) : min(end, sign.end)]
    return any(not character.isspace() for character in shared)
