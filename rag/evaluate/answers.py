"""Answers compared with the right ones, as SQuAD compares them, in Spanish."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

from rag.lexical import fold

# SQuAD's evaluation drops «a, an, the» (arXiv:1606.05250, section 6.1); these are ours.
_ARTICLES: Final = frozenset("el la lo los las un una unos unas".split())
_MARKER: Final = re.compile(r"\s*\[\d+\]")
_WORD: Final = re.compile(r"[^\W_]+(?:[.,]\d+)*")


def words(text: str) -> list[str]:
    """Return the words of a text, without case, accents, punctuation and articles."""
    plain = fold(unicodedata.normalize("NFC", text).casefold())
    return [word for word in _WORD.findall(plain) if word not in _ARTICLES]


def contains(text: str, answer: str) -> bool:
    """Say whether a text contains an answer, word for word."""
    wanted = " ".join(words(answer))
    return bool(wanted) and f" {wanted} " in f" {' '.join(words(text))} "


def exact_match(text: str, answers: Iterable[str]) -> bool:
    """Say whether a text is one of the right answers."""
    return any(words(text) == words(answer) for answer in answers)


def f1(text: str, answers: Iterable[str]) -> float:
    """Return the greatest overlap with a right answer, in words, in [0, 1]."""
    return max((_overlap(words(text), words(answer)) for answer in answers), default=0.0)


def short(answer: str) -> str:
    """Return the first paragraph of an answer that cites something, without markers and quotes."""
    paragraphs = answer.split("\n\n")
    cites = (paragraph for paragraph in paragraphs if _MARKER.search(paragraph))
    return _MARKER.sub("", next(cites, paragraphs[0])).strip(" \n«»")


def _overlap(said: list[str], right: list[str]) -> float:
    shared = (Counter(said) & Counter(right)).total()
    return 2 * shared / (len(said) + len(right)) if shared else 0.0
