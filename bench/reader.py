"""Table 24: how well the embedded model reads, on articles that it was not taught from.

Each question is read in the sentence that holds its answer, and in the first pieces of evidence
that the search finds among all the articles; questions without an answer too. With ``--adapter``
another adapter than the product's is measured, and with ``--readings`` what was read is kept.

    python -m bench.reader [--most 260] [--adapter FILE] [--readings FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from bench.corpora import Corpus, index, is_kept_out, open_embedder, squad
from rag.config import Settings, load_settings
from rag.evaluate import Question, exact_match, f1
from rag.evaluate.judge import says, stands_on
from rag.generate.adapter import ADAPTER
from rag.generate.engine import assemble_weights, open_server
from rag.generate.reading import MIN_LOG_PROBABILITY, Found, read_together, surest
from rag.generate.spans import Words
from rag.hostile import shown_to_model
from rag.prompt import reading_prompt
from rag.retrieve import Retriever, confidence_once_read
from rag.retrieve.confidence import log_odds
from rag.schema import Retrieved

_SETS: Final = ("xquad-es-dev", "squad-es-v1-dev", "squad-es-v2-dev")
_SIZES: Final = (1, 2, 3)  # pieces of evidence
_THRESHOLD: Final = Settings.model_fields["min_confidence"].default
_N_FOLDS: Final = 6  # no article in two of them
_THRESHOLDS: Final = (0.1, 0.15, 0.2, 0.3, 0.5)
_LEAST: Final = (-math.inf, -1.2, MIN_LOG_PROBABILITY, -0.4, -0.2)  # of the least likely token
_RIGHT: Final = 0.5  # an overlap above it
_KEPT: Final = 0.92  # share of the answerable questions that go on to be answered


@dataclass(frozen=True, slots=True)
class Read:
    """A question, and what was read.

    Attributes
    ----------
    confidence
        Of the search, that its evidence answers.
    is_there
        Whether the answer is said by the first piece, by one of the first two, …
    alone
        Found in the sentence that holds the answer; None where that was not read.
    found
        Found in the first piece, in the first two, …
    seconds
        Of each of these.
    """

    corpus: str
    article: str
    question: str
    answers: tuple[str, ...]
    confidence: float
    is_there: tuple[bool, ...]
    alone: Found | None
    found: tuple[Found, ...]
    seconds: tuple[float, ...]


def sample(corpus: Corpus, most: int) -> list[Question]:
    """Draw questions about the articles that are kept out."""
    mine = [each for each in corpus.questions if is_kept_out(each.sources[0].path)]
    return random.Random(2).sample(mine, min(most, len(mine)))


def read_all(server: Any, most: int) -> Iterator[Read]:
    """Search and read every question."""
    embedder = open_embedder()
    for name in _SETS:
        corpus = squad(name)
        retriever = Retriever(index(corpus, embedder), embedder)
        for question in sample(corpus, most):
            yield _read(server, name, question, retriever.retrieve(question.text, 5))


def _read(server: Any, corpus: str, question: Question, found: Retrieved) -> Read:
    evidence = [item for item in found.evidence if item.is_admissible][: _SIZES[-1]]
    texts = [shown_to_model(item) for item in evidence]
    right = [any(stands_on(item, source) for source in question.sources) for item in evidence]
    sentences = (
        " ".join(candidate.sentence.text.split())
        for candidate in found.explanation.candidates
        if any(says(candidate, source) for source in question.sources)
    )
    gold = next(sentences, None) if question.answerable else None
    readings, seconds = [], []
    for size in _SIZES:
        started = time.perf_counter()
        readings.append(_ask(server, question.text, texts[:size]))
        seconds.append(time.perf_counter() - started)
    return Read(
        corpus,
        question.sources[0].path,
        question.text,
        question.answers,
        found.confidence,
        tuple(any(right[:size]) for size in _SIZES),
        None if gold is None else _ask(server, question.text, [gold]),
        tuple(readings),
        tuple(seconds),
    )


def _ask(server: Any, question: str, texts: Sequence[str]) -> Found:
    prompt = reading_prompt(" ".join(question.split()), texts)
    return read_together(server, prompt, [Words(text) for text in texts])


def table(reads: Sequence[Read]) -> Iterator[str]:
    """Write the tables in Markdown."""
    yield "| set | from | words shown | F1 of these | identical | shown and wrong, of all |"
    yield "|---|---|---|---|---|---|"
    for corpus in dict.fromkeys(each.corpus for each in reads):
        mine = [each for each in reads if each.corpus == corpus and each.answers]
        gold = [(each.alone, each.answers) for each in mine if each.alone]
        yield _row(corpus, "the right sentence", gold)
        for at, size in enumerate(_SIZES):
            there = np.mean([each.is_there[at] for each in mine])
            said = [(each.found[at], each.answers) for each in mine]
            yield _row(corpus, f"{size} found (the answer is in {there:.3f})", said)
        for least in _LEAST:
            both = [(_surer(each, least), each.answers) for each in mine]
            ours = ", as the product does" if least == MIN_LOG_PROBABILITY else ""
            yield _row(corpus, f"the surer of 1 and {_SIZES[-1]}, from {least} on{ours}", both)
    yield ""
    yield from _by_sureness([each for each in reads if each.answers])
    yield ""
    yield _quoted([each for each in reads if each.answers])
    yield from _shown_in_vain([each for each in reads if not each.answers])
    yield ""
    yield from _abstention([each for each in reads if each.corpus == "squad-es-v2-dev"])
    yield ""
    n_kept, n = Counter[str](), Counter[str]()
    for each in reads:
        what = f"{each.corpus}, {'answerable' if each.answers else 'not'}"
        n[what] += 1
        n_kept[what] += _confidence(each) >= _THRESHOLD
    for what, total in n.items():
        yield f"Answered by the product, of {what}: {n_kept[what]} of {total}"


def _abstention(reads: Sequence[Read]) -> Iterator[str]:
    """Fit the confidence that a reading leaves, and tell what each voice refuses."""
    answerable = np.array([bool(each.answers) for each in reads])
    articles = [each.article for each in reads]
    searched = np.array([log_odds(each.confidence) for each in reads])
    scores = {"the search": searched}
    for at, size in enumerate(_SIZES):
        unsaid = np.array([each.found[at].unsaid for each in reads])
        rows = np.column_stack([searched, unsaid])
        both = np.zeros(len(reads))
        for train, held_out in GroupKFold(_N_FOLDS).split(rows, groups=articles):
            model = LogisticRegression(C=10.0).fit(rows[train], answerable[train])
            both[held_out] = model.decision_function(rows[held_out])
        scores[f"{size} read"] = -unsaid
        scores[f"the search, and {size} read"] = both
        model = LogisticRegression(C=10.0).fit(rows, answerable)
        bias, slopes = model.intercept_[0], model.coef_[0]
        yield f"{size}: bias {bias:.3f}, searched {slopes[0]:.3f}, unsaid {slopes[1]:.3f}"
    yield ""
    thresholds = " | ".join(f"kept / refused at {each}" for each in _THRESHOLDS)
    yield f"| by | AUROC | refused while 92 % are answered | {thresholds} |"
    yield f"|---|---|---|{'---|' * len(_THRESHOLDS)}"
    for by, score in scores.items():
        limit = np.quantile(score[answerable], 1 - _KEPT)
        refused = (score[~answerable] < limit).mean()
        auroc = roc_auc_score(answerable, score)
        chance = 1 / (1 + np.exp(-score))
        cells = " | ".join(
            f"{(chance[answerable] >= t).mean():.3f} / {(chance[~answerable] < t).mean():.3f}"
            for t in _THRESHOLDS
        )
        yield f"| {by} | {auroc:.3f} | {refused:.3f} | {cells} |"


def _by_sureness(reads: Sequence[Read]) -> Iterator[str]:
    """Tell how often words are right, by how sure the model is of them."""
    yield "| log-probability | words | of them right |"
    yield "|---|---|---|"
    said = [(_surer(each, -math.inf), each) for each in reads]
    right = [
        (found.log_probability, f1(found.text, each.answers) > _RIGHT)
        for found, each in said
        if found
    ]
    for least, most in pairwise((*_LEAST, 0.1)):
        own = [is_right for sure, is_right in right if least <= sure < most]
        yield f"| {least} to {min(most, 0)} | {len(own)} | {np.mean(own):.2f} |"


def _quoted(reads: Sequence[Read]) -> str:
    """Tell how often the quotes shown instead of words say the answer."""
    quoted = [each.is_there for each in reads if _surer(each, MIN_LOG_PROBABILITY) is None]
    first, any_of_three = np.mean(quoted, axis=0)[[0, -1]]
    return (
        f"Answerable, quoted: {len(quoted)} of {len(reads)}; the first quote stands where the "
        f"answer does in {first:.2f}, one of the three in {any_of_three:.2f}"
    )


def _shown_in_vain(reads: Sequence[Read]) -> Iterator[str]:
    """Tell how often words are shown where nothing answers, of what is not refused."""
    passed = [each for each in reads if _confidence(each) >= _THRESHOLD]
    for least in _LEAST:
        shown = sum(_surer(each, least) is not None for each in passed)
        yield f"Not answerable, words shown from {least} on: {shown} of {len(reads)}"


def _surer(read: Read, least: float) -> Found | None:
    return surest((read.found[0], read.found[-1]), least)


def _confidence(read: Read) -> float:
    return min(read.confidence, confidence_once_read(read.confidence, read.found[-1].unsaid))


def _row(corpus: str, what: str, said: Sequence[tuple[Found | None, tuple[str, ...]]]) -> str:
    shown = [(found.text, answers) for found, answers in said if found and found.text]
    overlaps = np.array([f1(text, answers) for text, answers in shown])
    same = np.mean([exact_match(text, answers) for text, answers in shown])
    wrong = (overlaps <= _RIGHT).sum() / len(said)
    return (
        f"| {corpus} ({len(said)}) | {what} | {len(shown) / len(said):.3f} "
        f"| {overlaps.mean():.3f} | {same:.3f} | {wrong:.3f} |"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=2000, help="questions of each set")
    parser.add_argument("--adapter", type=Path, default=ADAPTER)
    parser.add_argument("--readings", type=Path, help="keep what was read in this file")
    options = parser.parse_args()
    kept = options.readings
    if kept is not None and kept.exists():
        reads = [_read_again(json.loads(line)) for line in kept.read_text("utf-8").splitlines()]
    else:
        server = open_server(assemble_weights(load_settings().cache_dir), options.adapter)
        reads = list(read_all(server, options.most))
    if kept is not None:
        lines = [json.dumps(asdict(each), ensure_ascii=False) for each in reads]
        kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(table(reads)))


def _read_again(record: dict[str, Any]) -> Read:
    """Make a record of what was read, as it was kept."""
    alone = record["alone"]
    return Read(
        **record
        | {name: tuple(record[name]) for name in ("answers", "is_there", "seconds")}
        | {"alone": alone and Found(*alone), "found": tuple(Found(*f) for f in record["found"])}
    )


if __name__ == "__main__":
    main()
