"""Retrieve: a question to passages (dense and BM25, fused), and to the sentences that answer it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from rag.embed import Embedder
from rag.errors import IndexMismatchError
from rag.index import REBUILD, Generation, searchable_text
from rag.lexical import analyze
from rag.schema import Evidence, Passage, Retrieved, Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts; the defaults stand on a flat optimum (bench/README.md, table 1).

    Attributes
    ----------
    n_candidates
        Chunks taken from each search before fusion.
    n_passages
        Passages whose sentences are looked at.
    dense_share
        Of a passage's score, in [0, 1]; BM25 has the rest.
    cosine, coverage, passage
        Of a sentence's score: its own cosine, the share of the question's words in it, and its
        passage's score.
    title
        Taken from the score of a title: it names what a section is about and seldom says it.
    """

    n_candidates: int = 50
    n_passages: int = 10
    dense_share: float = 0.6
    cosine: float = 0.6
    coverage: float = 0.3
    passage: float = 0.3
    title: float = 1.5


# Logistic regression of «is the answer here?» on the best sentence's cosine and on the share of
# the question's words in its passage, fitted by bench/abstention.py (bench/README.md, table 2). The
# cosine's scale is that of multilingual-e5-small: another embedding model wants another fit.
_CONFIDENCE_BIAS: Final = -35.96
_CONFIDENCE_COSINE: Final = 40.56
_CONFIDENCE_COVERAGE: Final = 1.761


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

    def __init__(
        self, generation: Generation, embedder: Embedder, weights: Weights | None = None
    ) -> None:
        manifest = generation.manifest
        if manifest.embedding_fingerprint != embedder.fingerprint:
            raise IndexMismatchError(
                f"El índice se hizo con «{manifest.embedding_model}» y no con «{embedder.name}»",
                REBUILD,
            )
        if not manifest.matches():
            raise IndexMismatchError("El índice se hizo con otra versión de este programa", REBUILD)
        self._generation = generation
        self._embedder = embedder
        self._weights = weights or Weights()

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
        passages, candidates, rarity = self._search(question)
        confidence = _confidence(_features(candidates[0], rarity)) if candidates else 0.0
        evidence = _evidence(candidates, max_evidence)
        seconds = time.perf_counter() - started
        return Retrieved(question, evidence, tuple(passages), confidence, seconds)

    def features(self, question: str) -> Features | None:
        """Return what the confidence in a question's evidence is computed from."""
        _, candidates, rarity = self._search(question)
        return _features(candidates[0], rarity) if candidates else None

    def _search(self, question: str) -> tuple[list[Passage], list[_Candidate], dict[str, float]]:
        """Return passages and sentences, each best first, and how rare each of our words is."""
        terms = list(dict.fromkeys(analyze(question)))
        rarity = self._rarity(terms)
        vector = self._embedder.embed_question(question)
        passages = self._passages(terms, vector)
        return passages, self._candidates(passages, vector, rarity), rarity

    def _passages(self, terms: Sequence[str], vector: NDArray[np.float32]) -> list[Passage]:
        """Search both ways and fuse by a weighted sum of z-scores over the candidates."""
        import numpy as np

        generation = self._generation
        if not generation.chunks:
            return []
        dense = dict(generation.dense.search(vector, self._weights.n_candidates))
        lexical = dict(generation.lexical.search(terms, self._weights.n_candidates))
        dense_rank = {row: rank for rank, row in enumerate(dense, start=1)}
        lexical_rank = {row: rank for rank, row in enumerate(lexical, start=1)}
        rows = list(dense | lexical)
        cosines = generation.dense.vectors(rows) @ vector
        bm25 = np.array([lexical.get(row, 0.0) for row in rows])
        share = self._weights.dense_share
        fused = share * _z(cosines) + (1 - share) * _z(bm25)
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
        rarity: dict[str, float],
    ) -> list[_Candidate]:
        """Score every sentence of the first passages, best first."""
        import numpy as np

        starts = self._generation.sentence_starts
        found = [
            (passage, sentence, starts[passage.row] + at)
            for passage in passages[: self._weights.n_passages]
            for at, sentence in enumerate(passage.chunk.sentences)
        ]
        if not found:
            return []
        vectors = self._generation.sentence_vectors[[row for _, _, row in found]]
        cosines = vectors.astype(np.float32) @ vector
        coverage = np.array([_coverage(sentence.text, rarity) for _, sentence, _ in found])
        weights = self._weights
        scores = (
            weights.cosine * _z(cosines)
            + weights.coverage * _z(coverage)
            + weights.passage * _z(np.array([passage.score for passage, _, _ in found]))
            - weights.title * np.array([_is_title(passage, text) for passage, text, _ in found])
        )
        candidates = [
            _Candidate(
                passage, sentence, float(cosines[at]), float(coverage[at]), float(scores[at])
            )
            for at, (passage, sentence, _) in enumerate(found)
        ]
        return sorted(candidates, key=lambda candidate: candidate.score, reverse=True)

    def _rarity(self, terms: Sequence[str]) -> dict[str, float]:
        """Weigh each term by its rarity: BM25's inverse document frequency, 0 or more."""
        lexical = self._generation.lexical
        n_rows = len(lexical)
        return {
            term: math.log1p((n_rows - frequency + 0.5) / (frequency + 0.5))
            for term in terms
            for frequency in [lexical.document_frequency(term)]
        }


def _features(best: _Candidate, rarity: dict[str, float]) -> Features:
    return Features(best.cosine, _coverage(searchable_text(best.passage.chunk), rarity))


def _is_title(passage: Passage, sentence: Sentence) -> bool:
    return " ".join(sentence.text.split()) in passage.chunk.headings


def _z(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the distance of each value from the mean, in standard deviations."""
    spread: NDArray[np.floating] = (values - values.mean()) / (values.std() + 1e-9)
    return spread


def _coverage(text: str, rarity: dict[str, float]) -> float:
    """Return the share of the question's terms in a text, weighted by rarity, in [0, 1]."""
    total = sum(rarity.values())
    terms = set(analyze(text))
    return sum(rarity[term] for term in rarity.keys() & terms) / total if total else 0.0


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
