"""RAGLite: chunks cut where their meaning turns, in DuckDB, found by vectors and by words.

Three of its parts come from the network, and have stand-ins here. The extensions of DuckDB come
from packages. Sentences end where a rule says, not a model: the corpora are well punctuated. There
is no cross-encoder to put in order what is found, as for none of the others.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["HOME"] = sys.prefix  # DuckDB installs its extensions there

import litellm
import numpy as np
import wtpsplit_lite
from duckdb_extensions import import_extension
from litellm import CustomLLM, EmbeddingResponse
from sentence_transformers import SentenceTransformer

_FILE = "raglite.db"
_EMBEDDER = "weights/e5"  # as LiteLLM names a model, after its provider
_END = re.compile(r"[.!?…][»”\"')\]]*(?=\s+[¿¡«“\"'(\[]*[A-ZÁÉÍÓÚÑÜ0-9])|\n(?=\s*\n)")


class _Rule:
    """Where a sentence probably ends, told as the model that it stands for does."""

    def __init__(self, _name: str) -> None:
        pass

    def predict_proba(self, text: str, **_options: Any) -> Any:
        """Return of each character whether a sentence ends with it."""
        ends = np.zeros(len(text), dtype=np.float32)
        for found in _END.finditer(text):
            ends[found.end() - 1] = 1.0
        return ends


wtpsplit_lite.SaT = _Rule

import raglite  # noqa: E402


def open_model(folder: str, prompt: str = "passage: ") -> None:
    """Open the embedding model, for LiteLLM to ask, and what DuckDB needs."""
    model = SentenceTransformer(folder, device="cpu")

    def embedding(**given: Any) -> EmbeddingResponse:
        vectors = model.encode(given["input"], prompt=prompt, normalize_embeddings=True)
        data = [
            {"object": "embedding", "index": at, "embedding": vector}
            for at, vector in enumerate(vectors.tolist())
        ]
        return EmbeddingResponse(model="weights", data=data)

    handler = CustomLLM()
    handler.embedding = embedding
    litellm.custom_provider_map = [{"provider": "weights", "custom_handler": handler}]
    litellm.register_model(
        {
            _EMBEDDER: {
                "litellm_provider": "weights",
                "mode": "embedding",
                "max_input_tokens": 512,
                "output_vector_size": 384,
            }
        }
    )
    for name in ("fts", "vss"):
        import_extension(name)


def index(_model: None, documents: str, store: str) -> int:
    """Insert the files; those that are there already are passed over."""
    config = _config(store)
    files = sorted(Path(documents).iterdir())
    read = [raglite.Document.from_path(file, config=config) for file in files]
    raglite.insert_documents(read, config=config)
    with raglite._database.Session(raglite._database.create_database_engine(config)) as session:
        return int(session.scalar(raglite._database.text("SELECT COUNT(*) FROM chunk")))


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the database."""
    open_model(folder, "query: ")
    config = _config(store)

    def search(question: str, k: int) -> Any:
        found, _ = raglite.hybrid_search(question, num_results=k, config=config)
        return {
            "found": [
                {"text": chunk.body, "source": chunk.document.filename}
                for chunk in raglite.retrieve_chunks(found, config=config)
            ]
        }

    return search


def _config(store: str) -> raglite.RAGLiteConfig:
    return raglite.RAGLiteConfig(
        db_url=f"duckdb:///{Path(store, _FILE)}",
        llm="weights/none",  # nobody answers here
        embedder=_EMBEDDER,
        reranker=None,
    )
