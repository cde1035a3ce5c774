"""Table 8: 8 bits and bfloat16 against float32: speed (a ratio, one run) and what is found.

Then the questions: by their own graph, against sentence-transformers in float32.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.corpora import Corpus, available, open_embedder
from rag.config import load_settings
from rag.embed import Embedder, unpack_bundled_model
from rag.embed.bundled.question import QuestionEncoder
from rag.embed.sentence_transformer import SentenceTransformerEmbedder

_PRECISIONS = {"8 bits": "auto", "bfloat16": "bfloat16"}  # as the setting calls them


def main() -> None:
    """Print the table in Markdown."""
    print(
        "| set | precision | tokens a second / float32's | cosine | lowest | same first passage |"
    )
    print("|---|---|---|---|---|---|")
    exact = open_embedder("float32")
    others = {name: open_embedder(precision) for name, precision in _PRECISIONS.items()}
    corpora = available("xquad-es-dev")
    for corpus in corpora:
        texts = [
            line for text in corpus.documents.values() for line in text.split("\n") if line.strip()
        ]
        questions = np.stack([exact.embed_question(each.text) for each in corpus.questions])
        vectors, seconds = _embed(exact, texts)
        first = np.argmax(questions @ vectors.T, axis=1)
        for name, embedder in others.items():
            theirs, their_seconds = _embed(embedder, texts)
            cosines = (vectors * theirs).sum(axis=1)
            same = np.argmax(questions @ theirs.T, axis=1) == first
            print(
                f"| {corpus.name} ({len(texts)}) | {name} | {seconds / their_seconds:.1f} "
                f"| {cosines.mean():.4f} | {cosines.min():.4f} | {same.mean():.3f} |",
                flush=True,
            )
    _compare_questions(corpora)


def _compare_questions(corpora: Sequence[Corpus]) -> None:
    """Print how near a question's vector is to that of sentence-transformers in float32."""
    settings = load_settings()
    exact = SentenceTransformerEmbedder(settings.embedding_model, settings.cache_dir, "float32")
    embedder = open_embedder()
    folder = unpack_bundled_model(settings.cache_dir)
    alone, together = (QuestionEncoder(folder, exact.max_tokens, n) for n in (1, 2))
    print("\n| questions of | cosine | lowest | time with two threads / with one |")
    print("|---|---|---|---|")
    for corpus in corpora:
        texts = [question.text for question in corpus.questions]
        cosines = [exact.embed_question(text) @ embedder.embed_question(text) for text in texts]
        ratios = [_seconds(together, text) / _seconds(alone, text) for text in texts]
        print(
            f"| {corpus.name} ({len(texts)}) | {np.mean(cosines):.5f} | {min(cosines):.5f} "
            f"| {np.median(ratios):.2f} |"
        )


def _seconds(encoder: QuestionEncoder, text: str) -> float:
    started = time.perf_counter()
    encoder.embed(text)
    return time.perf_counter() - started


def _embed(embedder: Embedder, texts: Sequence[str]) -> tuple[NDArray[np.float32], float]:
    """Return the vectors, and the seconds that they took with the model open."""
    embedder.embed_passages(texts[:32])
    started = time.perf_counter()
    return embedder.embed_passages(texts), time.perf_counter() - started


if __name__ == "__main__":
    main()
