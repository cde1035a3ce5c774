"""The engines of an assistant: each opened when it is first needed, and then kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from rag.assistant.examples import Examples
from rag.assistant.voices import Voices
from rag.config import Settings
from rag.embed import Embedder, open_embedder
from rag.errors import IndexDamagedError
from rag.index import Generation, named_current, open_current, open_fallback
from rag.rerank import CrossEncoderReranker, Reranker
from rag.retrieve import Retriever

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_N_VECTORS_KEPT: Final = 1000


class Engines:
    """Opens what the settings name; may be shared by threads, and by assistants.

    Attributes
    ----------
    voices
        Who may write: the one engine that may change from question to question.

    Raises
    ------
    RagError
        From every method, if what it opens is not there or cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder_lock = threading.Lock()
        self._embedder: Embedder | None = None
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._retriever_lock = threading.Lock()
        self._retriever: tuple[str | None, Retriever, Generation] | None = None
        self._reranker: Reranker | None = None
        self.voices = Voices(settings)
        self._examples = Examples()

    def embedder(self) -> Embedder:
        """Return the embedding model."""
        with self._embedder_lock:
            if self._embedder is None:
                settings = self._settings
                self._embedder = open_embedder(
                    settings.embedding_model, settings.cache_dir, settings.embedding_precision
                )
            return self._embedder

    def similarity(self, one: str, other: str) -> float:
        """Return the cosine of two texts, in [-1, 1]."""
        vectors = [self._vector(text) for text in (one, other)]
        return float(vectors[0] @ vectors[1])

    def _vector(self, text: str) -> NDArray[np.float32]:
        """Embed a sentence; the last ones are kept: one is compared with many."""
        vector = self._vectors.get(text)
        if vector is None:
            vector = self.embedder().embed_question(text)
            if len(self._vectors) >= _N_VECTORS_KEPT:
                self._vectors.clear()
            self._vectors[text] = vector
        return vector

    def retriever(self) -> tuple[Retriever, Generation]:
        """Return the search over the current generation, anew if another has become current."""
        settings = self._settings
        with self._retriever_lock:
            named = named_current(settings.index_dir)
            if self._retriever is None or self._retriever[0] != named:
                generation = open_current(settings.index_dir)
                self._retriever = (named, self._over(generation), generation)
            return self._retriever[1:]

    def fall_back(self, damage: IndexDamagedError) -> tuple[Retriever, Generation]:
        """Return the search over the last good generation, in the place of a damaged one."""
        index_dir = self._settings.index_dir
        _, damaged = self.retriever()
        with self._retriever_lock:
            generation = open_fallback(index_dir, damage, except_for=damaged.folder.name)
            self._retriever = (named_current(index_dir), self._over(generation), generation)
            return self._retriever[1:]

    def suggest(self, n_wanted: int) -> tuple[str, ...]:
        """Return questions that the documents of the current generation answer."""
        retriever, generation = self.retriever()
        try:
            return self._examples.of(retriever, generation, n_wanted)
        except IndexDamagedError as damage:
            return self._examples.of(*self.fall_back(damage), n_wanted)

    def _over(self, generation: Generation) -> Retriever:
        if self._reranker is None and self._settings.reranker is not None:
            self._reranker = CrossEncoderReranker(self._settings.reranker)
        return Retriever(generation, self.embedder(), reranker=self._reranker)
