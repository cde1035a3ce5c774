"""The nouns of the project, frozen: what flows from a file to a cited answer.

Scores are cosine or fused; higher is better, everywhere. Lines and pages count from 1, characters
from 0; a span is half open. Nothing here reads, computes or prints.
"""

from __future__ import annotations

from rag.schema.answer import (
    Answer,
    Citation,
    Claim,
    ClaimStatus,
    Event,
    Message,
    Role,
    Token,
    Turn,
)
from rag.schema.document import Chunk, Document, Heading, Sentence
from rag.schema.layout import PLAIN, Layout, Mark
from rag.schema.place import LineEnds, Place, Status, Unit
from rag.schema.progress import Progress, Timings
from rag.schema.rating import Opinion, Rating
from rag.schema.retrieval import (
    Candidate,
    Evidence,
    Explanation,
    Fate,
    Hit,
    Passage,
    Retrieved,
    Signals,
)
from rag.schema.row import Row
from rag.schema.voice import ModelChoice, Speaker

__all__ = [
    "PLAIN", "Answer", "Candidate", "Chunk", "Citation", "Claim", "ClaimStatus", "Document",
    "Event", "Evidence", "Explanation", "Fate", "Heading", "Hit", "Layout", "LineEnds", "Mark",
    "Message", "ModelChoice", "Opinion", "Passage", "Place", "Progress", "Rating", "Retrieved",
    "Role", "Row", "Sentence", "Signals", "Speaker", "Status", "Timings", "Token", "Turn",
    "Unit",
]  # fmt: skip
