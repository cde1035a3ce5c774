"""Orders: whether a sentence tells a language model what to do.

Cues are weighed. Some say it alone («ignora las instrucciones anteriores» where a clause begins);
most are ordinary by themselves («responda solo», «tu respuesta», «la IA») and tell when they come
together. A law or a manual has one of them now and then; an attack cannot do without two.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rag.hostile.cues import ABOUT, IF_USED, OFFICE, cues_in
from rag.hostile.reading import readings

ENOUGH: Final = 2  # points that make an order


@lru_cache(maxsize=16384)
def points(text: str) -> int:
    """Return how much of an order to a model there is in a sentence, from 0; 2 is an order.

    Cheap: remembered, and quick where no cue occurs.
    """
    return max(_points(reading) for reading in readings(text))


def orders(sentence: str) -> bool:
    """Say whether a sentence gives orders to a language model, in whatever disguise.

    What says yes may not support an answer.
    """
    return points(sentence) >= ENOUGH


def cues(text: str) -> Iterable[str]:
    """Yield the names of the cues in a sentence."""
    for reading in readings(text):
        yield from _found(reading)


def tells_to(text: str) -> bool:
    """Say whether a sentence could be an order beside one that is: it tells someone to speak."""
    return any(name not in ABOUT for name in cues(text))


@lru_cache(maxsize=16384)
def _found(reading: str) -> dict[str, int]:
    """Return the cues of a reading, by name, and what each is worth."""
    best: dict[str, int] = {}
    for cue in cues_in(reading):
        best[cue.name] = max(cue.points, best.get(cue.name, 0))
    return best


def _points(reading: str) -> int:
    best = dict(_found(reading))
    if ("cancel" in best or "cancel all" in best) and (
        (IF_USED.search(reading) or OFFICE.search(reading)) and len(best) == 1
    ):
        return 1  # a manual or an official notice, which speaks to its reader
    if ("impersonal" in best or "void" in best) and OFFICE.search(reading):
        best.pop("impersonal", None)
        best.pop("void", None)
    if best.keys() <= ABOUT and max(best.values(), default=0) < ENOUGH:
        return min(1, len(best))  # they tell whom and when, and nothing that is to be done
    return sum(best.values())
