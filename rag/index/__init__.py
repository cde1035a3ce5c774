"""Index: generations on disk, and bringing the current one in step with folders."""

from __future__ import annotations

from rag.index.files import file_sha256
from rag.index.generation import Generation
from rag.index.health import IndexHealth, examine_index, is_interrupted
from rag.index.intake import Making, OnProgress
from rag.index.manifest import REBUILD, Manifest, Root
from rag.index.records import searchable_text
from rag.index.report import SyncReport
from rag.index.status import IndexStatus, read_status
from rag.index.store import current_name, named_current, open_current, open_fallback
from rag.index.sync import sync

__all__ = [
    "REBUILD",
    "Generation",
    "IndexHealth",
    "IndexStatus",
    "Making",
    "Manifest",
    "OnProgress",
    "Root",
    "SyncReport",
    "current_name",
    "examine_index",
    "file_sha256",
    "is_interrupted",
    "named_current",
    "open_current",
    "open_fallback",
    "read_status",
    "searchable_text",
    "sync",
]
