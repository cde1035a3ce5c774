"""Confidence: how likely it is that the evidence answers, and what speaks against it.

The probability that the documents speak of the matter, times the probability that what they say
answers: two logistic regressions, fitted by bench/fit.py on SQuAD-es, whose plain numbers stand
here (bench/README.md, table 4). The scale of the cosine is that of multilingual-e5-small: another
embedding model wants another fit.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import Final

from rag.index import searchable_text
from rag.lexical import analyze
from rag.retrieve.contradiction import denies, missing_numbers, opposed
from rag.retrieve.query import Query
from rag.schema import Candidate

_TOPIC: Final = (-109.754, 123.523, 6.270)  # bias, cosine, coverage
# Bias, cosine, coverage, denied, denied_alone, opposed, number_elsewhere, number_missing.
_ANSWER: Final = (-21.312, 26.930, -0.498, -0.844, -2.111, -2.374, -1.590, -1.387)

N_TOPIC_FEATURES: Final = len(_TOPIC) - 1

_UNLIKELY_TOPIC: Final = 0.5


@dataclass(frozen=True, slots=True)
class Features:
    """What the confidence in the evidence of a question is computed from.

    Attributes
    ----------
    cosine
        Of the question and the nearest sentence, in [-1, 1].
    coverage
        Share of the question's terms, weighted by rarity, in the best sentence's passage and its
        titles, in [0, 1].
    denied, denied_alone
        The question denies something; and the best evidence does not.
    opposed
        The evidence says the opposite of a word of the question.
    number_elsewhere
        A number of the question is not in the evidence…
    number_missing
        … nor anywhere in its passage.
    """

    cosine: float
    coverage: float
    denied: float
    denied_alone: float
    opposed: float
    number_elsewhere: float
    number_missing: float


def read_features(query: Query, candidates: list[Candidate]) -> tuple[Features, tuple[str, ...]]:
    """Compare a question with its best sentence; return the features and the doubts in Spanish.

    Parameters
    ----------
    candidates
        At least one, best first.
    """
    best = candidates[0]
    text = best.sentence.text
    passage = searchable_text(best.passage.chunk)
    opposites = opposed(query.text, text)
    not_in_evidence = missing_numbers(query.text, text)
    not_in_passage = missing_numbers(query.text, passage)
    denied = denies(query.text)
    features = Features(
        cosine=max(candidate.signals.cosine for candidate in candidates),
        coverage=_coverage(query, passage),
        denied=denied,
        denied_alone=denied and not denies(text),
        opposed=opposites is not None,
        number_elsewhere=bool(not_in_evidence),
        number_missing=bool(not_in_passage),
    )
    doubts = []
    if _logistic(_TOPIC, features) < _UNLIKELY_TOPIC:
        doubts.append("Nada de lo indexado se parece mucho a la pregunta.")
    if not_in_passage:
        doubts.append(f"El pasaje no menciona «{not_in_passage[0]}».")
    if opposites:
        doubts.append(f"La pregunta dice «{opposites[0]}» y la cita, «{opposites[1]}».")
    if features.denied_alone:
        doubts.append("La pregunta niega algo que la cita no niega.")
    return features, tuple(doubts)


def confidence(features: Features) -> float:
    """Estimate the probability that the evidence answers the question, in [0, 1]."""
    return _logistic(_TOPIC, features) * _logistic(_ANSWER, features)


def _logistic(coefficients: tuple[float, ...], features: Features) -> float:
    """Apply a regression to as many of the features as it has coefficients for."""
    bias, *slopes = coefficients
    values = astuple(features)
    value = bias + sum(slope * each for slope, each in zip(slopes, values, strict=False))
    return 1.0 / (1.0 + math.exp(-value)) if value > -700 else 0.0


def _coverage(query: Query, text: str) -> float:
    total = sum(query.rarity.values())
    said = set(analyze(text))
    return sum(query.rarity[term] for term in query.rarity.keys() & said) / total if total else 0.0
