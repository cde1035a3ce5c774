"""What is found: passages, the sentences looked at, the evidence, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from rag.schema.document import Chunk, Sentence
from rag.schema.place import Located, Place, Status
from rag.schema.progress import Timings

_BRACKETED_NUMBER = re.compile(r"\[(\d[\d,; ]*)\]")
_QUOTE_BAR = re.compile(r"\n[^\S\n]*>")


Fate = Literal["evidence", "neighbour", "duplicate", "cut"]


class Hit(NamedTuple):
    """A row of an index that a search found, as ``Row.number``; a higher score is better."""

    row: int
    score: float


@dataclass(frozen=True)
class Passage:
    """A chunk that a question found. It is read when it is first asked for: most never are.

    Attributes
    ----------
    row
        Of the chunk in its index, as ``Row.number``.
    chunk_of
        Reads the chunk of a row.
    score
        That decides its rank: fused, or the reranker's where there is one; in standard deviations
        over the candidates.
    dense_score
        Cosine of question and chunk, in [-1, 1].
    lexical_score
        BM25, 0 or more; 0 where no word is shared.
    sentence_score
        Cosine of question and the chunk's nearest sentence, in [-1, 1].
    fused_score
        A weighted sum of the three, each in standard deviations over the candidates.
    dense_rank, lexical_rank
        From 1; None where that search did not return the chunk.
    fused_rank
        From 1.
    copy_rows
        Of other chunks that say the same words.
    fingerprints
        Of its sentences.
    rerank_score, rerank_rank
        None where no reranker read the chunk; the score's scale is the reranker's own.
    """

    row: int
    chunk_of: Callable[[int], Chunk] = field(repr=False, compare=False)
    score: float
    dense_score: float
    lexical_score: float
    sentence_score: float
    fused_score: float
    dense_rank: int | None
    lexical_rank: int | None
    fused_rank: int
    copy_rows: tuple[int, ...] = field(default=(), repr=False)
    fingerprints: tuple[int, ...] = field(default=(), repr=False)
    rerank_score: float | None = None
    rerank_rank: int | None = None

    @cached_property
    def chunk(self) -> Chunk:
        """The chunk."""
        return self.chunk_of(self.row)

    @cached_property
    def copies(self) -> tuple[Chunk, ...]:
        """Other chunks that say the same words."""
        return tuple(map(self.chunk_of, self.copy_rows))

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of, in another process too: its chunks, read."""
        read = dict(zip((self.row, *self.copy_rows), (self.chunk, *self.copies), strict=True))
        return {**vars(self), "chunk_of": read.__getitem__}

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``--explain``."""
        return {
            **self.chunk.at.as_dict(),
            "headings": list(self.chunk.headings),
            "score": round(self.score, 4),
            "dense_score": round(self.dense_score, 4),
            "dense_rank": self.dense_rank,
            "lexical_score": round(self.lexical_score, 4),
            "lexical_rank": self.lexical_rank,
            "sentence_score": round(self.sentence_score, 4),
            "fused_score": round(self.fused_score, 4),
            "fused_rank": self.fused_rank,
            "rerank_score": None if self.rerank_score is None else round(self.rerank_score, 4),
            "rerank_rank": self.rerank_rank,
        }


class Signals(NamedTuple):
    """What a sentence's score is a weighted sum of.

    Attributes
    ----------
    cosine
        Of question and sentence, in [-1, 1].
    coverage
        Share of the question's terms, weighted by rarity, that it says, in [0, 1].
    before
        Share that the sentence before it says and it does not, in [0, 1].
    around
        Share that its passage says, in [0, 1].
    passage
        Its passage's score.
    answer_type
        1 if it holds what is asked for (a date, an amount, a name…), else 0.
    title
        1 if it is a title, else 0.
    """

    cosine: float
    coverage: float
    before: float
    around: float
    passage: float
    answer_type: float
    title: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that was looked at, and what became of it.

    Attributes
    ----------
    at
        Its place among those of its passage's chunk, from 0.
    score
        Higher is better; it ranks the sentences of one question and says no more.
    rank
        From 1.
    fate
        ``evidence``: shown; ``neighbour``: shown within the evidence of another; ``duplicate``:
        another that is shown says the same; ``cut``: not shown.
    marker
        Of the evidence that shows it, or shows the same; None where it was cut.
    """

    passage: Passage = field(repr=False)
    at: int
    signals: Signals
    score: float
    rank: int
    fate: Fate = "cut"
    marker: int | None = None

    @property
    def sentence(self) -> Sentence:
        """The sentence."""
        return self.passage.chunk.sentences[self.at]

    @property
    def fingerprint(self) -> int:
        """Of its words."""
        return self.passage.fingerprints[self.at]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``--explain``."""
        signals = {name: round(value, 4) for name, value in self.signals._asdict().items()}
        return {
            **self.passage.chunk.place(self.sentence.start, self.sentence.end).as_dict(),
            "text": self.sentence.text,
            "rank": self.rank,
            "score": round(self.score, 4),
            "signals": signals,
            "fate": self.fate,
            "marker": self.marker,
        }


@dataclass(frozen=True, slots=True)
class Evidence(Located):
    """One sentence or more of a passage, numbered: what the model is shown.

    Attributes
    ----------
    marker
        The number n of ``[n]``, from 1, best first.
    score
        In (0, 1), higher is better; it ranks the evidence of one question and says no more.
    text
        Verbatim from the document's text, where it stands at ``at``.
    start
        Of the text in the document, in characters.
    also_at
        Other places that say the best of its sentences.
    status
        Of the text in its file, when it was found.
    warnings
        What in it, or beside it, tries to speak to the model, in Spanish sentences.
    is_admissible
        Whether an answer may rest on it: what gives orders to the model, or is hidden from whoever
        reads the document, is shown to people and kept from the model.
    """

    marker: int
    at: Place
    start: int
    text: str
    score: float
    passage: Passage = field(repr=False)
    also_at: tuple[Place, ...] = ()
    status: Status = "verified"
    warnings: tuple[str, ...] = ()
    is_admissible: bool = True

    @property
    def headings(self) -> tuple[str, ...]:
        """The title of its document and those above it, outermost first."""
        return self.passage.chunk.headings

    @property
    def shown(self) -> str:
        """The text on one line, as people are shown it and answers quote it.

        Bracketed numbers of its own («[3]», as footnotes are written) get round brackets: they
        must not be taken for markers.
        """
        without_bars = _QUOTE_BAR.sub("\n", self.text)
        return _BRACKETED_NUMBER.sub(r"(\1)", " ".join(without_bars.split()))

    @property
    def logit(self) -> float:
        """The score without bounds."""
        return math.log(self.score / (1.0 - self.score)) if 0 < self.score < 1 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract."""
        return self._place_dict() | {"text": self.text}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the evidence is what it is, and whether it is enough to answer from.

    Attributes
    ----------
    passages
        The chunks found, best first.
    candidates
        The sentences that were looked at, best first, with what became of each.
    confidence
        Estimated probability, in [0, 1], that the evidence answers the question.
    min_confidence
        Below it nothing is answered, in [0, 1].
    doubts
        What speaks against the evidence, in Spanish sentences.
    """

    passages: tuple[Passage, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    confidence: float = 0.0
    min_confidence: float = 0.0
    doubts: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether there is something to answer from."""
        return bool(self.candidates) and self.confidence >= self.min_confidence

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--explain`` adds to the JSON of ``rag search`` and ``rag ask``."""
        return {
            "passages": [passage.as_dict() for passage in self.passages],
            "sentences": [candidate.as_dict() for candidate in self.candidates],
            "verdict": {
                "confidence": round(self.confidence, 4),
                "min_confidence": self.min_confidence,
                "is_enough": self.is_enough,
                "doubts": list(self.doubts),
            },
        }


@dataclass(frozen=True, slots=True)
class Retrieved:
    """First event of an answer: what was found, before a word is written.

    Attributes
    ----------
    question
        As the person wrote it.
    standalone_question
        As it was understood from the conversation; None where it says all by itself.
    notices
        Spanish sentences that the reader should see beside the evidence.
    """

    question: str
    evidence: tuple[Evidence, ...]
    explanation: Explanation = field(repr=False)
    retrieve_seconds: float
    notices: tuple[str, ...] = ()
    standalone_question: str | None = None

    @property
    def asked(self) -> str:
        """The question that was searched for."""
        return self.standalone_question or self.question

    @property
    def is_answerable(self) -> bool:
        """Whether there is something to write an answer from."""
        return self.explanation.is_enough and any(item.is_admissible for item in self.evidence)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The chunks found, best first."""
        return self.explanation.passages

    @property
    def confidence(self) -> float:
        """Estimated probability, in [0, 1], that the evidence answers the question."""
        return self.explanation.confidence

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag search``."""
        timings = Timings(self.retrieve_seconds, 0.0, self.retrieve_seconds)
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "evidence": [evidence.as_dict() for evidence in self.evidence],
            "confidence": round(self.confidence, 4),
            "notices": list(self.notices),
            "timings": timings.as_dict(),
        }
