"""What a question is about, and what an answer names."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.converse.words import (
    ARTICLES,
    INTERROGATIVES,
    PREPOSITIONS,
    QUANTIFIERS,
    Word,
    plain,
    words,
)

_MAX_MATTER_CHARS: Final = 120
_TOPIC: Final = re.compile(r"\ASobre (.+?), (?=¿)")  # as ``under`` writes it
_MARKER: Final = re.compile(r"\s*\[\d+\]")
_ITEM: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)º])\s+(.+)$", re.MULTILINE)
_JOINED: Final = frozenset(("de", "del", "la", "las", "los", "y"))
_NAME: Final = (
    r"(?:[A-ZÁÉÍÓÚÜÑ][\w+-]*|\d+[A-Z]\w*)(?: (?:(?:de|del|la|los) )*[A-ZÁÉÍÓÚÜÑ0-9][\w+-]*)*"
)
_ITEMS: Final = re.compile(rf"({_NAME}(?:, {_NAME})*),? (?:y|e|o) (?:de )?({_NAME})")
_TWO_PHRASES: Final = re.compile(rf"\A({_NAME}) ((?:el|la|los|las|un|una) )")  # «OpenAI el modelo…»
_INFINITIVE: Final = re.compile(r"[a-zñ]{2,}(?:ar|er|ir)")
_COUNTS: Final = {"dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6}


class Head(NamedTuple):
    """How a question begins: its preposition and interrogative, the noun asked for, the rest.

    Attributes
    ----------
    interrogative
        With the preposition before it; empty where the question asks yes or no.
    noun
        As in «qué *empresa*»; empty where there is none.
    """

    interrogative: str
    noun: str
    rest: str


def bare(question: str) -> str:
    """Return a question without its marks; of several sentences, the one that asks."""
    asked = question.rsplit("¿", 1)[1] if "¿" in question else question
    return " ".join(asked.split()).strip(" ¿?.!¡,;:")


def head(question: str) -> Head:
    """Part a question, without its marks."""
    said = words(question)
    at = 0
    while at < min(2, len(said)) and said[at].folded in PREPOSITIONS:
        at += 1
    if at >= len(said) or said[at].folded not in INTERROGATIVES:
        if question[:6].casefold() == "por qu":
            return Head("por qué", "", question[7:].strip())
        return Head("", "", question)
    end = said[at].end
    noun_end = end
    if said[at].folded in {"que", "cuanto", "cuanta", "cuantos", "cuantas"}:
        is_reason = at > 0 and said[at - 1].folded == "por"
        for word in said[at + 1 : at + 4]:
            if is_reason or word.is_verb or word.is_function or word.is_name:
                break
            if noun_end > end and not (word.folded.endswith("s") and question[noun_end - 1] == "s"):
                break  # «tarjetas gráficas» agree; what does not may be the verb
            noun_end = word.end
    noun = question[end:noun_end].strip()
    if noun and noun_end == len(question):  # «qué propone»: nothing is left to be the verb
        noun, noun_end = "", end
    return Head(question[:end], noun, question[noun_end:].strip(" ,"))


def topic_of(question: str) -> tuple[str, str]:
    """Part «Sobre el faro, ¿quién lo hizo?» in its topic, or nothing, and its question."""
    found = _TOPIC.match(question)
    return (found[1], question[found.end() :]) if found else ("", question)


def under(topic: str, question: str) -> str:
    """Put a question under a topic, if there is one."""
    return f"Sobre {topic}, ¿{question[1:2].lower()}{question[2:]}" if topic else question


def matter(question: str) -> str:
    """Return what a question is about, as it says it: from its first noun phrase on."""
    topic, _ = topic_of(question)
    if topic:
        return topic
    parts = head(bare(question))
    said = words(parts.rest)
    start = next((at for at in range(len(said)) if _opens_phrase(said, at)), None)
    if start is None:
        start = next((at for at, word in enumerate(said[1:], 1) if word.is_content), None)
    if start is None:
        return _shortened(parts.noun)
    if start and _INFINITIVE.fullmatch(said[start - 1].folded):
        start -= 1  # «recurrir una multa»
    about = parts.rest[said[start].start :]
    return _shortened(_TWO_PHRASES.sub(r"\1 y \2", about))


def names(text: str) -> list[str]:
    """Return the names of a text, longest first at each place; not the word that opens it."""
    found: list[str] = []
    run: list[Word] = []
    for word in words(text):
        follows = not run or text[run[-1].end : word.start] == " "
        if word.is_name and follows and not _opens_sentence(text, word):
            run.append(word)
            continue
        if run and follows and word.folded in _JOINED - {"y"}:
            run.append(word)
            continue
        _close(text, run, found)
        run = [word] if word.is_name and not _opens_sentence(text, word) else []
    _close(text, run, found)
    return list(dict.fromkeys(found))


def named_in_answer(answer: str, question: str) -> str | None:
    """Return the first name of an answer that its question does not say."""
    asked = plain(question)
    told = _MARKER.sub("", answer).replace("«", "").strip()
    lone = told.split("\n")[0].strip(" ».")
    if lone and len(words(lone)) <= 4 and lone[0].isupper() and plain(lone) not in asked:
        return lone
    for name in names(told):
        if name[0].isalpha() and not name.isdigit() and plain(name) not in asked:
            return name
    return None


def listed(answer: str, question: str) -> list[str]:
    """Return what an answer lists, in order: its items, or names as in «A, B y C»."""
    text = _MARKER.sub("", answer)
    items = [item.strip(" .;«»*") for item in _ITEM.findall(text)]
    if len(items) > 1:
        return [re.split(r"[.:;(]", item)[0].strip(" *") for item in items]
    wanted = next((n for word, n in _COUNTS.items() if word in plain(question).split()), None)
    lists = [[*found[1].split(", "), found[2]] for found in _ITEMS.finditer(" ".join(text.split()))]
    return next((names for names in lists if len(names) == wanted), lists[0] if lists else [])


def _opens_phrase(said: list[Word], at: int) -> bool:
    word = said[at]
    if word.is_name:
        return True
    if word.folded not in ARTICLES | QUANTIFIERS or at + 1 >= len(said):
        return False
    after = said[at + 1]
    return not after.is_verb and not after.is_function


def _opens_sentence(text: str, word: Word) -> bool:
    """Say whether a word has its capital because a sentence begins, as far as can be told."""
    before = text[: word.start].rstrip(" «\"'¿¡(")
    begins = not before or before[-1] in ".!?:\n"
    is_acronym = sum(map(str.isupper, word.text)) > 1 or any(map(str.isdigit, word.text))
    follows_name = re.match(r" [A-ZÁÉÍÓÚÜÑ]", text[word.end : word.end + 2]) is not None
    return begins and (word.is_function or word.is_verb or not (is_acronym or follows_name))


def _close(text: str, run: list[Word], found: list[str]) -> None:
    while run and run[-1].folded in _JOINED:
        run.pop()
    if run:
        found.append(text[run[0].start : run[-1].end])


def _shortened(text: str) -> str:
    text = text.strip(" ,;:.")
    if len(text) <= _MAX_MATTER_CHARS:
        return text
    return text[:_MAX_MATTER_CHARS].rsplit(" ", 1)[0]
