"""Table 1: share of questions with a right line among the first, by weights and chunk size."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.corpora import SEEDS, Corpus, available, index, open_embedder
from rag.evaluate import Question, contains
from rag.index import Generation
from rag.retrieve import Retriever, Weights
from rag.schema import Evidence

_N_QUESTIONS = 600  # of each set, drawn once
_RANKS = (1, 3, 5)

VARIANTS = {
    "as shipped": Weights(),
    "vectors alone": Weights(dense_share=1.0, coverage=0.0),
    "BM25 alone": Weights(dense_share=0.0, cosine=0.0),
    "dense share 0.5": Weights(dense_share=0.5),
    "dense share 0.7": Weights(dense_share=0.7),
    "no passage score": Weights(passage=0.0),
    "no coverage": Weights(coverage=0.0),
    "coverage 0.5": Weights(coverage=0.5),
    "20 passages": Weights(n_passages=20),
    "titles like any sentence": Weights(title=0.0),
}


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    print("| set | variant | evidence @1 | @3 | @5 |\n|---|---|---|---|---|")
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        shipped = index(corpus, embedder)
        for name, weights in VARIANTS.items():
            print_row(corpus, name, Retriever(shipped, embedder, weights), questions)
        for max_tokens in (128, 400):
            other: Generation = index(corpus, embedder, max_tokens)
            name = f"chunks of {max_tokens} tokens"
            print_row(corpus, name, Retriever(other, embedder), questions)


def print_row(
    corpus: Corpus, name: str, retriever: Retriever, questions: Sequence[Question]
) -> None:
    """Ask all the questions and print what share was found at each rank."""
    needs_answer = corpus.name != SEEDS  # its lines are whole paragraphs in the others
    found = [0] * len(_RANKS)
    for question in questions:
        evidence = retriever.retrieve(question.text, max(_RANKS)).evidence
        ranks = (
            n
            for n, item in enumerate(evidence, start=1)
            if is_right(item, question, needs_answer=needs_answer)
        )
        rank = next(ranks, 99)
        found = [n + (rank <= top) for n, top in zip(found, _RANKS, strict=True)]
    shares = " | ".join(f"{n / len(questions):.3f}" for n in found)
    print(f"| {corpus.name} ({len(questions)}) | {name} | {shares} |", flush=True)


def is_right(evidence: Evidence, question: Question, *, needs_answer: bool) -> bool:
    """Say whether evidence stands on a right line and, if wanted, holds the answer."""
    on_line = any(
        evidence.path.endswith(f"/{source.path}")
        and evidence.line_start <= source.line <= evidence.line_end
        for source in question.sources
    )
    if not needs_answer:
        return on_line
    return on_line and any(contains(evidence.text, answer) for answer in question.answers)


if __name__ == "__main__":
    main()
