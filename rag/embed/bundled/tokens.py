"""The bundled model on ONNX Runtime, in 8 bits, for many texts, without waking torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.batches import Reading
from rag.embed.bundled.eight_bits import FOREIGN
from rag.embed.bundled.session import GraphSession
from rag.embed.bundled.token_table import TokenTable
from rag.embed.bundled.weights import DOCUMENT_GRAPH, TOKENIZER_NAME, WEIGHTS_NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BundledTokenModel:
    """The token model of the bundled weights, whose spans are read apart in the same pass.

    A text at a time: nothing is padded, and a text's vector owes nothing to its neighbours, which
    it would, since the step that numbers are rounded to is that of all that is read together.

    Parameters
    ----------
    folder
        Of the unpacked model.

    Raises
    ------
    ImportError, FileNotFoundError
        As ``GraphSession`` does.
    """

    reads_apart = True
    batch_tokens = 1

    def __init__(self, folder: Path, max_tokens: int, dimension: int) -> None:
        from tokenizers import Tokenizer

        table = TokenTable(folder / WEIGHTS_NAME, keep=True)
        self._session = GraphSession(folder / DOCUMENT_GRAPH, table)
        self.tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
        self.max_tokens = max_tokens
        self.dimension = dimension
        self.n_threads = os.cpu_count() or 1

    def forward(
        self, readings: Sequence[Reading]
    ) -> tuple[NDArray[np.float32], Sequence[NDArray[np.float32]]]:
        import numpy as np

        tokens = [self._read(reading) for reading in readings]
        means = np.stack([each[0].mean(axis=0) for each in tokens])
        return means / np.linalg.norm(means, axis=1, keepdims=True), tokens

    def _read(self, reading: Reading) -> NDArray[np.float32]:
        import numpy as np

        foreign = _foreign(reading).astype(np.float32)[None, None]
        return np.concatenate(self._session.run(reading.ids, {FOREIGN: foreign}))

    def one_core(self) -> AbstractContextManager[None]:
        return nullcontext()  # its session has one thread


def _foreign(reading: Reading) -> NDArray[np.bool_]:
    """Say which tokens are of another span than each, shape (n_tokens, n_tokens).

    Those of no span, as titles are, are of one more; what is nobody's words is foreign to none.
    """
    import numpy as np

    # Of each token, the number of its last span, from 1; 0 stands in none.
    span = (reading.members * np.arange(1, len(reading.members) + 1)[:, None]).max(
        axis=0, initial=0
    )
    own = ~reading.common
    foreign: NDArray[np.bool_] = (span[:, None] != span) & own[:, None] & own
    return foreign
