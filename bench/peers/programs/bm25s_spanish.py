"""bm25s: words alone, with Snowball's Spanish stems and without its stop words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bm25s
import Stemmer
from paragraphs import pieces_of


def open_model(folder: str) -> Any:
    """Open what finds the stems; there are no vectors."""
    return Stemmer.Stemmer("spanish")


def index(stemmer: Any, documents: str, store: str) -> int:
    """Count and save: all of it anew each time."""
    pieces = pieces_of(documents)
    _save(stemmer, pieces, store)
    return len(pieces)


def load(folder: str, pieces: list[dict[str, str]], _vectors: Any, store: str) -> None:
    """Count and save pieces."""
    _save(open_model(folder), pieces, store)


def open_search(folder: str, store: str) -> Callable[[str, int], Any]:
    """Open the index."""
    stemmer = open_model(folder)
    retriever = bm25s.BM25.load(store, load_corpus=True)

    def search(question: str, k: int) -> Any:
        tokens = bm25s.tokenize(question, stopwords="spanish", stemmer=stemmer, show_progress=False)
        n_wanted = min(k, len(retriever.corpus))
        found, _ = retriever.retrieve(tokens, k=n_wanted, show_progress=False)
        return {"found": [{"text": each["text"], "source": each["source"]} for each in found[0]]}

    return search


def _save(stemmer: Any, pieces: list[dict[str, str]], store: str) -> None:
    texts = [each["text"] for each in pieces]
    retriever = bm25s.BM25()
    tokens = bm25s.tokenize(texts, stopwords="spanish", stemmer=stemmer, show_progress=False)
    retriever.index(tokens, show_progress=False)
    retriever.save(store, corpus=pieces)
