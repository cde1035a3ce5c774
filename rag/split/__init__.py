"""Split: a Document to chunks, and the sentences of each, with exact spans and lines."""

from __future__ import annotations

from rag.split.chunks import SPLITTER_VERSION, split
from rag.split.sentences import Span, sentence_spans

__all__ = ["SPLITTER_VERSION", "Span", "sentence_spans", "split"]
