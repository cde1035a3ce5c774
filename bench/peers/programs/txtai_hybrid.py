"""txtai: a hybrid index with its content, of paragraphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from txtai import Embeddings
from txtai.pipeline import Textractor


def open_model(folder: str) -> Any:
    """Open the embedding model."""
    return Embeddings(
        path=folder,
        hybrid=True,
        content=True,
        instructions={"query": "query: ", "data": "passage: "},
    )


def index(embeddings: Any, documents: str, store: str) -> int:
    """Extract, embed, save: all of it anew each time, which is what ``index`` is for."""
    # Its quick start cuts by the sections that docling finds, whose models come from a hub. Of
    # plain text it knows none, and a file would be one piece: paragraphs, as its other examples.
    textractor = Textractor(paragraphs=True)
    chunks = [
        (path.name, chunk)
        for path in sorted(Path(documents).iterdir())
        for chunk in textractor(str(path))
    ]
    embeddings.index(chunks)
    embeddings.save(store)
    return len(chunks)


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the index; it knows the folder of its model."""
    embeddings = Embeddings()
    embeddings.load(store)

    def search(question: str, k: int) -> Any:
        found = embeddings.search(question, k)
        return {"found": [{"text": each["text"], "source": each["id"]} for each in found]}

    return search
