"""Table 2: sentences embedded alone, or inside their chunk, their neighbours more or less far."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.corpora import Corpus, available, index, open_embedder
from bench.ranks import cells, first_right
from rag.embed import Embedder, batches
from rag.embed.neighbours import DISTANCE, attention_bias
from rag.evaluate import Question
from rag.evaluate.judge import says
from rag.index import Generation, searchable_text
from rag.retrieve import Retriever

_N_QUESTIONS = 600  # of each set, drawn once
_DISTANCES = (DISTANCE, 0.0, 0.5, 1.5, 2.0, 3.0)

Vectors = NDArray[np.float32]


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    print("| set | a sentence is embedded | sentence @1 | @3 | @5 | time to embed |")
    print("|---|---|---|---|---|---|")
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        generation = index(corpus, embedder)
        ends = np.cumsum([len(chunk.sentences) for chunk in generation.chunks()])[:-1]
        shipped = 0.0
        for how, vectors, seconds in _ways(generation, embedder):
            shipped = shipped or seconds
            by_row = dict(
                zip(generation.rows(), np.split(vectors.astype(np.float16), ends), strict=True)
            )
            vars(generation)["sentence_vectors"] = by_row.get  # in the place of what is on disk
            hits = _hits(Retriever(generation, embedder), questions)
            name = _name(corpus, questions)
            print(f"| {name} | {how} | {hits} | {seconds / shipped:.1f} |", flush=True)


def _ways(generation: Generation, embedder: Embedder) -> Iterator[tuple[str, Vectors, float]]:
    """Yield the sentences' vectors in each way, and the seconds that chunks and they took."""
    chunks = list(generation.chunks())
    texts = [searchable_text(chunk) for chunk in chunks]
    spans = []
    for chunk, text in zip(chunks, texts, strict=True):
        offset = len(text) - len(chunk.text) - chunk.start
        spans.append([(offset + each.start, offset + each.end) for each in chunk.sentences])
    seconds, in_context = 0.0, {}
    for distance in _DISTANCES:
        vars(batches)["attention_bias"] = partial(attention_bias, distance=distance)
        started = time.perf_counter()
        _, in_context[distance] = embedder.embed_in_context(texts, spans)
        seconds = time.perf_counter() - started
        shipped = ", as shipped" if distance == DISTANCE else ""
        yield f"in its chunk, neighbours at {distance}{shipped}", in_context[distance], seconds
    vars(batches)["attention_bias"] = attention_bias
    started = time.perf_counter()
    alone = embedder.embed_passages([each.text for chunk in chunks for each in chunk.sentences])
    seconds += time.perf_counter() - started
    yield "alone", alone, seconds
    mean = alone + in_context[0.0]
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    yield "both ways, neighbours at 0.0: the mean", mean, seconds


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
