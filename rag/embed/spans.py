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

_TINY: Final = 1e-12  # keeps a vector of noughts from dividing by nought


def cut_out(texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]) -> list[str]:
    """Return the spans of texts, those of the first text first."""
    return [text[a:b] for text, own in zip(texts, spans, strict=True) for a, b in own]


def embed_once(
    embed: Callable[[Sequence[str]], NDArray[np.float32]], texts: Sequence[str]
) -> NDArray[np.float32]:
    """Return the vectors of texts, of which many may be the same: what heads every page."""
    import numpy as np

    different = list(dict.fromkeys(texts))
    row_of = {text: row for row, text in enumerate(different)}
    return embed(different)[np.array([row_of[text] for text in texts], dtype=np.intp)]


def embed_twice(
    encoder: BatchEncoder, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the unit vectors of texts, and of their spans read in them and alone."""
    import numpy as np

    whole, in_context = encoder.embed_spans(texts, spans)
    alone = embed_once(encoder.embed_passages, cut_out(texts, spans))
    mixed = _CONTEXT_SHARE * in_context + (1 - _CONTEXT_SHARE) * alone
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True) + _TINY
    return whole, mixed
