"""Line: whose turn it is to have an answer written."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from rag.assistant import Assistant
from rag.errors import TooManyWaitingError

_MAX_WAITING: Final = 200
_SERVED_AT_ONCE: Final = 4  # by a server, which knows what its machine can do and has its own line
_FULL: Final = "Hay demasiadas preguntas a la vez"
_COME_BACK: Final = "Vuelve a preguntar dentro de un momento"


class Place:
    """A place in the line.

    Attributes
    ----------
    visitor
        Whose it is.
    ahead
        How many answers have to end before this one begins; 0 once its turn has come.
    """

    def __init__(self, visitor: str) -> None:
        self.visitor = visitor
        self.ahead = 0
        self._moved = asyncio.Event()

    async def approach(self) -> AsyncIterator[int]:
        """Yield ``ahead`` now and whenever it changes; end when the turn has come."""
        while ahead := self.ahead:
            yield ahead
            while self.ahead == ahead:
                self._moved.clear()
                await self._moved.wait()

    async def turn(self) -> None:
        """Wait until the turn has come."""
        async for _ in self.approach():
            pass

    def move(self, ahead: int) -> None:
        """Tell how many are ahead now."""
        if ahead != self.ahead:
            self.ahead = ahead
            self._moved.set()


class WritingLine:
    """A line in which visitors take turns, so that many questions of one delay no other.

    Of those who wait, the one who has waited longest for a turn goes next, with the first of their
    questions. All calls come from one event loop, which need not run yet when the line is made.

    Parameters
    ----------
    n_writers
        How many answers are written at once.
    max_waiting
        Places, of all visitors together.
    """

    def __init__(self, n_writers: int = 1, max_waiting: int = _MAX_WAITING) -> None:
        self._n_writers = n_writers
        self._n_writing = 0
        self._max_waiting = max_waiting
        self._waiting: dict[str, deque[Place]] = {}  # by visitor, in the order of their turns

    @contextmanager
    def place(self, visitor: str) -> Iterator[Place]:
        """Hold a place, from the line's end until what it was for is done or given up.

        Whoever holds it waits for its turn, and only then writes.

        Raises
        ------
        TooManyWaitingError
            If too many wait already.
        """
        place = self._join(visitor)
        try:
            yield place
        finally:
            self._leave(place)

    @property
    def n_waiting(self) -> int:
        """How many wait for a turn."""
        return sum(map(len, self._waiting.values()))

    def _join(self, visitor: str) -> Place:
        place = Place(visitor)
        if self._has_room and not self._waiting:
            self._n_writing += 1
            return place
        if self.n_waiting >= self._max_waiting:
            raise TooManyWaitingError(_FULL, _COME_BACK)
        self._waiting.setdefault(visitor, deque()).append(place)
        self._move_up()
        return place

    def _leave(self, place: Place) -> None:
        own = self._waiting.get(place.visitor, deque())
        if place in own:  # given up before its turn
            own.remove(place)
            if not own:
                del self._waiting[place.visitor]
        else:
            self._n_writing -= 1
        self._move_up()

    @property
    def _has_room(self) -> bool:
        return self._n_writing < self._n_writers

    def _move_up(self) -> None:
        """Give each free turn to the visitor who is next, and who then goes to the end."""
        while self._waiting and self._has_room:
            visitor = next(iter(self._waiting))
            own = self._waiting.pop(visitor)
            self._n_writing += 1
            own.popleft().move(0)
            if own:
                self._waiting[visitor] = own
        for ahead, place in enumerate(self._in_order(), start=1):
            place.move(ahead)

    def _in_order(self) -> Iterator[Place]:
        """Yield who waits, in the order of their turns if nobody else comes."""
        rounds = [list(own) for own in self._waiting.values()]
        for number in range(max(map(len, rounds), default=0)):
            yield from (own[number] for own in rounds if number < len(own))


class Lines:
    """The lines of a page: one for the models that share its cores, one for those of a server."""

    def __init__(self) -> None:
        self._here = WritingLine()
        self._at_server = WritingLine(_SERVED_AT_ONCE)

    def of(self, assistant: Assistant) -> WritingLine:
        """Return the line for whoever would write for an assistant."""
        return self._at_server if assistant.is_served else self._here
