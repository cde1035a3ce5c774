"""Embed: text to unit vectors, with weights that are already here."""

from __future__ import annotations

from pathlib import Path

from rag.embed.bundled import BUNDLED_NAME, VECTORS_VERSION, unpack_bundled_model
from rag.embed.bundled_embedder import BundledEmbedder
from rag.embed.protocol import Embedder, OnEmbedded
from rag.embed.sentence_transformer import SentenceTransformerEmbedder

__all__ = [
    "BUNDLED_NAME",
    "VECTORS_VERSION",
    "Embedder",
    "OnEmbedded",
    "SentenceTransformerEmbedder",
    "open_embedder",
    "unpack_bundled_model",
]


def open_embedder(name: str, cache_dir: Path, precision: str = "auto") -> Embedder:
    """Return the embedding model of a name; of the bundled one, no engine is opened yet.

    Parameters
    ----------
    name
        ``bundled:multilingual-e5-small``, a folder, or the id of a model in the local hub cache.
    cache_dir
        Where the bundled weights are unpacked.
    precision
        Of documents: ``auto`` is 8 bits for the bundled model; for others bfloat16 where the
        processor computes in it, else float32.

    Raises
    ------
    ModelMissingError
        If the model is not on this machine. Nothing is ever downloaded.
    ModelError
        If it cannot be read, or the bundled weights cannot be unpacked.
    """
    if name == BUNDLED_NAME:
        return BundledEmbedder(cache_dir, precision)
    return SentenceTransformerEmbedder(name, cache_dir, precision)
