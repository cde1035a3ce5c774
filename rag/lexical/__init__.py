"""Lexical: text to terms, what two texts deny one another, and the BM25 index over the terms."""

from __future__ import annotations

from rag.lexical.analysis import ANALYZER_VERSION, analyze, fold
from rag.lexical.bm25 import LexicalIndex
from rag.lexical.contradiction import denies, missing_numbers, opposed
from rag.lexical.negation import Denied, denied
from rag.lexical.quantities import Quantity, quantities

__all__ = [
    "ANALYZER_VERSION",
    "Denied",
    "LexicalIndex",
    "Quantity",
    "analyze",
    "denied",
    "denies",
    "fold",
    "missing_numbers",
    "opposed",
    "quantities",
]
