"""What the bundled model makes of tokens before its first layer, looked up on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_NAMES: Final = ("word", "position", "token_type")


class TokenTable:
    """The sums of word, position and type embeddings.

    Parameters
    ----------
    weights
        The safetensors file of the unpacked model, of which only the rows asked for are read.
    keep
        Whether what is read stays in memory, which in the end is the whole table: 190 MB, for
        a fifth of a millisecond a text.
    """

    def __init__(self, weights: Path, *, keep: bool) -> None:
        # Eight bytes with the header's length, the header in JSON, the tensors.
        with weights.open("rb") as file:
            header_bytes = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(header_bytes))
        self._weights = weights
        self._tensors = {name: header[f"embeddings.{name}_embeddings.weight"] for name in _NAMES}
        self._start = 8 + header_bytes
        self._words = self._map("word") if keep else None
        self._places = self._map("position") + self._map("token_type")[0].astype("float32")

    def look_up(self, ids: Sequence[int] | NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what the first layer reads of one text, shape (1, n_tokens, hidden_size)."""
        words = self._map("word") if self._words is None else self._words
        tokens: NDArray[np.float32] = words[ids].astype("float32")
        tokens += self._places[: len(ids)]
        return tokens[None]

    def _map(self, name: str) -> NDArray[np.float16]:
        """Return a float16 tensor as it lies on disk, unread."""
        import numpy as np

        tensor = self._tensors[name]
        start, _ = tensor["data_offsets"]
        return np.memmap(self._weights, "<f2", "r", self._start + start, tuple(tensor["shape"]))
