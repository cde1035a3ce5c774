"""Signs: everything in a text that tries to speak to the model, with where and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from rag.hostile.hidden import hidden_parts, unseen_characters
from rag.hostile.orders import ENOUGH, cues, orders, points, tells_to
from rag.hostile.turns import (
    CLOSED_FENCE,
    CONTROL,
    END_OF_TEXT,
    HEADING,
    LABEL,
    MARKER,
    MODEL_ROLES,
    PERSON_ROLES,
    STRUCK,
    VOUCHED,
)

Kind = Literal["order", "hidden", "turn", "marker"]

_WHY: Final = {
    "comentario": "Hay un comentario que no se ve al leer el documento",
    "estilo": "Hay texto escondido con el estilo de la página",
    "codificado": "Hay un mensaje codificado",
    "etiquetas": "Hay un mensaje escrito con caracteres que no se ven",
    "giro": "Hay caracteres que cambian el orden de las letras",
    "invisibles": "Hay caracteres invisibles entre las letras",
}
_ORDER: Final = "Da órdenes al modelo que lo lea; no se usa para responder"
_TURN: Final = "Imita los mensajes internos con los que se habla a un modelo"
_VOUCHED: Final = "Lleva una cita que dice estar verificada y no lo está"

# Where a sentence ends, well enough: a line end alone does not, unless an item or a row begins.
_UNIT_END: Final = re.compile(
    r"(?<=[.!?…])[\"»”’')\]*_]{0,4}\s+|\n\s*\n|(?<=\|)\s*\n"
    r"|\n(?=[ \t]*(?:[-*+•>|#]|\d{1,3}[.)]|</?\w|```|\w+:))"
)
_NEAR: Final = 2  # units on each side of an order where a lesser one is taken for its like
_SENTENCE_ENDS: Final = (".", "!", "?", "…")
_ANNOUNCES: Final = (":", "«", '"', "“", "```")
_MAX_ANNOUNCEMENT: Final = (
    12  # words: «Nota para la IA.» says what comes next, a paragraph does not
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something in a text that is no data.

    Attributes
    ----------
    kind
        ``order``: tells the model what to do; ``hidden``: nobody who reads the document sees it;
        ``turn``: a control token or someone's turn; ``marker``: looks like a citation of ours.
    why
        A Spanish sentence, without its full stop.
    start, end
        The span, in characters of the text.
    withholds
        Whether the span is kept from the model, and may not support an answer.
    warns
        Whether a person should be told; what ordinary documents have is just neutralised.
    """

    kind: Kind
    why: str
    start: int
    end: int
    withholds: bool = False
    warns: bool = True


@lru_cache(maxsize=512)
def find_signs(text: str) -> tuple[Sign, ...]:
    """Find what in a text tries to speak to a model, in order of appearance."""
    found = [*_hidden(text), *_turns(text), *_markers(text)]
    found.extend(_orders(text, found))
    return tuple(sorted(found, key=lambda sign: (sign.start, sign.end)))


