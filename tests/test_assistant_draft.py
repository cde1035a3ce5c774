"""A draft: what becomes of an answer when whoever reads the evidence doubts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.assistant.draft import Draft
from rag.generate.protocol import OnNotice, OnUnsaid, answer_anyway, ignore
from rag.retrieve import confidence_once_read
from rag.retrieve.confidence import log_odds
from rag.schema import Answer, Evidence, Message, Retrieved

QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"


@dataclass
class Reader:
    """Reads, tells how much it doubts, and quotes the first piece unless it is told not to."""

    unsaid: float
    name: str = "reader"
    prompt_style: Literal["reading"] = "reading"
    max_prompt_tokens: int = 9999
    max_evidence: int = 3
    n_written: int = 0

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
        if not on_unsaid(self.unsaid):
            return
        self.n_written += 1
        yield f"«{evidence[0].shown}» [{evidence[0].marker}]"


@pytest.fixture(scope="module")
def retrieved(seeds_assistant: Assistant) -> Retrieved:
    return seeds_assistant.search(QUESTION)


def draft_of(retrieved: Retrieved, confidence: float) -> Draft:
    explanation = replace(retrieved.explanation, confidence=confidence, doubts=())
    return Draft(replace(retrieved, explanation=explanation), "e5", 0.0)


def answer(assistant: Assistant, draft: Draft, reader: Reader) -> tuple[str, Answer]:
    said = "".join(token.text for token in draft.write(reader))
    return said, draft.finish(assistant._answering._search(QUESTION, None)[1])


def test_what_the_reader_finds_is_answered_with_what_both_make_of_it(
    seeds_assistant: Assistant, retrieved: Retrieved
) -> None:
    draft = draft_of(retrieved, 0.9)
    said, found = answer(seeds_assistant, draft, Reader(unsaid=-5.0))
    assert found.citations
    assert said == found.text
    assert found.explanation.confidence == confidence_once_read(0.9, -5.0)
    assert found.notices == ()


def test_what_the_reader_does_not_find_is_not_answered(
    seeds_assistant: Assistant, retrieved: Retrieved
) -> None:
    draft, reader = draft_of(retrieved, 0.2), Reader(unsaid=9.0)
    said, found = answer(seeds_assistant, draft, reader)
    assert (said, reader.n_written) == ("", 0)
    assert found.abstained
    assert found.evidence  # the nearest is shown all the same
    assert found.citations == ()
    assert len(found.notices) == 1
    assert "cree que no lo dicen" in found.notices[0]


def test_a_doubt_that_is_not_enough_to_be_silent_is_told(
    seeds_assistant: Assistant, retrieved: Retrieved
) -> None:
    least = retrieved.explanation.min_confidence
    unsaid = next(
        unsaid / 10
        for unsaid in range(200)
        if confidence_once_read(0.9, unsaid / 10) < (least + 0.5) / 2
    )
    _, found = answer(seeds_assistant, draft_of(retrieved, 0.9), Reader(unsaid))
    assert not found.abstained
    assert any("cree que no lo dicen" in notice for notice in found.notices)


def test_a_generator_that_cannot_tell_leaves_the_confidence_of_the_search(
    retrieved: Retrieved, seeds_assistant: Assistant
) -> None:
    found = seeds_assistant.using(model="extractive").ask(QUESTION)
    assert found.explanation.confidence == retrieved.confidence


@given(st.floats(0, 1), st.floats(-20, 20), st.floats(0.01, 5))
def test_confidence_rises_with_the_search_and_falls_with_what_is_unsaid(
    searched: float, unsaid: float, more: float
) -> None:
    sure = confidence_once_read(searched, unsaid)
    assert 0 <= sure <= 1
    assert confidence_once_read(searched, unsaid + more) <= sure
    assert confidence_once_read(min(1.0, searched + more / 5), unsaid) >= sure


def test_odds_are_even_at_a_half_and_bounded() -> None:
    assert log_odds(0.5) == 0
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))
    assert 5 < log_odds(1.0) < 20
