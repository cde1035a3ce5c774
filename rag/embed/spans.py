"""Spans of texts: what is read by itself, and a span read twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from rag.embed.batches import BatchEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of a span's vector: its tokens as the reading of its text saw them. The rest is the span read
# alone. Either by itself finds less (bench/README.md, table 2).
_CONTEXT_SHARE: Final = 0.5

# Spans read alone whose vectors are kept, of some 1.5 kB each. Pages of one manual say the same.
_MAX_RECENT: Final = 8192

_TINY: Final = 1e-12  # keeps a vector of noughts from dividing by nought


def cut_out(texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]) -> list[str]:
    """Return the spans of texts, those of the first text first."""
    return [text[a:b] for text, own in zip(texts, spans, strict=True) for a, b in own]


class RecentVectors:
    """Vectors of the texts met last, of which many come again: what heads every page.

    For any number of threads at once: a text that two meet for the first time is read twice.
    """

    def __init__(self) -> None:
        self._vectors: dict[str, NDArray[np.float32]] = {}  # what was met last stands last

    def embed(
        self, texts: Sequence[str], embed: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return the vectors of texts, of which ``embed`` computes those that are not known."""
        import numpy as np

        known = self._vectors
        unknown = list(dict.fromkeys(text for text in texts if text not in known))
        computed = embed(unknown)
        now = known | dict(zip(unknown, computed, strict=True))
        vectors = np.array([now[text] for text in texts], dtype=np.float32)
        # A copy of each: a row of the computed ones would keep them all.
        met = {text: vector.copy() for text, vector in zip(texts, vectors, strict=True)}
        recent = {text: vector for text, vector in known.items() if text not in met} | met
        self._vectors = dict(list(recent.items())[-_MAX_RECENT:])
        return vectors.reshape(len(texts), computed.shape[1])


def embed_twice(
    encoder: BatchEncoder,
    recent: RecentVectors,
    texts: Sequence[str],
    spans: Sequence[Sequence[tuple[int, int]]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the unit vectors of texts, and of their spans read in them and alone."""
    import numpy as np

    whole, in_context = encoder.embed_spans(texts, spans)
    alone = recent.embed(cut_out(texts, spans), encoder.embed_passages)
    mixed = _CONTEXT_SHARE * in_context + (1 - _CONTEXT_SHARE) * alone
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True) + _TINY
    return whole, mixed
