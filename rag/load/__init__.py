"""Load: a folder to its files, a file to a Document by the reader of its suffix."""

from __future__ import annotations

from rag.load.changes import changes
from rag.load.folder import Closed, Patterns, Skipped, SourceFile, Stamp, scan
from rag.load.opening import open_file
from rag.load.process.parent import Limits
from rag.load.process.readers import Readers, read_one
from rag.load.registry import format_of, is_known, load, refusal, suffixes
from rag.load.table import is_row

__all__ = [
    "Closed",
    "Limits",
    "Patterns",
    "Readers",
    "Skipped",
    "SourceFile",
    "Stamp",
    "changes",
    "format_of",
    "is_known",
    "is_row",
    "load",
    "open_file",
    "read_one",
    "refusal",
    "scan",
    "suffixes",
]
