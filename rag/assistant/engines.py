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
    examples
        Questions made from the documents of the current generation.

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
        self.examples = Examples()

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

    def _over(self, generation: Generation) -> Retriever:
        if self._reranker is None and self._settings.reranker is not None:
            self._reranker = CrossEncoderReranker(self._settings.reranker)
        return Retriever(generation, self.embedder(), reranker=self._reranker)

    @property
    def is_served(self) -> bool:
        """Whether a server writes, as far as is known without asking it."""
        opened = self._generator
        return opened is not None and isinstance(opened.generator, OllamaGenerator)

    def generator(self) -> Opened:
        """Return the language model that was chosen when one was first needed.

        ``auto`` goes on looking now and then for an Ollama that was not there.
        """
        with self._generator_lock:
            if self._generator is None:
                self._generator = open_generator(self._settings.model, self._options())
                self._look_later(self._generator, _LOOK_AGAIN_SECONDS)
            elif time.monotonic() >= self._look_again_at:
                self._generator = self._look_again(self._generator)
            return self._generator

    def do_without_ollama(self, error: ModelError) -> Opened:
        """Return the best that needs no server, until Ollama is looked for again.

        Parameters
        ----------
        error
            Why.
        """
        with self._generator_lock:
            self._generator = open_without_server(self._options(), [str(error)])
            self._look_later(self._generator, _LOOK_AGAIN_SECONDS)
            return self._generator

    def _look_again(self, chosen: Opened) -> Opened:
        started = time.monotonic()
        found = open_generator(self._settings.model, self._options())
        if found.generator.name == chosen.generator.name:
            found = Opened(chosen.generator, found.notices)
        wait = (time.monotonic() - started) / _MAX_SHARE_OF_TIME
        self._look_later(found, min(max(wait, _LOOK_AGAIN_SECONDS), _LONGEST_WAIT_SECONDS))
        return found

    def _look_later(self, opened: Opened, seconds: float) -> None:
        is_settled = self._settings.model != "auto" or isinstance(opened.generator, OllamaGenerator)
        self._look_again_at = math.inf if is_settled else time.monotonic() + seconds

    def _options(self) -> GeneratorOptions:
        settings = self._settings
        return GeneratorOptions(
            cache_dir=settings.cache_dir,
            ollama_model=settings.ollama_model,
            ollama_host=settings.ollama_host,
            context_tokens=settings.context_tokens,
            keep_alive=settings.keep_alive,
            timeout_seconds=settings.timeout_seconds,
            think=settings.think,
        )
