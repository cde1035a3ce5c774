"""Table 8: bfloat16 against float32, in speed (a ratio, one run) and in what is found."""

from __future__ import annotations

import time

import numpy as np

from bench.corpora import available, open_embedder


def main() -> None:
    """Print the table in Markdown."""
    print("| set | bfloat16 / float32 tokens a second | lowest cosine | same first passage |")
    print("|---|---|---|---|")
    exact, half = open_embedder("float32"), open_embedder("bfloat16")
    for corpus in available("xquad-es-dev"):
        texts = [
            line for text in corpus.documents.values() for line in text.split("\n") if line.strip()
        ]
        seconds = []
        vectors = []
        for embedder in (exact, half):
            embedder.embed_passages(texts[:32])
            started = time.perf_counter()
            vectors.append(embedder.embed_passages(texts))
            seconds.append(time.perf_counter() - started)
        same = [
            np.argmax(vectors[0] @ exact.embed_question(question.text))
            == np.argmax(vectors[1] @ half.embed_question(question.text))
            for question in corpus.questions
        ]
        lowest = (vectors[0] * vectors[1]).sum(axis=1).min()
        ratio = seconds[0] / seconds[1]
        print(
            f"| {corpus.name} ({len(texts)}) | {ratio:.1f} | {lowest:.4f} | {np.mean(same):.3f} |"
        )


if __name__ == "__main__":
    main()
