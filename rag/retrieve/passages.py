"""Passages: search by vectors and by words, and fuse the two with each chunk's best sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from rag.index import Generation, searchable_text
from rag.rerank import Reranker
from rag.retrieve.query import Query
from rag.retrieve.repeats import Distinct
from rag.schema import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PassageWeights:
    """How much each signal counts; a weighted sum of z-scores (bench/README.md, table 1).

    Attributes
    ----------
    n_candidates
        Chunks taken from each search before fusion.
    dense, lexical, sentence
        Of the chunk's cosine, its BM25, and the cosine of its best sentence.
    """

    n_candidates: int = 50
    dense: float = 0.2
    lexical: float = 0.4
    sentence: float = 0.8


def find_passages(query: Query, generation: Generation, weights: PassageWeights) -> list[Passage]:
    """Search both ways and fuse; return the passages best first, no two of the same words."""
    import numpy as np

    if not generation.n_chunks:
        return []
    distinct = Distinct(generation.fingerprint)
    dense = dict(
        distinct.search(partial(generation.dense.search, query.vector), weights.n_candidates)
    )
    lexical = dict(
        distinct.search(partial(generation.lexical.search, query.weights), weights.n_candidates)
    )
    dense_rank = {row: rank for rank, row in enumerate(dense, start=1)}
    lexical_rank = {row: rank for rank, row in enumerate(lexical, start=1)}
    rows = list(dense | lexical)
    cosines = generation.dense.vectors(rows) @ query.vector
    bm25 = np.array([lexical.get(row, 0.0) for row in rows])
    sentences = [generation.sentences(row) for row in rows]
    best_sentence = _best_cosines([each.vectors for each in sentences], query.vector)
    fused = (
        weights.dense * standardise(cosines)
        + weights.lexical * standardise(bm25)
        + weights.sentence * standardise(best_sentence)
    )
    order = np.argsort(-fused, kind="stable")
    return [
        Passage(
            row=rows[at],
            chunk_of=generation.chunk,
            score=float(fused[at]),
            dense_score=float(cosines[at]),
            lexical_score=float(bm25[at]),
            sentence_score=float(best_sentence[at]),
            fused_score=float(fused[at]),
            dense_rank=dense_rank.get(rows[at]),
            lexical_rank=lexical_rank.get(rows[at]),
            fused_rank=rank,
            copy_rows=distinct.copies(rows[at]),
            fingerprints=tuple(sentences[at].fingerprints.tolist()),
        )
        for rank, at in enumerate(order, start=1)
    ]


def rerank_passages(
    query: Query, passages: Sequence[Passage], reranker: Reranker, n_reranked: int
) -> list[Passage]:
    """Let a model that reads question and passage together order the first passages again."""
    import numpy as np

    first = passages[:n_reranked]
    if not first:
        return list(passages)
    scores = reranker.score(query.text, [searchable_text(passage.chunk) for passage in first])
    standard = standardise(scores)
    order = np.argsort(-scores, kind="stable")
    reranked = [
        replace(
            first[at],
            score=float(standard[at]),
            rerank_score=float(scores[at]),
            rerank_rank=rank,
        )
        for rank, at in enumerate(order, start=1)
    ]
    # What was not read again stays behind what was.
    floor = reranked[-1].score - 1.0
    rest = [replace(passage, score=floor) for passage in passages[n_reranked:]]
    return reranked + rest


def standardise(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the distance of each value from the mean, in standard deviations."""
    spread: NDArray[np.floating] = (values - values.mean()) / (values.std() + 1e-9)
    return spread


def _best_cosines(
    vectors: Sequence[NDArray[np.float16]], question: NDArray[np.float32]
) -> NDArray[np.floating]:
    """Return the cosine of the vector of each that is nearest to the question's; 0 without any."""
    import numpy as np

    ends = np.cumsum([len(each) for each in vectors])
    parts = np.split(np.concatenate(vectors).astype(np.float32), ends[:-1])
    return np.array([float((each @ question).max()) if len(each) else 0.0 for each in parts])
