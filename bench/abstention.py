"""Table 4: fit the confidence in the evidence, and what each threshold keeps and refuses.

Two regressions. «Topic»: each question over an index with its article, and the same question over
an index of the other half of the articles. «Answer»: questions over all the articles, those that
they answer and those, on the same matter, that they do not: SQuAD 2.0's and ours. Folds never share
an article, whatever the set: the sets share their articles. Without ``../shared/eval`` our own
corpus is all there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.corpora import SEEDS, Corpus, available, index, open_embedder
from rag.embed import Embedder
from rag.retrieve import Features, Retriever

_THRESHOLDS = (0.1, 0.15, 0.2, 0.3, 0.5)

# SQuAD 2.0 asks as many questions without an answer as with one, written to look alike. Of what
# people ask about a matter that their documents speak of, we suppose this share to be answered.
_ANSWERED_SHARE = 0.9

_OTHER_HALF = ", other half"
_SAME_TOPIC = ", same matter"
_OWN_WEIGHT = 0.1  # of our own corpus beside sets of thousands of questions

_NAMES = [field.name for field in fields(Features)]
_AGAINST = ["denied", "denied_alone", "opposed", "number_elsewhere", "number_missing"]
_MODELS = {
    # By the cosine as it is, and by how far it stands out: the second knows no scale.
    "cosine": (["cosine", "coverage"], ["cosine", "coverage", *_AGAINST]),
    "standing": (["standing", "coverage"], ["standing", "coverage", *_AGAINST]),
}


@dataclass(frozen=True)
class Rows:
    """Questions and their features, row by row."""

    kinds: NDArray[np.str_]
    articles: NDArray[np.str_]
    answerable: NDArray[np.bool_]
    features: NDArray[np.float64]

    @classmethod
    def of(cls, rows: list[tuple[str, str, bool, tuple[float, ...]]]) -> Rows:
        """Turn rows into columns."""
        kinds, articles, answerable, features = zip(*rows, strict=True)
        return cls(
            np.array(kinds), np.array(articles), np.array(answerable), np.array(features, float)
        )


def ask(
    corpus: Corpus, embedder: Embedder, *, halves: bool
) -> list[tuple[str, str, bool, tuple[float, ...]]]:
    """Ask every question, of the whole corpus or of both halves of its articles."""
    rows = []
    for part in (_half(corpus, 0), _half(corpus, 1)) if halves else (corpus,):
        retriever = Retriever(index(part, embedder), embedder)
        for number, question in enumerate(corpus.questions):
            if halves and not question.answerable:
                continue
            features = retriever.features(question.text)
            name = question.sources[0].path if question.sources else f"{number % 5:03d}"
            there = any(source.path in part.documents for source in question.sources)
            there = there if halves else question.answerable
            if features is not None:
                kind = corpus.name + (_OTHER_HALF if halves else _SAME_TOPIC)
                rows.append((kind, _article(name), there, astuple(features)))
    return rows


def _half(corpus: Corpus, parity: int) -> Corpus:
    names = sorted(corpus.documents)
    return corpus.part(lambda name: names.index(name) % 2 == parity)


_ARTICLES: dict[str, str] = {}


def _article(name: str) -> str:
    """Return the same word for one article in the sets whose titles are alike."""
    number, title = name[:3], name[4:]
    return _ARTICLES.setdefault(title, number) if number.isdigit() else name


class TwoStages:
    """The regressions of rag/retrieve/confidence.py."""

    def __init__(self, rows: Rows, train: NDArray[np.intp], model: str) -> None:
        topic_names, answer_names = _MODELS[model]
        self._topic_columns = [_NAMES.index(name) for name in topic_names]
        self._answer_columns = [_NAMES.index(name) for name in answer_names]
        kinds = rows.kinds[train]
        weight = np.array([1.0 / (rows.kinds == kind).sum() for kind in kinds])
        weight[np.char.startswith(kinds, SEEDS)] *= _OWN_WEIGHT
        is_topic = np.char.endswith(kinds, _OTHER_HALF)
        topic, answer = train[is_topic], train[~is_topic]
        self.topic = self._fit(
            rows.features[topic][:, self._topic_columns],
            rows.answerable[topic],
            weight[is_topic],
        )
        self.answer = self._fit(
            rows.features[answer][:, self._answer_columns],
            rows.answerable[answer],
            np.ones(len(answer)),  # ours are too few to weigh as a set
        )
        share = rows.answerable[answer].mean()
        self.answer[0] += math.log(_ANSWERED_SHARE / (1 - _ANSWERED_SHARE) * (1 - share) / share)

    @staticmethod
    def _fit(
        features: NDArray[np.float64],
        right: NDArray[np.bool_],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return bias and slopes."""
        model = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=10_000))
        scaled = weight * len(weight) / weight.sum()
        model.fit(features, right, logisticregression__sample_weight=scaled)
        scaler, regression = model[0], model[1]
        slopes = regression.coef_[0] / scaler.scale_
        bias = regression.intercept_[0] - slopes @ scaler.mean_
        found: NDArray[np.float64] = np.concatenate([[bias], slopes])
        return found

    def predict(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the confidence of each row."""
        topic = _logistic(self.topic, features[:, self._topic_columns])
        return topic * _logistic(self.answer, features[:, self._answer_columns])

    def __str__(self) -> str:
        lines = []
        for columns, values in (
            (self._topic_columns, self.topic),
            (self._answer_columns, self.answer),
        ):
            names = ["bias", *(_NAMES[column] for column in columns)]
            pairs = zip(names, values, strict=True)
            lines.append(", ".join(f"{name} {value:.3f}" for name, value in pairs))
        return "\n".join(lines)


def _logistic(
    coefficients: NDArray[np.float64], features: NDArray[np.float64]
) -> NDArray[np.float64]:
    value: NDArray[np.float64] = 1 / (1 + np.exp(-coefficients[0] - features @ coefficients[1:]))
    return value


def main() -> None:
    """Print the coefficients and the table in Markdown."""
    embedder = open_embedder()
    asked = []
    # XQuAD's titles are in English; its articles stand in the same order as those before it.
    for corpus in available("squad-es-v1-dev", "xquad-es-dev"):
        asked += ask(corpus, embedder, halves=True)
    for corpus in available("squad-es-v2-dev"):
        asked += ask(corpus, embedder, halves=False)
    rows = Rows.of(asked)
    header = " | ".join(f"kept / refused at {threshold}" for threshold in _THRESHOLDS)
    table = [f"| set | by | AUROC | {header} |", f"|---|---|---|{'---|' * len(_THRESHOLDS)}"]
    for model in _MODELS:
        scores = np.zeros(len(rows.kinds))
        for train, held_out in GroupKFold(5).split(rows.features, groups=rows.articles):
            scores[held_out] = TwoStages(rows, train, model).predict(rows.features[held_out])
        print(f"{TwoStages(rows, np.arange(len(rows.kinds)), model)}\n")
        table.extend(_lines(rows, model, scores))
    print("\n".join(table))


def _lines(rows: Rows, model: str, scores: NDArray[np.float64]) -> Iterator[str]:
    for kind in dict.fromkeys(rows.kinds):
        mine = rows.kinds == kind
        there, missing = mine & rows.answerable, mine & ~rows.answerable
        auroc = roc_auc_score(rows.answerable[mine], scores[mine])
        cells = " | ".join(
            f"{(scores[there] >= t).mean():.3f} / {(scores[missing] < t).mean():.3f}"
            for t in _THRESHOLDS
        )
        yield f"| {kind} ({there.sum()} + {missing.sum()}) | {model} | {auroc:.3f} | {cells} |"


if __name__ == "__main__":
    main()
