"""Table 2: sentences embedded alone, inside their chunk («late chunking»), and the mean of both."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.corpora import Corpus, available, index
from bench.ranks import cells, first_right
from rag.config import load_settings
from rag.embed.batches import BatchEncoder
from rag.embed.bundled_embedder import BundledEmbedder
from rag.embed.spans import cut_out
from rag.evaluate import Question
from rag.evaluate.judge import says
from rag.index import searchable_spans, searchable_text
from rag.retrieve import Retriever

_N_QUESTIONS = 1000  # of each set, drawn once
_SHARES = (0.0, 0.3, 0.5, 0.7, 1.0)


def main() -> None:
    """Print the table in Markdown."""
    embedder = BundledEmbedder(load_settings().cache_dir)
    print("| set | share of the vector in context | sentence @1 | @3 | @5 | time to embed |")
    print("|---|---|---|---|---|---|")
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        generation = index(corpus, embedder)
        stored = {row: generation.sentences(row) for row in generation.rows()}
        chunks = list(generation.chunks())
        texts = [searchable_text(chunk) for chunk in chunks]
        spans = [searchable_spans(chunk) for chunk in chunks]
        alone, in_context, seconds = _read(texts, spans, embedder.open_encoder())
        ends = np.cumsum(list(map(len, spans)))[:-1]
        for share in _SHARES:
            mixed = share * in_context + (1 - share) * alone
            mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
            by_row = zip(generation.rows(), np.split(mixed.astype(np.float16), ends), strict=True)
            instead = {row: stored[row]._replace(vectors=own) for row, own in by_row}
            vars(generation)["sentences"] = instead.get  # of those on disk
            needed = seconds["chunks"] + (seconds["sentences"] if share < 1 else 0.0)
            hits = _hits(Retriever(generation, embedder), questions)
            _print(corpus, questions, str(share), hits, needed / seconds["chunks"])


def _read(
    texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]], encoder: BatchEncoder
) -> tuple[NDArray[np.float32], NDArray[np.float32], dict[str, float]]:
    """Return the spans' vectors both ways, and the seconds that each pass took."""
    started = time.perf_counter()
    _, in_context = encoder.embed_spans(texts, spans)
    middle = time.perf_counter()
    alone = encoder.embed_passages(cut_out(texts, spans))
    seconds = {"chunks": middle - started, "sentences": time.perf_counter() - middle}
    return alone, in_context, seconds


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


def _print(
    corpus: Corpus, questions: Sequence[Question], share: str, hits: str, ratio: float
) -> None:
    print(f"| {corpus.name} ({len(questions)}) | {share} | {hits} | {ratio:.1f} |", flush=True)


if __name__ == "__main__":
    main()
