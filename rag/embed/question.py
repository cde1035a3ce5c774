"""One question to its vector with the bundled model, without waking torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.bundled import PREFIXES, QUESTION_FOLDER, WEIGHTS_NAME
from rag.embed.graph import GRAPH_NAME
from rag.embed.pieces import QuestionTokenizer

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
        graph = folder / QUESTION_FOLDER / GRAPH_NAME
        if not graph.is_file():
            raise FileNotFoundError(graph)
        self._session = _open_session(graph)
        self._tokenizer = QuestionTokenizer(folder / QUESTION_FOLDER, max_tokens)
        weights = folder / WEIGHTS_NAME
        self._words = _matrix(weights, "embeddings.word_embeddings.weight")
        self._positions = _matrix(weights, "embeddings.position_embeddings.weight")
        self._type = _matrix(weights, "embeddings.token_type_embeddings.weight")[0]

    def embed(self, question: str) -> NDArray[np.float32]:
        """Return one unit vector, shape (dimension,)."""
        ids = self._tokenizer.token_ids(PREFIXES["query"] + question)
        tokens = self._words[ids].astype("float32")
        tokens += self._positions[: len(ids)]
        tokens += self._type
        (vectors,) = self._session.run(None, {"tokens": tokens[None]})
        vector: NDArray[np.float32] = vectors[0]
        return vector


def _open_session(graph: Path) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # only its builds for Windows have any
    options = onnxruntime.SessionOptions()
    # The caller's thread does the work: others would only spin, and cost other processes.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _matrix(path: Path, name: str) -> NDArray[np.float16]:
    """Return a float16 tensor of a safetensors file as it lies on disk, unread."""
    import numpy as np

    # Eight bytes with the header's length, the header in JSON, the tensors.
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        tensor = json.loads(file.read(header_bytes))[name]
    start, _ = tensor["data_offsets"]
    return np.memmap(path, "<f2", "r", 8 + header_bytes + start, tuple(tensor["shape"]))
