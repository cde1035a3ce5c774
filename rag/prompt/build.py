"""The messages, with as much of the evidence as fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Final, Literal

from rag.errors import PromptTooLongError
from rag.hostile import defuse_path, shown_to_model
from rag.lexical import answer_type
from rag.prompt.templates import NO_ANSWER, Templates, read_templates
from rag.schema import Evidence, Message

PromptStyle = Literal["chat", "completion", "reading"]

_CHAT_TEMPLATES: Final = ("chat_system", "chat_user")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given.

    Attributes
    ----------
    messages
        For a completion model, one for each piece of evidence, whose content it goes on writing;
        for one that was taught to read, one for the best piece and one for all.
    evidence
        The part of the evidence that is in them, best first.
    left_out
        The part that did not fit, best first.
    n_tokens
        Of all messages together, as the counter of ``build_prompt`` counts them.
    sha256
        First hexadecimal digits of a hash of the templates; None where no model reads them.
    """

    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    left_out: tuple[Evidence, ...] = ()
    n_tokens: int = 0
    sha256: str | None = None


def build_prompt(
    style: PromptStyle | None,
    question: str,
    evidence: Sequence[Evidence],
    max_tokens: int,
    count_tokens: Callable[[str], int],
    prompts_dir: Path | None = None,
) -> Prompt:
    """Write the messages, with as much of the evidence as fits, the best first.

    A piece that does not fit is passed over and a later, shorter one may take its place: each
    stands for itself under its own number, and one long piece would otherwise shut out all that
    come behind it. The best one is never passed over: an answer that has not seen it is worth
    less than none.

    Parameters
    ----------
    style
        ``chat`` numbers the evidence for a model that follows instructions; ``completion`` shows a
        base model worked examples to go on from; ``reading`` is what the embedded model was taught
        with; None is for who reads no prompt.
    evidence
        At least one piece; best first.
    max_tokens
        What all messages together may take. The rules and the question are never cut.
    count_tokens
        The model's, or a bound from above; a text has no more tokens than its parts together.
    prompts_dir
        A folder with templates of the person's own.

    Raises
    ------
    PromptTooLongError
        If the rules, the question and the best evidence do not fit.
    SettingsError
        If a template of the person's own is not what it must be.
    """
    if style is None:
        return Prompt((), tuple(evidence))
    templates = read_templates(prompts_dir)
    question = " ".join(question.split())
    if style == "completion":
        return _completions(question, evidence, max_tokens, count_tokens, templates)
    names, write, line = _TOGETHER[style]
    best, *others = evidence
    kept, left_out = [best], []
    n_tokens = sum(count_tokens(message.content) for message in write(question, kept, templates))
    if n_tokens > max_tokens:
        raise _too_long()
    for item in others:
        cost = count_tokens(f"\n{line(item)}")
        if n_tokens + cost <= max_tokens:
            kept.append(item)
            n_tokens += cost
        else:
            left_out.append(item)
    messages = write(question, kept, templates)
    return Prompt(messages, tuple(kept), tuple(left_out), n_tokens, templates.sha256(names))


def reading_prompt(question: str, texts: Sequence[str], templates: Templates | None = None) -> str:
    """Write a question under its texts, as the embedded model was taught to read them.

    Parameters
    ----------
    texts
        Each on one line, best first.
    """
    templates = templates or read_templates()
    evidence = "\n".join(map(_as_text, texts))
    return templates.render("reading", evidence=evidence, question=question).rstrip()


def _completions(
    question: str,
    evidence: Sequence[Evidence],
    max_tokens: int,
    count_tokens: Callable[[str], int],
    templates: Templates,
) -> Prompt:
    """Write a message for each piece of evidence: a base model reads them one by one."""
    name = f"completion_{answer_type(question) or 'other'}"
    written = [
        templates.render(name, evidence=shown_to_model(item), question=question).rstrip()
        for item in evidence
    ]
    counts = [count_tokens(text) for text in written]
    if counts[0] > max_tokens:
        raise _too_long()
    fits = [n_tokens <= max_tokens for n_tokens in counts]
    return Prompt(
        tuple(Message("user", text) for text in compress(written, fits)),
        tuple(compress(evidence, fits)),
        tuple(item for item, is_in in zip(evidence, fits, strict=True) if not is_in),
        sum(compress(counts, fits)),
        templates.sha256([name]),
    )


def _too_long() -> PromptTooLongError:
    return PromptTooLongError(
        "La pregunta y su mejor evidencia no caben en la ventana del modelo",
        "Acorta la pregunta o amplía la ventana con RAG_CONTEXT_TOKENS",
    )


def _chat(question: str, evidence: Sequence[Evidence], templates: Templates) -> tuple[Message, ...]:
    numbered = "\n".join(_line(item) for item in evidence)
    return (
        Message("system", templates.render("chat_system", no_answer=NO_ANSWER)),
        Message(
            "user",
            templates.render(
                "chat_user", evidence=numbered, question=question, no_answer=NO_ANSWER
            ),
        ),
    )


def _reading(
    question: str, evidence: Sequence[Evidence], templates: Templates
) -> tuple[Message, ...]:
    """Write the best piece alone, and then all: what was read of the one is not read again."""
    texts = [shown_to_model(item) for item in evidence]
    sizes = sorted({1, len(texts)})
    prompts = (reading_prompt(question, texts[:size], templates) for size in sizes)
    return tuple(Message("user", prompt) for prompt in prompts)


def _as_text(text: str) -> str:
    return f"Texto: {text}"


def _line(item: Evidence) -> str:
    # What a document says, and what it is called, must not be able to speak to the model.
    return f"[{item.marker}] ({defuse_path(item.path)}) {shown_to_model(item)}"


# For who reads the evidence together: templates, the messages, and what each piece adds to them.
_TOGETHER: Final = {
    "chat": (_CHAT_TEMPLATES, _chat, _line),
    "reading": (("reading",), _reading, lambda item: _as_text(shown_to_model(item))),
}
