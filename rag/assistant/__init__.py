"""Assistant: the one facade. Command line, page and program hear the same events from it."""

from __future__ import annotations

from rag.assistant.draft import ABSTAINED
from rag.assistant.facade import Assistant
from rag.assistant.sources import whole

__all__ = ["ABSTAINED", "Assistant", "whole"]
