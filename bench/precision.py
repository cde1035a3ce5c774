"""Table 8: 8 bits and bfloat16 against float32: speed (a ratio, one run) and what is found.

Each as it indexes: in 8 bits a sentence is read apart in the pass over its chunk, for the first two
thirds of the layers; in the others, by itself, a second time.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.corpora import available, index, open_embedder
from rag.embed import Embedder
from rag.index import Generation, searchable_text

_PRECISIONS = {"8 bits": "auto", "bfloat16": "bfloat16"}  # as the setting calls them


class _Vectors(NamedTuple):
    chunks: NDArray[np.float32]
    sentences: NDArray[np.float32]
    seconds: float


def main() -> None:
    """Print the table in Markdown."""
    print(
        "| set | precision | tokens a second / float32's | cosine of chunks | lowest "
        "| of sentences | lowest | same first chunk |"
    )
    print("|---|---|---|---|---|---|---|---|")
    exact = open_embedder("float32")
    others = {name: open_embedder(precision) for name, precision in _PRECISIONS.items()}
    for corpus in available("xquad-es-dev"):
        generation = index(corpus, others["8 bits"])
        questions = np.stack([exact.embed_question(each.text) for each in corpus.questions])
        ours = _embed(exact, generation)
        first = np.argmax(questions @ ours.chunks.T, axis=1)
        for name, embedder in others.items():
            theirs = _embed(embedder, generation)
            same = np.argmax(questions @ theirs.chunks.T, axis=1) == first
            print(
                f"| {corpus.name} ({len(ours.chunks)}) | {name} "
                f"| {ours.seconds / theirs.seconds:.1f} | {_cosines(ours.chunks, theirs.chunks)} "
                f"| {_cosines(ours.sentences, theirs.sentences)} | {same.mean():.3f} |",
                flush=True,
            )


def _embed(embedder: Embedder, generation: Generation) -> _Vectors:
    """Return the vectors, and the seconds that they took with the model open."""
    chunks = list(generation.chunks())
    texts = [searchable_text(chunk) for chunk in chunks]
    spans = []
    for chunk, text in zip(chunks, texts, strict=True):
        offset = len(text) - len(chunk.text) - chunk.start
        spans.append([(offset + each.start, offset + each.end) for each in chunk.sentences])
    embedder.embed_in_context(texts[:8], spans[:8])
    started = time.perf_counter()
    whole, sentences = embedder.embed_in_context(texts, spans)
    return _Vectors(whole, sentences, time.perf_counter() - started)


def _cosines(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> str:
    cosines = (ours * theirs).sum(axis=1)
    return f"{cosines.mean():.4f} | {cosines.min():.4f}"


if __name__ == "__main__":
    main()
