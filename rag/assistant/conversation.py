"""Conversation: what a person means by a question, given what was asked and answered before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rag.converse import accept, reply_to, standalone
from rag.errors import ModelError
from rag.generate import OllamaGenerator, Opened
from rag.prompt import read_templates
from rag.schema import Answer, Explanation, Message, Timings, Turn

logger = logging.getLogger(__name__)

_MAX_TURNS: Final = 4
_MAX_TURN_CHARS: Final = 2000  # of an answer, so that a long one does not fill the window
_MAX_WRITTEN_CHARS: Final = 600  # a model that has written more is not writing one question


def recent(history: Sequence[Turn]) -> list[Turn]:
    """Return the turns that count: the last few, none of them long."""
    return [
        Turn(turn.question[:_MAX_TURN_CHARS], turn.answer[:_MAX_TURN_CHARS])
        for turn in history[-_MAX_TURNS:]
    ]


def understand(
    question: str,
    history: Sequence[Turn],
    open_voice: Callable[[], Opened] | None,
    prompts_dir: Path | None = None,
) -> str | None:
    """Write a question so that it stands alone; None where it does.

    The rule decides whether it leans on the conversation, so that a question that does not costs
    nothing. A model of the person's own then writes it better than the rule does; where it cannot
    be reached or writes something else, the rule's stands.

    Parameters
    ----------
    open_voice
        Returns who would write. None keeps to the rule.
    prompts_dir
        A folder with templates of the person's own.
    """
    turns = recent(history)
    by_rule = standalone(question, turns)
    if by_rule is None or open_voice is None:
        return by_rule
    try:
        generator = open_voice().generator
        if not isinstance(generator, OllamaGenerator):
            return by_rule
        written = _written_by(generator, question, turns, prompts_dir)
    except ModelError as error:
        logger.info("rewritten by rule: %s", error)
        return by_rule
    return accept(written, question, turns) or by_rule


def courteous(question: str, history: Sequence[Turn], embedding_model: str) -> Answer | None:
    """Answer what asks nothing, such as «gracias», without a search; None to all else."""
    reply = reply_to(question, in_conversation=bool(history))
    if reply is None:
        return None
    return Answer(
        question=question,
        text=reply,
        abstained=False,
        citations=(),
        evidence=(),
        explanation=Explanation(),
        model="conversation",
        embedding_model=embedding_model,
        timings=Timings(0.0, 0.0, 0.0),
    )


def _written_by(
    generator: OllamaGenerator, question: str, turns: Sequence[Turn], prompts_dir: Path | None
) -> str:
    """Let a model rewrite a question, and stop it after one line."""
    told = "\n".join(
        f"Persona: {_fenced(turn.question)}\nAsistente: {_fenced(turn.answer) or '(sin respuesta)'}"
        for turn in turns
    )
    prompt = read_templates(prompts_dir).render("rewrite", history=told, question=_fenced(question))
    if generator.count_tokens(prompt) > generator.max_prompt_tokens:
        return ""
    written = ""
    pieces = generator.stream([Message("user", prompt)], ())
    try:
        for piece in pieces:
            written = (written + piece).lstrip()
            if "\n" in written or len(written) > _MAX_WRITTEN_CHARS:
                break
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    return written.partition("\n")[0]


def _fenced(text: str) -> str:
    """Put a turn on one line, without what could close the fence that it stands in."""
    return " ".join(text.split()).replace("<", "‹").replace(">", "›")
