"""Span features: what speaks for and against a run of words being the answer to a question.

The model's own reading is one voice among others: so small a model knows where a question points
better than where the answer ends. Weights by feature, and by feature and kind of question, are
fitted by bench/spans.py (bench/README.md, table 7).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

from rag.generate.spans import LEADING, Span, Words, cases, find_words
from rag.lexical import AnswerType, analyze, answer_type, fold, says_amount, says_time

Kind = AnswerType | Literal["manner", "definition", "other"]

_MANNER: Final = re.compile(r"\bcomo\b")
_DEFINITION: Final = re.compile(
    r"\bque (?:es|son|era|eran|fue|significa|hace|hacen|hizo)\b|en que consiste|como se define"
)
_FOCUS: Final = re.compile(
    r"\b(?:que|cual(?:es)?|cuant[oa]s?)\s+(?:es|son|fue|era|fueron|eran)?\s*"
    r"(?:el|la|los|las)?\s*([a-zñ]+)"
)
_ROMAN: Final = re.compile(r"[IVXLC]{2,}")
_ARTICLES: Final = frozenset("el la los las lo un una unos unas su sus este esta".split())
_PREPOSITIONS: Final = frozenset(
    "a al ante bajo con contra de del desde durante en entre hasta para por segun sin sobre".split()
)
_MONTHS: Final = frozenset(
    """
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    """.split()
)
_CLAUSE_WORDS: Final = frozenset("que se es fue son era ha han".split())
_REASON_WORDS: Final = frozenset("porque para debido por ya dado".split())
_BRACKETS: Final = {"(": ")", "«": "»", "[": "]"}
_QUOTES: Final = '«"“”»'

_UNLIKELY: Final = -12.0  # log-probability of what is not among the likeliest
_FAR: Final = 30  # words
_NEAR: Final = 6

FEATURES: Final = tuple(
    """
    rank behind least_sure mean_sure opening ending pointed_overlap pointed pointed_first
    pointed_last in_pointed asked_share all_asked asked_first asked_before asked_behind
    asked_around focus_behind focus_within article_first preposition_first leading_first in_first
    reason_first reason_before sign_before leading_before preposition_before sign_behind
    leading_behind opens_text closes_text quoted name_goes_on_before name_goes_on_behind length
    length_squared capital_first name number only_numbers time date comma and clause balanced
    """.split()
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model made of a text and a question.

    Attributes
    ----------
    pointed
        The span that it wrote, as it wrote it.
    log_probabilities
        Of each token of it.
    openings
        Log-probabilities of the likeliest first tokens, by their text.
    endings
        By what was written so far, folded: the log-probability of ending there.
    """

    pointed: str
    log_probabilities: tuple[float, ...]
    openings: Mapping[str, float]
    endings: Mapping[str, float]


def kind_of(question: str) -> Kind:
    """Tell what a question asks for."""
    wanted = answer_type(question)
    if wanted is not None:
        return wanted
    folded = fold(question.casefold())
    if _DEFINITION.search(folded):
        return "definition"
    return "manner" if _MANNER.search(folded) else "other"


@lru_cache(maxsize=1)
def shipped_weights() -> Mapping[str, Mapping[str, float]]:
    """Return the weights: by feature under «all», and what each kind of question adds."""
    text = (files("rag.generate") / "span_weights.json").read_text("utf-8")
    weights: Mapping[str, Mapping[str, float]] = json.loads(text)
    return weights


