"""Chroma: a persistent collection. It does not cut documents: pieces of 1,000 characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import chromadb
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction
from paragraphs import pieces_of


def open_model(folder: str, prompt: str = "passage") -> Any:
    """Open the embedding model, with a prefix before every text that it gets."""
    return SentenceTransformerEmbeddingFunction(
        model_name=folder,
        normalize_embeddings=True,
        prompts={"query": "query: ", "passage": "passage: "},
        default_prompt_name=prompt,
    )


def index(model: Any, documents: str, store: str) -> int:
    """Embed the pieces and put them in the collection, over those of the same name."""
    pieces = pieces_of(documents)
    client = chromadb.PersistentClient(path=store)
    collection = client.get_or_create_collection("documents", embedding_function=model)
    n_at_once = client.get_max_batch_size()
    for start in range(0, len(pieces), n_at_once):
        batch = pieces[start : start + n_at_once]
        collection.upsert(
            ids=[f"{each['source']}-{start + n}" for n, each in enumerate(batch)],
            documents=[each["text"] for each in batch],
            metadatas=[{"source": each["source"]} for each in batch],
        )
    return int(collection.count())


def load(folder: str, pieces: list[dict[str, str]], vectors: Any, store: str) -> None:
    """Put in the collection pieces whose vectors are known."""
    client = chromadb.PersistentClient(path=store)
    collection = client.get_or_create_collection("documents", embedding_function=open_model(folder))
    n_at_once = client.get_max_batch_size()
    for start in range(0, len(pieces), n_at_once):
        batch = pieces[start : start + n_at_once]
        collection.add(
            ids=[str(start + n) for n in range(len(batch))],
            documents=[each["text"] for each in batch],
            metadatas=[{"source": each["source"]} for each in batch],
            embeddings=vectors[start : start + len(batch)].astype("float32"),
        )


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the collection."""
    model = open_model(folder, "query")
    client = chromadb.PersistentClient(path=store)
    collection = client.get_collection("documents", embedding_function=model)

    def search(question: str, k: int) -> Any:
        result = collection.query(query_texts=[question], n_results=k)
        pairs = zip(result["documents"][0], result["metadatas"][0], strict=True)
        return {"found": [{"text": text, "source": data["source"]} for text, data in pairs]}

    return search
