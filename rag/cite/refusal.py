"""Refusal: the ways in which a model says that the documents do not say."""

from __future__ import annotations

import re
from typing import Final

from rag.lexical import fold

_WHERE: Final = (
    r"(?:documentos?|fragmentos?|textos?|pasajes?|fuentes?|informacion|contexto|citas?|materiales?"
    r"|extractos?)"
)
_VERB: Final = (
    r"(?:mencion|indic|especific|dic|dig|contien|conteng|contener|detall|aclar|precis|aport|ofrec"
    r"|ofrezc|proporcion|habl|hac|recog|incluy|const|aparec|aparezc|encuentr|encontr|figur|expres"
    r"|explic|respond|contest|permit|trat|da\b|dan\b|inform|revel|defin|describ|cit|señal)\w*"
)
_REFUSAL: Final = re.compile(
    rf"""
    \b{_WHERE}\b [^.;:]{{0,60}}? \b no \s+ (?:se\s+|lo\s+|la\s+|me\s+)? {_VERB}
    | \b no \s+ (?:se\s+|lo\s+)? {_VERB} [^.;:]{{0,120}} \b{_WHERE}\b
    | \b no \s+ (?:hay|existe|dispongo\ de|tengo|cuento\ con|se\ dispone\ de|poseo)
      \s+ (?:\w+\s+){{0,3}} (?:informacion|datos|respuesta|detalles|constancia|mencion|evidencia)
    | ^\W* no \s+ se \s+ (?:mencion|indic|especific|detall|precis|aclar|dice\b|inform|proporcion)\w*
    | ^\W* no \s+ (?:consta|aparece|figura) \b
    | \b no \s+ (?:puedo|es\ posible|se\ puede) \s+ (?:\w+\s+){{0,2}} (?:respond|contest|determin
      |saber|establec|confirm|encontr)\w*
    | \b (?:lo\ siento|desconozco|no\ lo\ se\b|no\ se\ sabe)
    """,
    re.VERBOSE,
)
_PLAIN: Final = re.compile(r"\W*no consta en (?:los documentos|la documentacion)\W*")


def is_plain_refusal(sentence: str) -> bool:
    """Say whether a sentence is no more than «No consta en los documentos.»."""
    return _PLAIN.fullmatch(fold(sentence.lower())) is not None


def refusal(sentence: str) -> str | None:
    """Return what a sentence says that the documents do not say; None if it is no refusal.

    It is empty where nothing in particular is named.
    """
    plain = fold(sentence.lower())
    found = _REFUSAL.search(plain)
    if found is None or len(plain) != len(sentence):
        return None
    rest = sentence[: found.start()] + " " + sentence[found.end() :]
    return re.sub(r"\b(?:[Ll]os|[Ll]as|[Ee]l|[Ll]a|en|esto|eso|pregunta|respuesta)\b", " ", rest)
