"""One question to its vector with the bundled model, without waking torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rag.embed.bundled.pieces import QuestionTokenizer
from rag.embed.bundled.session import open_session
from rag.embed.bundled.token_table import TokenTable
from rag.embed.bundled.weights import PREFIXES, QUESTION_FOLDER, QUESTION_GRAPH, WEIGHTS_NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class QuestionEncoder:
    """The bundled model on ONNX Runtime: a text at a time, from any number of threads at once.

    Parameters
    ----------
    folder
        Of the unpacked model.

    Raises
    ------
    ImportError
        If ONNX Runtime is not installed, or does not run on this machine.
    FileNotFoundError
        If the folder was written without a graph.
    """

    def __init__(self, folder: Path, max_tokens: int) -> None:
        graph = folder / QUESTION_FOLDER / QUESTION_GRAPH
        if not graph.is_file():
            raise FileNotFoundError(graph)
        self._session = open_session(graph)
        self._tokenizer = QuestionTokenizer(folder / QUESTION_FOLDER, max_tokens)
        self._table = TokenTable(folder / WEIGHTS_NAME, keep=False)

    def embed(self, question: str) -> NDArray[np.float32]:
        """Return one unit vector, shape (dimension,)."""
        ids = self._tokenizer.token_ids(PREFIXES["query"] + question)
        (vectors,) = self._session.run(None, {"tokens": self._table.look_up(ids)})
        vector: NDArray[np.float32] = vectors[0]
        return vector
