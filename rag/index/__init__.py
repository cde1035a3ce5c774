"""Index: generations on disk, and bringing the current one in step with folders."""

from __future__ import annotations

from rag.index.files import file_sha256, fsync
from rag.index.follow import Amendment
from rag.index.generation import Generation
from rag.index.health import IndexHealth, examine_index, is_interrupted
from rag.index.intake import Making, OnProgress
from rag.index.listing import Contents, IndexedDocument, Languages, list_contents
from rag.index.manifest import REBUILD, Manifest, Root
from rag.index.records import searchable_spans, searchable_text
from rag.index.report import SyncReport
from rag.index.status import IndexStatus, read_status
from rag.index.store import current_name, named_current, open_current, open_fallback
from rag.index.sync import sync

__all__ = [
    "REBUILD",
    "Amendment",
    "Contents",
    "Generation",
    "IndexHealth",
    "IndexStatus",
    "IndexedDocument",
    "Languages",
    "Making",
    "Manifest",
    "OnProgress",
    "Root",
    "SyncReport",
    "current_name",
    "examine_index",
    "file_sha256",
    "fsync",
    "is_interrupted",
    "list_contents",
    "named_current",
    "open_current",
    "open_fallback",
    "read_status",
    "searchable_spans",
    "searchable_text",
    "sync",
]
