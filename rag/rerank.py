"""Rerank: a model that reads a question and a passage together, and says how well they match."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from rag.errors import ModelError, ModelMissingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WITH_HEAD: Final = "ForSequenceClassification"  # ends the name of what scores a pair of texts


class Reranker(Protocol):
    """Scores passages against a question."""

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one score a text, shape (n_texts,), higher is better; their scale is its own."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder, read from this machine only.

    Parameters
    ----------
    name
        A folder, or the id of a model in the local hub cache.

    Raises
    ------
    ModelMissingError
        If the model is not on this machine. Nothing is ever downloaded.
    ModelError
        If the folder is not a model that can be read, or the model is not one that scores.
    """

    def __init__(self, name: str) -> None:
        self._model = _open(name)
        self._lock = threading.Lock()

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        with self._lock:
            scores = self._model.predict(
                [(question, text) for text in texts],
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(scores, dtype=np.float32).reshape(len(texts))


def _open(name: str) -> Any:
    import os

    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from sentence_transformers import CrossEncoder
    from transformers import AutoConfig

    try:
        # Any other model would open too, with a head of random numbers.
        names = AutoConfig.from_pretrained(name, local_files_only=True).architectures or []
        if not any(each.endswith(_WITH_HEAD) for each in names):
            raise ModelError(
                f"«{name}» no es un reordenador: su config.json no nombra un modelo …{_WITH_HEAD}",
                "Indica con RAG_RERANKER un modelo hecho para reordenar",
            )
        model = CrossEncoder(name, device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if Path(name).is_dir():
            raise ModelError(
                f"La carpeta «{name}» no contiene un reordenador que se pueda leer",
                "Indica una carpeta de CrossEncoder con RAG_RERANKER",
            ) from error
        raise ModelMissingError(
            f"El reordenador «{name}» no está en este equipo",
            f"Descárgalo una vez con «hf download {name}», o quita el ajuste reranker",
        ) from error
    if model.num_labels != 1:
        raise ModelError(
            f"«{name}» da {model.num_labels} números por pasaje y no uno",
            "Indica con RAG_RERANKER un modelo hecho para reordenar",
        )
    return model
