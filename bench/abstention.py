"""Table 2: fit the confidence in the evidence, and what each threshold keeps and refuses.

Answerable: each question over an index with its article. Unanswerable: the same question over an
index of the other half of the articles, and the questions of SQuAD 2.0 that its paragraph does not
answer. Folds never share an article.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from bench.corpora import Corpus, index, open_embedder, squad
from rag.embed import Embedder
from rag.retrieve import Retriever

_THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.4)

Row = tuple[str, str, bool, float, float]  # kind, article, answerable, cosine, coverage


def half_rows(corpus: Corpus, embedder: Embedder) -> list[Row]:
    """Ask every question of both halves of the articles."""
    rows: list[Row] = []
    for parity in (0, 1):
        half = corpus.part(lambda name, parity=parity: int(name[:2]) % 2 == parity)  # type: ignore[misc]
        retriever = Retriever(index(half, embedder), embedder)
        for question in corpus.questions:
            features = retriever.features(question.text)
            article = question.sources[0].path
            inside = article in half.documents
            if features is not None:
                rows.append((corpus.name, article, inside, *features))
    return rows


def same_topic_rows(corpus: Corpus, embedder: Embedder) -> list[Row]:
    """Ask every question over all the articles."""
    retriever = Retriever(index(corpus, embedder), embedder)
    rows: list[Row] = []
    for question in corpus.questions:
        features = retriever.features(question.text)
        if features is not None:
            article = question.sources[0].path
            rows.append((corpus.name, article, question.answerable, *features))
    return rows


def main() -> None:
    """Print the coefficients and the table in Markdown."""
    embedder = open_embedder()
    rows = half_rows(squad("xquad-es-dev"), embedder)
    rows += half_rows(squad("squad-es-v1-dev"), embedder)
    rows += same_topic_rows(squad("squad-es-v2-dev"), embedder)
    kinds = np.array([row[0] for row in rows])
    articles = np.array([row[1] for row in rows])
    answerable = np.array([row[2] for row in rows])
    features: NDArray[np.float64] = np.array([row[3:] for row in rows])

    model = LogisticRegression(class_weight="balanced", C=1e6, max_iter=10_000)
    fold_scores = cross_val_predict(
        model, features, answerable, groups=articles, cv=GroupKFold(5), method="predict_proba"
    )[:, 1]
    model.fit(features, answerable)
    cosine, coverage = model.coef_[0]
    print(f"bias {model.intercept_[0]:.2f}, cosine {cosine:.2f}, coverage {coverage:.3f}\n")

    header = " | ".join(f"kept / refused at {threshold}" for threshold in _THRESHOLDS)
    print(f"| set | AUROC | {header} |\n|---|---|{'---|' * len(_THRESHOLDS)}")
    for kind in dict.fromkeys(kinds):
        mine = kinds == kind
        there, missing = mine & answerable, mine & ~answerable
        auroc = roc_auc_score(answerable[mine], fold_scores[mine])
        cells = " | ".join(
            f"{(fold_scores[there] >= t).mean():.3f} / {(fold_scores[missing] < t).mean():.3f}"
            for t in _THRESHOLDS
        )
        print(f"| {kind} ({there.sum()} + {missing.sum()}) | {auroc:.3f} | {cells} |")


if __name__ == "__main__":
    main()
