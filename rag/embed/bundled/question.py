"""One question to its vector with the bundled model, without waking torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.embed.bundled.pieces import QuestionTokenizer
from rag.embed.bundled.session import GraphSession
from rag.embed.bundled.token_table import TokenTable
from rag.embed.bundled.weights import PREFIXES, QUESTION_FOLDER, QUESTION_GRAPH, WEIGHTS_NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_MAX_THREADS: Final = 2  # a text of one line has no work for more (bench/README.md, table 8)


class QuestionEncoder:
    """The bundled model on ONNX Runtime: a text at a time, from any number of threads at once.

    Parameters
    ----------
    folder
        Of the unpacked model.
    n_threads
        For each text, as ``GraphSession`` has them; None is two, where there are two cores.

    Raises
    ------
    ImportError, FileNotFoundError
        As ``GraphSession`` does.
    """

    def __init__(self, folder: Path, max_tokens: int, n_threads: int | None = None) -> None:
        table = TokenTable(folder / WEIGHTS_NAME, keep=False)
        if n_threads is None:
            n_threads = min(_MAX_THREADS, os.cpu_count() or 1)
        self._session = GraphSession(folder / QUESTION_GRAPH, table, n_threads)
        self._tokenizer = QuestionTokenizer(folder / QUESTION_FOLDER, max_tokens)

    def embed(self, question: str) -> NDArray[np.float32]:
        """Return one unit vector, shape (dimension,)."""
        ids = self._tokenizer.token_ids(PREFIXES["query"] + question)
        (vectors,) = self._session.run(ids)
        vector: NDArray[np.float32] = vectors[0]
        return vector
