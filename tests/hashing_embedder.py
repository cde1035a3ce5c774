"""An embedding model of a page: words hashed into columns. Real retrieval, no weights."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.embed import OnEmbedded
from rag.embed.spans import cut_out
from rag.lexical import analyze


class HashingEmbedder:
    """Texts that share words are near; deterministic, and counts what it embeds."""

    name = "hashing"
    fingerprint = "hashing-256"
    dimension = 256
    max_tokens = 512

    def __init__(self) -> None:
        self.n_embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def embed_question(self, question: str) -> NDArray[np.float32]:
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        for term in analyze(question):
            vector[zlib.crc32(term.encode()) % self.dimension] += 1.0
        unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> NDArray[np.float32]:
        self.n_embedded += len(texts)
        if on_embedded is not None:
            on_embedded(len(texts))
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self.embed_question(text) for text in texts])

    def embed_in_context(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A word's column is the same wherever it stands."""
        return self.embed_passages(texts), self.embed_passages(cut_out(texts, spans))
