"""Reading: the embedded model, taught by its adapter, reads all the evidence and finds the answer.

It was taught on Spanish questions with one to three pieces of evidence (training/README.md), and to
say when none of them answers. It still writes nothing but a run of their words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

from rag.generate.engine import complete
from rag.generate.spans import Words, find_words, span_grammar

# What it was taught to write where the texts do not answer.
NOT_SAID: Final = "No consta."

N_READ_TOGETHER: Final = 3  # pieces of evidence

_MAX_ANSWER_TOKENS: Final = 48
_N_ALTERNATIVES: Final = 60  # tokens whose probability is asked for, in each place
_BEGINS: Final = (" No", " consta")  # the first tokens of «No consta.»
_LEAST: Final = 1e-6  # probability that is told from none

# Of the least likely token of an answer, the log-probability below which it is wrong as often as
# right, on articles that the model was not taught from: bench/README.md, table 24.
MIN_LOG_PROBABILITY: Final = -0.8


class Found(NamedTuple):
    """What a reading found.

    Attributes
    ----------
    text
        The words that it pointed at, as they stand; empty if it wrote that none says it.
    at
        The place of their text among those read: the first that holds them, best evidence first.
    unsaid
        Log-odds that no text says it, as the model sees it: 0 is even, more is less said.
    log_probability
        Of the least likely of the tokens that it wrote, 0 or less.
    """

    text: str
    at: int
    unsaid: float
    log_probability: float


def read_together(server: Any, prompt: str, texts: Sequence[Words]) -> Found:
    """Let the model go on with a prompt by a run of words of its texts, or that none says it."""
    request = {
        "prompt": prompt,
        "grammar": span_grammar(*texts, or_else=NOT_SAID),
        "max_tokens": _MAX_ANSWER_TOKENS,
        "temperature": 0.0,
        "stop": ["\n"],
        "stream": True,
        "logprobs": _N_ALTERNATIVES,
    }
    written: list[str] = []
    likely: list[Mapping[str, float]] = []
    least = 0.0
    with closing(complete(server, request)) as pieces:
        for piece in pieces:
            written.append(piece.text)
            likely.append(piece.alternatives)
            least = min(least, piece.log_probability)
    said = " ".join("".join(written).split())
    unsaid = _log_odds_unsaid(written, likely)
    if said == NOT_SAID:
        return Found("", 0, unsaid, least)
    return Found(*_whole(said, texts), unsaid, least)


def surest(found: Sequence[Found], least: float = MIN_LOG_PROBABILITY) -> Found | None:
    """Return the surest of several readings of a question; None where none is sure enough.

    Parameters
    ----------
    least
        Log-probability, below which a reading is too unsure.
    """
    said = (each for each in found if each.text)
    best = max(said, key=lambda each: each.log_probability, default=None)
    return best if best and best.log_probability >= least else None


def _log_odds_unsaid(written: Sequence[str], likely: Sequence[Mapping[str, float]]) -> float:
    """Return the log-odds of «No consta.», from what the model wrote in its place, if not that.

    The engine tells the probabilities as they are before the grammar has its say.
    """
    if not likely:
        return 0.0
    chance = math.exp(likely[0].get(_BEGINS[0], -math.inf))
    if len(likely) > 1 and written[0] == _BEGINS[0]:  # «No se permite» begins so too
        chance *= math.exp(likely[1].get(_BEGINS[1], -math.inf))
    chance = min(max(chance, _LEAST), 1 - _LEAST)
    return math.log(chance / (1 - chance))


def _whole(said: str, texts: Sequence[Words]) -> tuple[str, int]:
    """Return the words that were written, as they stand in their text, and its place.

    The last may have been cut where the answer was too long: then those before it are taken.
    """
    words = Words(said).folded
    while words:
        for at, text in enumerate(texts):
            span = find_words(words, text.folded)
            if span is not None:
                return text.between(*span), at
        words.pop()
    return "", 0
