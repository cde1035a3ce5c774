"""What the bundled model makes of tokens before its first layer, looked up on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TokenTable:
    """The sums of word, position and type embeddings.

    Parameters
    ----------
    weights
        The safetensors file of the unpacked model, of which only the rows asked for are read.
    """

    def __init__(self, weights: Path) -> None:
        self._words = _matrix(weights, "embeddings.word_embeddings.weight")
        self._positions = _matrix(weights, "embeddings.position_embeddings.weight")
        self._type = _matrix(weights, "embeddings.token_type_embeddings.weight")[0]

    def look_up(self, ids: Sequence[int] | NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what the first layer reads of one text, shape (1, n_tokens, hidden_size)."""
        tokens: NDArray[np.float32] = self._words[ids].astype("float32")
        tokens += self._positions[: len(ids)]
        tokens += self._type
        return tokens[None]


def _matrix(path: Path, name: str) -> NDArray[np.float16]:
    """Return a float16 tensor of a safetensors file as it lies on disk, unread."""
    import numpy as np

    # Eight bytes with the header's length, the header in JSON, the tensors.
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        tensor = json.loads(file.read(header_bytes))[name]
    start, _ = tensor["data_offsets"]
    return np.memmap(path, "<f2", "r", 8 + header_bytes + start, tuple(tensor["shape"]))
