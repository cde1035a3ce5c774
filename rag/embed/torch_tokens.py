"""A SentenceTransformer that tells the vectors of tokens, which are then all that is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TorchTokenModel:
    """The token model of a SentenceTransformer for which ``gives_token_vectors`` is true.

    ``model.encode`` would teach its tokenizer to cut and to pad, so that is not called any more.
    """

    batch_tokens = 2048  # what its layers write still fits a core's cache

    def __init__(self, model: Any, max_tokens: int) -> None:
        import torch

        self._model = model
        self.tokenizer = model.tokenizer.backend_tokenizer
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.max_tokens = max_tokens
        self.dimension = int(model.get_embedding_dimension())
        self.n_threads = torch.get_num_threads()

    def forward(
        self, encodings: Sequence[Any]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        import torch

        ids = [encoding.ids for encoding in encodings]
        features = self._model.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        kept = features["attention_mask"].bool()
        with torch.inference_mode():
            found = self._model(dict(features))
            # bfloat16 leaves vectors within 1 % of length one, and a cosine needs it.
            vectors = torch.nn.functional.normalize(found["sentence_embedding"].float())
            tokens = zip(found["token_embeddings"].float(), kept, strict=True)
            return vectors.numpy(), [each[own].numpy() for each, own in tokens]

    def one_core(self) -> AbstractContextManager[None]:
        return threads(1)


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
