"""Prompt: evidence to the messages a model reads, within its window; texts from ``prompts/``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final, Literal

from rag.errors import RagError
from rag.hostile import defuse_path, shown_to_model
from rag.schema import Evidence, Message

# What a chat model is told to write when the evidence does not answer, and how that is recognised.
NO_ANSWER: Final = "No consta en los documentos."

PromptStyle = Literal["chat", "completion"]

_VARIABLES: Final = {
    "chat_system": {"no_answer"},
    "chat_user": {"evidence", "no_answer", "question"},
    "completion": {"evidence", "question"},
    "rewrite": {"history", "question"},
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given.

    Attributes
    ----------
    messages
        For a completion model, one message whose content it goes on writing.
    evidence
        The part of the evidence that fitted, best first.
    n_left_out
        How many of the evidence did not fit.
    """

    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    n_left_out: int


def build_prompt(
    style: PromptStyle,
    question: str,
    evidence: Sequence[Evidence],
    max_tokens: int,
    count_tokens: Callable[[str], int],
) -> Prompt:
    """Write the messages, with as much of the evidence as fits, the best first.

    Parameters
    ----------
    style
        ``chat`` numbers the evidence for a model that follows instructions; ``completion`` shows a
        base model worked examples to go on from.
    max_tokens
        What all messages together may take. The rules and the question are never cut.
    count_tokens
        The model's, or a bound from above.
    """
    for n_kept in range(len(evidence), 0, -1):
        kept = tuple(evidence[:n_kept])
        messages = _messages(style, question, kept)
        if sum(count_tokens(message.content) for message in messages) <= max_tokens:
            return Prompt(messages, kept, len(evidence) - n_kept)
    raise RagError(
        "La pregunta y su mejor evidencia no caben en la ventana del modelo",
        "Acorta la pregunta o amplía la ventana con RAG_CONTEXT_TOKENS",
    )


def _messages(
    style: PromptStyle, question: str, evidence: Sequence[Evidence]
) -> tuple[Message, ...]:
    question = " ".join(question.split())
    if style == "completion":
        # A base model this small points better into one sentence than into several.
        text = render("completion", evidence=shown_to_model(evidence[0]), question=question)
        return (Message("user", text.rstrip()),)
    numbered = "\n".join(
        # What a document says, and what it is called, must not be able to speak to the model.
        f"[{item.marker}] ({defuse_path(item.path)}) {shown_to_model(item)}"
        for item in evidence
    )
    return (
        Message("system", render("chat_system", no_answer=NO_ANSWER)),
        Message(
            "user",
            render("chat_user", evidence=numbered, question=question, no_answer=NO_ANSWER),
        ),
    )


def render(name: str, **values: str) -> str:
    """Fill in a template.

    Raises
    ------
    RagError
        If the template's variables are not exactly the ones the program fills in.
    """
    template = _template(name)
    wanted, given = _VARIABLES[name], set(template.get_identifiers())
    if wanted != given or not template.is_valid():
        raise RagError(
            f"La plantilla «{name}.md» debe usar exactamente estas variables: "
            f"{', '.join(sorted(wanted))}",
            "Corrígela o vuelve a instalar el programa",
        )
    return template.substitute(values)


@lru_cache
def _template(name: str) -> Template:
    """Read a template: from the installed package, or from the checkout beside it."""
    packaged = files("rag") / "prompts"
    folder = packaged if packaged.is_dir() else Path(__file__).parent.parent / "prompts"
    return Template((folder / f"{name}.md").read_text(encoding="utf-8"))
