"""Questions in Spanish to cited answers, over a person's own documents, on their own machine."""

from __future__ import annotations

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import RagError
from rag.index import IndexStatus, SyncReport
from rag.schema import (
    Answer,
    Citation,
    Event,
    Evidence,
    Passage,
    Progress,
    Retrieved,
    Timings,
    Token,
    Turn,
)

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Event",
    "Evidence",
    "IndexStatus",
    "Passage",
    "Progress",
    "RagError",
    "Retrieved",
    "Settings",
    "SyncReport",
    "Timings",
    "Token",
    "Turn",
]
