"""Table 6: how long retrieval with evidence takes, by the size of the index, the model warm."""

from __future__ import annotations

import time

import numpy as np

from bench.corpora import Corpus, index, open_embedder, squad
from rag.retrieve import Retriever

_N_QUESTIONS = 300
_PERCENTILES = (50, 95)


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    print("| chunks | sentences | whole, p50 and p95 | of it the question's vector, p50 |")
    print("|---|---|---|---|")
    small, large = squad("xquad-es-dev"), squad("squad-es-v1-dev")
    both = Corpus(
        "both",
        large.documents | {f"x{name}": text for name, text in small.documents.items()},
        large.questions,
    )
    for corpus, max_tokens in ((small, 400), (large, 400), (both, 256)):
        generation = index(corpus, embedder, max_tokens)
        retriever = Retriever(generation, embedder)
        whole, vector = [], []
        for question in corpus.questions[:_N_QUESTIONS]:
            started = time.perf_counter()
            embedder.embed_question(question.text)
            vector.append(time.perf_counter() - started)
            started = time.perf_counter()
            retriever.retrieve(question.text, 5)
            whole.append(time.perf_counter() - started)
        half, most = np.percentile(whole, _PERCENTILES) * 1000
        print(
            f"| {generation.n_chunks} | {generation.n_sentences} "
            f"| {half:.0f} and {most:.0f} ms | {np.median(vector) * 1000:.0f} ms |",
            flush=True,
        )


if __name__ == "__main__":
    main()
