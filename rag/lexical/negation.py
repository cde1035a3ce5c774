"""Negation: which words of a text it denies."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.lexical.analysis import analyze, fold

_NEGATOR: Final = re.compile(
    r"\b(?:no|nunca|jamas|sin|ni|tampoco|nadie|nada|ningun[oa]?|apenas|not|never|cannot|without)\b"
)
# They deny nothing.
_IDIOM: Final = re.compile(
    r"\b(?:no obstante|sin embargo|no sol(?:o|amente)|nada menos|sin duda|no cabe duda|nada mas"
    r"|no mas que|sin animo de lucro|sin fines? de lucro|mas que nada|ni mas ni menos|como si nada)\b"
)
_CLAUSE_END: Final = re.compile(
    r"[,;:.()«»]|\b(?:sino|pero|aunque|porque|mientras|cuando|pues|y solo|but|because)\b"
)
_MAX_TERMS: Final = 5  # that one negation reaches


class Denied(NamedTuple):
    """What a text denies.

    Attributes
    ----------
    terms
        Within reach of a negation; the nearest is first.
    elsewhere
        The terms that stand outside every one's reach.
    """

    terms: tuple[str, ...]
    elsewhere: frozenset[str]


def denied(text: str) -> Denied:
    """Find what the plain negations of a text («no», «nunca», «sin» …) reach."""
    plain = fold(text.lower())
    idle = [match.span() for match in _IDIOM.finditer(plain)]
    reached: list[str] = []
    outside: list[str] = []
    at = 0
    for match in _NEGATOR.finditer(plain):
        if match.start() < at or any(a <= match.start() < b for a, b in idle):
            continue
        outside += analyze(plain[at : match.start()])
        end = _CLAUSE_END.search(plain, match.end())
        clause = plain[match.end() : end.start() if end else len(plain)]
        terms = analyze(clause)
        if match.group() in {"sin", "without"}:  # «sin conexión funciona igual»
            terms, rest = terms[:2], terms[2:]
            outside += rest
        reached += terms[:_MAX_TERMS]
        at = end.start() if end else len(plain)
    outside += analyze(plain[at:])
    return Denied(tuple(dict.fromkeys(reached)), frozenset(outside))
