"""Table 20: whether a chunk is found better with the titles above it in what is searched.

Every article of the SQuAD sets under its title, and our own corpus with those that it has; indexed
with the titles before each chunk's text, as shipped, and without.

    python -m bench.titles
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import PurePath

from bench.corpora import Corpus, available, index, open_embedder
from bench.retrieval import FUSIONS, print_rows
from rag.evaluate import Question
from rag.evaluate.questions import Source
from rag.index import records

_N_QUESTIONS = 1000  # of each set, drawn once


def with_titles(corpus: Corpus) -> Corpus:
    """Put over each text the name of its file as a title."""
    headers = {name: f"# {_title(name)}\n\n" for name in corpus.documents if name.endswith(".txt")}
    documents = {
        _markdown(name) if name in headers else name: headers.get(name, "") + text
        for name, text in corpus.documents.items()
    }
    return Corpus(corpus.name, documents, [_moved(each, headers) for each in corpus.questions])


def _title(name: str) -> str:
    return " ".join(PurePath(name).stem.replace("_", " ").replace("-", " ").split())


def _markdown(name: str) -> str:
    return f"{name.removesuffix('.txt')}.md"


def _moved(question: Question, headers: dict[str, str]) -> Question:
    """Return a question whose sources are where the titles have pushed them."""
    return replace(question, sources=tuple(_pushed(each, headers) for each in question.sources))


def _pushed(source: Source, headers: dict[str, str]) -> Source:
    if source.path not in headers:
        return source
    n_chars = len(headers[source.path])
    return Source(
        _markdown(source.path),
        source.line + 2,
        None if source.start is None else source.start + n_chars,
        None if source.end is None else source.end + n_chars,
    )


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    shipped = records.MAX_TITLE_CHARS
    print("| set | titles | hit@1 | hit@5 | MRR@10 |\n|---|---|---|---|---|")
    for corpus in map(with_titles, available("xquad-es-dev", "squad-es-v1-dev")):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        for label, max_chars in (("searched, as shipped", shipped), ("left out", 0)):
            records.MAX_TITLE_CHARS = max_chars
            fusion = {label: FUSIONS["as shipped"]}
            name = f"{corpus.name} ({len(questions)})"
            print_rows(name, index(corpus, embedder), embedder, questions, fusion)
    records.MAX_TITLE_CHARS = shipped


if __name__ == "__main__":
    main()
