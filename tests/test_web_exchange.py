from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import ABSTAINED, Assistant
from rag.config import Settings, load_settings
from rag.embed import Embedder
from rag.errors import NoIndexError, TooManyWaitingError
from rag.schema import Event, Token, Turn
from rag.web.exchange import Asked, answer_in_turn, converse
from rag.web.line import WritingLine
from rag.web.telling import ExchangeState
from tests.json_values import json_values
from tests.ollama_server import OllamaServer

QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"
ANSWER = "La definición la publicó la Open Source Initiative en octubre de 2024 [1]."
SECONDS = 20  # more than anything here takes


async def states_of(
    assistant: Assistant, asked: Asked, line: WritingLine | None = None
) -> list[ExchangeState]:
    async with asyncio.timeout(SECONDS):
        return [state async for state in converse(assistant, asked, line or WritingLine())]


def told(assistant: Assistant, question: str, *turns: Turn) -> list[ExchangeState]:
    """The states of a question that nobody else asks meanwhile."""
    states = asyncio.run(states_of(assistant, Asked("7", question, turns)))
    for state in states:
        json.dumps(state, ensure_ascii=False, allow_nan=False).encode()
        assert state["id"] == "7"
        assert state["question"] == question
    return states


def steps(states: Sequence[ExchangeState]) -> list[str]:
    """What became of a question, step by step."""
    names = [state["state"] for state in states]
    return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]


