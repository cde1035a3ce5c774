"""LangChain: FAISS over pieces of 1,000 characters, as its tutorial of RAG begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain_community.document_loaders import DirectoryLoader, TextLoader
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter


def open_model(folder: str) -> Any:
    """Open the embedding model."""
    return HuggingFaceEmbeddings(
        model_name=folder,
        model_kwargs={"device": "cpu"},
        encode_kwargs={"normalize_embeddings": True, "prompt": "passage: "},
        query_encode_kwargs={"normalize_embeddings": True, "prompt": "query: "},
    )


def index(embeddings: Any, documents: str, store: str) -> int:
    """Read, split, embed, save: all of it anew each time."""
    loaded = DirectoryLoader(documents, loader_cls=TextLoader).load()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = splitter.split_documents(loaded)
    FAISS.from_documents(chunks, embeddings).save_local(store)
    return len(chunks)


def load(folder: str, pieces: list[dict[str, str]], vectors: Any, store: str) -> None:
    """Save pieces whose vectors are known."""
    texts = [each["text"] for each in pieces]
    sources = [{"source": each["source"]} for each in pieces]
    pairs = zip(texts, vectors, strict=True)
    FAISS.from_embeddings(pairs, open_model(folder), sources).save_local(store)


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the store."""
    vectors = FAISS.load_local(store, open_model(folder), allow_dangerous_deserialization=True)

    def search(question: str, k: int) -> Any:
        found = vectors.similarity_search(question, k=k)
        return {
            "found": [
                {"text": each.page_content, "source": Path(each.metadata["source"]).name}
                for each in found
            ]
        }

    return search
