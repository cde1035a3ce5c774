"""Asking: the commands that take a question."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rag.cli.options import (
    ExplainOption,
    IndexDirOption,
    JsonOption,
    ModelOption,
    open_assistant,
)
from rag.cli.output import (
    print_json,
    printable,
    say,
    say_answer,
    say_evidence,
    say_explanation,
    say_notices,
    say_understood,
)

if TYPE_CHECKING:
    from rag.schema import Answer, Event, Turn

ABSTAINED_EXIT: Final = 3

QuestionArgument = Annotated[
    str, typer.Argument(metavar="PREGUNTA", help="Qué quieres saber, entre comillas.")
]
AfterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--after",
        metavar="PREGUNTA",
        help="Una pregunta anterior de la conversación; se puede repetir, la más antigua primero.",
    ),
]


def search_command(
    question: QuestionArgument,
    after: AfterOption = None,
    index_dir: IndexDirOption = None,
    top_k: Annotated[
        int | None,
        typer.Option("--top-k", metavar="N", min=1, max=50, help="Cuántas fuentes; si no, 5."),
    ] = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Busca las frases que hablan de algo, con su archivo y su línea."""
    from rag.schema import Turn

    assistant = open_assistant(index_dir=index_dir)
    history: list[Turn] = []
    for earlier in after or ():
        history.append(Turn(assistant.understand(earlier, history)))
    retrieved = assistant.search(question, top_k, history=history)
    if as_json:
        print_json(retrieved.as_dict() | (retrieved.explanation.as_dict() if explain else {}))
        return
    say_understood(retrieved.standalone_question)
    if not retrieved.evidence:
        say("No hay nada parecido en los documentos.")
    say_evidence(retrieved.evidence)
    say_notices(retrieved.notices)
    if explain:
        say_explanation(retrieved.explanation)


def ask_command(
    question: QuestionArgument,
    after: AfterOption = None,
    index_dir: IndexDirOption = None,
    model: ModelOption = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Escribe la respuesta de una vez.")
    ] = False,
) -> None:
    """Responde una pregunta y cita las líneas que lo dicen."""
    assistant = open_assistant(index_dir=index_dir, model=model)
    history: list[Turn] = []
    for earlier in after or ():
        history.append(assistant.ask(earlier, history).turn)
    show_tokens = not as_json and not no_stream and sys.stdout.isatty()
    events = assistant.stream(question, history)
    answer, streamed = _answer(events, show_tokens=show_tokens, is_quiet=as_json)
    if as_json:
        print_json(answer.as_dict() | (answer.explanation.as_dict() if explain else {}))
    else:
        say_answer(answer, streamed if show_tokens else None)
        if explain:
            say_explanation(answer.explanation)
    if answer.abstained:
        raise typer.Exit(ABSTAINED_EXIT)


def _answer(events: Iterator[Event], *, show_tokens: bool, is_quiet: bool) -> tuple[Answer, str]:
    """Follow the events of an answer, writing its words as they come if that is wanted."""
    from rag.schema import Answer, Retrieved, Token

    written = ""
    try:
        for event in events:
            match event:
                case Retrieved() if not is_quiet:
                    say_understood(event.standalone_question)
                case Token():
                    written += event.text
                    if show_tokens:
                        print(printable(event.text), end="", flush=True)
                case Answer():
                    return event, written
    finally:
        if show_tokens and written:
            print()
    raise AssertionError("stream ends with an Answer")
