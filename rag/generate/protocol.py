"""What the rest of the project may ask of whoever writes the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from rag.schema import Evidence, Message


class Generator(Protocol):
    """Messages to text.

    Attributes
    ----------
    name
        ``engine:model``, as shown with every answer.
    prompt_style
        The kind of messages it reads.
    max_prompt_tokens
        What they may take of its window.
    max_evidence
        How much of the evidence it makes good use of.
    """

    @property
    def name(self) -> str: ...

    @property
    def prompt_style(self) -> Literal["chat", "completion"]: ...

    @property
    def max_prompt_tokens(self) -> int: ...

    @property
    def max_evidence(self) -> int: ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of a text, or a bound from above."""
        ...

    def stream(self, messages: Sequence[Message], evidence: Sequence[Evidence]) -> Iterator[str]:
        """Write the answer, piece by piece, with ``[n]`` behind what evidence n says.

        Closing the iterator stops the model.
        """
        ...
