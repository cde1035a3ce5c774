"""Retrieve: a question to passages (dense and BM25, fused), and to the sentences that answer it.

The constants below were chosen on ``bench/retrieval.py``; each stands on a flat optimum.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rag.embed import Embedder
from rag.errors import IndexMismatchError
from rag.index import Generation
from rag.lexical import analyze
from rag.schema import Chunk, Evidence, Passage, Retrieved, Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_N_CANDIDATES: Final = 50  # of each search, before fusion
_N_PASSAGES: Final = 10  # whose sentences are looked at
_DENSE_SHARE: Final = 0.6  # of a passage's score; BM25 has the rest

# Of a sentence's score, over z-scores: its own cosine, the share of the question's words in it,
# its passage's score.
_COSINE_WEIGHT: Final = 0.6
_COVERAGE_WEIGHT: Final = 0.3
_PASSAGE_WEIGHT: Final = 0.3

# Logistic regression of «is the answer here?» on the best sentence's cosine and on the share of
# the question's words in its passage, fitted by bench/abstention.py. The cosine's scale is that of
# multilingual-e5-small: another embedding model wants another fit.
_CONFIDENCE_BIAS: Final = -40.0
_CONFIDENCE_COSINE: Final = 45.0
_CONFIDENCE_COVERAGE: Final = 3.0


class Features(NamedTuple):
    """What tells whether the evidence speaks of what was asked.

    Attributes
    ----------
    cosine
        Of the question and the best sentence, in [-1, 1].
    coverage
        Share of the question's words, weighted by rarity, in the best sentence's passage and its
        titles, in [0, 1].
    """

    cosine: float
    coverage: float


class _Candidate(NamedTuple):
    passage: Passage
    sentence: Sentence
    cosine: float
    coverage: float
    score: float


class Retriever:
    """Search over one generation of an index.

    Raises
    ------
    IndexMismatchError
        If the index was not made by this embedding model.
    """

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        manifest = generation.manifest
        if manifest.embedding_fingerprint != embedder.fingerprint:
            raise IndexMismatchError(
                f"El índice se hizo con «{manifest.embedding_model}» y no con «{embedder.name}»",
                "Vuelve a crearlo con: rag index --rebuild",
            )
        self._generation = generation
        self._embedder = embedder

    def retrieve(self, question: str, max_evidence: int) -> Retrieved:
        """Find the evidence for a question.

        Parameters
        ----------
        question
            With at least one letter or digit.
        max_evidence
            Most sentences wanted.

        Returns
        -------
        Retrieved
            Evidence and passages, each best first; both empty when the index is.
        """
        started = time.perf_counter()
        terms = list(dict.fromkeys(analyze(question)))
        vector = self._embedder.embed_question(question)
        passages = self._passages(terms, vector)
        weights = self._weights(terms)
        candidates = self._candidates(passages[:_N_PASSAGES], vector, weights)
        confidence = 0.0
        if candidates:
            confidence = _confidence(self._features(candidates[0], weights))
        evidence = _evidence(candidates, max_evidence)
        seconds = time.perf_counter() - started
        return Retrieved(question, evidence, tuple(passages), confidence, seconds)

    def features(self, question: str) -> Features | None:
        """Return what the confidence in a question's evidence is computed from."""
        terms = list(dict.fromkeys(analyze(question)))
        vector = self._embedder.embed_question(question)
        weights = self._weights(terms)
        passages = self._passages(terms, vector)[:_N_PASSAGES]
        candidates = self._candidates(passages, vector, weights)
        return self._features(candidates[0], weights) if candidates else None

    def _passages(self, terms: Sequence[str], vector: NDArray[np.float32]) -> list[Passage]:
        """Search both ways and fuse by a weighted sum of z-scores over the candidates."""
        import numpy as np

        generation = self._generation
        if not generation.chunks:
            return []
        dense = dict(generation.dense.search(vector, _N_CANDIDATES))
        lexical = dict(generation.lexical.search(terms, _N_CANDIDATES))
        dense_rank = {row: rank for rank, row in enumerate(dense, start=1)}
        lexical_rank = {row: rank for rank, row in enumerate(lexical, start=1)}
        rows = list(dense | lexical)
        cosines = generation.dense.vectors(rows) @ vector
        bm25 = np.array([lexical.get(row, 0.0) for row in rows])
        fused = _DENSE_SHARE * _z(cosines) + (1 - _DENSE_SHARE) * _z(bm25)
        passages = [
            Passage(
                chunk=generation.chunks[row],
                score=float(fused[at]),
                dense_score=float(cosines[at]),
                lexical_score=float(bm25[at]),
                dense_rank=dense_rank.get(row),
                lexical_rank=lexical_rank.get(row),
                row=row,
            )
            for at, row in enumerate(rows)
        ]
        return sorted(passages, key=lambda passage: passage.score, reverse=True)

    def _candidates(
        self,
        passages: Sequence[Passage],
        vector: NDArray[np.float32],
        weights: dict[str, float],
    ) -> list[_Candidate]:
        """Score every sentence of the passages, best first."""
        import numpy as np

        starts = self._generation.sentence_starts
        found = [
            (passage, sentence, starts[passage.row] + at)
            for passage in passages
            for at, sentence in enumerate(passage.chunk.sentences)
        ]
        if not found:
            return []
        vectors = self._generation.sentence_vectors[[row for _, _, row in found]]
        cosines = vectors.astype(np.float32) @ vector
        coverage = np.array([_coverage(sentence.text, weights) for _, sentence, _ in found])
        scores = (
            _COSINE_WEIGHT * _z(cosines)
            + _COVERAGE_WEIGHT * _z(coverage)
            + _PASSAGE_WEIGHT * _z(np.array([passage.score for passage, _, _ in found]))
        )
        candidates = [
            _Candidate(
                passage, sentence, float(cosines[at]), float(coverage[at]), float(scores[at])
            )
            for at, (passage, sentence, _) in enumerate(found)
        ]
        return sorted(candidates, key=lambda candidate: candidate.score, reverse=True)

    def _weights(self, terms: Sequence[str]) -> dict[str, float]:
        """Weigh each term by its rarity: BM25's inverse document frequency, 0 or more."""
        lexical = self._generation.lexical
        n_rows = len(lexical)
        return {
            term: math.log1p((n_rows - frequency + 0.5) / (frequency + 0.5))
            for term in terms
            for frequency in [lexical.document_frequency(term)]
        }

    def _features(self, best: _Candidate, weights: dict[str, float]) -> Features:
        chunk: Chunk = best.passage.chunk
        titles_and_text = "\n".join([*chunk.headings, chunk.text])
        return Features(best.cosine, _coverage(titles_and_text, weights))


