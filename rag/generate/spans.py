"""Spans: the runs of words of a text that an answer may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from rag.lexical import fold

# Words with their inner punctuation («10.000», «código-abierto», «15%»), or one other sign.
_WORD: Final = re.compile(r"\w+(?:[.,:/'’·-]\w+)*%?|[^\w\s]")

_AFTER_NUMBERS: Final = frozenset("%‰€$£°")  # signs that belong to the number before them

_MAX_WORDS: Final = 14  # of a span that may end anywhere
_MAX_CLAUSE_WORDS: Final = 40  # of one that ends where a clause does

# An answer does not end with these: they lead on to something. Written folded.
LEADING: Final = frozenset(
    """
    a al ante bajo como con contra cual cuando cuyo de del desde donde durante e el en entre es era
    eran ese esta fue ha han hacia hasta la las le les lo los mas me muy ni no o para pero por que
    se segun ser si sin sobre son su sus te tras u un una unas unos y ya cuya
    """.split()
)
CONJUNCTIONS: Final = frozenset("y e o u que pero ni como cuando donde si aunque porque".split())
_MAY_OPEN: Final = frozenset("porque como que cuando".split())


class Words:
    """A text as a row of words and signs.

    Attributes
    ----------
    text
        On one line.
    words, folded
        Each word or sign, as it stands and as it is compared.
    is_word
        Whether each is a word, and no sign.
    may_end
        Whether a span may end with each: words, and signs that belong to a number.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._matches = list(_WORD.finditer(text))
        self.words = [match.group() for match in self._matches]
        self.folded = [fold(word.casefold()) for word in self.words]
        self.is_word = [word[0].isalnum() for word in self.words]
        self.may_end = [
            is_word or (at > 0 and word in _AFTER_NUMBERS and self.words[at - 1][0].isdigit())
            for at, (word, is_word) in enumerate(zip(self.words, self.is_word, strict=True))
        ]

    def __len__(self) -> int:
        return len(self.words)

    def between(self, first: int, last: int) -> str:
        """Return the text from one word to another, both included."""
        return self.text[self._matches[first].start() : self._matches[last].end()]

    def following(self, at: int) -> str:
        """Return the text from behind a word to the end of the next one."""
        return self.text[self._matches[at].end() : self._matches[at + 1].end()]


class Span(NamedTuple):
    """A run of words, by the places of its first and its last."""

    first: int
    last: int


def spans(text: Words) -> list[Span]:
    """Return every run of words that may be an answer: none ends with a word that leads on."""
    found = []
    for first in range(len(text)):
        word = text.folded[first]
        if not text.is_word[first] or (word in CONJUNCTIONS and word not in _MAY_OPEN):
            continue
        for last in range(first, min(len(text), first + _MAX_CLAUSE_WORDS)):
            if not text.may_end[last] or text.folded[last] in LEADING:
                continue
            if last - first < _MAX_WORDS or _ends_clause(text, last):
                found.append(Span(first, last))
    return found


def _ends_clause(text: Words, last: int) -> bool:
    following = last + 1
    return (
        following == len(text)
        or not text.is_word[following]
        or text.folded[following] in CONJUNCTIONS
    )


def span_grammar(*texts: Words, or_else: str = "") -> str:
    """Write a GBNF grammar that accepts any run of words of a text, then a line end.

    A span begins with a word and ends with one, or with the sign of a number; its first letter may
    change its case, as the first word of a sentence does inside an answer. One rule a word, each
    naming the next: the size is linear.

    Parameters
    ----------
    or_else
        What is accepted too, if it is not empty.
    """
    rules: list[str] = []
    starts = [f"{_literal(or_else)} end"] if or_else else []
    for number, text in enumerate(texts):
        name = f"after-{number}-"
        n_words = max((at + 1 for at, may_end in enumerate(text.may_end) if may_end), default=0)
        for at in range(n_words):
            ways = ["end"] if text.may_end[at] else []
            if at + 1 < n_words:
                ways.append(f"{_literal(text.following(at))} {name}{at + 1}")
            rules.append(f"{name}{at} ::= {' | '.join(ways)}")
            if text.is_word[at]:
                starts.extend(f"{_literal(start)} {name}{at}" for start in cases(text.words[at]))
    root = f'root ::= " " ({" | ".join(starts)})' if starts else "root ::= end"
    # The worked examples are parted by an empty line, and two line ends are one token.
    return "\n".join([root, 'end ::= "\\n" | "\\n\\n"', *rules])


def find_words(part: Sequence[str], whole: Sequence[str]) -> Span | None:
    """Return where some words stand among others, the first time."""
    for first in range(len(whole) - len(part) + 1 if part else 0):
        if whole[first : first + len(part)] == part:
            return Span(first, first + len(part) - 1)
    return None


def cases(word: str) -> tuple[str, ...]:
    """Return a word as it stands and, if it is capitalised, as it would stand in a sentence."""
    lowered = word[0].lower() + word[1:]
    return (word,) if lowered == word else (word, lowered)


def _literal(text: str) -> str:
    escaped = "".join(
        character
        if character.isprintable() and character not in '"\\'
        else f"\\U{ord(character):08X}"
        for character in text
    )
    return f'"{escaped}"'
