"""Lexical: text to terms, and the BM25 index over them."""

from __future__ import annotations

from rag.lexical.analysis import ANALYZER_VERSION, analyze, fold
from rag.lexical.bm25 import LexicalIndex

__all__ = ["ANALYZER_VERSION", "LexicalIndex", "analyze", "fold"]
