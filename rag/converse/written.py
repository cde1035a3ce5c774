"""What a model wrote when asked for a question that stands alone: taken, or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.converse.words import INTERROGATIVES, as_question, words
from rag.lexical import analyze
from rag.schema import Turn

_MAX_CHARS: Final = 300
_QUOTES: Final = " \t«»\"'“”*`"
_LABEL: Final = re.compile(r"\A(?:pregunta|reescritura|respuesta)[^:¿]{0,30}:\s*", re.IGNORECASE)
_MOST: Final = 0.6  # of its terms must have been said


def accept(written: str, question: str, history: Sequence[Turn]) -> str | None:
    """Return a model's rewriting if it can be one; None if it cannot.

    It has to be one line, a question in Spanish, not long, of words that were said in the
    conversation: what a model adds from elsewhere would be searched for as if the person had
    asked for it.
    """
    lines = [line.strip(_QUOTES) for line in written.strip().splitlines() if line.strip(_QUOTES)]
    if len(lines) != 1:
        return None
    line = _LABEL.sub("", lines[0]).strip(_QUOTES)
    if len(line) > _MAX_CHARS or not line.endswith("?") or line.count("?") != 1:
        return None
    said = {word.folded for word in words(line)}
    if "¿" not in line and not said & INTERROGATIVES:
        return None
    conversation = " ".join(f"{turn.question} {turn.answer}" for turn in history)
    terms = set(analyze(line))
    shared = terms & set(analyze(f"{question} {conversation}"))
    if not terms or len(shared) < _MOST * len(terms):
        return None
    return line if line.startswith(("¿", "Sobre ")) else as_question(line)
