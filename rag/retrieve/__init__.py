"""Retrieve: a question to passages, and to the sentences that answer it."""

from __future__ import annotations

from rag.retrieve.confidence import Features, confidence_once_read
from rag.retrieve.passages import PassageWeights
from rag.retrieve.retriever import ONLY_ORDERS, Retriever, Weights
from rag.retrieve.sentences import SentenceWeights

__all__ = [
    "ONLY_ORDERS",
    "Features",
    "PassageWeights",
    "Retriever",
    "SentenceWeights",
    "Weights",
    "confidence_once_read",
]
