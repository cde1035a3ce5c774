"""Vectors of chunks and of their sentences: embed what is not known yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rag.embed import Embedder
from rag.index.journal import Journal
from rag.index.records import searchable_text
from rag.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of a sentence's vector: its tokens as its chunk's pass saw them. The rest is the sentence
# embedded alone. Either by itself finds less (bench/README.md, table 2).
_CONTEXT_SHARE: Final = 0.5

_SLAB_CHUNKS: Final = 128  # embedded between two entries of the journal: some ten seconds' work


def vector_key(chunk: Chunk) -> bytes:
    """Hash all that the vectors of a chunk depend on: its text, and where its sentences stand."""
    text = searchable_text(chunk)
    offset = len(text) - len(chunk.text) - chunk.start
    spans = [(offset + each.start, offset + each.end) for each in chunk.sentences]
    return hashlib.sha256(json.dumps([text, spans]).encode()).digest()


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
        Receives how many chunks are done and how many texts the model has read for them.

    Returns
    -------
    list
        Of each chunk, unit rows, shape (1 + n_sentences, dimension): its own, then its sentences'.
    """
    keys = [vector_key(chunk) for chunk in chunks]
    found = {key: rows for key in keys if (rows := journal.get(key)) is not None}
    unknown = {key: chunk for key, chunk in zip(keys, chunks, strict=True) if key not in found}
    # Like with like: there is little padding in a batch of texts of one length.
    pending = sorted(unknown.items(), key=lambda item: len(item[1].text), reverse=True)
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
    """Return the rows of each chunk by its key, and how many texts were read for them."""
    import numpy as np

    texts = [searchable_text(chunk) for _, chunk in slab]
    spans = []
    for text, (_, chunk) in zip(texts, slab, strict=True):
        offset = len(text) - len(chunk.text) - chunk.start
        spans.append([(offset + each.start, offset + each.end) for each in chunk.sentences])
    sentences = [sentence.text for _, chunk in slab for sentence in chunk.sentences]
    alone = list(dict.fromkeys(sentences))  # what heads every page is read once
    whole, in_context = embedder.embed_in_context(texts, spans)
    separate = embedder.embed_passages(alone)
    row_of = {text: row for row, text in enumerate(alone)}
    mixed = separate[np.array([row_of[text] for text in sentences], dtype=np.intp)]
    if in_context is not None:
        mixed = _CONTEXT_SHARE * in_context + (1 - _CONTEXT_SHARE) * mixed
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True) + 1e-12
    computed: dict[bytes, NDArray[np.float16]] = {}
    row = 0
    for at, (key, chunk) in enumerate(slab):
        n_sentences = len(chunk.sentences)
        own = np.vstack([whole[at : at + 1], mixed[row : row + n_sentences]])
        computed[key] = own.astype(np.float16)
        row += n_sentences
    return computed, len(texts) + len(alone)
