"""LlamaIndex: a VectorStoreIndex over FAISS, with the splitter that it has by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faiss
from llama_index.core import (
    SimpleDirectoryReader,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore

_DIMENSION = 384


def open_model(folder: str) -> Any:
    """Open the embedding model."""
    return HuggingFaceEmbedding(
        model_name=folder, query_instruction="query: ", text_instruction="passage: "
    )


def index(model: Any, documents: str, store: str) -> int:
    """Read, split, embed, persist: all of it anew each time, since FAISS deletes nothing here."""
    loaded = SimpleDirectoryReader(documents).load_data()
    vectors = FaissVectorStore(faiss_index=faiss.IndexFlatL2(_DIMENSION))
    context = StorageContext.from_defaults(vector_store=vectors)
    made = VectorStoreIndex.from_documents(loaded, storage_context=context, embed_model=model)
    made.storage_context.persist(persist_dir=store)
    return len(made.index_struct.nodes_dict)


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the index."""
    context = StorageContext.from_defaults(
        vector_store=FaissVectorStore.from_persist_dir(store), persist_dir=store
    )
    made = load_index_from_storage(context, embed_model=open_model(folder))

    def search(question: str, k: int) -> Any:
        found = made.as_retriever(similarity_top_k=k).retrieve(question)
        return {
            "found": [
                {"text": each.node.get_content(), "source": each.node.metadata["file_name"]}
                for each in found
            ]
        }

    return search
