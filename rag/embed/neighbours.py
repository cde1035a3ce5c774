"""How much a token heeds the sentences beside its own, in one pass over a chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Taken from what attention makes of a token of another sentence, before its softmax: such a one
# counts exp(-1) of what it would. Heeded in full, neighbours blur a sentence; not at all, it
# forgets what its pronouns stand for (bench/README.md, table 2).
DISTANCE: Final = 1.0

# Whose attention takes a bias of four dimensions as it is given.
_TAKE_BIAS: Final = frozenset(("bert", "roberta", "xlm-roberta"))


def takes_bias(model: Any) -> bool:
    """Say whether a SentenceTransformer's attention can be told what to heed less."""
    return getattr(model[0].auto_model.config, "model_type", "") in _TAKE_BIAS


def membership(spans: Sequence[tuple[int, int]], encoding: Any) -> NDArray[np.bool_]:
    """Say which tokens stand in which span, shape (n_spans, n_tokens)."""
    import numpy as np

    starts, ends = np.array(encoding.offsets, dtype=np.intp).T  # a special token stands at (0, 0)
    span_starts, span_ends = np.array(spans, dtype=np.intp).reshape(-1, 2).T[:, :, None]
    inside: NDArray[np.bool_] = (starts < span_ends) & (ends > span_starts)
    return inside


def attention_bias(
    members: Sequence[NDArray[np.bool_]], n_tokens: int, distance: float = DISTANCE
) -> NDArray[np.float32]:
    """Return what to add before the softmax, shape (n_texts, 1, n_tokens, n_tokens).

    Parameters
    ----------
    members
        Of each text, which of its tokens stand in which of its spans. What stands in none, as the
        prefix does, heeds all and is heeded by all; what is beyond a text's own tokens, by none.
    n_tokens
        Of the longest, to which the others are padded.
    """
    import numpy as np

    bias = np.full((len(members), 1, n_tokens, n_tokens), np.finfo(np.float32).min, np.float32)
    for own, inside in zip(bias[:, 0], members, strict=True):
        n_own = inside.shape[1]
        # Counted from 1, the number of the span that a token stands in.
        span = (inside * np.arange(1, len(inside) + 1)[:, None]).max(axis=0, initial=0)
        is_other = (span[:, None] != span) & (span[:, None] > 0) & (span > 0)
        own[:, :n_own] = 0.0
        own[:n_own, :n_own] -= distance * is_other
    return bias
