"""rag, through its facade."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag import Assistant
from rag.config import load_settings
from rag.embed import open_embedder


def open_model(folder: str) -> Any:
    """Open the embedding model that comes with it, whose weights are those of the folder."""
    settings = load_settings()
    return open_embedder(settings.embedding_model, settings.cache_dir)


def index(model: Any, documents: str, store: str) -> int:
    """Bring the index into step with the folder."""
    assistant = Assistant.open(index_dir=store)
    assistant._engines._embedder = model  # open before the clock, as the peers' are
    assistant.index([documents])
    return assistant.status().n_chunks


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the index with the first question, as its command does."""
    assistant = Assistant.open(index_dir=store)

    def search(question: str, k: int) -> Any:
        retrieved = assistant.search(question)
        return {
            "found": [
                _record(each.chunk.path, each.chunk.text, each.chunk)
                for each in retrieved.passages[:k]
            ],
            "evidence": [_record(each.path, each.text, each) for each in retrieved.evidence],
        }

    return search


def _record(path: str, text: str, at: Any) -> dict[str, Any]:
    return {"text": text, "source": Path(path).name, "lines": [at.line_start, at.line_end]}
