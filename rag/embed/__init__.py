"""Embed: text to unit vectors, by sentence-transformers, with weights that are already here."""

from __future__ import annotations

from rag.embed.bundled import BUNDLED_NAME, unpack_bundled_model
from rag.embed.protocol import Embedder, OnEmbedded
from rag.embed.sentence_transformer import SentenceTransformerEmbedder

__all__ = [
    "BUNDLED_NAME",
    "Embedder",
    "OnEmbedded",
    "SentenceTransformerEmbedder",
    "unpack_bundled_model",
]
