"""Table 3: fit the weights of a sentence's score, and what they find on articles not fitted on.

A conditional logistic regression: the probability that a sentence is the one with the answer is
the softmax of the scores of all the sentences looked at for its question. Five folds; no article
is in two of them, whatever the set: the sets share their articles.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import GroupKFold

from bench.corpora import Corpus, available, index, open_embedder
from bench.ranks import cells, first_right
from rag.embed import Embedder
from rag.evaluate.judge import says
from rag.retrieve import Retriever, SentenceWeights
from rag.retrieve.sentences import comparable
from rag.schema import Signals

_PENALTY = 1e-3  # keeps a weight that the data say nothing of near zero
_SET_BY_HAND = "title"  # there are none in SQuAD's sets


class Row(NamedTuple):
    """A question's sentences."""

    set_name: str
    article: str
    signals: NDArray[np.float64]  # shape (n_sentences, n_signals), comparable
    right: NDArray[np.bool_]  # shape (n_sentences,)


def rows_of(corpus: Corpus, embedder: Embedder) -> list[Row]:
    """Retrieve for every answerable question."""
    retriever = Retriever(index(corpus, embedder), embedder)
    rows: list[Row] = []
    for question in corpus.questions:
        if not question.answerable:
            continue
        candidates = retriever.retrieve(question.text, 1).explanation.candidates
        right = [any(says(each, source) for source in question.sources) for each in candidates]
        signals = comparable(np.array([each.signals for each in candidates]))
        article = question.sources[0].path[:3]
        rows.append(Row(corpus.name, article, signals, np.array(right)))
    return rows


def fit(rows: list[Row]) -> NDArray[np.float64]:
    """Return the weights that make the right sentences likeliest, shape (n_signals,)."""
    rows = [row for row in rows if row.right.any()]
    fixed = Signals._fields.index(_SET_BY_HAND)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value = _PENALTY * float(weights @ weights)
        slope = 2 * _PENALTY * weights
        for row in rows:
            scores = row.signals @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            found = likely[row.right].sum()
            given_right = np.where(row.right, likely, 0) / found
            value -= np.log(found) / len(rows)
            slope = slope + (likely - given_right) @ row.signals / len(rows)
        slope[fixed] = 0.0
        return value, slope

    start = np.zeros(len(Signals._fields))
    start[fixed] = SentenceWeights().title
    found: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def ranks(rows: list[Row], weights: NDArray[np.float64]) -> list[int]:
    """Return the rank of the first right sentence of each question."""
    return [
        first_right(row.right[np.argsort(-(row.signals @ weights), kind="stable")]) for row in rows
    ]


def main() -> None:
    """Print the weights and the table in Markdown."""
    embedder = open_embedder()
    rows = [
        row
        for corpus in available("xquad-es-dev", "squad-es-v1-dev")
        for row in rows_of(corpus, embedder)
    ]
    shipped = np.array(astuple(SentenceWeights()))
    fitted = np.zeros(len(rows), dtype=int)
    groups = [row.article for row in rows]
    for train, held_out in GroupKFold(5).split(rows, groups=groups):
        weights = fit([rows[at] for at in train])
        fitted[held_out] = ranks([rows[at] for at in held_out], weights)
    weights = fit(rows)
    print(", ".join(f"{n} {w:.2f}" for n, w in zip(Signals._fields, weights, strict=True)), "\n")
    print("| set | weights | sentence @1 | @3 | @5 |\n|---|---|---|---|---|")
    for name in dict.fromkeys(row.set_name for row in rows):
        mine = [at for at, row in enumerate(rows) if row.set_name == name]
        as_shipped = ranks([rows[at] for at in mine], shipped)
        for label, found in (("five folds", fitted[mine]), ("as shipped", as_shipped)):
            print(f"| {name} ({len(mine)}) | {label} | {cells(found)} |")


if __name__ == "__main__":
    main()
