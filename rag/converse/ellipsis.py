"""«¿Y en 2023?»: a piece of a question takes the place of the piece of its kind in the last one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from rag.converse.matter import bare, head, matter, topic_of, under
from rag.converse.words import (
    ARTICLES,
    CLITICS,
    INTERROGATIVES,
    MONTHS,
    PREPOSITIONS,
    TIMES,
    YEAR,
    Word,
    as_question,
    is_place,
    words,
)

_MAX_WORDS: Final = 6
_INFINITIVE: Final = re.compile(r"[a-zñ]{2,}(?:ar|er|ir)")
_INDEFINITE: Final = frozenset("un una unos unas".split())

Kind = Literal["year", "month", "time", "number", "place", "name", "noun"]


class Piece(NamedTuple):
    """A preposition, an article and what they stand before.

    Attributes
    ----------
    preposition, article
        Folded; empty where there is none.
    start, core, end
        In its text: of the whole, of what follows preposition and article, and past the last.
    """

    preposition: str
    article: str
    kind: Kind
    text: str
    start: int
    core: int
    end: int


def is_ellipsis(fragment: str, *, continues: bool) -> bool:
    """Say whether a question without its marks is only a piece of one.

    Parameters
    ----------
    continues
        It came after «y»: without it, a lone name is what people type to search for it.
    """
    said = words(fragment)
    if not said or len(said) > _MAX_WORDS:
        return False
    if any(word.folded in INTERROGATIVES or word.is_verb for word in said):
        return False
    if any(word.folded in CLITICS - ARTICLES or word.folded == "se" for word in said):
        return False
    first = said[0]
    if first.folded in PREPOSITIONS:
        return len(said) > 1
    if not continues:
        return False
    return first.folded in ARTICLES or first.is_name or first.is_number or first.folded in MONTHS


def fill(fragment: str, last: str) -> str:
    """Put a piece in the place of the one of its kind in the last question, or at its end."""
    topic, question = topic_of(last)
    base = bare(question)
    for piece in _pieces(fragment)[:2]:  # «en febrero de 2024»
        base = _fill_one(piece, fragment, base)
    return under(topic, as_question(base))


def _fill_one(piece: Piece, fragment: str, base: str) -> str:
    first, *rest = piece.text.split(maxsplit=1)
    if first.casefold() in {"de", "del"} and rest:  # «la de Francia»: the noun is the last one's
        elided = f"de {rest[0]}"
        for part in _pieces(elided)[:1]:
            return _fill_one(part, elided, base)
    best = _alike(piece, _pieces(base))
    is_other = best is not None and best.kind != piece.kind
    if best is None or (
        piece.preposition
        and (not best.preposition or (is_other and piece.preposition != best.preposition))
    ):
        return f"{base} {fragment[piece.start : piece.end]}"
    start, end, new = best.core, best.end, piece.text
    if piece.kind == "number":
        if " " not in piece.text:
            end = start + len(base[start:].split()[0])  # «32» says nothing of the «GB»
    elif piece.article and best.article and piece.kind not in {"month", "year"}:
        start = base.rfind(" ", 0, best.core - 1) + 1
        new = f"{piece.article} {new}"
    return f"{base[:start]}{new}{base[end:]}"


def _alike(piece: Piece, pieces: Sequence[Piece]) -> Piece | None:
    """Return the piece to replace: one of the same kind, or one thing for another."""
    same = [each for each in pieces if each.kind == piece.kind]
    things = [each for each in pieces if {each.kind, piece.kind} <= {"name", "noun", "place"}]
    return max(same or things, key=lambda each: _likeness(piece, each), default=None)


def _likeness(piece: Piece, other: Piece) -> tuple[bool, bool, bool, bool, int]:
    """Compare two pieces: the most alike is the one to replace; of equals, the first."""
    unit = piece.text.split()[-1] if piece.kind == "number" else ""
    same_unit = bool(unit) and not unit[0].isdigit() and other.text.endswith(unit)
    both_definite = (piece.article in _INDEFINITE) == (other.article in _INDEFINITE)
    return (
        same_unit,
        piece.preposition == other.preposition,
        bool(piece.article) == bool(other.article),
        both_definite,
        -other.start,
    )


def complete_elided(question: str, last: str) -> str:
    """Name the noun left out of «el de Huawei» in a question that says more than that."""
    found = re.search(r"\b(el|la|los|las) (?=(?:de|del) )", question, re.IGNORECASE)
    if found is None:
        return question
    noun = re.search(rf"\b{found[1]} ([^\W\d_]+)", matter(last), re.IGNORECASE)
    if noun is None:
        return question
    return f"{question[: found.end()]}{noun[1]} {question[found.end() :]}"


def _pieces(text: str) -> list[Piece]:
    """Part a question, after its interrogative, in what may take each other's place."""
    begin = len(text) - len(head(text).rest)
    said = [word for word in words(text) if word.start >= begin]
    found: list[Piece] = []
    at = 0
    while at < len(said):
        start = at
        preposition = article = ""
        if said[at].folded in PREPOSITIONS:
            preposition = said[at].folded
            at += 1
        if preposition and at + 1 < len(said) and _INFINITIVE.fullmatch(said[at].folded):
            at += 1  # «para recurrir una multa»: the multa is what another may take the place of
        if preposition in {"del", "al"}:
            preposition, article = preposition.replace("del", "de").replace("al", "a"), "el"
        elif at < len(said) and said[at].folded in ARTICLES:
            article = said[at].folded
            at += 1
        if at >= len(said):
            break
        end = _phrase_end(text, said, at, starts_text=start == 0 and begin == 0)
        if end == at:
            at += 1
            continue
        core = text[said[at].start : said[end - 1].end]
        kind = _kind(said[at], core)
        if kind != "noun" or preposition or article:
            found.append(
                Piece(
                    preposition, article, kind, core,
                    said[start].start, said[at].start, said[end - 1].end,
                )
            )  # fmt: skip
        at = end
    return found


def _kind(first: Word, core: str) -> Kind:
    if YEAR.fullmatch(first.text):
        return "year"
    if first.folded in MONTHS:
        return "month"
    if first.folded in TIMES:
        return "time"
    if first.is_number:
        return "number"
    if is_place(core):
        return "place"
    return "name" if first.is_name else "noun"


def _phrase_end(text: str, said: list[Word], at: int, *, starts_text: bool) -> int:
    """Return where a run of words of one kind ends: a name, an amount with its unit, a noun."""
    first = said[at]
    if YEAR.fullmatch(first.text) or first.folded in MONTHS:
        return at + 1
    if first.is_number:
        has_unit = at + 1 < len(said) and said[at + 1].is_content
        return at + 2 if has_unit and said[at + 1].start - first.end == 1 else at + 1
    if starts_text and first.folded in {"de", "del"}:
        return len(said)
    if first.is_name:
        end = at + 1
        while end < len(said) and said[end].is_name and _adjoins(text, said, end):
            end += 1
        return end
    if not first.is_content:
        return at
    end = at + 1
    while (
        end < len(said) and said[end].is_content and not said[end].is_name
        and _adjoins(text, said, end) and end - at < 2
    ):  # fmt: skip
        end += 1
    return end


def _adjoins(text: str, said: list[Word], at: int) -> bool:
    return text[said[at - 1].end : said[at].start] == " "
