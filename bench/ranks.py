"""Ranks of the first right thing that was found, and the shares of a table's row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

NOT_FOUND = 10**6  # a rank beyond any that is looked at
TOP_RANKS = (1, 3, 5)


def first_right(rights: Iterable[bool]) -> int:
    """Return the rank, from 1, of the first that is right; ``NOT_FOUND`` if none is."""
    return next((rank for rank, right in enumerate(rights, start=1) if right), NOT_FOUND)


def cells(ranks: Iterable[int]) -> str:
    """Return the share of the questions whose rank is among the first, for each of the tops."""
    at = np.array(list(ranks))
    return " | ".join(f"{(at <= top).mean():.3f}" for top in TOP_RANKS)
