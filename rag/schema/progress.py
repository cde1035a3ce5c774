"""How long things take: while they last and once they are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Timings:
    """Wall-clock seconds."""

    retrieve_seconds: float
    generate_seconds: float
    total_seconds: float

    def as_dict(self) -> dict[str, float]:
        """Return the JSON form of the contract."""
        return {
            "retrieve_seconds": round(self.retrieve_seconds, 4),
            "generate_seconds": round(self.generate_seconds, 4),
            "total_seconds": round(self.total_seconds, 4),
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long task has come.

    Attributes
    ----------
    stage
        ``compare`` counts the files that may have changed, ``read`` those that have, ``embed``
        chunks, of which there is only a guess until all are read.
    """

    stage: Literal["compare", "read", "embed"]
    n_done: int
    n_total: int
