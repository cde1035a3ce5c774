"""No model at all: the best evidence, quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rag.generate.protocol import OnNotice, OnUnsaid, answer_anyway, ignore
from rag.schema import Evidence, Message


class ExtractiveGenerator:
    """Quotes the best sentences and says that it does."""

    name: Final = "extractive"
    prompt_style: Final = None
    max_prompt_tokens: Final = 0
    max_evidence: Final = 3

    def count_tokens(self, text: str) -> int:
        return len(text)

    def stream(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        on_notice: OnNotice = ignore,
        *,
        question: str = "",
        on_unsaid: OnUnsaid = answer_anyway,
    ) -> Iterator[str]:
        yield from quote(evidence)


def quote(evidence: Sequence[Evidence]) -> Iterator[str]:
    """Write the evidence as quotations, each with its marker."""
    yield "Esto es lo más cercano que dicen los documentos:"
    for item in evidence:
        yield f"\n\n«{item.shown}» [{item.marker}]"
