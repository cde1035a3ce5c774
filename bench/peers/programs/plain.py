"""The floor: sentence-transformers, a product of matrices, and two files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from paragraphs import pieces_of
from sentence_transformers import SentenceTransformer


def open_model(folder: str) -> Any:
    """Open the embedding model."""
    return SentenceTransformer(folder)


def index(model: Any, documents: str, store: str) -> int:
    """Embed and save: all of it anew each time."""
    pieces = pieces_of(documents)
    texts = [each["text"] for each in pieces]
    vectors = model.encode(texts, prompt="passage: ", normalize_embeddings=True)
    np.save(Path(store, "vectors.npy"), vectors)
    Path(store, "pieces.json").write_text(json.dumps(pieces), encoding="utf-8")
    return len(pieces)


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the two files."""
    model = open_model(folder)
    vectors = np.load(Path(store, "vectors.npy"))
    pieces = json.loads(Path(store, "pieces.json").read_text(encoding="utf-8"))

    def search(question: str, k: int) -> Any:
        vector = model.encode(question, prompt="query: ", normalize_embeddings=True)
        return {"found": [pieces[at] for at in np.argsort(-(vectors @ vector))[:k]]}

    return search
