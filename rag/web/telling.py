"""Telling: the states of an exchange, one whole snapshot after another."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Literal, TypedDict, cast

from rag.schema import Token
from rag.web.source import SourceState
from rag.web.trace import TraceState

# After them a state is told again: a tab that has closed is noticed so.
_SECONDS_SILENT: Final = 2.0

Step = Literal[
    "searching",
    "waiting",
    "thinking",
    "writing",
    "answered",
    "abstained",
    "conversed",
    "failed",
]


class ClaimState(TypedDict):
    """A sentence of the answer, checked."""

    text: str
    status: str
    markers: list[int]
    reason: str | None


class TurnState(TypedDict):
    """What the browser sends back with the questions that follow."""

    question: str
    answer: str


class ErrorState(TypedDict):
    """Why there is no answer, and what to do."""

    message: str
    remedy: str
    kind: Literal["no_index", "model", "usage", "other"]


class ExchangeState(TypedDict):
    """All that the page shows of a question, at one moment."""

    id: str
    state: Step
    ahead: int
    question: str
    understood: str | None
    text: str
    sources: list[SourceState]
    claims: list[ClaimState]
    notices: list[str]
    doubts: list[str]
    writer: str
    seconds: dict[str, float] | None
    trace: TraceState | None
    turn: TurnState | None
    error: ErrorState | None


class Told:
    """The states of one exchange, from the threads that make them to the loop that shows them.

    Parameters
    ----------
    known_as
        The ``id`` that the browser gave it.
    """

    def __init__(self, known_as: str, question: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._waiting: list[ExchangeState] = []
        self._is_over = False
        self._last: ExchangeState = {
            "id": known_as,
            "state": "searching",
            "ahead": 0,
            "question": question,
            "understood": None,
            "text": "",
            "sources": [],
            "claims": [],
            "notices": [],
            "doubts": [],
            "writer": "",
            "seconds": None,
            "trace": None,
            "turn": None,
            "error": None,
        }
        self.tell()

    def tell(self, **changes: Any) -> None:
        """Make another state, from any thread; never from two at once."""
        self.note(**changes)
        self._loop.call_soon_threadsafe(self._add, self._last)

    def note(self, **changes: Any) -> None:
        """Keep for the next state what is no step of its own."""
        self._last = cast("ExchangeState", {**self._last, **changes})

    def write(self, token: Token) -> None:
        """Make another state of what has been written, where that shows."""
        text = self._last["text"] + token.text
        step: Step = "thinking" if token.is_thought else "writing"
        if text != self._last["text"] or (step != self._last["state"] and not text):
            self.tell(state=step, text=text)

    def end(self) -> None:
        """Say that no state follows, from the loop."""
        self._loop.call_soon(self._close)

    async def next(self, shown: ExchangeState | None) -> ExchangeState | None:
        """Wait for the next state, which after a while is the one shown; None behind the last."""
        while not self._waiting:
            if self._is_over:
                return None
            self._came.clear()
            try:
                async with asyncio.timeout(_SECONDS_SILENT):
                    await self._came.wait()
            except TimeoutError:
                if shown is not None:
                    return shown
        return self._waiting.pop(0)

    def overtaking(self, state: ExchangeState) -> ExchangeState:
        """Return what has come since in the place of a state of the same kind."""
        if self._waiting and self._waiting[0]["state"] == state["state"]:
            return self._waiting.pop(0)
        return state

    def _close(self) -> None:
        self._is_over = True
        self._came.set()

    def _add(self, state: ExchangeState) -> None:
        if self._waiting and self._waiting[-1]["state"] == state["state"]:
            self._waiting.pop()
        self._waiting.append(state)
        self._came.set()
