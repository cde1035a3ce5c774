"""Table 2: sentences embedded alone, inside their chunk («late chunking»), and the mean of both."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.corpora import Corpus, available, index, open_embedder
from bench.ranks import cells, first_right
from rag.embed import Embedder
from rag.evaluate import Question
from rag.evaluate.judge import says
from rag.index import Generation, searchable_text
from rag.retrieve import Retriever

_N_QUESTIONS = 1000  # of each set, drawn once
_SHARES = (0.0, 0.3, 0.5, 0.7, 1.0)


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    print("| set | share of the vector in context | sentence @1 | @3 | @5 | time to embed | MB |")
    print("|---|---|---|---|---|---|---|")
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        generation = index(corpus, embedder)
        alone, in_context, seconds = _embed(generation, embedder)
        ends = np.cumsum([len(chunk.sentences) for chunk in generation.chunks()])[:-1]
        for share in _SHARES:
            mixed = share * in_context + (1 - share) * alone
            mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
            stored = mixed.astype(np.float16)
            by_row = dict(zip(generation.rows(), np.split(stored, ends), strict=True))
            vars(generation)["sentence_vectors"] = by_row.get  # in the place of what is on disk
            needed = seconds["chunks"] + (seconds["sentences"] if share < 1 else 0.0)
            ratio = needed / seconds["chunks"]
            hits = _hits(Retriever(generation, embedder), questions)
            print(
                f"| {_name(corpus, questions)} | {share} | {hits} | {ratio:.1f} "
                f"| {stored.nbytes / 1e6:.1f} |",
                flush=True,
            )


def _embed(
    generation: Generation, embedder: Embedder
) -> tuple[NDArray[np.float32], NDArray[np.float32], dict[str, float]]:
    """Return the sentences' vectors both ways, and the seconds that each pass took."""
    chunks = list(generation.chunks())
    texts = [searchable_text(chunk) for chunk in chunks]
    spans = []
    for chunk, text in zip(chunks, texts, strict=True):
        offset = len(text) - len(chunk.text) - chunk.start
        spans.append([(offset + each.start, offset + each.end) for each in chunk.sentences])
    started = time.perf_counter()
    _, in_context = embedder.embed_in_context(texts, spans)
    middle = time.perf_counter()
    alone = embedder.embed_passages([each.text for chunk in chunks for each in chunk.sentences])
    seconds = {"chunks": middle - started, "sentences": time.perf_counter() - middle}
    return alone, alone if in_context is None else in_context, seconds


def _hits(retriever: Retriever, questions: Sequence[Question]) -> str:
    found = []
    for question in questions:
        candidates = retriever.retrieve(question.text, 1).explanation.candidates
        found.append(
            first_right(
                any(says(each, source) for source in question.sources) for each in candidates
            )
        )
    return cells(found)


def _name(corpus: Corpus, questions: Sequence[Question]) -> str:
    return f"{corpus.name} ({len(questions)})"


if __name__ == "__main__":
    main()
