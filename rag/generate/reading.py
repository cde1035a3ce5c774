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
_N_ALTERNATIVES: Final = 60  # first tokens whose probability is asked for
_NOT_SAID_BEGINS: Final = " No"
_LEAST: Final = 1e-6  # probability that is told from none


class Found(NamedTuple):
    """What a reading found.

    Attributes
    ----------
    text
        The words that it pointed at, as it wrote them; empty if it wrote that none says it.
    at
        The place of their text among those read, the first that holds them.
    unsaid
        Log-odds that no text says it, as the model sees it: 0 is even, more is less said.
    log_probability
        Of the words, by token.
    """

    text: str
    at: int
    unsaid: float
    log_probability: float


def read_together(
    server: Any, prompt: str, texts: Sequence[Words], *, must_point: bool = False
) -> Found:
    """Let the model go on with a prompt by a run of words of one of its texts.

    Parameters
    ----------
    must_point
        Whether it may not say that none of them answers.
    """
    request = {
        "prompt": prompt,
        "grammar": span_grammar(*texts, or_else="" if must_point else NOT_SAID),
        "max_tokens": _MAX_ANSWER_TOKENS,
        "temperature": 0.0,
        "stop": ["\n"],
        "stream": True,
        "logprobs": _N_ALTERNATIVES,
    }
    written = ""
    likely: list[float] = []
    openings: Mapping[str, float] = {}
    with closing(complete(server, request)) as pieces:
        for piece in pieces:
            openings = openings or piece.alternatives
            written += piece.text
            likely.append(piece.log_probability)
    said = " ".join(written.split())
    chance = min(max(math.exp(openings.get(_NOT_SAID_BEGINS, -math.inf)), _LEAST), 1 - _LEAST)
    unsaid = math.log(chance / (1 - chance))
    mean = sum(likely) / max(1, len(likely))
    if said == NOT_SAID and not must_point:
        return Found("", 0, unsaid, mean)
    words = Words(said).folded
    at = next((at for at, text in enumerate(texts) if find_words(words, text.folded)), 0)
    return Found(said, at, unsaid, mean)
