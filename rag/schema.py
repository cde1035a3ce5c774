"""The nouns of the project, frozen: what flows from a file to a cited answer.

Scores are cosine or fused; higher is better, everywhere. Lines and pages count from 1, characters
from 0; a span is half open. Nothing here reads, computes or prints.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

_BRACKETED_NUMBER = re.compile(r"\[(\d[\d,; ]*)\]")

_QUOTE_BAR = re.compile(r"\n[^\S\n]*>")

Role = Literal["system", "user", "assistant"]
Status = Literal["verified", "moved", "stale", "missing"]


def _place(path: str, line_start: int, line_end: int) -> str:
    lines = str(line_start) if line_start == line_end else f"{line_start}-{line_end}"
    return f"{path}:{lines}"


_WRITERS = {
    "retrieval": "Sin modelo: la búsqueda no ha encontrado la respuesta",
    "extractive": "Sin modelo: citas literales",
}


class Heading(NamedTuple):
    """A title in a document."""

    start: int  # the first character of its line
    level: int  # 1 is the highest
    title: str


@dataclass(frozen=True)
class Document:
    """A file, read.

    Attributes
    ----------
    path
        The root as the user gave it, then the path below it, with ``/``.
    text
        In NFC, lines ended by a line feed, without byte-order mark.
    media_type
        As in ``text/markdown``.
    sha256
        Of the file's bytes, in hexadecimal.
    headings
        In order of appearance; empty where the format has none.
    """

    path: str
    text: str
    media_type: str
    sha256: str
    headings: tuple[Heading, ...] = ()

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of the first character of each line."""
        return (0, *(match.end() for match in re.finditer("\n", self.text)))

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last line that the span ``text[start:end]`` stands on.

        Parameters
        ----------
        start, end
            A span of at least one character.
        """
        first = bisect_right(self.line_starts, start)
        return first, max(first, bisect_right(self.line_starts, end - 1))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span inside a chunk; offsets are the document's."""

    start: int
    end: int
    line_start: int
    line_end: int
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored span of a document: ``document.text[start:end] == chunk.text``."""

    path: str
    start: int
    end: int
    line_start: int
    line_end: int
    text: str
    headings: tuple[str, ...]
    sentences: tuple[Sentence, ...]


class Hit(NamedTuple):
    """A row of an index that a search found; a higher score is better."""

    row: int
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that a question found.

    Attributes
    ----------
    score
        Fused, in standard deviations over the candidates; higher is better.
    dense_score
        Cosine of question and chunk, in [-1, 1].
    lexical_score
        BM25, 0 or more; 0 where no word is shared.
    dense_rank, lexical_rank
        From 1; None where that search did not return the chunk.
    row
        Of the chunk in its index.
    """

    chunk: Chunk
    score: float
    dense_score: float
    lexical_score: float
    dense_rank: int | None
    lexical_rank: int | None
    row: int

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``--explain``."""
        return {
            "path": self.chunk.path,
            "line_start": self.chunk.line_start,
            "line_end": self.chunk.line_end,
            "score": round(self.score, 4),
            "dense_score": round(self.dense_score, 4),
            "dense_rank": self.dense_rank,
            "lexical_score": round(self.lexical_score, 4),
            "lexical_rank": self.lexical_rank,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence or more of a passage, numbered: what the model is shown.

    Attributes
    ----------
    marker
        The number n of ``[n]``, from 1, best first.
    score
        In (0, 1), higher is better; it ranks the evidence of one question and says no more.
    text
        Verbatim from the source: ``text`` stands on lines ``line_start`` to ``line_end``.
    """

    marker: int
    path: str
    line_start: int
    line_end: int
    page: int | None
    text: str
    score: float
    passage: Passage = field(repr=False)

    @property
    def place(self) -> str:
        """The form that editors and terminals open: ``path:line``, or ``path:first-last``."""
        return _place(self.path, self.line_start, self.line_end)

    @property
    def shown(self) -> str:
        """The text on one line, as a model is shown it.

        Bracketed numbers of its own («[3]», as footnotes are written) get round brackets: they
        must not be taken for markers.
        """
        without_bars = _QUOTE_BAR.sub("\n", self.text)
        return _BRACKETED_NUMBER.sub(r"(\1)", " ".join(without_bars.split()))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return _place_dict(self) | {"text": self.text}


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a file that an answer rests on.

    Attributes
    ----------
    status
        ``verified``: the quote stands at those lines of the file as it is now; ``moved``: it
        stands at other lines, which are the ones given; ``stale``: the file changed and the quote
        is no longer in it; ``missing``: the file is gone.
    """

    marker: int
    path: str
    line_start: int
    line_end: int
    page: int | None
    quote: str
    status: Status
    score: float

    @property
    def place(self) -> str:
        """The form that editors and terminals open: ``path:line``, or ``path:first-last``."""
        return _place(self.path, self.line_start, self.line_end)

    def __str__(self) -> str:
        return f"[{self.marker}] {self.place} «{' '.join(self.quote.split())}»"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return _place_dict(self) | {"quote": self.quote, "status": self.status}


def _place_dict(source: Evidence | Citation) -> dict[str, Any]:
    return {
        "marker": source.marker,
        "path": source.path,
        "line_start": source.line_start,
        "line_end": source.line_end,
        "page": source.page,
        "score": round(source.score, 4),
    }


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of what a language model reads."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Wall-clock seconds."""

    retrieve_seconds: float
    generate_seconds: float
    total_seconds: float

    def as_dict(self) -> dict[str, float]:
        """Return the JSON form of the contract."""
        return {
            "retrieve_seconds": round(self.retrieve_seconds, 4),
            "generate_seconds": round(self.generate_seconds, 4),
            "total_seconds": round(self.total_seconds, 4),
        }


@dataclass(frozen=True, slots=True)
class Retrieved:
    """First event of an answer: what was found, before a word is written.

    Attributes
    ----------
    confidence
        Estimated probability, in [0, 1], that the evidence speaks of what was asked.
    """

    question: str
    evidence: tuple[Evidence, ...]
    passages: tuple[Passage, ...]
    confidence: float
    retrieve_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag search``."""
        timings = Timings(self.retrieve_seconds, 0.0, self.retrieve_seconds)
        return {
            "question": self.question,
            "evidence": [evidence.as_dict() for evidence in self.evidence],
            "confidence": round(self.confidence, 4),
            "timings": timings.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Last event: the whole answer, checked.

    Attributes
    ----------
    abstained
        The documents do not say; ``text`` says so and ``evidence`` is the nearest there is.
    model
        Who wrote it: ``engine:name``.
    notices
        Spanish sentences that the reader should see beside the answer.
    """

    question: str
    text: str
    abstained: bool
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    passages: tuple[Passage, ...] = field(repr=False)
    model: str
    embedding_model: str
    timings: Timings
    notices: tuple[str, ...] = ()

    @property
    def writer(self) -> str:
        """Who wrote it, as a person is told."""
        return _WRITERS.get(self.model, self.model)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag ask``."""
        return {
            "question": self.question,
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [citation.as_dict() for citation in self.citations],
            "evidence": [evidence.as_dict() for evidence in self.evidence],
            "model": self.model,
            "embedding_model": self.embedding_model,
            "notices": list(self.notices),
            "timings": self.timings.as_dict(),
        }


Event = Retrieved | Token | Answer


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long task has come.

    Attributes
    ----------
    stage
        ``read`` counts files, ``embed`` counts texts.
    """

    stage: Literal["read", "embed"]
    n_done: int
    n_total: int
