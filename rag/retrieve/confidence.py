"""Confidence: how likely it is that the evidence answers, and what speaks against it.

The probability that the documents speak of the matter, times the probability that what they say
answers: two logistic regressions, fitted by bench/abstention.py on SQuAD-es, whose plain numbers
stand here (bench/README.md, table 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from rag.embed import BUNDLED_NAME
from rag.index import searchable_text
from rag.lexical import analyze, denies, missing_numbers, opposed
from rag.retrieve.query import Query
from rag.schema import Candidate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Coefficients = Mapping[str, float]  # «bias», and a slope by feature

# With the bundled embedding model: its cosines have a scale of their own.
_TOPIC: Final = {"bias": -101.074, "cosine": 113.196, "coverage": 6.485}
_ANSWER: Final = {
    "bias": -21.630,
    "cosine": 27.276,
    "coverage": -0.492,
    "denied": -0.824,
    "denied_alone": -2.086,
    "opposed": -2.423,
    "number_elsewhere": -1.327,
    "number_missing": -1.552,
}

# With any other model: how far the best cosine stands out, whatever the scale.
_TOPIC_BY_STANDING: Final = {"bias": -12.111, "standing": 3.515, "coverage": 7.392}
_ANSWER_BY_STANDING: Final = {
    "bias": 0.338,
    "standing": 0.729,
    "coverage": -0.469,
    "denied": -0.628,
    "denied_alone": -2.143,
    "opposed": -2.433,
    "number_elsewhere": -1.333,
    "number_missing": -1.506,
}

# Once the embedded model has read the evidence: fitted by bench/reader.py, but for the bias, which
# is set so that at the default threshold 94 to 96 of a hundred answerable questions go on to be
# answered (bench/README.md, table 24).
_READ: Final = {"bias": -1.8, "searched": 0.539, "unsaid": -0.120}

_UNLIKELY_TOPIC: Final = 0.5
_LEAST_CONFIDENCE: Final = 1e-4  # that is told from none
_LEAST_SPREAD: Final = 0.01  # of an index of a few sentences, which are all alike


@dataclass(frozen=True, slots=True)
class Features:
    """What the confidence in the evidence of a question is computed from.

    Attributes
    ----------
    cosine
        Of the question and the nearest sentence, in [-1, 1].
    standing
        The same, in standard deviations from the mean over sentences of the whole index.
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
    standing: float
    coverage: float
    denied: float
    denied_alone: float
    opposed: float
    number_elsewhere: float
    number_missing: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """How sure we are of the evidence of a question.

    Attributes
    ----------
    confidence
        Estimated probability that it answers, in [0, 1].
    doubts
        What speaks against it, in Spanish sentences.
    features
        What both were told from.
    """

    confidence: float
    doubts: tuple[str, ...]
    features: Features


class Calibration:
    """Reads the features of evidence found by one embedding model.

    Parameters
    ----------
    embedding_model
        Its name.
    background
        Vectors of sentences from all over the index, shape (n, dimension), n at least 1.
    """

    def __init__(self, embedding_model: str, background: NDArray[np.float32]) -> None:
        is_bundled = embedding_model == BUNDLED_NAME
        self._topic = _TOPIC if is_bundled else _TOPIC_BY_STANDING
        self._answer = _ANSWER if is_bundled else _ANSWER_BY_STANDING
        self._background = background

    def assess(self, query: Query, candidates: Sequence[Candidate]) -> Assessment:
        """Compare a question with its best sentence.

        Parameters
        ----------
        candidates
            At least one, best first.
        """
        best = candidates[0]
        text = best.sentence.text
        passage = searchable_text(best.passage.chunk)
        denied = denies(query.asked)
        opposites = opposed(query.asked, text)
        missing = missing_numbers(query.asked, passage)
        cosine = max(candidate.signals.cosine for candidate in candidates)
        usual = self._background @ query.vector
        features = Features(
            cosine=cosine,
            standing=(cosine - float(usual.mean())) / (float(usual.std()) + _LEAST_SPREAD),
            coverage=_coverage(query, passage),
            denied=denied,
            denied_alone=denied and not denies(text),
            opposed=opposites is not None,
            number_elsewhere=bool(missing_numbers(query.asked, text)),
            number_missing=bool(missing),
        )
        topic, answer = self.probabilities(features)
        doubts = []
        if topic < _UNLIKELY_TOPIC:
            doubts.append("Nada de lo indexado se parece mucho a la pregunta.")
        if missing:
            doubts.append(f"El pasaje no menciona «{missing[0]}».")
        if opposites:
            doubts.append(f"La pregunta dice «{opposites[0]}» y la cita, «{opposites[1]}».")
        if features.denied_alone:
            doubts.append("La pregunta niega algo que la cita no niega.")
        return Assessment(topic * answer, tuple(doubts), features)

    def probabilities(self, features: Features) -> tuple[float, float]:
        """Estimate how likely it is that the documents speak of it, and that they then answer."""
        known = asdict(features)
        return _logistic(self._topic, known), _logistic(self._answer, known)


def confidence_once_read(searched: float, unsaid: float) -> float:
    """Estimate how likely it is that the evidence answers, once the embedded model has read it.

    Parameters
    ----------
    searched
        The confidence of the search, in [0, 1].
    unsaid
        Log-odds that no evidence says it, as the model sees it.
    """
    return _logistic(_READ, {"searched": log_odds(searched), "unsaid": unsaid})


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds of a probability, within bounds."""
    bounded = min(max(probability, _LEAST_CONFIDENCE), 1.0 - _LEAST_CONFIDENCE)
    return math.log(bounded / (1.0 - bounded))


def _logistic(coefficients: Coefficients, features: Mapping[str, float]) -> float:
    value = coefficients["bias"] + sum(
        slope * features[name] for name, slope in coefficients.items() if name != "bias"
    )
    return 1.0 / (1.0 + math.exp(-value)) if value > -700 else 0.0


def _coverage(query: Query, text: str) -> float:
    total = sum(query.rarity.values())
    said = set(analyze(text))
    return sum(query.rarity[term] for term in query.rarity.keys() & said) / total if total else 0.0
