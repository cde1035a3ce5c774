"""Evaluate: questions with known answers to the figures that say how good the answers are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.assistant import Assistant
from rag.evaluate.answers import contains, exact_match, f1
from rag.evaluate.judge import Judged, judge, stands_on
from rag.evaluate.metrics import Metrics, measure
from rag.evaluate.questions import Question, Source, TestSet, read_test_set

__all__ = [
    "Judged", "Metrics", "Question", "Source", "TestSet", "contains", "evaluate", "exact_match",
    "f1", "judge", "measure", "read_test_set", "stands_on",
]  # fmt: skip


def evaluate(
    assistant: Assistant,
    questions: Sequence[Question],
    on_judged: Callable[[Judged], None] | None = None,
) -> Metrics:
    """Ask every question and judge what comes of it.

    Parameters
    ----------
    assistant
        With its index made.
    questions
        At least one.
    on_judged
        Called after each question.
    """
    assistant.warm_up()  # or the first question would be timed with the opening of the models
    judged = []
    for question in questions:
        judged.append(judge(assistant, question))
        if on_judged is not None:
            on_judged(judged[-1])
    return measure(judged)
