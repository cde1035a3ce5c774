"""Evaluate: questions with known answers to the figures that say how good the answers are."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from rag.assistant import Assistant
from rag.errors import UsageError, reason
from rag.schema import Answer, Citation, Evidence

_TOP_RANKS: Final = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Source:
    """A line on which the answer stands; the path ends with this one."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a test set.

    Attributes
    ----------
    answers
        Any of them is right; empty where the documents do not say.
    sources
        Where it is said, all the places.
    """

    text: str
    answers: tuple[str, ...]
    sources: tuple[Source, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what came of it, and how right that is.

    Attributes
    ----------
    evidence_rank
        Of the first evidence on a right line, from 1; None if there is none.
    answer_right
        The answer, or the quote of its first citation, contains a right answer.
    n_verbatim
        How many citations' quotes stand verbatim at the lines cited, read again from the file.
    """

    question: Question
    answer: Answer
    evidence_rank: int | None
    answer_right: bool
    n_verbatim: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures; shares are of the questions of their kind, in [0, 1]."""

    n_answerable: int
    n_unanswerable: int
    evidence_hits: dict[int, int]
    n_answers_right: int
    n_answered: int
    n_refused_rightly: int
    n_citations: int
    n_verbatim: int
    median_seconds: float
    judged: tuple[Judged, ...] = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of ``rag eval``."""
        return {
            "n_answerable": self.n_answerable,
            "n_unanswerable": self.n_unanswerable,
            "evidence_hits": {f"top_{rank}": n for rank, n in self.evidence_hits.items()},
            "n_answers_right": self.n_answers_right,
            "n_answered": self.n_answered,
            "n_refused_rightly": self.n_refused_rightly,
            "n_citations": self.n_citations,
            "n_verbatim": self.n_verbatim,
            "median_seconds": round(self.median_seconds, 4),
            "questions": [
                {
                    "question": judged.question.text,
                    "answerable": judged.question.answerable,
                    "expected": list(judged.question.answers),
                    "answer": judged.answer.text,
                    "abstained": judged.answer.abstained,
                    "evidence_rank": judged.evidence_rank,
                    "answer_right": judged.answer_right,
                    "citations": [citation.as_dict() for citation in judged.answer.citations],
                }
                for judged in self.judged
            ],
        }


def load_questions(path: Path) -> list[Question]:
    """Read a test set: one JSON object a line, with question, answers, sources and answerable.

    Raises
    ------
    UsageError
        If the file cannot be read or is not such a set.
    """
    try:
        records = [
            json.loads(line) for line in path.read_text("utf-8-sig").split("\n") if line.strip()
        ]
        questions = [_question(record) for record in records]
    except OSError as error:
        raise UsageError(
            f"No se puede leer «{path}» ({reason(error)})", "Comprueba la ruta"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"«{path}» no es un archivo de preguntas",
            "Escribe en cada línea un objeto JSON con question, answers y sources",
        ) from error
    if not questions:
        raise UsageError(f"«{path}» no contiene ninguna pregunta", "Añade al menos una")
    return questions


def _question(record: dict[str, Any]) -> Question:
    answers = tuple(map(str, record["answers"]))
    return Question(
        text=str(record["question"]),
        answers=answers,
        sources=tuple(Source(str(s["path"]), int(s["line"])) for s in record["sources"]),
        answerable=bool(record.get("answerable", answers)),
    )


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
    on_judged
        Called after each question.
    """
    judged = []
    for question in questions:
        judged.append(_judge(assistant, question))
        if on_judged is not None:
            on_judged(judged[-1])
    return _metrics(judged)


def _judge(assistant: Assistant, question: Question) -> Judged:
    answer = assistant.ask(question.text)
    ranks = (
        rank
        for rank, item in enumerate(answer.evidence, start=1)
        if any(_stands_on(item, source) for source in question.sources)
    )
    said = [answer.text, *(citation.quote for citation in answer.citations[:1])]
    return Judged(
        question=question,
        answer=answer,
        evidence_rank=next(ranks, None),
        answer_right=not answer.abstained
        and any(contains(text, right) for text in said for right in question.answers),
        n_verbatim=sum(_is_verbatim(assistant, citation) for citation in answer.citations),
    )


def _metrics(judged: Sequence[Judged]) -> Metrics:
    answerable = [each for each in judged if each.question.answerable]
    unanswerable = [each for each in judged if not each.question.answerable]
    ranks = [each.evidence_rank for each in answerable if each.evidence_rank is not None]
    return Metrics(
        n_answerable=len(answerable),
        n_unanswerable=len(unanswerable),
        evidence_hits={top: sum(rank <= top for rank in ranks) for top in _TOP_RANKS},
        n_answers_right=sum(each.answer_right for each in answerable),
        n_answered=sum(not each.answer.abstained for each in answerable),
        n_refused_rightly=sum(each.answer.abstained for each in unanswerable),
        n_citations=sum(len(each.answer.citations) for each in judged),
        n_verbatim=sum(each.n_verbatim for each in judged),
        median_seconds=median(each.answer.timings.total_seconds for each in judged),
        judged=tuple(judged),
    )


def _stands_on(evidence: Evidence, source: Source) -> bool:
    same_file = evidence.path == source.path or evidence.path.endswith(f"/{source.path}")
    return same_file and evidence.line_start <= source.line <= evidence.line_end


def _is_verbatim(assistant: Assistant, citation: Citation) -> bool:
    """Say whether the quote is what the file says at those lines."""
    document = assistant.read_source(citation.path)
    if document is None:
        return False
    lines = document.text.split("\n")[citation.line_start - 1 : citation.line_end]
    return citation.quote in "\n".join(lines)


def contains(text: str, answer: str) -> bool:
    """Say whether a text contains an answer, whatever its case, accents and punctuation."""
    words = " ".join(_words(answer))
    return bool(words) and f" {words} " in f" {' '.join(_words(text))} "


def _words(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    for match in re.finditer(r"[^\W_]+", plain):
        yield match.group()