def _z(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the distance of each value from the mean, in standard deviations."""
    spread: NDArray[np.floating] = (values - values.mean()) / (values.std() + 1e-9)
    return spread


def _coverage(text: str, weights: dict[str, float]) -> float:
    """Return the share of the question's terms in a text, weighted by rarity, in [0, 1]."""
    total = sum(weights.values())
    terms = set(analyze(text))
    return sum(weights[term] for term in weights.keys() & terms) / total if total else 0.0


def _confidence(features: Features) -> float:
    """Estimate the probability that the evidence speaks of what was asked."""
    return _logistic(
        _CONFIDENCE_BIAS
        + _CONFIDENCE_COSINE * features.cosine
        + _CONFIDENCE_COVERAGE * features.coverage
    )


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value)) if value > -700 else 0.0


def _evidence(candidates: Sequence[_Candidate], max_evidence: int) -> tuple[Evidence, ...]:
    """Give the best sentences their markers; words that stand twice are evidence once."""
    chosen: dict[str, _Candidate] = {}
    for candidate in candidates:
        if len(chosen) == max_evidence:
            break
        chosen.setdefault(" ".join(candidate.sentence.text.split()).casefold(), candidate)
    return tuple(
        Evidence(
            marker=marker,
            path=candidate.passage.chunk.path,
            line_start=candidate.sentence.line_start,
            line_end=candidate.sentence.line_end,
            page=None,
            text=candidate.sentence.text,
            score=_logistic(candidate.score),
            passage=candidate.passage,
        )
        for marker, candidate in enumerate(chosen.values(), start=1)
    )
