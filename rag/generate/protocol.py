"""What the rest of the project may ask of whoever writes the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol

from rag.schema import Evidence, Message

OnNotice = Callable[[str], None]
OnUnsaid = Callable[[float], bool]


def ignore(_notice: str) -> None:
    """Hear a notice and do nothing."""


def answer_anyway(_log_odds: float) -> bool:
    """Hear that the evidence may not say it, and have it answered."""
    return True


class Generator(Protocol):
    """Messages to text.

    Attributes
    ----------
    name
        ``engine:model``, as shown with every answer.
    prompt_style
        The kind of messages it reads; None if it reads the evidence alone.
    max_prompt_tokens
        What they may take of its window.
    max_evidence
        How much of the evidence it makes good use of.
    """

    @property
    def name(self) -> str: ...

    @property
    def prompt_style(self) -> Literal["chat", "completion", "reading"] | None: ...

    @property
    def max_prompt_tokens(self) -> int: ...

    @property
    def max_evidence(self) -> int: ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of a text, or a bound from above."""
        ...

    def stream(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        on_notice: OnNotice = ignore,
        *,
        question: str = "",
        on_unsaid: OnUnsaid = answer_anyway,
    ) -> Iterator[str]:
        """Write the answer, piece by piece, with ``[n]`` behind what evidence n says.

        Closing the iterator stops the model. A piece may be empty: the model is thinking.

        Parameters
        ----------
        on_notice
            Called from the reader's own thread, before the iterator ends, with each Spanish
            sentence that the reader should see beside the answer.
        question
            As it was understood, for who does more than go on from the messages.
        on_unsaid
            Called before a word is written, by who can tell, with the log-odds that the evidence
            does not answer the question: 0 is even, more is less said. Where it returns false,
            nothing is written.
        """
        ...
