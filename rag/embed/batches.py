"""Many texts through one model: batches without padding to speak of, one thread a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rag.embed.protocol import OnEmbedded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Padded tokens a batch: what its layers write still fits a core's cache.
_BATCH_TOKENS: Final = 2048
_SLAB_TEXTS: Final = 2048  # texts tokenised and not embedded yet: some tens of megabytes


class BatchEncoder:
    """A model that tells the vectors of tokens, which are then all that is computed.

    Any number of threads may use one, since nothing here changes the tokenizer: it never cuts or
    pads by itself. ``model.encode`` would teach it both, so that is not called any more.

    Parameters
    ----------
    model
        A SentenceTransformer for which ``gives_token_vectors`` is true.
    """

    def __init__(self, model: Any, max_tokens: int) -> None:
        import torch

        self._model = model
        self._tokenizer = model.tokenizer.backend_tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._max_own_tokens = max_tokens - self._tokenizer.num_special_tokens_to_add(False)
        self._n_threads = torch.get_num_threads()

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)

    def embed_one(self, text: str) -> NDArray[np.float32]:
        # One thread: for a single short text the others only spin, and cost other processes.
        with threads(1):
            vectors, _ = self._forward(self._tokenize([text]))
        vector: NDArray[np.float32] = vectors[0].numpy()
        return vector

    def embed(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]],
        on_embedded: OnEmbedded | None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the unit vectors of texts and of spans of them, the first text's first.

        A thread a batch, of one core each: within a batch most operations are too small to share.
        """
        import numpy as np
        import torch

        first_row = np.cumsum([0, *map(len, spans)])
        dimension = self._model.get_embedding_dimension()
        text_vectors = np.empty((len(texts), dimension), dtype=np.float32)
        span_vectors = np.empty((first_row[-1], dimension), dtype=np.float32)

        def embed_batch(batch: list[tuple[int, Any]]) -> int:
            vectors, tokens = self._forward([encoding for _, encoding in batch])
            for (at, encoding), vector, own_tokens in zip(batch, vectors, tokens, strict=True):
                text_vectors[at] = vector.numpy()
                if spans[at]:
                    found = _span_vectors(spans[at], encoding, vector, own_tokens)
                    span_vectors[first_row[at] : first_row[at + 1]] = found.numpy()
            return len(batch)

        # Long texts first: the time left is never short.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)
        n_done = 0
        with threads(1):
            workers = ThreadPoolExecutor(self._n_threads, "embed", torch.set_num_threads, (1,))
            try:
                for start in range(0, len(order), _SLAB_TEXTS):
                    slab = order[start : start + _SLAB_TEXTS]
                    encodings = self._tokenize([texts[at] for at in slab])
                    batches = _batches(list(zip(slab, encodings, strict=True)))
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

    def _forward(self, encodings: list[Any]) -> tuple[Any, Any]:
        """Return unit vectors of texts and, text by text, the vectors of their tokens."""
        import torch

        ids = [encoding.ids for encoding in encodings]
        features = self._model.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        kept = features["attention_mask"].bool()
        with torch.inference_mode():
            found = self._model(dict(features))
            # bfloat16 leaves vectors within 1 % of length one, and a cosine needs it.
            vectors = torch.nn.functional.normalize(found["sentence_embedding"].float())
        tokens = zip(found["token_embeddings"], kept, strict=True)
        return vectors, [each[own] for each, own in tokens]


def gives_token_vectors(model: Any) -> bool:
    """Say whether a SentenceTransformer tells where tokens stand, with vectors like the texts'."""
    kinds = [type(module).__name__ for module in model]
    return (
        kinds[:2] == ["Transformer", "Pooling"]
        and set(kinds[2:]) <= {"Normalize"}
        and bool(getattr(model.tokenizer, "is_fast", False))
        and getattr(model[0].auto_model.config, "hidden_size", None)
        == model.get_embedding_dimension()
    )


@contextmanager
def threads(n_threads: int) -> Iterator[None]:
    """Give what this thread does with torch so many cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _batches(slab: list[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
    """Yield texts of like length together, as many as a batch may hold once padded."""
    slab.sort(key=lambda each: len(each[1].ids), reverse=True)
    start = 0
    while start < len(slab):
        n_texts = max(1, _BATCH_TOKENS // max(1, len(slab[start][1].ids)))
        yield slab[start : start + n_texts]
        start += n_texts


def _span_vectors(spans: Sequence[tuple[int, int]], encoding: Any, vector: Any, tokens: Any) -> Any:
    """Return the unit mean of each span's tokens, shape (n_spans, dimension)."""
    import torch

    starts, ends = torch.tensor(encoding.offsets).T  # a special token stands at (0, 0)
    span_starts, span_ends = torch.tensor(spans).T[:, :, None]
    inside = ((starts < span_ends) & (ends > span_starts)).float()
    sums = torch.nn.functional.normalize(inside @ tokens.float())
    # What the model's window left out has the vector of all that it saw.
    return torch.where(inside.any(dim=1, keepdim=True), sums, vector)