def units(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans that are judged one by one: about a sentence, a list item, a table row."""
    start = 0
    for match in _UNIT_END.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.end()
            start = match.end()
    if text[start:].strip():
        yield start, len(text)


def _hidden(text: str) -> Iterator[Sign]:
    for part in hidden_parts(text):
        is_order = any(points(part.said[a:b]) > 0 for a, b in units(part.said))
        if part.why == "codificado" and not is_order:
            continue
        why = f"{_WHY[part.why]}, con órdenes para el modelo" if is_order else _WHY[part.why]
        yield Sign(
            "hidden",
            why,
            part.start,
            part.end,
            withholds=True,
            warns=is_order or part.why == "estilo",
        )
    for part in unseen_characters(text):
        yield Sign("hidden", _WHY[part.why], part.start, part.end)


def _turns(text: str) -> Iterator[Sign]:
    tokens = list(CONTROL.finditer(text))
    struck = [match.span() for match in STRUCK.finditer(text)]
    tokens += [
        match
        for match in END_OF_TEXT.finditer(text)
        if not any(start <= match.start() < end for start, end in struck)
    ]
    tokens += CLOSED_FENCE.finditer(text)
    for match in tokens:
        yield Sign("turn", _TURN, *match.span())
    for match in [*HEADING.finditer(text), *LABEL.finditer(text)]:
        yield Sign("turn", _TURN, *match.span(), warns=False)
    yield from _imitated(text, sorted(match.span() for match in tokens))


def _imitated(text: str, tokens: Sequence[tuple[int, int]]) -> Iterator[Sign]:
    """Yield what stands between control tokens, or between the last and the paragraph's end."""
    for at, (_, start) in enumerate(tokens):
        paragraph_end = text.find("\n\n", start)
        paragraph_end = len(text) if paragraph_end < 0 else paragraph_end
        end = tokens[at + 1][0] if at + 1 < len(tokens) else paragraph_end
        end = min(end, paragraph_end)
        if any(character.isalnum() for character in text[start:end]):
            yield Sign("turn", _TURN, start, end, withholds=True)


def _markers(text: str) -> Iterator[Sign]:
    vouched = [match.span() for match in VOUCHED.finditer(text)]
    for start, end in units(text) if vouched else ():
        if any(start < last and first < end for first, last in vouched):
            yield Sign("marker", _VOUCHED, start, end, withholds=True)
    for match in MARKER.finditer(text):
        yield Sign("marker", "Lleva un número entre corchetes", *match.span(), warns=False)


def _orders(text: str, others: Sequence[Sign]) -> Iterator[Sign]:
    """Yield the units that give orders, and those beside them that lead to them or go on."""
    spans = list(units(text))
    weights = [points(text[a:b]) for a, b in spans]
    taken = {at for at, weight in enumerate(weights) if weight >= ENOUGH}
    for at in range(len(spans) - 1):  # the lines of a list or of a table may make one order
        both = text[spans[at][0] : spans[at + 1][1]]
        is_open = not text[slice(*spans[at])].rstrip().endswith(_SENTENCE_ENDS)
        if is_open and weights[at] and weights[at + 1] and orders(both):
            taken |= {at, at + 1}
    taken |= _played(text, spans, has_orders=bool(taken))
    false_turns = [sign for sign in others if sign.kind == "turn" and sign.warns]
    near_labels = [sign for sign in others if sign.kind == "turn" and not sign.warns]
    for at, (start, end) in enumerate(spans):
        if at in taken or not weights[at]:
            continue
        is_near = any(abs(at - other) <= _NEAR for other in taken) or false_turns
        is_labelled = any(start - 1 <= sign.end <= end for sign in near_labels)
        if (is_near or is_labelled) and tells_to(text[start:end]):
            taken.add(at)
    yield from _withheld(text, spans, taken)


def _withheld(text: str, spans: Sequence[tuple[int, int]], taken: set[int]) -> Iterator[Sign]:
    """Yield a sign for each unit taken, and for the one that it announces."""
    for at in sorted(taken):
        start, end = spans[at]
        said = text[start:end].strip()
        if at + 1 < len(spans) and (
            said.endswith(_ANNOUNCES) or (len(said.split()) <= _MAX_ANNOUNCEMENT and _is_note(said))
        ):
            yield Sign("order", _ORDER, *spans[at + 1], withholds=True)
        yield Sign("order", _ORDER, start, end, withholds=True)


def _played(text: str, spans: Sequence[tuple[int, int]], *, has_orders: bool) -> set[int]:
    """Return the units of a conversation with a model that the document makes up."""
    played: set[int] = set()
    headings = [match.start() for match in HEADING.finditer(text)]
    if len(headings) > 1 or (headings and has_orders):
        for at, span in enumerate(spans):
            if any(span[0] <= heading < span[1] for heading in headings):
                played |= {at, min(at + 1, len(spans) - 1)} if _is_bare(text, span) else {at}
    said_by = {match.group(1).casefold() for match in LABEL.finditer(text)}
    if said_by & MODEL_ROLES and said_by & PERSON_ROLES:
        for at, (start, end) in enumerate(spans):
            label = LABEL.match(text[start:end])
            if label and label.group(1).casefold() in MODEL_ROLES:
                played.add(at)
    return played


def _is_bare(text: str, span: tuple[int, int]) -> bool:
    """Say whether nothing stands behind a heading, so that the next unit is its text."""
    return not HEADING.sub("", text[slice(*span)]).strip()


def _is_note(said: str) -> bool:
    """Say whether an order just says to whom the next words are."""
    return bool({"note", "correct for", "if you are"} & set(cues(said)))
