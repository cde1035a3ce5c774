"""Index: generations on disk, and bringing the current one in step with folders."""

from __future__ import annotations

from rag.index.generation import Generation, Manifest, Root
from rag.index.sync import Making, OnProgress, SyncReport, sync

__all__ = ["Generation", "Making", "Manifest", "OnProgress", "Root", "SyncReport", "sync"]
