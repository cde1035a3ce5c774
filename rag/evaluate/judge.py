"""Judge: ask a question and say how right each part of what came is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rag.assistant import Assistant
from rag.evaluate.answers import contains, exact_match, f1, short
from rag.evaluate.questions import Question, Source
from rag.schema import Answer, Candidate, Citation, Evidence, Passage, Turn


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what came of it, and how right that is.

    Attributes
    ----------
    passages
        For each passage found, best first, which of the question's sources it is the first to
        hold; None if none.
    n_missed
        Sources that no passage found holds.
    evidence_rank, sentence_rank
        Of the first right evidence, and of the first right sentence alone; from 1, None if there
        is none.
    n_right_citations
        How many citations stand on a right place.
    n_verbatim
        How many quotes stand verbatim at the lines cited, read again from the file.
    answer_right
        The answer, or the quote of its first citation, contains a right answer.
    f1, exact_match
        Of the answer's first paragraph that cites something; 0 and false where it abstained.
    """

    question: Question
    answer: Answer
    confidence: float
    passages: tuple[int | None, ...]
    n_missed: int
    evidence_rank: int | None
    sentence_rank: int | None
    n_right_citations: int
    n_verbatim: int
    answer_right: bool
    f1: float
    exact_match: bool

    def as_dict(self) -> dict[str, Any]:
        """Return a line of the file that tells question by question."""
        right = [rank for rank, source in enumerate(self.passages, start=1) if source is not None]
        return {
            "question": self.question.text,
            "history": list(self.question.history),
            "standalone_question": self.answer.standalone_question,
            "answerable": self.question.answerable,
            "expected": list(self.question.answers),
            "sources": [f"{source.path}:{source.line}" for source in self.question.sources],
            "answer": self.answer.text,
            "abstained": self.answer.abstained,
            "confidence": round(self.confidence, 4),
            "passage_rank": right[0] if right else None,
            "evidence_rank": self.evidence_rank,
            "sentence_rank": self.sentence_rank,
            "answer_right": self.answer_right,
            "exact_match": self.exact_match,
            "f1": round(self.f1, 4),
            "n_right_citations": self.n_right_citations,
            "citations": [citation.as_dict() for citation in self.answer.citations],
            "evidence": [evidence.as_dict() for evidence in self.answer.evidence],
            "timings": self.answer.timings.as_dict(),
        }


def judge(assistant: Assistant, question: Question) -> Judged:
    """Ask a question of a test set and judge what comes."""
    history: list[Turn] = []
    for earlier in question.history:
        history.append(assistant.ask(earlier, history).turn)
    answer = assistant.ask(question.text, history)
    explanation = answer.explanation
    passages, n_missed = _first_to_hold(explanation.passages, question.sources)
    said = [answer.text, *(citation.quote for citation in answer.citations[:1])]
    told = "" if answer.abstained else short(answer.text)
    by_marker = {evidence.marker: evidence for evidence in answer.evidence}
    return Judged(
        question=question,
        answer=answer,
        confidence=explanation.confidence,
        passages=passages,
        n_missed=n_missed,
        evidence_rank=_rank(
            any(stands_on(e, source) for source in question.sources) for e in answer.evidence
        ),
        sentence_rank=_rank(
            any(says(candidate, source) for source in question.sources)
            for candidate in explanation.candidates
        ),
        n_right_citations=sum(
            any(stands_on(by_marker[citation.marker], source) for source in question.sources)
            for citation in answer.citations
        ),
        n_verbatim=sum(_is_verbatim(assistant, citation) for citation in answer.citations),
        answer_right=not answer.abstained
        and any(contains(text, right) for text in said for right in question.answers),
        f1=f1(told, question.answers) if told else 0.0,
        exact_match=bool(told) and exact_match(told, question.answers),
    )


def stands_on(evidence: Evidence, source: Source) -> bool:
    """Say whether evidence stands where an answer is said, or says what is said there too."""
    if any(
        _same_file(place.path, source) and place.line_start <= source.line <= place.line_end
        for place in evidence.also_at
    ):
        return True
    if not _same_file(evidence.path, source):
        return False
    if source.start is None or source.end is None:
        return evidence.line_start <= source.line <= evidence.line_end
    return evidence.start < source.end and source.start < evidence.start + len(evidence.text)


def says(candidate: Candidate, source: Source) -> bool:
    """Say whether a sentence stands where an answer is said."""
    sentence = candidate.sentence
    if not _same_file(candidate.passage.chunk.path, source):
        return False
    if source.start is None or source.end is None:
        return sentence.line_start <= source.line <= sentence.line_end
    return sentence.start < source.end and source.start < sentence.end


def _first_to_hold(
    passages: Sequence[Passage], sources: Sequence[Source]
) -> tuple[tuple[int | None, ...], int]:
    """Tell of each passage which source it is the first to hold, and how many none holds."""
    held: set[int] = set()
    found: list[int | None] = []
    for passage in passages:
        own = [at for at, source in enumerate(sources) if holds(passage, source)]
        found.append(next((at for at in own if at not in held), None))
        held.update(own)
    return tuple(found), len(sources) - len(held)


def holds(passage: Passage, source: Source) -> bool:
    """Say whether a chunk holds the place where an answer is said."""
    chunk = passage.chunk
    if not _same_file(chunk.path, source):
        return False
    if source.start is None or source.end is None:
        return chunk.line_start <= source.line <= chunk.line_end
    return chunk.start < source.end and source.start < chunk.end


def _same_file(path: str, source: Source) -> bool:
    return path == source.path or path.endswith(f"/{source.path}")


def _rank(rights: Iterable[bool]) -> int | None:
    return next((rank for rank, right in enumerate(rights, start=1) if right), None)


def _is_verbatim(assistant: Assistant, citation: Citation) -> bool:
    """Say whether the quote is what the file says at those lines."""
    document = assistant.read_source(citation.path)
    if document is None:
        return False
    found = re.finditer(re.escape(citation.quote), document.text)
    return any(document.place(*match.span()) == citation.at for match in found)
