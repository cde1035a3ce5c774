"""Sentences: every sentence of the first passages, scored by how well it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rag.index import Generation
from rag.lexical import analyze
from rag.load import is_row
from rag.retrieve.passages import standardise
from rag.retrieve.query import Query
from rag.schema import Candidate, Passage, Sentence, Signals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Two terms this alike (1 less the share of letters to add or to take) are taken for one word
# misspelt, or for one family. Terms with a digit are alike only if they are the same.
_ALIKE: Final = 0.7

_N_GRADED: Final = Signals._fields.index("answer_type")  # those after it are yes or no


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """How much each signal counts, in the order of ``Signals``.

    Fitted by bench/sentence_weights.py to rank the sentence with the answer first (bench/README.md,
    table 3); the one of titles was set: a title names what a section is about, and seldom says it.
    """

    cosine: float = 1.24
    coverage: float = 0.68
    before: float = 0.32
    around: float = 0.38
    passage: float = 0.51
    answer_type: float = 1.50
    title: float = -2.0


def score_sentences(
    query: Query, passages: Sequence[Passage], generation: Generation, weights: SentenceWeights
) -> list[Candidate]:
    """Score every sentence of some passages; return them best first."""
    import numpy as np

    # A chunk of rules and other marks has none.
    passages = [passage for passage in passages if passage.chunk.sentences]
    found = [
        (passage, at, sentence)
        for passage in passages
        for at, sentence in enumerate(passage.chunk.sentences)
    ]
    if not found:
        return []
    coverage, before, around = _coverages(query, passages)
    signals = np.column_stack(
        [
            _cosines(query, passages, generation),
            coverage,
            before,
            around,
            np.array([passage.score for passage, *_ in found]),
            np.array([query.may_answer(sentence.text) for *_, sentence in found]),
            np.array([is_title(passage, sentence) for passage, _, sentence in found]),
        ]
    ).astype(np.float64)
    scores = comparable(signals) @ np.array(astuple(weights))
    order = np.argsort(-scores, kind="stable")
    best_first = [found[at] for at in order.tolist()]
    ranked = zip(best_first, signals[order].tolist(), scores[order].tolist(), strict=True)
    return [
        Candidate(passage, at, Signals(*own), score, rank)
        for rank, ((passage, at, _), own, score) in enumerate(ranked, start=1)
    ]


def comparable(signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardise over one question's sentences the signals that are not just yes or no."""
    result = signals.copy()
    for column in range(_N_GRADED):
        result[:, column] = standardise(signals[:, column])
    return result


def is_title(passage: Passage, sentence: Sentence) -> bool:
    """Say whether a sentence is one of the titles above its passage."""
    return " ".join(sentence.text.split()) in passage.chunk.headings


def _cosines(
    query: Query, passages: Sequence[Passage], generation: Generation
) -> NDArray[np.float32]:
    import numpy as np

    vectors = [generation.sentences(passage.row).vectors for passage in passages]
    cosines: NDArray[np.float32] = np.concatenate(vectors).astype(np.float32) @ query.vector
    return cosines


def _coverages(query: Query, passages: Sequence[Passage]) -> tuple[NDArray[np.float64], ...]:
    """Return what share of the question's terms, weighted by rarity, each sentence says.

    Returns
    -------
    tuple
        Three arrays of shape (n_sentences,), in [0, 1]: of the sentence itself; of the one before
        it, without what it says itself; of its passage. A row of a table has none before it.
    """
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    chunks = [passage.chunk.sentences for passage in passages]
    said = [_terms(sentence.text) for chunk in chunks for sentence in chunk]
    vocabulary = sorted({term for terms in said for term in terms})
    rarity = np.array(list(query.rarity.values()))
    total = rarity.sum()
    if not vocabulary or not total:
        return (np.zeros(len(said)),) * 3
    alike = process.cdist(
        query.terms,
        vocabulary,
        scorer=Indel.normalized_similarity,
        score_cutoff=_ALIKE,
        dtype=np.float32,
    )
    has_digit = np.array([not term.isalpha() for term in vocabulary])
    alike[:, has_digit] = alike[:, has_digit] >= 1.0
    column = {term: at for at, term in enumerate(vocabulary)}
    columns = [column[term] for terms in said for term in terms]
    n_terms = np.array([len(terms) for terms in said])
    ends = np.cumsum(n_terms)
    best = np.zeros((len(said), len(rarity)))
    best[n_terms > 0] = np.maximum.reduceat(
        alike[:, columns], (ends - n_terms)[n_terms > 0], axis=1
    ).T
    lengths = np.array([len(chunk) for chunk in chunks])
    firsts = np.cumsum(lengths) - lengths
    previous = np.vstack([np.zeros(len(rarity)), best[:-1]])
    previous[firsts] = 0.0
    # What the row before tells is about something else.
    previous[[is_row(sentence.text) for chunk in chunks for sentence in chunk]] = 0.0
    own = best @ rarity / total
    before = np.maximum(previous - best, 0) @ rarity / total
    around = np.maximum.reduceat(best, firsts) @ rarity / total
    return own, before, np.repeat(around, lengths)


@lru_cache(maxsize=10_000)  # whoever asks once asks again of the same documents
def _terms(text: str) -> frozenset[str]:
    return frozenset(analyze(text))
