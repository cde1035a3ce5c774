"""Examples: questions made from the documents, of which the search shows that they answer them."""

from __future__ import annotations

import threading
import time
from typing import Final

from rag.index import Generation
from rag.retrieve import Retriever
from rag.schema import Retrieved
from rag.suggest import Suggestion, spread, suggest

_MIN_CONFIDENCE: Final = 0.5  # the search is sure. bench/README.md, table 4
_N_EVIDENCE: Final = 3
_N_MADE: Final = 4  # questions, for each that is wanted
_SECONDS: Final = 1.5  # the longest that whoever opens the page waits for them
_MAX_WANTED: Final = 50


class Examples:
    """Example questions, kept for as long as the index is the same; may be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[str, ...]] = {}
        self._of = ""

    def of(self, retriever: Retriever, generation: Generation, n_wanted: int) -> tuple[str, ...]:
        """Return up to that many questions."""
        n_wanted = max(0, min(n_wanted, _MAX_WANTED))
        with self._lock:
            if self._of != str(generation.folder):
                self._of, self._kept = str(generation.folder), {}
            if n_wanted in self._kept:
                return self._kept[n_wanted]
            good, is_done = _answered(retriever, generation, n_wanted)
            if is_done:
                self._kept[n_wanted] = good
            return good


def _answered(
    retriever: Retriever, generation: Generation, n_wanted: int
) -> tuple[tuple[str, ...], bool]:
    """Return the questions, and whether there was time to look at all."""
    stop_at = time.monotonic() + _SECONDS
    good: list[str] = []
    for made in suggest(spread(generation), n_wanted * _N_MADE):
        if len(good) == n_wanted:
            break
        if time.monotonic() > stop_at and good:
            return tuple(good), False
        found = retriever.retrieve(made.question, _N_EVIDENCE, _MIN_CONFIDENCE)
        if found.explanation.is_enough and _is_found(made, found):
            good.append(made.question)
    return tuple(good), True


def _is_found(made: Suggestion, found: Retrieved) -> bool:
    """Say whether what answers it is among what was found."""
    return any(
        item.is_admissible
        and item.at.path == made.path
        and item.start < made.end
        and made.start < item.start + len(item.text)
        for item in found.evidence
    )
