"""A question, ready to be searched: its terms and their rarity, its vector, what it asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rag.embed import Embedder
from rag.lexical import AnswerType, LexicalIndex, analyze, answer_type, may_answer
from rag.split import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST: Final = 0.6  # of a text
_AROUND_WEIGHT: Final = 0.2  # of a word said before or after the question itself


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of a question before anything is searched.

    Attributes
    ----------
    asked
        The question itself, without what is said around it.
    weights
        By term, in the order of the question, in (0, 1]: 1 but for what is said around the
        question itself.
    rarity
        By term, in the same order: its weight times BM25's inverse document frequency, 0 or more.
    vector
        Unit length, shape (dimension,).
    answer_type
        What an answer must hold; None where the question does not tell.
    """

    text: str
    asked: str
    weights: dict[str, float]
    rarity: dict[str, float]
    vector: NDArray[np.float32]
    answer_type: AnswerType | None

    @property
    def terms(self) -> list[str]:
        """The terms, each once."""
        return list(self.rarity)

    def may_answer(self, text: str) -> bool:
        """Say whether a sentence holds, beside the question's words, what is asked for."""
        return may_answer(self.answer_type, self.asked, text)


def read_question(text: str, embedder: Embedder, lexical: LexicalIndex) -> Query:
    """Analyse and embed a question.

    Parameters
    ----------
    lexical
        Whose rows tell how rare a term is.
    """
    # A model that tells «Roma» from «roma» knows few words in capitals.
    spoken = text.lower() if text.isupper() and len(text.split()) > 1 else text
    vector = embedder.embed_question(spoken)
    asked = _question_within(spoken)
    weights = dict.fromkeys(analyze(text), 1.0)
    if asked != spoken:
        vector = _mean(embedder.embed_question(asked), vector)
        said = set(analyze(asked))
        weights = {term: 1.0 if term in said else _AROUND_WEIGHT for term in weights}
    n_rows = len(lexical)
    rarity = {
        term: weight * math.log1p((n_rows - frequency + 0.5) / (frequency + 0.5))
        for term, weight in weights.items()
        for frequency in [lexical.document_frequency(term)]
    }
    return Query(text, asked, weights, rarity, vector, answer_type(asked))


def _question_within(text: str) -> str:
    """Return what is asked in a text that says much else; the text where that is most of it."""
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    asked = " ".join(
        sentence[max(0, sentence.rfind("¿")) :] for sentence in sentences if sentence.endswith("?")
    )
    is_most = len(sentences) < 2 or len(asked) > _MOST * len(text)
    return text if is_most or not asked else asked


def _mean(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    total = one + other
    unit: NDArray[np.float32] = total / (np.linalg.norm(total) + 1e-12)
    return unit
