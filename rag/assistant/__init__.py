"""Assistant: the one facade. Command line, page and program hear the same events from it."""

from __future__ import annotations

from rag.assistant.draft import ABSTAINED
from rag.assistant.facade import Assistant

__all__ = ["ABSTAINED", "Assistant"]
