"""What a question leaves unsaid: pronouns, possessives, a verb whose subject was named before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.converse.matter import head, matter
from rag.converse.words import (
    ARTICLES,
    CLITICS,
    INTERROGATIVES,
    QUANTIFIERS,
    SAYING,
    Word,
    plain,
    words,
)

_N_NOUNS: Final = 3  # words like nouns before a pronoun, one of which is what it stands for
_NOUN_ENDINGS: Final = ("ia", "ian")  # «la mayoría», «la dinastía» are no verbs
_LONG_MATTER: Final = 5  # nouns and adjectives, from which a question after «y» says it all
_PRONOUN: Final = re.compile(
    r"\b(él|ella|ellos|ellas|ello|eso|esto|aquello)\b"
    r"|\b(?:est|es)(?:e|a|os|as)(?=\s*\Z|\s+(?:se|no|es|fue|era)\b)"
)
_DEMONSTRATIVE: Final = re.compile(
    r"\b(?:(?:est|es)(?:e|a|os|as)|aquel(?:la|las|los)?|dich[oa]s?)\s+"
    r"(?!año|mes|semana|d[ií]a|vez|temporada|per[ií]odo|época|tiempo|década|siglo|noche|tarde|momento|documento|texto"
    r"|corpus|es\b|se\b|no\b)([^\W\d_]{3,})"
)
_POSSESSIVE: Final = re.compile(r"\bsus?\b", re.IGNORECASE)
_JOINED_PRONOUN: Final = re.compile(
    r"\b(?!charlas?\b|chirlas?\b)[^\W\d_]{2,}(?:ar|er|ir)(?:lo|la|los|las|le|les)\b"
)
_DEFINES: Final = re.compile(r"\A(?:que|quien|quienes)\s+(?:es|son|era|fue|significa)\b")


def leans(asked: str, last: str, *, continues: bool) -> bool:
    """Say whether a question cannot be understood without the one before it.

    Parameters
    ----------
    continues
        It came after «y», «pero»…
    """
    said = words(asked)
    return (
        lost_clitic(said) is not None
        or _has_lost(_PRONOUN, asked)
        or _has_lost(_JOINED_PRONOUN, asked)
        or _has_lost_demonstrative(asked, last)
        or _has_lost_possessive(asked, said)
        or _has_no_subject(asked)
        or (continues and not _has_own_matter(asked, last))
    )


def lost_clitic(said: Sequence[Word]) -> int | None:
    """Return where a pronoun stands that nothing in the question explains."""
    for at, word in enumerate(said[:-1]):
        if word.folded not in CLITICS:
            continue
        before = said[at - 1].folded if at else ""
        follows = said[at + 1]
        if word.folded in {"le", "les"}:
            if follows.is_name or word.is_name:
                continue
            doubled = any(each.folded in {"a", "al"} for each in said)
            if not doubled and not _names_something(said[:at]):
                return at
            continue
        is_verb = (follows.is_verb and not follows.folded.endswith(_NOUN_ENDINGS)) or (
            at + 2 == len(said) and before in INTERROGATIVES | {"no", "se"} and follows.is_content
        )
        explained = _names_something(said[:at]) and follows.folded not in SAYING
        if is_verb and (word.folded == "lo" or before in INTERROGATIVES | {"no", "se", "si"}):
            return None if explained else at
    return None


def _names_something(said: Sequence[Word]) -> bool:
    """Say whether the words before a pronoun may be what it stands for."""
    return any(
        (word.is_name and not word.is_function)
        or word.folded == "alguien"
        or (
            word.folded in ARTICLES | QUANTIFIERS and at + 1 < len(said) and said[at + 1].is_content
        )
        for at, word in enumerate(said)
    )


def _has_lost(pronoun: re.Pattern[str], asked: str) -> bool:
    """Say whether a pronoun stands for nothing that the question has said."""
    found = pronoun.search(asked)
    if found is None:
        return False
    before = words(asked[: found.start()])
    n_nouns = sum(word.is_content for word in before)
    return n_nouns < _N_NOUNS and not _names_something(before)


def _has_lost_demonstrative(asked: str, last: str) -> bool:
    found = _DEMONSTRATIVE.search(asked)
    if found is None:
        return False
    before = {word.folded for word in words(asked[: found.start()])}
    return plain(found[1]) not in before and bool(matter(last))


def _has_lost_possessive(asked: str, said: Sequence[Word]) -> bool:
    found = _POSSESSIVE.search(asked)
    if found is None:
        return False
    if any(word.is_name and not word.is_function for word in said[1:]):
        return False
    parts = head(asked)
    begins = plain(parts.interrogative).split()[:1]
    if begins in (["quien"], ["quienes"]) or (parts.noun and begins[:1] in (["que"], ["cuantos"])):
        return False
    return not _names_something(words(asked[: found.start()]))


def _has_no_subject(asked: str) -> bool:
    """Say whether nothing but a verb follows the interrogative: «¿en qué puerto escucha?»."""
    parts = head(asked)
    if not parts.interrogative or (not parts.rest and not parts.noun):
        return False
    rest = [word for word in words(parts.rest) if word.folded not in {"no", "se", "mas", "ya"}]
    if any(word.is_name or word.is_number for word in rest):
        return False
    if _DEFINES.match(plain(asked)) and (not rest or len(rest) > 1):
        return False
    if len(rest) == 1:
        return rest[0].is_verb or rest[0].is_content
    if len(rest) == 2 and rest[0].folded in {"es", "son", "era", "eran", "fue", "esta", "estan"}:
        return not _DEFINES.match(plain(asked))
    return False


def _has_own_matter(asked: str, last: str) -> bool:
    """Say whether a question after «y» names what it is about all the same."""
    parts = head(asked)
    said = words(parts.rest)
    known = {word.folded for word in words(last)}
    for verb, article, noun in zip(said, said[1:], said[2:], strict=False):
        is_object = article.folded in ARTICLES and noun.is_content
        if is_object and not {verb.folded, noun.folded} & known:
            return True  # «¿y quién ganó la liga?»
    if any(word.is_name and not word.is_function for word in said):
        return True
    if _DEFINES.match(plain(asked)):
        return any(word.is_content for word in said)
    return sum(word.is_content for word in said) > _LONG_MATTER
