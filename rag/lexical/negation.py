"""Negation: which words of a text it denies."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.lexical.analysis import analyze, fold

_NEGATOR: Final = re.compile(
    r"\b(?:no|nunca|jamas|sin|ni|tampoco|nadie|nada|ningun[oa]?|apenas|not|never|cannot|without"
    r"|(?P<by_sense>prohibid[oa]s?|carec\w+ de|carent\w+ de|exent[oa]s? de|excepto"
    r"|(?<!sano y )salvo(?! al?\b)|(?<!al )(?<!lo )menos (?=(?:el|la|los|las)\b)"
    r"|niega\w*|neg(?:o|aron|aba)|falso que|dej(?:o|a|an|aron) de))\b"
)
_DENIED_AT_ONCE: Final = re.compile(r"\b(?:no|nunca|ni|sin)(?:\s+\w+){0,2}\s+\Z")
# They deny nothing.
_IDIOM: Final = re.compile(
    r"\b(?:no obstante|sin embargo|no sol(?:o|amente)|nada menos|sin duda|no cabe duda|nada mas"
    r"|no mas que|sin animo de lucro|sin fines? de lucro|mas que nada|ni mas ni menos)\b"
)
_CLAUSE_END: Final = re.compile(
    r"[,;:.()«»]|\b(?:sino|pero|aunque|porque|mientras|cuando|pues|y solo|but|because)\b"
)
_NEGATIVE: Final = frozenset("ningun nad nadi nunc jam tampoc".split())  # stems: they deny again
_MAX_TERMS: Final = 5  # that one negation reaches


class Denied(NamedTuple):
    """What a text denies.

    Attributes
    ----------
    scopes
        The terms within reach of each negation, the nearest first.
    elsewhere
        The terms that stand outside every one's reach.
    """

    scopes: tuple[tuple[str, ...], ...]
    elsewhere: frozenset[str]

    @property
    def terms(self) -> tuple[str, ...]:
        """All that some negation reaches."""
        return tuple(dict.fromkeys(term for scope in self.scopes for term in scope))


def denied(text: str) -> Denied:
    """Find what the negations of a text («no», «nunca», «sin», «carece de» …) reach.

    «No está prohibido fumar» denies that it is forbidden, and so «prohibido» nothing there.
    """
    plain = fold(text.lower())
    idle = [match.span() for match in _IDIOM.finditer(plain)]
    negators = [
        match
        for match in _NEGATOR.finditer(plain)
        if not any(start <= match.start() < end for start, end in idle)
        and not (match["by_sense"] and _DENIED_AT_ONCE.search(plain, 0, match.start()))
    ]
    scopes: list[tuple[str, ...]] = []
    outside: list[str] = []
    at = 0
    for number, match in enumerate(negators, start=1):
        outside += analyze(plain[at : match.start()])
        clause_end = _CLAUSE_END.search(plain, match.end())
        ends = [len(plain)]
        ends += [clause_end.start()] if clause_end else []
        ends += [following.start() for following in negators[number : number + 1]]
        at = min(ends)
        terms = [term for term in analyze(plain[match.end() : at]) if term not in _NEGATIVE]
        n_reached = 1 if match.group() in {"sin", "without"} else _MAX_TERMS
        outside += terms[n_reached:] if n_reached == 1 else []
        if terms:
            scopes.append(tuple(dict.fromkeys(terms[:n_reached])))
    outside += analyze(plain[at:])
    return Denied(tuple(scopes), frozenset(outside))
