"""Suggest: example questions made from a person's own documents, which those answer.

By rule, from what sentences and titles say. Better none than a bad one: whatever is not surely
well-formed Spanish about something that is named is passed over.
"""

from __future__ import annotations

from rag.suggest.choice import Suggestion, spread, suggest

__all__ = ["Suggestion", "spread", "suggest"]
