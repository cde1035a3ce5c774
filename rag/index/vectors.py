"""Vectors of chunks and of their sentences: embed what is not known yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rag.embed import Embedder
from rag.index.journal import Journal
from rag.index.records import searchable_spans, searchable_text
from rag.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLAB_CHUNKS: Final = 128  # embedded between two entries of the journal: some ten seconds' work


def vector_key(chunk: Chunk) -> bytes:
    """Hash all that the vectors of a chunk depend on: its text, and where its sentences stand."""
    depended_on = [searchable_text(chunk), searchable_spans(chunk)]
    return hashlib.sha256(json.dumps(depended_on).encode()).digest()


def embed_chunks(
    chunks: Sequence[Chunk],
    embedder: Embedder,
    journal: Journal,
    on_embedded: Callable[[int, int], None],
) -> list[NDArray[np.float16]]:
    """Return the vectors of chunks, computing those that the journal does not hold.

    Parameters
    ----------
    journal
        Receives what is computed, some at a time.
    on_embedded
        Receives how many chunks are done and how many vectors were computed for them.

    Returns
    -------
    list
        Of each chunk, unit rows, shape (1 + n_sentences, dimension): its own, then its sentences'.
    """
    keys = [vector_key(chunk) for chunk in chunks]
    found = {key: rows for key in keys if (rows := journal.get(key)) is not None}
    unknown = {key: chunk for key, chunk in zip(keys, chunks, strict=True) if key not in found}
    # In the order of the files: what a text says again, it says soon.
    pending = list(unknown.items())
    n_known = n_done = len(chunks) - len(pending)
    on_embedded(n_known, 0)
    for slab in _slabs(pending):
        computed, n_texts = _embed(slab, embedder)
        journal.append(computed)
        found |= computed
        n_done += len(slab)
        on_embedded(n_done, n_texts)
    return [found[key] for key in keys]


def _slabs(pending: Sequence[tuple[bytes, Chunk]]) -> Iterator[Sequence[tuple[bytes, Chunk]]]:
    for start in range(0, len(pending), _SLAB_CHUNKS):
        yield pending[start : start + _SLAB_CHUNKS]


def _embed(
    slab: Sequence[tuple[bytes, Chunk]], embedder: Embedder
) -> tuple[dict[bytes, NDArray[np.float16]], int]:
    """Return the rows of each chunk by its key, and how many vectors those are."""
    import numpy as np

    texts = [searchable_text(chunk) for _, chunk in slab]
    spans = [searchable_spans(chunk) for _, chunk in slab]
    whole, in_context = embedder.embed_in_context(texts, spans)
    computed: dict[bytes, NDArray[np.float16]] = {}
    row = 0
    for at, (key, chunk) in enumerate(slab):
        n_sentences = len(chunk.sentences)
        own = np.vstack([whole[at : at + 1], in_context[row : row + n_sentences]])
        computed[key] = own.astype(np.float16)
        row += n_sentences
    return computed, len(whole) + len(in_context)
