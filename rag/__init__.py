"""Questions in Spanish to cited answers, over a person's own documents, on their own machine."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from rag.errors import RagError
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

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.config import Settings
    from rag.index import IndexStatus, SyncReport
else:
    # Imported when they are asked for: whoever only wants help does not wait for them.
    _ROOMS: Final = {
        "Assistant": "rag.assistant",
        "IndexStatus": "rag.index",
        "Settings": "rag.config",
        "SyncReport": "rag.index",
    }

    def __getattr__(name: str) -> object:
        if name not in _ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_ROOMS[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *_ROOMS})


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
