"""Trace: why an answer rests on what it does, as the page shows it."""

from __future__ import annotations

from typing import Final, TypedDict

from rag.schema import Answer, Candidate, Passage
from rag.web.excerpt import visible

_MAX_SENTENCES: Final = 40  # the best; the evidence is among them whatever its rank
_MAX_PASSAGES: Final = 20
_MAX_CHARS: Final = 300  # of a sentence


class SentenceState(TypedDict):
    """A sentence that was looked at; the higher its score, the better."""

    rank: int
    text: str
    place: str
    score: float
    signals: dict[str, float]
    fate: str
    marker: int | None


class PassageState(TypedDict):
    """A passage that was found, and what each search says of it."""

    place: str
    section: str
    score: float
    dense_score: float
    lexical_score: float
    sentence_score: float
    dense_rank: int | None
    lexical_rank: int | None


class TraceState(TypedDict):
    """What was found, what entered, and how long it took."""

    confidence: float
    min_confidence: float
    is_enough: bool
    doubts: list[str]
    sentences: list[SentenceState]
    passages: list[PassageState]
    seconds: dict[str, float]


def trace_of(answer: Answer) -> TraceState:
    """Return the trace of an answer."""
    explanation = answer.explanation
    shown = [
        candidate
        for candidate in explanation.candidates
        if candidate.rank <= _MAX_SENTENCES or candidate.fate != "cut"
    ]
    return {
        "confidence": round(explanation.confidence, 4),
        "min_confidence": explanation.min_confidence,
        "is_enough": explanation.is_enough,
        "doubts": [visible(doubt) for doubt in explanation.doubts],
        "sentences": [_sentence(candidate) for candidate in shown],
        "passages": [_passage(passage) for passage in explanation.passages[:_MAX_PASSAGES]],
        "seconds": seconds_of(answer),
    }


def seconds_of(answer: Answer) -> dict[str, float]:
    """Return how long each part of an answer took."""
    timings = answer.timings.as_dict()
    return {name.removesuffix("_seconds"): seconds for name, seconds in timings.items()}


def _sentence(candidate: Candidate) -> SentenceState:
    sentence = candidate.sentence
    text = visible(" ".join(sentence.text.split()))
    return {
        "rank": candidate.rank,
        "text": text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS]}…",
        "place": visible(str(candidate.passage.chunk.place(sentence.start, sentence.end))),
        "score": round(candidate.score, 4),
        "signals": {name: round(value, 3) for name, value in candidate.signals._asdict().items()},
        "fate": candidate.fate,
        "marker": candidate.marker,
    }


def _passage(passage: Passage) -> PassageState:
    return {
        "place": visible(str(passage.chunk.at)),
        "section": visible(" › ".join(passage.chunk.headings)),
        "score": round(passage.score, 4),
        "dense_score": round(passage.dense_score, 4),
        "lexical_score": round(passage.lexical_score, 4),
        "sentence_score": round(passage.sentence_score, 4),
        "dense_rank": passage.dense_rank,
        "lexical_rank": passage.lexical_rank,
    }
