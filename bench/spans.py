"""Table 7: how right the embedded model's short answers are, and the weights behind them.

Each question is answered from its best evidence, as the assistant finds it. The weights are fitted
so that the expected overlap with the right answer is the greatest, and that the right span is
likely. Folds never share an article. Written to rag/generate/span_weights.json with --write.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import GroupKFold

from bench.corpora import ROOT, available, index, open_embedder
from rag.config import load_settings
from rag.evaluate import exact_match, f1
from rag.generate import LlamaCppGenerator
from rag.generate.pointing import choose_among, features_of, read_all
from rag.generate.span_features import FEATURES, Kind, Reading, kind_of
from rag.generate.spans import Words
from rag.lexical import ANSWER_TYPES
from rag.prompt import build_prompt
from rag.retrieve import Retriever

WEIGHTS_FILE: Final = ROOT / "rag" / "generate" / "span_weights.json"

_SETS: Final = {"xquad-es-dev": 300, "squad-es-v1-dev": 300, "seeds": 45}  # questions of each
_KINDS: Final[tuple[Kind, ...]] = (*ANSWER_TYPES, "manner", "definition", "other")
# What a kind of question weighs otherwise than the others do.
_BY_KIND: Final = (
    "focus_behind", "focus_within", "length", "length_squared", "name", "number", "time",
)  # fmt: skip
_OF_READING: Final = (
    "opening", "ending", "pointed_overlap", "pointed", "pointed_first", "pointed_last",
    "in_pointed", "least_sure", "mean_sure",
)  # fmt: skip
_PENALTY: Final = 0.003  # of the squares of the weights of standardised features
_LIKELIHOOD_SHARE: Final = 0.25  # beside the expected overlap
_ENOUGH: Final = 0.3  # overlap of the best span, for a question to teach anything


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its evidence and what the model made of it."""

    corpus: str
    article: str
    question: str
    answers: tuple[str, ...]
    texts: tuple[str, ...]
    scores: tuple[float, ...]
    readings: tuple[Reading, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of a case, row by row."""

    case: Case
    texts: list[str]
    places: list[int]
    rows: NDArray[np.float32]
    overlap: NDArray[np.float64]


def collect() -> list[Case]:
    """Let the model read the evidence of every question."""
    embedder = open_embedder()
    generator = LlamaCppGenerator(load_settings().cache_dir)  # without its adapter
    cases = []
    for corpus in available(*(name for name in _SETS if name != "seeds")):
        questions = [question for question in corpus.questions if question.answerable]
        chosen = random.Random(1).sample(questions, min(_SETS[corpus.name], len(questions)))
        chosen.sort(key=lambda question: kind_of(question.text))  # their worked examples are alike
        retriever = Retriever(index(corpus, embedder), embedder)
        for question in chosen:
            found = retriever.retrieve(question.text, 5).evidence
            evidence = [item for item in found if item.is_admissible][: generator.max_evidence]
            prompt = build_prompt(
                generator.prompt_style,
                question.text,
                evidence,
                generator.max_prompt_tokens,
                generator.count_tokens,
            )
            texts = [Words(item.shown) for item in prompt.evidence]
            started = time.perf_counter()
            readings = read_all(generator.server, [m.content for m in prompt.messages], texts)
            seconds = time.perf_counter() - started
            cases.append(
                Case(
                    corpus.name,
                    question.sources[0].path,
                    question.text,
                    question.answers,
                    tuple(text.text for text in texts),
                    tuple(item.logit for item in prompt.evidence),
                    tuple(readings),
                    seconds,
                )
            )
            if len(cases) % 100 == 0:
                print(f"{len(cases)} read", file=sys.stderr, flush=True)
    return cases


def columns(*, with_reading: bool = True) -> list[tuple[str, str]]:
    """Return the pairs of a kind («all» or one) and a feature that have a weight."""
    names = [name for name in FEATURES if with_reading or name not in _OF_READING]
    return [("all", name) for name in names] + [
        (kind, name) for kind in _KINDS for name in _BY_KIND
    ]


def spans_of(case: Case, pairs: Sequence[tuple[str, str]], n_texts: int | None = None) -> Spans:
    """Return the spans of a case, with a column for each weight."""
    texts = [Words(text) for text in case.texts[:n_texts]]
    found = features_of(case.question, texts, case.readings[:n_texts], case.scores[:n_texts])
    kind = kind_of(case.question)
    rows = np.array(
        [
            [features.get(name, 0.0) if of in ("all", kind) else 0.0 for of, name in pairs]
            for _, _, features in found
        ],
        np.float32,
    ).reshape(len(found), len(pairs))
    overlap = np.array([f1(text, case.answers) for _, text, _ in found])
    return Spans(case, [text for _, text, _ in found], [at for at, _, _ in found], rows, overlap)


def fit(data: Sequence[Spans]) -> NDArray[np.float64]:
    """Return a weight for each column."""
    useful = [spans for spans in data if len(spans.rows) and spans.overlap.max() > _ENOUGH]
    rows = np.vstack([spans.rows for spans in useful]).astype(np.float64)
    overlap = np.concatenate([spans.overlap for spans in useful])
    starts = np.cumsum([0, *(len(spans.rows) for spans in useful)])[:-1]
    owner = np.repeat(np.arange(len(useful)), [len(spans.rows) for spans in useful])
    best = np.array([spans.overlap.max() for spans in useful])[owner]
    is_best = (overlap >= best - 1e-6).astype(float)
    scale = rows.std(axis=0) + 1e-3
    rows /= scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = rows @ weights
        scores -= np.maximum.reduceat(scores, starts)[owner]
        odds = np.exp(scores)
        chance = odds / np.add.reduceat(odds, starts)[owner]
        expected = np.add.reduceat(chance * overlap, starts)
        likely = np.add.reduceat(chance * is_best, starts) + 1e-9
        gradient = chance * (overlap - expected[owner])
        gradient += _LIKELIHOOD_SHARE * (chance * is_best / likely[owner] - chance)
        n = len(useful)
        value = -(expected.sum() + _LIKELIHOOD_SHARE * np.log(likely).sum()) / n
        slope = -(gradient @ rows) / n + 2 * _PENALTY * weights
        return float(value + _PENALTY * weights @ weights), slope

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B")
    weights: NDArray[np.float64] = found.x / scale
    return weights


def answer(spans: Spans, weights: NDArray[np.float64]) -> tuple[str, float]:
    """Return the short answer and its likeness, as the assistant would choose it."""
    chosen = choose_among(
        list(zip(spans.places, spans.texts, (spans.rows @ weights).tolist(), strict=True))
    )
    return (chosen.text, chosen.likeness) if chosen else ("", 0.0)


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the weights")
    parser.add_argument("--readings", type=Path, help="keep the model's readings in this file")
    options = parser.parse_args()
    cases = _read(options.readings)
    articles = [f"{case.article[4:]}" for case in cases]
    print("| set | short answer from | F1 | identical | likeness ≥ 0.1 / 0.2 / 0.3 / 0.5 |")
    print("|---|---|---|---|---|")
    _row(cases, "the model alone, best evidence", [case.readings[0].pointed for case in cases])
    for what, n_texts, with_reading in (
        ("words alone, best evidence", 1, False),
        ("model and words, best evidence", 1, True),
        ("words alone, two pieces", 2, False),
        ("model and words, two pieces", 2, True),
    ):
        pairs = columns(with_reading=with_reading)
        data = [spans_of(case, pairs, n_texts) for case in cases]
        said: list[tuple[str, float]] = [("", 0.0)] * len(data)
        for train, held_out in GroupKFold(4).split(data, groups=articles):
            weights = fit([data[at] for at in train])
            for at in held_out:
                said[at] = answer(data[at], weights)
        _row(cases, what, [text for text, _ in said], [sure for _, sure in said])
    seconds = np.percentile([case.seconds for case in cases], [50, 95])
    print(f"\nReading two pieces: {seconds[0]:.2f} s (p50), {seconds[1]:.2f} s (p95)")
    if options.write:
        _write(pairs, fit(data))


def _row(
    cases: Sequence[Case], what: str, said: Sequence[str], sure: Sequence[float] | None = None
) -> None:
    for corpus in dict.fromkeys(case.corpus for case in cases):
        mine = [at for at, case in enumerate(cases) if case.corpus == corpus]
        overlap = np.array([f1(said[at], cases[at].answers) for at in mine])
        same = np.mean([exact_match(said[at], cases[at].answers) for at in mine])
        by_likeness = ""
        if sure is not None:
            likeness = np.array([sure[at] for at in mine])
            by_likeness = ", ".join(
                f"{(likeness >= limit).mean():.2f}: {overlap[likeness >= limit].mean():.2f}"
                for limit in (0.1, 0.2, 0.3, 0.5)
                if (likeness >= limit).any()
            )
        print(
            f"| {corpus} ({len(mine)}) | {what} | {overlap.mean():.3f} | {same:.3f} "
            f"| {by_likeness} |",
            flush=True,
        )


def _write(pairs: Sequence[tuple[str, str]], weights: NDArray[np.float64]) -> None:
    tables: dict[str, dict[str, float]] = {}
    for (kind, name), weight in zip(pairs, weights, strict=True):
        if round(float(weight), 3):
            tables.setdefault(kind, {})[name] = round(float(weight), 3)
    WEIGHTS_FILE.write_text(json.dumps(tables, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _read(kept: Path | None) -> list[Case]:
    if kept is None or not kept.exists():
        cases = collect()
        if kept is not None:
            kept.write_text(json.dumps([asdict(case) for case in cases]), encoding="utf-8")
        return cases
    return [_case(record) for record in json.loads(kept.read_text("utf-8"))]


def _case(record: Mapping[str, Any]) -> Case:
    readings = tuple(
        Reading(**(reading | {"log_probabilities": tuple(reading["log_probabilities"])}))
        for reading in record["readings"]
    )
    lists = {name: tuple(record[name]) for name in ("answers", "texts", "scores")}
    return Case(**(dict(record) | lists | {"readings": readings}))


if __name__ == "__main__":
    main()
