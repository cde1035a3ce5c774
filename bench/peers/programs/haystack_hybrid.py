"""Haystack: BM25 and vectors over the documents in memory, joined, as its tutorial 33 does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from haystack import Pipeline
from haystack.components.converters import TextFileToDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

_FILE = "store.json"


def open_model(folder: str) -> Any:
    """Open the embedding model."""
    embedder = SentenceTransformersDocumentEmbedder(
        model=folder, prefix="passage: ", progress_bar=False
    )
    embedder.warm_up()
    return embedder


def index(embedder: Any, documents: str, store: str) -> int:
    """Read, split, embed, save: all of it anew each time."""
    converter = TextFileToDocument()
    splitter = DocumentSplitter(split_by="word", split_length=512, split_overlap=32)
    read = converter.run(sources=sorted(Path(documents).iterdir()))["documents"]
    chunks = splitter.run(documents=read)["documents"]
    kept = InMemoryDocumentStore()
    kept.write_documents(embedder.run(documents=chunks)["documents"])
    kept.save_to_disk(str(Path(store, _FILE)))
    return int(kept.count_documents())


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the store."""
    kept = InMemoryDocumentStore.load_from_disk(str(Path(store, _FILE)))
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder",
        SentenceTransformersTextEmbedder(model=folder, prefix="query: ", progress_bar=False),
    )
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(kept))
    pipeline.add_component("words", InMemoryBM25Retriever(kept))
    # The tutorial concatenates, and lets a cross-encoder put in order what scores of two kinds
    # cannot: it comes from a hub. Without one, its documentation joins by reciprocal ranks.
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("embedder", "vectors")
    pipeline.connect("vectors", "joiner")
    pipeline.connect("words", "joiner")

    def search(question: str, k: int) -> Any:
        result = pipeline.run(
            {
                "embedder": {"text": question},
                "vectors": {"top_k": k},
                "words": {"query": question, "top_k": k},
                "joiner": {"top_k": k},
            }
        )
        return {
            "found": [
                {"text": each.content, "source": Path(each.meta["file_path"]).name}
                for each in result["joiner"]["documents"]
            ]
        }

    return search
