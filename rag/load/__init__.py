"""Load: a file to a Document, by the reader of its suffix; a folder to its files."""

from __future__ import annotations

from rag.load.changes import changes
from rag.load.folder import Closed, Patterns, Skipped, SourceFile, Stamp, scan
from rag.load.registry import SUFFIXES, load

__all__ = [
    "SUFFIXES",
    "Closed",
    "Patterns",
    "Skipped",
    "SourceFile",
    "Stamp",
    "changes",
    "load",
    "scan",
]
