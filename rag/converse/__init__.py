"""Converse: a question that leans on the conversation to one that stands alone."""

from __future__ import annotations

from rag.converse.courtesy import reply_to
from rag.converse.follow_up import standalone
from rag.converse.written import accept

__all__ = ["accept", "reply_to", "standalone"]
