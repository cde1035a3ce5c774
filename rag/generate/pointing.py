"""Pointing: the model reads each text with the question, and one run of words is chosen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Final, NamedTuple

from rag.generate.engine import N_READERS, complete
from rag.generate.span_features import Reading, SpanFeatures, kind_of, shipped_weights
from rag.generate.spans import Words, span_grammar, spans
from rag.lexical import fold

MAX_ANSWER_TOKENS: Final = 48

_N_ALTERNATIVES: Final = 60  # first tokens whose probability is asked for
_N_COMPARED: Final = 40  # of the likeliest spans, to find the one that is most like the others


class Chosen(NamedTuple):
    """A run of words of a text.

    Attributes
    ----------
    at
        The text's place among those that were read.
    text
        Verbatim.
    likeness
        Expected overlap (F1 in words) with the right answer, in [0, 1], as far as it is among the
        texts at all.
    """

    at: int
    text: str
    likeness: float


class ScoredSpan(NamedTuple):
    """A span of one of several texts; a higher score is better."""

    at: int
    text: str
    score: float


def read_all(server: Any, prompts: Sequence[str], texts: Sequence[Words]) -> list[Reading]:
    """Let the model read each text, some at the same time."""
    with ThreadPoolExecutor(N_READERS, "read") as pool:
        return list(pool.map(lambda prompt, text: read(server, prompt, text), prompts, texts))


def read(server: Any, prompt: str, text: Words) -> Reading:
    """Let the model go on with a prompt by a run of words of a text."""
    request = {
        "prompt": prompt,
        "grammar": span_grammar(text),
        "max_tokens": MAX_ANSWER_TOKENS,
        "temperature": 0.0,
        "stop": ["\n"],
        "stream": True,
        "logprobs": _N_ALTERNATIVES,
    }
    written = ""
    likely: list[float] = []
    openings: Mapping[str, float] = {}
    endings: dict[str, float] = {}
    with closing(complete(server, request)) as pieces:
        for piece in pieces:
            if not likely:
                openings = piece.alternatives
            if written.strip():
                ways_to_end = (
                    value for token, value in piece.alternatives.items() if token.startswith("\n")
                )
                so_far = fold(" ".join(written.split()).casefold())
                endings[so_far] = max(ways_to_end, default=-math.inf)
            written += piece.text
            likely.append(piece.log_probability)
    return Reading(written.strip(), tuple(likely), openings, endings)


def choose(
    question: str,
    texts: Sequence[Words],
    readings: Sequence[Reading],
    scores: Sequence[float],
) -> Chosen | None:
    """Choose the span that is most like what the answer may be.

    Of spans that nearly all say the same, each alone is unlikely: the one is chosen whose words
    the others share most, each by its probability (minimum Bayes risk).

    Parameters
    ----------
    scores
        Of the texts, higher is better, best first.
    """
    return choose_among(score_spans(question, texts, readings, scores))


def choose_among(found: Sequence[tuple[int, str, float]]) -> Chosen | None:
    """Choose from spans: the place of each, its text, and a score, the logarithm of its odds."""
    if not found:
        return None
    likeliest = sorted(found, key=lambda span: -span[2])[:_N_COMPARED]
    odds = [math.exp(score - likeliest[0][2]) for _, _, score in likeliest]
    total = sum(odds)
    said = [Counter(Words(text).folded) for _, text, _ in likeliest]

    def likeness(one: int) -> float:
        return sum(
            chance / total * _overlap(said[one], other)
            for chance, other in zip(odds, said, strict=True)
        )

    best = max(range(len(likeliest)), key=likeness)
    at, text, _ = likeliest[best]
    return Chosen(at, text, likeness(best))


def score_spans(
    question: str, texts: Sequence[Words], readings: Sequence[Reading], scores: Sequence[float]
) -> list[ScoredSpan]:
    """Score every span of every text."""
    weights = shipped_weights()
    own = weights.get(kind_of(question), {})
    found = []
    for at, text, features in features_of(question, texts, readings, scores):
        score = sum(
            value * (weights["all"].get(name, 0.0) + own.get(name, 0.0))
            for name, value in features.items()
        )
        found.append(ScoredSpan(at, text, score))
    return found


def features_of(
    question: str, texts: Sequence[Words], readings: Sequence[Reading], scores: Sequence[float]
) -> list[tuple[int, str, dict[str, float]]]:
    """Return the place, the text and the features of every span."""
    found: list[tuple[int, str, dict[str, float]]] = []
    for at, (text, reading, score) in enumerate(zip(texts, readings, scores, strict=True)):
        features = SpanFeatures(text, question, reading, at, scores[0] - score)
        found.extend((at, text.between(*span), features.of(span)) for span in spans(text))
    return found


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    shared = (one & other).total()
    return 2 * shared / (one.total() + other.total()) if shared else 0.0
