"""Table 14: follow-ups as typed, as rewritten by rule, and as written by hand to stand alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.corpora import ROOT, Corpus, available, seeds
from bench.ranks import TOP_RANKS, first_right
from rag.assistant import Assistant
from rag.converse import standalone
from rag.evaluate import Question, Source, TestSet, stands_on
from rag.schema import Turn

_XQUAD = "xquad-es-dev"
_UNSEEN = "squad-es-v1-dev"


class Case(NamedTuple):
    """A follow-up, its conversation, and the question that it stands for.

    Attributes
    ----------
    standalone
        Written by hand; None where the question changes the topic.
    """

    question: str
    history: list[str]
    standalone: str | None
    sources: tuple[Source, ...]


def main() -> None:
    """Print the tables in Markdown."""
    print("| set | question | evidence @1 | @3 | @5 |\n|---|---|---|---|---|")
    ours = _records(ROOT / "seeds" / "conversaciones.jsonl")
    with _assistant(seeds()) as assistant:
        for name, is_held in (("seeds", False), ("seeds, held out", True)):
            cases = [_ours(record) for record in ours if record["held_out"] is is_held]
            _print_rows(name, assistant, [case for case in cases if case.standalone])
    corpora = {corpus.name: corpus for corpus in available(_XQUAD, _UNSEEN)}
    if _XQUAD in corpora:
        corpus = corpora[_XQUAD]
        records = _records(Path(__file__).with_name("conversations.jsonl"))
        with _assistant(corpus) as assistant:
            cases = [_theirs(record, corpus.questions) for record in records]
            _print_rows(_XQUAD, assistant, cases)
    print("\n| questions that stand alone, after one on something else | rewritten |\n|---|---|")
    changes = [_ours(record) for record in ours if record["standalone"] is None]
    pairs = [(case.history[-1], case.question) for case in changes]
    _print_changes("seeds, changes of topic", pairs)
    for corpus in corpora.values():
        _print_changes(corpus.name, list(_unrelated(corpus.questions)))


def _print_rows(name: str, assistant: Assistant, cases: Sequence[Case]) -> None:
    """Search for each follow-up in each of its forms."""
    ranks: dict[str, list[int]] = {"as typed": [], "by rule": [], "by hand": []}
    for case in cases:
        turns: list[Turn] = []
        for earlier in case.history:
            turns.append(assistant.ask(earlier, turns).turn)
        by_rule = standalone(case.question, turns) or case.question
        forms = (case.question, by_rule, case.standalone or case.question)
        for form, text in zip(ranks, forms, strict=True):
            found = assistant.search(text).evidence
            ranks[form].append(
                first_right(any(stands_on(e, source) for source in case.sources) for e in found)
            )
    for form, at in ranks.items():
        hits = " | ".join(f"{sum(rank <= top for rank in at)}" for top in TOP_RANKS)
        print(f"| {name} ({len(cases)}) | {form} | {hits} |", flush=True)


def _print_changes(name: str, pairs: Sequence[tuple[str, str]]) -> None:
    rewritten = [after for before, after in pairs if standalone(after, [Turn(before)])]
    print(f"| {name} ({len(pairs)}) | {len(rewritten)} |", flush=True)


def _unrelated(questions: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """Pair each question with one that is far from it in the set, so from another document."""
    for at, question in enumerate(questions):
        yield questions[(at + len(questions) // 2) % len(questions)].text, question.text


@contextmanager
def _assistant(corpus: Corpus) -> Iterator[Assistant]:
    """Index a corpus, with nobody but the quotes to answer."""
    with TemporaryDirectory() as folder:
        documents = Path(folder, "d")
        documents.mkdir()
        TestSet(corpus.questions, corpus.documents).write_documents(documents)
        assistant = Assistant.open(index_dir=Path(folder, "i"), model="extractive")
        assistant.index([documents])
        yield assistant


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _ours(record: dict[str, Any]) -> Case:
    sources = tuple(Source(source["path"], source["line"]) for source in record["sources"])
    return Case(record["question"], record["history"], record["standalone"], sources)


def _theirs(record: dict[str, Any], questions: Sequence[Question]) -> Case:
    """Take the sources of the question of the set that asks the same."""
    same = next(question for question in questions if question.text == record["same_as"])
    return Case(record["question"], record["history"], record["standalone"], same.sources)


if __name__ == "__main__":
    main()
