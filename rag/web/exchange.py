"""Exchange: the events of an answer, as the states that the page shows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Self

from rag.assistant import Assistant
from rag.errors import ModelError, NoIndexError, RagError, UsageError
from rag.generate import label_of
from rag.schema import Answer, Event, Retrieved, Token, Turn
from rag.web.excerpt import visible
from rag.web.following import Following
from rag.web.line import WritingLine
from rag.web.source import sources_of
from rag.web.telling import ErrorState, ExchangeState, Step, Told
from rag.web.trace import seconds_of, trace_of

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN: Final = 0.05  # states of one kind: faster than that nobody reads
_MAX_ID_CHARS: Final = 64
_MAX_QUESTION_CHARS: Final = 20_000  # shown back; what may be asked is the settings' to say
_MAX_TURNS: Final = 8
_MAX_TURN_CHARS: Final = 4000

_NO_DOCUMENTS: Final = "Todavía no hay documentos"
_ADD_DOCUMENTS: Final = "Añade los tuyos en la pestaña Documentos"
_BROKEN: Final = "Algo ha fallado y no se ha podido responder"
_TRY_AGAIN: Final = "Vuelve a preguntarlo; si se repite, mira qué dice el programa en su consola"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a browser sent it.

    Attributes
    ----------
    id
        What the browser knows the exchange by.
    turns
        The conversation so far, oldest first.
    visitor
        Whoever takes turns with others.
    """

    id: str
    question: str
    turns: tuple[Turn, ...] = ()
    visitor: str = ""

    @classmethod
    def of(cls, data: object, visitor: str) -> Self:
        """Take what can be taken from what a browser sent, which may be anything."""
        sent: Mapping[Any, Any] = data if isinstance(data, Mapping) else {}
        turns = sent.get("turns")
        return cls(
            _text(sent.get("id"), _MAX_ID_CHARS),
            _text(sent.get("question"), _MAX_QUESTION_CHARS),
            tuple(
                Turn(
                    _text(turn.get("question"), _MAX_TURN_CHARS),
                    _text(turn.get("answer"), _MAX_TURN_CHARS),
                )
                for turn in (turns[-_MAX_TURNS:] if isinstance(turns, list) else ())
                if isinstance(turn, Mapping) and _text(turn.get("question"), 1)
            ),
            visitor,
        )


def _text(value: object, max_chars: int) -> str:
    """Return a text that can be written in UTF-8, no longer than it may be."""
    text = value[:max_chars] if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()


async def converse(
    assistant: Assistant, asked: Asked, line: WritingLine
) -> AsyncIterator[ExchangeState]:
    """Answer a question: yield what the page shows of it, from the search to the answer.

    Each state is whole. Where states come faster than they can be read, those of a kind are
    overtaken by the last of them; no kind is passed over. Where none comes for a while, the last is
    told again. Closing the iterator, or cancelling the task that follows it, stops the model and
    gives the place in the line back.
    """
    told = Told(asked.id, asked.question)
    writing = asyncio.create_task(_answer(assistant, asked, line, told))
    shown: ExchangeState | None = None
    shown_at = 0.0
    try:
        while (state := await told.next(shown)) is not None:
            if shown is not None and state["state"] == shown["state"]:
                await asyncio.sleep(shown_at + _SECONDS_BETWEEN - monotonic())
                state = told.overtaking(state)
            shown, shown_at = state, monotonic()
            yield state
    finally:
        writing.cancel()


async def answer_in_turn(
    assistant: Assistant,
    question: str,
    history: Sequence[Turn],
    visitor: str,
    line: WritingLine,
) -> Answer:
    """Answer a question when its turn has come, for who wants the answer alone.

    Cancelling the task stops the model and gives the place in the line back.

    Raises
    ------
    RagError
        As ``Assistant.stream`` does; TooManyWaitingError if too many wait.
    """
    heard: list[Event] = []
    following = Following(assistant.stream(question, history), heard.append)
    await following.run(visitor, line, lambda _: None)
    answer = heard[-1]
    if not isinstance(answer, Answer):
        raise TypeError("the last event is the answer")
    return answer


async def _answer(assistant: Assistant, asked: Asked, line: WritingLine, told: Told) -> None:
    """Answer a question, and tell every step of it."""

    def hear(event: Event) -> None:
        match event:
            case Retrieved():
                told.note(
                    understood=event.standalone_question,
                    sources=sources_of(assistant, event.evidence),
                    notices=list(event.notices),
                )
            case Token():
                told.write(event)
            case Answer():
                told.tell(**_answered(assistant, event))

    def wait(ahead: int) -> None:
        told.tell(state="waiting" if ahead else "writing", ahead=ahead)

    try:
        following = Following(assistant.stream(asked.question, asked.turns), hear)
        await following.run(asked.visitor, line, wait)
    except RagError as error:
        told.tell(state="failed", ahead=0, error=_error(error))
    except Exception:
        logger.exception("a question was not answered")
        failure: ErrorState = {"message": _BROKEN, "remedy": _TRY_AGAIN, "kind": "other"}
        told.tell(state="failed", ahead=0, error=failure)
    finally:
        told.end()


def _answered(assistant: Assistant, answer: Answer) -> dict[str, Any]:
    """Return what a whole answer changes of what is shown."""
    step: Step = "abstained" if answer.abstained else "answered"
    if answer.model == "conversation":
        step = "conversed"
    doubts = answer.explanation.doubts
    return {
        "state": step,
        "ahead": 0,
        "understood": answer.standalone_question,
        "text": answer.text,
        "sources": sources_of(assistant, answer.evidence, answer.citations),
        "claims": [claim.as_dict() for claim in answer.claims],
        "notices": [notice for notice in answer.notices if notice not in doubts],
        "doubts": list(doubts),
        "writer": label_of(answer.model) if answer.writer == answer.model else answer.writer,
        "seconds": seconds_of(answer),
        "trace": trace_of(answer) if answer.explanation.candidates else None,
        "turn": {"question": answer.turn.question, "answer": answer.turn.answer},
    }


def _error(error: RagError) -> ErrorState:
    """Return an error as the page shows it, where nobody types commands."""
    message, remedy = visible(error.message), visible(error.remedy)
    match error:
        case NoIndexError():
            return {"message": _NO_DOCUMENTS, "remedy": _ADD_DOCUMENTS, "kind": "no_index"}
        case ModelError():
            return {"message": message, "remedy": remedy, "kind": "model"}
        case UsageError():
            return {"message": message, "remedy": remedy, "kind": "usage"}
    return {"message": message, "remedy": remedy, "kind": "other"}
