"""What is said: messages to a model, citations, answers, and the events on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from rag.schema.place import Located, Place, Status
from rag.schema.progress import Timings
from rag.schema.retrieval import Evidence, Explanation, Passage, Retrieved

Role = Literal["system", "user", "assistant"]


_WRITERS = {
    "retrieval": "Sin modelo: la búsqueda no ha encontrado la respuesta",
    "extractive": "Sin modelo: citas literales",
    "conversation": "Sin buscar: no era una pregunta",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of what a language model reads."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A past exchange of a conversation.

    Attributes
    ----------
    question
        As it was understood: it stands alone.
    answer
        What was answered; empty where nothing was.
    """

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Citation(Located):
    """A place in a file that an answer rests on.

    Attributes
    ----------
    status
        Of the quote in its file, when the answer was finished.
    also_at
        Other places that said the same when they were indexed.
    warnings
        What in it, or beside it, tries to speak to the model, in Spanish sentences.
    headings
        The title of the document and those above the quote, outermost first.
    """

    marker: int
    at: Place
    quote: str
    status: Status
    score: float
    also_at: tuple[Place, ...] = ()
    warnings: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"[{self.marker}] {self.place} «{' '.join(self.quote.split())}»"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return self._place_dict() | {"quote": self.quote}


# Of a sentence of an answer: what it cites says it; other evidence does, which is cited instead;
# none does.
ClaimStatus = Literal["supported", "moved", "unsupported"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, and whether the evidence says it. Presence is checked, not truth.

    Attributes
    ----------
    markers
        Of the evidence that says it; empty where none does.
    reason
        Why none does, in Spanish; else None.
    """

    text: str
    status: ClaimStatus
    markers: tuple[int, ...]
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return {
            "text": self.text,
            "status": self.status,
            "markers": list(self.markers),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer, checked: all of them together are its text.

    An empty one tells that the model is writing, and lets it be stopped.

    Attributes
    ----------
    is_thought
        Whether the model has said nothing yet but to itself, which is not shown.
    """

    text: str
    is_thought: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Last event: the whole answer, checked.

    Attributes
    ----------
    abstained
        The documents do not say; ``text`` says so and ``evidence`` is the nearest there is.
    model
        Who wrote it: ``engine:name``.
    prompt_sha256
        First hexadecimal digits of a hash of the prompt templates; None if no model read any.
    notices
        Spanish sentences that the reader should see beside the answer.
    standalone_question
        The question as it was understood from the conversation; None where it says all by itself.
    claims
        The sentences that were written, those that were left out too.
    """

    question: str
    text: str
    abstained: bool
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    explanation: Explanation = field(repr=False)
    model: str
    embedding_model: str
    timings: Timings
    notices: tuple[str, ...] = ()
    prompt_sha256: str | None = None
    standalone_question: str | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def turn(self) -> Turn:
        """What to add to the history that the next question is asked with."""
        asked = self.standalone_question or self.question
        return Turn(asked, "" if self.abstained else self.text)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The chunks found, best first."""
        return self.explanation.passages

    @property
    def writer(self) -> str:
        """Who wrote it, as a person is told."""
        return _WRITERS.get(self.model, self.model)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag ask``."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [citation.as_dict() for citation in self.citations],
            "claims": [claim.as_dict() for claim in self.claims],
            "evidence": [evidence.as_dict() for evidence in self.evidence],
            "model": self.model,
            "prompt_sha256": self.prompt_sha256,
            "embedding_model": self.embedding_model,
            "notices": list(self.notices),
            "timings": self.timings.as_dict(),
        }


Event = Retrieved | Token | Answer