class Slow(Assistant):
    """One whose model writes a word whenever it is let, and tells what became of it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.may_write = threading.Semaphore(0)
        self.writes = threading.Event()
        self.n_writing = 0
        self.n_stopped = 0
        self.threads: set[str] = set()

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        events = super().stream(question, history)
        yield next(events)
        self.n_writing += 1
        assert self.n_writing == 1
        self.writes.set()
        patience = time.monotonic() + SECONDS
        try:
            while not self.may_write.acquire(timeout=0.02):
                if time.monotonic() > patience:  # so that a model nobody stops fails its test
                    raise TimeoutError
                self.threads.add(threading.current_thread().name)
                yield Token("")
            self.n_writing -= 1
            yield from events
        except GeneratorExit:
            self.n_stopped += 1
            self.n_writing -= 1
            raise


@pytest.fixture
def slow(seeds_index: Path, bundled: Embedder) -> Slow:
    assistant = Slow.open(index_dir=seeds_index, model="extractive")
    assistant._engines._embedder = bundled
    return assistant


# --- the states of an answer ----------------------------------------------------------------------


def test_an_answer_comes_after_its_sources(seeds_assistant: Assistant) -> None:
    states = told(seeds_assistant, QUESTION)
    assert steps(states) == ["searching", "writing", "answered"]
    assert not states[0]["sources"]
    first_with_text = next(state for state in states if state["text"])
    first_with_sources = next(state for state in states if state["sources"])
    assert states.index(first_with_sources) < states.index(first_with_text)
    assert not any(source["cited"] for source in first_with_sources["sources"])
    last = states[-1]
    assert "Open Source Initiative" in last["text"]
    assert any(source["cited"] for source in last["sources"])
    assert {claim["status"] for claim in last["claims"]} == {"supported"}
    assert last["turn"] == {"question": QUESTION, "answer": last["text"]}
    assert last["trace"] is not None
    assert last["seconds"] is not None
    assert last["seconds"]["total"] > 0
    assert all(state["trace"] is None for state in states[:-1])


def test_abstaining_shows_the_nearest_there_is(seeds_assistant: Assistant) -> None:
    states = told(seeds_assistant, "¿Cómo se prepara el salmorejo cordobés?")
    assert steps(states) == ["searching", "abstained"]
    last = states[-1]
    assert last["text"] == ABSTAINED
    assert last["sources"]
    assert last["doubts"]
    assert not set(last["doubts"]) & set(last["notices"])
    assert last["turn"] == {"question": last["question"], "answer": ""}


def test_thanks_are_answered_without_a_search(seeds_assistant: Assistant) -> None:
    *_, last = told(seeds_assistant, "gracias")
    assert last["state"] == "conversed"
    assert last["text"]
    assert not last["sources"]
    assert last["trace"] is None


def test_a_model_that_thinks_is_said_to_think(
    seeds_index: Path, bundled: Embedder, ollama: OllamaServer
) -> None:
    ollama.scripts["pensador"] = [ANSWER]
    ollama.thoughts["pensador"] = ["Veamos…", "Sí."]
    ollama.shown["pensador"] = {"capabilities": ["completion", "thinking"]}
    assistant = Assistant.open(
        index_dir=seeds_index, model="pensador", ollama_host=ollama.url, think=True
    )
    assistant._engines._embedder = bundled
    states = told(assistant, QUESTION)
    assert steps(states) == ["searching", "writing", "thinking", "writing", "answered"]
    assert "Veamos" not in json.dumps(states)
    assert "Open Source Initiative" in states[-1]["text"]


def test_a_follow_up_tells_how_it_was_understood(quoting_assistant: Assistant) -> None:
    states = told(quoting_assistant, "¿y cuándo?", Turn(QUESTION, ANSWER))
    understood = [state["understood"] for state in states]
    assert understood[0] is None
    assert understood[-1] not in (None, "¿y cuándo?")
    assert set(understood[1:]) == {understood[-1]}
    assert states[-1]["turn"] is not None
    assert states[-1]["turn"]["question"] == understood[-1]


def test_no_index_is_told_with_what_to_do_on_the_page(tmp_path: Path) -> None:
    *_, last = told(Assistant.open(index_dir=tmp_path), "¿Cuánto mide el faro?")
    assert last["state"] == "failed"
    assert last["error"] is not None
    assert last["error"]["kind"] == "no_index"
    assert "Documentos" in last["error"]["remedy"]


def test_a_question_that_is_none_is_told(seeds_assistant: Assistant) -> None:
    *_, last = told(seeds_assistant, " ¿? ")
    assert last["error"] is not None
    assert last["error"]["kind"] == "usage"


def test_what_was_found_outlasts_a_failure(
    ollama_assistant: Assistant, ollama: OllamaServer
) -> None:
    ollama.failures["enfermo"] = (500, "out of memory")
    *_, last = told(ollama_assistant.using(model="enfermo"), QUESTION)
    assert last["state"] == "failed"
    assert last["error"] is not None
    assert last["error"]["kind"] == "model"
    assert last["sources"]


def test_an_error_of_our_own_is_told_in_plain_words(
    seeds_index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Assistant):
        def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
            yield from list(super().stream(question, history))[:1]
            raise ZeroDivisionError

    *_, last = told(Broken.open(index_dir=seeds_index, model="extractive"), QUESTION)
    assert last["state"] == "failed"
    assert last["error"] is not None
    assert "Zero" not in json.dumps(last["error"])
    assert last["sources"]
    assert "ZeroDivisionError" in caplog.text


def test_states_that_nobody_could_read_are_overtaken(
    ollama_assistant: Assistant, ollama: OllamaServer
) -> None:
    def quickly(_request: dict[str, Any]) -> Iterator[str]:
        yield from [f"{ANSWER} "] * 100

    ollama.scripts["veloz"] = quickly
    started = time.monotonic()
    states = told(ollama_assistant.using(model="veloz"), QUESTION)
    seconds = time.monotonic() - started
    writing = [state["text"] for state in states if state["state"] == "writing"]
    assert len(writing) <= 20 * seconds + 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(writing))
    assert states[-1]["text"].count("Open Source Initiative") == 100


def test_a_state_is_small(seeds_assistant: Assistant) -> None:
    sizes = [len(json.dumps(state).encode()) for state in told(seeds_assistant, QUESTION)]
    assert max(sizes[:-1]) < 20_000
    assert sizes[-1] < 60_000


# --- turns ----------------------------------------------------------------------------------------


async def until(condition: Any) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


def test_sources_are_shown_to_who_waits_for_a_writer(slow: Slow) -> None:
    async def live() -> list[ExchangeState]:
        line = WritingLine()
        first = asyncio.create_task(states_of(slow, Asked("a", QUESTION, (), "ana"), line))
        await until(slow.writes.is_set)
        states: list[ExchangeState] = []
        async for state in converse(slow, Asked("b", QUESTION, (), "benito"), line):
            states.append(state)
            if state["state"] == "waiting":
                slow.may_write.release(2)
        assert (await first)[-1]["state"] == "answered"
        return states

    states = asyncio.run(live())
    assert steps(states) == ["searching", "waiting", "writing", "answered"]
    waiting = next(state for state in states if state["state"] == "waiting")
    assert waiting["ahead"] == 1
    assert waiting["sources"]
    assert all(state["ahead"] == 0 for state in states if state["state"] != "waiting")


@pytest.mark.parametrize("how", ["closed", "cancelled", "forgotten"])
def test_an_exchange_that_is_left_stops_the_model_and_gives_its_turn_back(
    slow: Slow, how: str
) -> None:
    async def follow(states: AsyncIterator[ExchangeState]) -> None:
        async for _ in states:
            pass

    async def live() -> None:
        line = WritingLine()
        states = cast(Any, converse(slow, Asked("a", QUESTION, (), "ana"), line))
        if how == "cancelled":
            following = asyncio.create_task(follow(states))
            await until(slow.writes.is_set)
            following.cancel()
            await asyncio.wait([following])
        else:
            async with aclosing(states) if how == "closed" else asyncio.timeout(SECONDS):
                async for state in states:
                    if state["state"] == "writing":
                        break
                await until(slow.writes.is_set)
            del states
        await until(lambda: slow.n_stopped == 1)
        slow.may_write.release()
        last = (await states_of(slow, Asked("b", QUESTION, (), "benito"), line))[-1]
        assert last["state"] == "answered"
        assert last["id"] == "b"

    asyncio.run(live())


def test_who_leaves_while_waiting_stops_nobody(slow: Slow) -> None:
    async def live() -> ExchangeState:
        line = WritingLine()
        first = asyncio.create_task(states_of(slow, Asked("a", QUESTION, (), "ana"), line))
        await until(slow.writes.is_set)
        async with aclosing(cast(Any, converse(slow, Asked("b", QUESTION), line))) as states:
            async for state in states:
                if state["state"] == "waiting":
                    break
        await until(lambda: line.n_waiting == 0)
        assert slow.n_stopped == 0
        slow.may_write.release()
        return (await first)[-1]

    assert asyncio.run(live())["state"] == "answered"


def test_a_line_that_is_full_says_so_and_shows_what_was_found(slow: Slow) -> None:
    async def live() -> ExchangeState:
        line = WritingLine(max_waiting=0)
        first = asyncio.create_task(states_of(slow, Asked("a", QUESTION, (), "ana"), line))
        await until(slow.writes.is_set)
        second = await states_of(slow, Asked("b", QUESTION, (), "benito"), line)
        with pytest.raises(TooManyWaitingError):
            await answer_in_turn(slow, QUESTION, (), "carla", line)
        slow.may_write.release()
        await first
        return second[-1]

    last = asyncio.run(live())
    assert last["state"] == "failed"
    assert last["error"] is not None
    assert "demasiadas" in last["error"]["message"]
    assert last["sources"]


def test_many_at_once_each_have_their_own_answer(quoting_assistant: Assistant) -> None:
    assistant = quoting_assistant
    questions = [QUESTION, "¿Quién promueve el Plan ATOM?", "¿Qué es la cuantización?"]

    async def live() -> list[list[ExchangeState]]:
        line = WritingLine()
        asked = [Asked(str(n), f"{questions[n % 3]}", (), f"visitante {n % 5}") for n in range(30)]
        return await asyncio.gather(*(states_of(assistant, each, line) for each in asked))

    alone = {question: assistant.ask(question).text for question in questions}
    for n, states in enumerate(asyncio.run(live())):
        assert {state["id"] for state in states} == {str(n)}
        assert states[-1]["text"] == alone[questions[n % 3]]


def test_a_program_has_its_answer_in_turn(seeds_assistant: Assistant, tmp_path: Path) -> None:
    line = WritingLine()
    answer = asyncio.run(answer_in_turn(seeds_assistant, QUESTION, (), "programa", line))
    assert "Open Source Initiative" in answer.text
    assert answer.citations
    nothing = Assistant.open(index_dir=tmp_path)
    with pytest.raises(NoIndexError):
        asyncio.run(answer_in_turn(nothing, QUESTION, (), "programa", line))


def test_while_nothing_happens_the_state_is_told_again(slow: Slow) -> None:
    async def live() -> list[ExchangeState]:
        states: list[ExchangeState] = []
        async with asyncio.timeout(SECONDS):
            async for state in converse(slow, Asked("a", QUESTION), WritingLine()):
                states.append(state)
                if [each["state"] for each in states].count("writing") == 2:
                    slow.may_write.release()
        return states

    states = asyncio.run(live())
    first, again, *_ = [state for state in states if state["state"] == "writing"]
    assert first is again
    assert states[-1]["state"] == "answered"
    assert {name.partition("_")[0] for name in slow.threads} == {"write"}


# --- what a browser sends -------------------------------------------------------------------------


def test_a_question_is_taken_as_it_was_sent() -> None:
    turns = [{"question": f"¿{n}?", "answer": f"{n}"} for n in range(20)]
    asked = Asked.of({"id": "x", "question": "¿Y?", "turns": turns}, "ana")
    assert (asked.id, asked.question, asked.visitor) == ("x", "¿Y?", "ana")
    assert asked.turns[-1] == Turn("¿19?", "19")
    assert len(asked.turns) < 20


JSON = json_values()


@given(
    JSON
    | st.fixed_dictionaries(
        {},
        optional={
            "id": JSON | st.text(st.characters(), min_size=60, max_size=70),
            "question": JSON | st.text(st.characters()),
            "turns": JSON
            | st.lists(
                st.fixed_dictionaries({}, optional={"question": JSON, "answer": JSON}), max_size=9
            ),
        },
    )
)
def test_whatever_a_browser_sends_can_be_asked(sent: Any) -> None:
    asked = Asked.of(sent, "ana")
    assert len(asked.id) <= 64
    asked.id.encode()
    asked.question.encode()
    for turn in asked.turns:
        assert turn.question
        (turn.question + turn.answer).encode()


def test_what_is_too_long_is_not_sent_back() -> None:
    asked = Asked.of({"id": "x" * 10**6, "question": "¿" * 10**6, "turns": [{}] * 10**5}, "")
    assert len(asked.id) + len(asked.question) < 10**5
    assert not asked.turns
    assert len(asked.question) > load_settings().max_question_chars
