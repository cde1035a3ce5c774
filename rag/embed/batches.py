"""Many texts through one model: batches without padding to speak of, one thread a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Protocol

from rag.embed.protocol import OnEmbedded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLAB_TEXTS: Final = 2048  # texts tokenised and not embedded yet: some tens of megabytes
_TINY: Final = 1e-12  # keeps a vector of noughts from dividing by nought


class TokenModel(Protocol):
    """A model that gives the vectors of tokens, to any number of threads at once.

    Attributes
    ----------
    tokenizer
        Of the library ``tokenizers``. Nothing here makes it cut or pad by itself, which would
        change it for every thread.
    max_tokens
        Of a text that it reads, special tokens included.
    dimension
        Columns of every vector.
    batch_tokens
        Padded tokens that are best read together; 1 for a text at a time.
    n_threads
        That are best kept busy, of one core each.
    """

    tokenizer: Any
    max_tokens: int
    dimension: int
    batch_tokens: int
    n_threads: int

    def forward(
        self, encodings: Sequence[Any]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Return unit vectors of texts and, of each, the vectors of its tokens."""
        ...

    def one_core(self) -> AbstractContextManager[None]:
        """Keep what this thread does to one core, while it is open."""
        ...


class BatchEncoder:
    """Texts, and spans of them, to unit vectors.

    Parameters
    ----------
    prefix
        Put before every passage.
    """

    def __init__(self, model: TokenModel, prefix: str) -> None:
        self._model = model
        self._prefix = prefix
        self._tokenizer = model.tokenizer
        n_special = self._tokenizer.num_special_tokens_to_add(False)
        self._max_own_tokens = model.max_tokens - n_special

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(self._prefix + text).ids)

    def embed_one(self, text: str) -> NDArray[np.float32]:
        """Embed one text as it is, without the prefix."""
        # One core: for a single short text others only spin, and cost other processes.
        with self._model.one_core():
            vectors, _ = self._model.forward(self._tokenize([text]))
        vector: NDArray[np.float32] = vectors[0]
        return vector

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> NDArray[np.float32]:
        return self.embed_spans(texts, [()] * len(texts), on_embedded)[0]

    def embed_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]],
        on_embedded: OnEmbedded | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the unit vectors of texts and of spans of them, the first text's first.

        A span's is the mean of its tokens' («late chunking», arXiv:2409.04701).

        A thread a batch, of one core each: within a batch most operations are too small to share.
        """
        import numpy as np

        model = self._model
        first_row = np.cumsum([0, *map(len, spans)])
        text_vectors = np.empty((len(texts), model.dimension), dtype=np.float32)
        span_vectors = np.empty((first_row[-1], model.dimension), dtype=np.float32)

        def embed_batch(batch: list[tuple[int, Any]]) -> int:
            with model.one_core():
                vectors, tokens = model.forward([encoding for _, encoding in batch])
            for (at, encoding), vector, own_tokens in zip(batch, vectors, tokens, strict=True):
                text_vectors[at] = vector
                if spans[at]:
                    found = self._span_vectors(spans[at], encoding, vector, own_tokens)
                    span_vectors[first_row[at] : first_row[at + 1]] = found
            return len(batch)

        # Long texts first: the time left is never short.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)
        n_done = 0
        with model.one_core():
            workers = ThreadPoolExecutor(model.n_threads, "embed")
            try:
                for start in range(0, len(order), _SLAB_TEXTS):
                    slab = order[start : start + _SLAB_TEXTS]
                    encodings = self._tokenize([self._prefix + texts[at] for at in slab])
                    batches = self._batches(list(zip(slab, encodings, strict=True)))
                    for n_texts in workers.map(embed_batch, batches):
                        n_done += n_texts
                        if on_embedded is not None:
                            on_embedded(n_done)
            finally:
                # Whoever stops it waits for the batches that have begun, not for the rest.
                workers.shutdown(cancel_futures=True)
        return text_vectors, span_vectors

    def _tokenize(self, texts: list[str]) -> list[Any]:
        """Return the encodings of texts, cut to what the model reads, special tokens included."""
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        for encoding in encodings:
            encoding.truncate(self._max_own_tokens)
        return [self._tokenizer.post_process(encoding) for encoding in encodings]

    def _batches(self, slab: list[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
        """Yield texts of like length together, as many as a batch may hold once padded."""
        slab.sort(key=lambda each: len(each[1].ids), reverse=True)
        start = 0
        while start < len(slab):
            n_texts = max(1, self._model.batch_tokens // max(1, len(slab[start][1].ids)))
            yield slab[start : start + n_texts]
            start += n_texts

    def _span_vectors(
        self,
        spans: Sequence[tuple[int, int]],
        encoding: Any,
        vector: NDArray[np.float32],
        tokens: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Return the unit mean of each span's tokens, shape (n_spans, dimension)."""
        import numpy as np

        # Where tokens stand; a special one at (0, 0).
        starts, ends = np.array(encoding.offsets, dtype=np.intp).T - len(self._prefix)
        # What the model's window left out has the vector of all that it saw.
        found = np.tile(vector, (len(spans), 1))
        for row, (start, end) in zip(found, spans, strict=True):
            inside = (starts < end) & (ends > start)
            if inside.any():
                mean = tokens[inside].mean(axis=0)
                row[:] = mean / (np.linalg.norm(mean) + _TINY)
        return found
