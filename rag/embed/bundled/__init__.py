"""The bundled weights, multilingual-e5-small: unpacked, and run by ONNX Runtime without torch."""

from __future__ import annotations

from rag.embed.bundled.question import QuestionEncoder
from rag.embed.bundled.tokens import BundledTokenModel
from rag.embed.bundled.weights import (
    BUNDLED_NAME,
    PREFIXES,
    VECTORS_VERSION,
    bundled_fingerprint,
    unpack_bundled_model,
)

__all__ = [
    "BUNDLED_NAME",
    "PREFIXES",
    "VECTORS_VERSION",
    "BundledTokenModel",
    "QuestionEncoder",
    "bundled_fingerprint",
    "unpack_bundled_model",
]
