"""The bundled model on ONNX Runtime, in 8 bits, for many texts, without waking torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.bundled.session import GraphSession
from rag.embed.bundled.token_table import TokenTable
from rag.embed.bundled.weights import DOCUMENT_GRAPH, TOKENIZER_NAME, WEIGHTS_NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BundledTokenModel:
    """The token model of the bundled weights.

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
        self, encodings: Sequence[Any]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        import numpy as np

        tokens = [self._session.run(encoding.ids)[0][0] for encoding in encodings]
        means = np.stack([each.mean(axis=0) for each in tokens])
        return means / np.linalg.norm(means, axis=1, keepdims=True), tokens

    def one_core(self) -> AbstractContextManager[None]:
        return nullcontext()  # its session has one thread
