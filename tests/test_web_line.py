from __future__ import annotations

import asyncio
import random
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.errors import TooManyWaitingError
from rag.web.line import Lines, Place, WritingLine
from tests.ollama_server import OllamaServer

VISITORS = ("ana", "benito", "carla")


class Held:
    """Places of a line, held and given up in any order."""

    def __init__(self, line: WritingLine) -> None:
        self.line = line
        self.places: list[tuple[Place, AbstractContextManager[Place]]] = []

    def join(self, visitor: str) -> Place:
        holder = self.line.place(visitor)
        place = holder.__enter__()
        self.places.append((place, holder))
        return place

    def leave(self, which: int) -> Place:
        place, holder = self.places.pop(which % len(self.places))
        holder.__exit__(None, None, None)
        return place

    @property
    def aheads(self) -> list[int]:
        return sorted(place.ahead for place, _ in self.places)


STEPS = st.lists(st.one_of(st.sampled_from(VISITORS), st.integers(0, 30)), max_size=60)


@given(STEPS, st.integers(1, 3))
def test_nobody_waits_for_nothing_and_no_place_is_lost(
    steps: list[str | int], n_writers: int
) -> None:
    held = Held(WritingLine(n_writers))
    for step in steps:
        if isinstance(step, str):
            held.join(step)
        elif held.places:
            held.leave(step)
        n = len(held.places)
        assert held.aheads == [0] * min(n, n_writers) + list(range(1, n - n_writers + 1))
        assert held.line.n_waiting == max(0, n - n_writers)
    while held.places:
        held.leave(0)
    assert [held.join("ana").ahead for _ in range(n_writers + 1)] == [0] * n_writers + [1]


@given(STEPS, st.integers(1, 3))
def test_while_a_visitor_waits_nobody_else_has_two_turns(
    steps: list[str | int], n_writers: int
) -> None:
    held = Held(WritingLine(n_writers))
    n_turns = {(waiter, other): 0 for waiter in VISITORS for other in VISITORS}
    for step in steps:
        before = [place for place, _ in held.places if place.ahead]
        if isinstance(step, str):
            held.join(step)
        elif held.places:
            held.leave(step)
        still_held = [place for place, _ in held.places]
        came = [place for place in before if not place.ahead and place in still_held]
        waiting = {place.visitor for place in still_held if place.ahead}
        for waiter in VISITORS:
            for other in VISITORS:
                if waiter not in waiting or any(place.visitor == waiter for place in came):
                    n_turns[waiter, other] = 0
        for place in came:
            for waiter in waiting - {place.visitor}:
                n_turns[waiter, place.visitor] += 1
                assert n_turns[waiter, place.visitor] <= 1


def test_one_of_twenty_questions_delays_another_visitor_by_one() -> None:
    held = Held(WritingLine())
    for _ in range(20):
        held.join("ana")
    other = held.join("benito")
    assert other.ahead == 2  # the one being written, and one more of hers
    held.leave(0)
    assert other.ahead == 1
    held.leave(0)
    assert other.ahead == 0


def test_a_line_has_an_end() -> None:
    held = Held(WritingLine(1, max_waiting=2))
    for visitor in VISITORS:
        held.join(visitor)
    with pytest.raises(TooManyWaitingError, match="demasiadas preguntas"):
        held.join("dora")
    held.leave(0)
    held.join("dora")


def test_a_server_writes_several_at_once(
    seeds_assistant: Assistant, seeds_index: Path, ollama: OllamaServer
) -> None:
    served = Assistant.open(
        index_dir=seeds_index, model="gemma-3-270m:latest", ollama_host=ollama.url
    )
    for assistant in (seeds_assistant, served):
        assistant.warm_up()
    lines = Lines()
    own, other = (Held(lines.of(assistant)) for assistant in (seeds_assistant, served))
    for visitor in VISITORS:
        own.join(visitor)
        other.join(visitor)
    assert own.aheads == [0, 1, 2]
    assert other.aheads == [0, 0, 0]


def test_whoever_waits_hears_how_the_line_moves() -> None:
    heard: list[int] = []

    async def wait(line: WritingLine) -> None:
        with line.place("ana") as place:
            heard.extend([ahead async for ahead in place.approach()])

    async def live(line: WritingLine) -> None:
        with ExitStack() as first, ExitStack() as second:
            first.enter_context(line.place("benito"))
            second.enter_context(line.place("carla"))
            waiting = asyncio.create_task(wait(line))
            await asyncio.sleep(0)
            first.close()
            await asyncio.sleep(0)
            second.close()
            await asyncio.wait_for(waiting, timeout=5)

    asyncio.run(live(WritingLine()))  # made before there is a loop
    assert heard == [2, 1]


@given(st.randoms(use_true_random=False), st.integers(1, 3))
def test_whenever_they_are_cancelled_no_turn_is_lost(chance: random.Random, n_writers: int) -> None:
    line = WritingLine(n_writers)
    n_writing = 0

    async def write(visitor: str, n_words: int) -> None:
        nonlocal n_writing
        with line.place(visitor) as place:
            await place.turn()
            n_writing += 1
            assert n_writing <= n_writers
            try:
                for _ in range(n_words):
                    await asyncio.sleep(0)
            finally:
                n_writing -= 1

    async def live() -> None:
        # Drawn here: a task that outlives a run given up may draw no more.
        tasks = [
            asyncio.create_task(write(chance.choice(VISITORS), chance.randrange(4)))
            for _ in range(12)
        ]
        while not all(task.done() for task in tasks):
            if chance.random() < 0.3:
                chance.choice(tasks).cancel()
            await asyncio.sleep(0)
        for task in tasks:
            assert task.cancelled() or task.exception() is None
        assert line.n_waiting == 0
        with ExitStack() as places:
            assert [places.enter_context(line.place("ana")).ahead for _ in range(n_writers)] == [
                0
            ] * n_writers

    asyncio.run(live())
