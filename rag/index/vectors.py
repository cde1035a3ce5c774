"""Vectors of chunks and of their sentences, embedding only what is not known yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rag.embed import Embedder
from rag.index.generation import Generation
from rag.index.records import searchable_text
from rag.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of a sentence's vector: its tokens as its chunk's pass saw them. The rest is the sentence
# embedded alone. Either by itself finds less (bench/README.md, table 2).
_CONTEXT_SHARE: Final = 0.5


_Key = tuple[str, tuple[tuple[int, int], ...]]


class Vectors(NamedTuple):
    """Unit rows.

    Attributes
    ----------
    chunks
        Shape (n_chunks, dimension).
    sentences
        Shape (n_sentences, dimension), the sentences of the chunks in order.
    n_embedded
        How many texts the model had to read.
    """

    chunks: NDArray[np.float32]
    sentences: NDArray[np.float32]
    n_embedded: int


def embed_chunks(
    chunks: Sequence[Chunk],
    previous: Generation | None,
    embedder: Embedder,
    on_embedded: Callable[[int, int], None],
) -> Vectors:
    """Return the vectors of chunks, taking those that a generation holds already from it.

    Parameters
    ----------
    on_embedded
        Receives how many texts have been embedded, and how many there are to embed.
    """
    import numpy as np

    known = _known(previous) if previous else {}
    unknown = {key: chunk for chunk in chunks if (key := _key(chunk)) not in known}
    texts = [sentence.text for chunk in unknown.values() for sentence in chunk.sentences]
    alone = list(dict.fromkeys(texts))  # what heads every page is read once
    n_total = len(unknown) + len(alone)
    whole, in_context = embedder.embed_in_context(
        [text for text, _ in unknown],
        [spans for _, spans in unknown],
        lambda n_done: on_embedded(n_done, n_total),
    )
    separate = embedder.embed_passages(
        alone, lambda n_done: on_embedded(len(unknown) + n_done, n_total)
    )
    row_of = {text: row for row, text in enumerate(alone)}
    rows = np.array([row_of[text] for text in texts], dtype=np.intp)
    mixed = separate[rows]
    if in_context is not None:
        mixed = _CONTEXT_SHARE * in_context + (1 - _CONTEXT_SHARE) * mixed
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True) + 1e-12
    row = 0
    for at, key in enumerate(unknown):
        _, spans = key
        known[key] = (whole[at], mixed[row : row + len(spans)])
        row += len(spans)
    found = [known[_key(chunk)] for chunk in chunks]
    if not found:
        return Vectors(whole, mixed, 0)
    return Vectors(
        np.stack([vector for vector, _ in found]),
        np.concatenate([rows for _, rows in found]),
        n_total,
    )


def _key(chunk: Chunk) -> _Key:
    """Return all that the vectors of a chunk depend on: its text, and where its sentences stand."""
    text = searchable_text(chunk)
    offset = len(text) - len(chunk.text) - chunk.start
    return text, tuple((offset + each.start, offset + each.end) for each in chunk.sentences)


def _known(
    previous: Generation,
) -> dict[_Key, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Map each chunk of a generation to its vectors and its sentences'."""
    starts = previous.sentence_starts
    chunk_vectors = previous.dense.vectors(list(range(len(previous.chunks))))
    return {
        _key(chunk): (
            chunk_vectors[row],
            previous.sentence_vectors[starts[row] : starts[row + 1]].astype("float32"),
        )
        for row, chunk in enumerate(previous.chunks)
    }
