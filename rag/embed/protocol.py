"""What the rest of the project may ask of an embedding model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OnEmbedded = Callable[[int], None]  # receives the number of texts embedded so far


class Embedder(Protocol):
    """Text to unit vectors.

    Attributes
    ----------
    name
        As the user writes it: ``bundled:…``, a hub id or a folder.
    fingerprint
        Hexadecimal; differs when weights or prefixes differ. An index is bound to it.
    dimension
        Columns of every vector.
    max_tokens
        Tokens of a text that count; the rest would be lost.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of a passage, its prefix and special tokens included."""
        ...

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return one unit vector, shape (dimension,)."""
        ...

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> NDArray[np.float32]:
        """Return unit vectors, shape (n_texts, dimension), in the order of the texts."""
        ...

    def embed_in_context(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embed texts and spans of them, so that a span knows a little of what is around it.

        A span's vector is the mean of two: as it is when read alone, and in its text («late
        chunking», arXiv:2409.04701). Either by itself finds less (bench/README.md, table 2).

        Parameters
        ----------
        spans
            Of each text, ``text[start:end]``, in order.

        Returns
        -------
        tuple
            Unit vectors of the texts, shape (n_texts, dimension), and of the spans, shape
            (n_spans, dimension), those of the first text first.
        """
        ...
