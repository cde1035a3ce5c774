"""Defuse: a text as a model may read it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rag.hostile.guard import signs_in
from rag.hostile.orders import orders
from rag.hostile.reading import without_unseen
from rag.hostile.signs import Sign, find_signs
from rag.hostile.turns import CONTROL, END_OF_TEXT, FENCE, HEADING, LABEL, MARKER
from rag.schema import Evidence

OMITTED: Final = "(texto omitido: da órdenes al modelo)"
_UNSEEN: Final = "(texto omitido: no se ve en el documento)"
_QUOTE_BAR: Final = re.compile(r"\n[^\S\n]*>")
_HALF_TOKEN: Final = re.compile(r"<\s*[|｜]")
_PARTS: Final = re.compile(r"[_/.\s-]+")
_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def defuse(text: str) -> str:
    """Write a text on one line, as data that a model may read.

    Nothing invisible, no control token, nobody's turn, no marker and no end of the fence; sentences
    that give orders to the model are replaced by a remark. Ordinary text is left as it is.
    """
    return _clean(_without(text, find_signs(text)))


def shown_to_model(evidence: Evidence) -> str:
    """Write evidence as a model may read it, given the passage that it stands in."""
    return _clean(_without(evidence.text, signs_in(evidence)))


def defuse_path(path: str) -> str:
    """Write a file's name as a model may read it: whoever sends a file has chosen its name."""
    return OMITTED if orders(_PARTS.sub(" ", path)) else _clean(path)


def _without(text: str, signs: Iterable[Sign]) -> str:
    """Put a remark in the place of each part that is withheld."""
    withheld = sorted((sign.start, sign.end, sign.kind) for sign in signs if sign.withholds)
    pieces: list[str] = []
    at = 0
    for start, end, kind in withheld:
        if end <= at:
            continue
        remark = _UNSEEN if kind == "hidden" else OMITTED
        if start > at or not pieces:
            pieces.append(text[at : max(at, start)])
        if pieces[-1] != f" {remark} ":
            pieces.append(f" {remark} ")
        at = end
    return "".join([*pieces, text[at:]])


def _clean(text: str) -> str:
    # First of all: «<\x08|» would be half a token once the sign in it is gone.
    text = _CONTROL_CHARACTERS.sub(" ", _QUOTE_BAR.sub("\n", without_unseen(text)))
    # What is taken out may leave the halves of another: «<|im_<|x|>start|>».
    while (cleaned := END_OF_TEXT.sub(" ", CONTROL.sub(" ", text))) != text:
        text = cleaned
    text = _HALF_TOKEN.sub("(", text)
    text = HEADING.sub(" ", text)
    text = LABEL.sub(r"(\1)", text)
    text = FENCE.sub("(", MARKER.sub(r"(\1)", text))
    return " ".join(text.split())
