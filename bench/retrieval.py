"""Table 1: which fusion puts the passage with the answer first."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.corpora import available, index, open_embedder
from bench.ranks import first_right
from rag.embed import Embedder
from rag.evaluate import Question
from rag.evaluate.judge import holds
from rag.index import Generation
from rag.retrieve import PassageWeights
from rag.retrieve.passages import find_passages, standardise
from rag.retrieve.query import read_question

_N_QUESTIONS = 1000  # of each set, drawn once
_RANK_CONSTANT = 60  # of reciprocal rank fusion, as its authors set it (10.1145/1571941.1572114)

Signals = NDArray[np.float64]  # shape (3, n_passages): cosine, BM25, the best sentence's cosine
Fusion = Callable[[Signals], NDArray[np.float64]]


def z_scores(dense: float, lexical: float, sentence: float) -> Fusion:
    """Return a weighted sum of distances from the mean, in standard deviations."""
    return lambda signals: (
        dense * standardise(signals[0])
        + lexical * standardise(signals[1])
        + sentence * standardise(signals[2])
    )


def min_max(signals: Signals) -> NDArray[np.float64]:
    """Return the shipped weights over signals stretched to [0, 1]."""
    low, high = signals.min(axis=1, keepdims=True), signals.max(axis=1, keepdims=True)
    weights = PassageWeights()
    scaled: NDArray[np.float64] = (signals - low) / (high - low + 1e-9)
    return np.array([weights.dense, weights.lexical, weights.sentence]) @ scaled


def reciprocal_ranks(signals: Signals) -> NDArray[np.float64]:
    """Return reciprocal rank fusion of the three orders."""
    ranks = (-signals).argsort(axis=1).argsort(axis=1) + 1
    fused: NDArray[np.float64] = (1.0 / (_RANK_CONSTANT + ranks)).sum(axis=0)
    return fused


_SHIPPED = PassageWeights()

FUSIONS: dict[str, Fusion] = {
    "as shipped": z_scores(_SHIPPED.dense, _SHIPPED.lexical, _SHIPPED.sentence),
    "vectors alone": z_scores(1, 0, 0),
    "BM25 alone": z_scores(0, 1, 0),
    "best sentence alone": z_scores(0, 0, 1),
    "vectors and BM25, 0.6 and 0.4": z_scores(0.6, 0.4, 0),
    "vectors and BM25, 0.7 and 0.3": z_scores(0.7, 0.3, 0),
    "no BM25": z_scores(0.2, 0, 0.8),
    "no chunk vector": z_scores(0, 0.4, 0.8),
    "equal weights": z_scores(1, 1, 1),
    "more BM25, 0.6": z_scores(0.2, 0.6, 0.8),
    "less BM25, 0.25": z_scores(0.2, 0.25, 0.8),
    "min-max instead of z-scores": min_max,
    "reciprocal ranks": reciprocal_ranks,
}


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    print("| set | fusion | hit@1 | hit@5 | MRR@10 |\n|---|---|---|---|---|")
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        name = f"{corpus.name} ({len(questions)})"
        print_rows(name, index(corpus, embedder), embedder, questions, FUSIONS)
        for max_tokens in (128, 256):
            other = index(corpus, embedder, max_tokens)
            fusion = {f"chunks of {max_tokens} tokens": FUSIONS["as shipped"]}
            print_rows(name, other, embedder, questions, fusion)


def print_rows(
    name: str,
    generation: Generation,
    embedder: Embedder,
    questions: Sequence[Question],
    fusions: dict[str, Fusion],
) -> None:
    """Search once for each question, order what is found in each way, and print a row for each."""
    found: dict[str, list[int]] = {fusion: [] for fusion in fusions}
    for question in questions:
        query = read_question(question.text, embedder, generation.lexical)
        passages = find_passages(query, generation, _SHIPPED)
        signals = np.array([[p.dense_score, p.lexical_score, p.sentence_score] for p in passages]).T
        right = np.array(
            [any(holds(passage, source) for source in question.sources) for passage in passages]
        )
        for fusion, fuse in fusions.items():
            order = np.argsort(-fuse(signals), kind="stable")
            found[fusion].append(first_right(right[order]))
    for fusion, ranks in found.items():
        at = np.array(ranks)
        mrr = np.where(at <= 10, 1 / at, 0).mean()
        print(
            f"| {name} | {fusion} | {(at <= 1).mean():.3f} | {(at <= 5).mean():.3f} | {mrr:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