class SpanFeatures:
    """Looks at spans of one text, given a question and the model's reading.

    Parameters
    ----------
    rank
        Of the text among the evidence, from 0.
    behind
        How far its score is behind that of the best evidence, 0 or more.
    """

    def __init__(
        self, text: Words, question: str, reading: Reading, rank: int = 0, behind: float = 0.0
    ) -> None:
        self._text = text
        self._terms = [frozenset(analyze(word)) for word in text.words]
        asked = frozenset(analyze(question))
        self._is_asked = [bool(terms & asked) for terms in self._terms]
        focus = _FOCUS.search(fold(question.casefold()))
        self._focus = frozenset(analyze(focus.group(1))) if focus else frozenset()
        self._is_number = [_is_number(word) for word in text.words]
        self._is_time = [_is_time(word) for word in text.words]
        self._is_capital = [word[0].isupper() for word in text.words]
        self._reading = reading
        self._pointed = find_words(Words(reading.pointed).folded, text.folded)
        least = min(reading.log_probabilities, default=_UNLIKELY)
        mean = sum(reading.log_probabilities) / max(1, len(reading.log_probabilities))
        self._same_for_all = {
            "rank": float(rank),
            "behind": behind,
            "least_sure": max(least, _UNLIKELY),
            "mean_sure": max(mean, _UNLIKELY),
        }

    def of(self, span: Span) -> dict[str, float]:
        """Return the features of a span by name; those that are not given are 0."""
        features = dict(self._same_for_all)
        features |= self._as_read(span)
        features |= self._against_question(span)
        features |= self._at_its_ends(span)
        features |= self._within(span)
        return {name: float(value) for name, value in features.items() if value}

    def _as_read(self, span: Span) -> dict[str, float]:
        first, last = self._pointed or Span(-1, -1)
        said = fold(" ".join(self._text.between(*span).split()).casefold())
        shared = min(last, span.last) - max(first, span.first) + 1
        n_both = (last - first + 1) + (span.last - span.first + 1)
        return {
            "opening": self._opening(span.first) / 4,
            "ending": max(self._reading.endings.get(said, _UNLIKELY / 2), _UNLIKELY) / 4,
            "pointed_overlap": 2 * max(0, shared) / n_both if self._pointed else 0.0,
            "pointed": self._pointed == span,
            "pointed_first": span.first == first,
            "pointed_last": span.last == last,
            "in_pointed": bool(self._pointed) and first <= span.first and span.last <= last,
        }

    def _opening(self, at: int) -> float:
        """Return the log-probability of the longest known token that a word begins with."""
        known = self._reading.openings
        best = _UNLIKELY
        for word in cases(self._text.words[at]):
            token = f" {word}"
            while len(token) > 1 and token not in known:
                token = token[:-1]
            best = max(best, known.get(token, _UNLIKELY))
        return best

    def _against_question(self, span: Span) -> dict[str, float]:
        first, last = span
        asked = self._is_asked
        content = [at for at in range(first, last + 1) if self._terms[at]]
        n_asked = sum(asked[at] for at in content)
        before = next((first - at for at in range(first - 1, -1, -1) if asked[at]), _FAR)
        behind = next((at - last for at in range(last + 1, len(asked)) if asked[at]), _FAR)
        around = sum(asked[max(0, first - _NEAR) : first])
        around += sum(asked[last + 1 : last + 1 + _NEAR])
        said = frozenset[str]().union(*self._terms[first : last + 1])
        following = frozenset[str]().union(*self._terms[last + 1 : last + 3])
        return {
            "asked_share": n_asked / max(1, len(content)),
            "all_asked": bool(content) and n_asked == len(content),
            "asked_first": asked[first],
            "asked_before": math.exp(-(before - 1) / 3),
            "asked_behind": math.exp(-(behind - 1) / 3),
            "asked_around": around / 4,
            "focus_behind": bool(self._focus & following),
            "focus_within": bool(self._focus & said),
        }

    def _at_its_ends(self, span: Span) -> dict[str, float]:
        first, last = span
        words, folded = self._text.words, self._text.folded
        before = folded[first - 1] if first else ""
        behind = folded[last + 1] if last + 1 < len(folded) else ""
        capital = self._is_capital
        return {
            "article_first": folded[first] in _ARTICLES,
            "preposition_first": folded[first] in _PREPOSITIONS,
            "leading_first": folded[first] in LEADING,
            "in_first": folded[first] == "en",
            "reason_first": folded[first] in _REASON_WORDS,
            "reason_before": before in _REASON_WORDS,
            "sign_before": bool(before) and not before[0].isalnum(),
            "leading_before": before in LEADING,
            "preposition_before": before in _PREPOSITIONS,
            "sign_behind": bool(behind) and not behind[0].isalnum(),
            "leading_behind": behind in LEADING,
            "opens_text": first == 0,
            "closes_text": last >= len(words) - 2,
            "quoted": before in _QUOTES and behind in _QUOTES and bool(before and behind),
            # A name that is cut in two.
            "name_goes_on_before": first > 1 and capital[first] and capital[first - 1],
            "name_goes_on_behind": last + 1 < len(words) and capital[last] and capital[last + 1],
        }

    def _within(self, span: Span) -> dict[str, float]:
        first, last = span
        folded = self._text.folded[first : last + 1]
        words = self._text.words[first : last + 1]
        capital = self._is_capital[first : last + 1]
        numbers = sum(self._is_number[first : last + 1])
        n_content = sum(bool(terms) for terms in self._terms[first : last + 1])
        length = math.log(len(words))
        said = self._text.between(*span)
        is_name = all(
            is_capital or word in LEADING for is_capital, word in zip(capital, folded, strict=True)
        )
        return {
            "length": length,
            "length_squared": length**2,
            "capital_first": capital[0],
            "name": is_name and capital[0] and capital[-1],
            "number": numbers > 0,
            "only_numbers": 0 < n_content <= numbers,
            "time": any(self._is_time[first : last + 1]),
            "date": any(word in _MONTHS for word in folded) or _is_year(said),
            "comma": "," in words,
            "and": any(word in {"y", "o", "e"} for word in folded),
            "clause": any(word in _CLAUSE_WORDS for word in folded),
            "balanced": all(said.count(one) == said.count(two) for one, two in _BRACKETS.items()),
        }


def _is_number(word: str) -> bool:
    return word[0].isdigit() or says_amount(fold(word.casefold()))


def _is_time(word: str) -> bool:
    is_century = _ROMAN.fullmatch(word) is not None
    return _is_year(word) or is_century or says_time(fold(word.casefold()))


def _is_year(word: str) -> bool:
    return len(word) == len("2024") and word.isdigit() and word[0] in "12"
