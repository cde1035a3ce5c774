"""Following: the events of an answer, one after another, in threads that never wait for a turn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from rag.schema import Event, Retrieved
from rag.web.line import WritingLine

T = TypeVar("T")

_MAX_SEARCHES: Final = 4  # at once: they share the cores with whoever writes
_MAX_WRITERS: Final = 32  # threads; the line says how many are wanted

_SEARCHES: Final = ThreadPoolExecutor(_MAX_SEARCHES, thread_name_prefix="search")
_WRITINGS: Final = ThreadPoolExecutor(_MAX_WRITERS, thread_name_prefix="write")


class Following:
    """The events of an answer, followed in threads: never in two at once, and none that waits."""

    def __init__(self, events: Iterator[Event], hear: Callable[[Event], None]) -> None:
        self._events = events
        self._hear = hear
        self._is_stopped = threading.Event()

    async def run(self, visitor: str, line: WritingLine, wait: Callable[[int], None]) -> None:
        """Follow the events to the end; if cancelled, stop the model first.

        Parameters
        ----------
        wait
            Told how many answers have to end before this one begins, and 0 when it begins.
        """
        try:
            if not await self._in_thread(_SEARCHES, self._search):
                return
            with line.place(visitor) as place:
                async for ahead in place.approach():
                    wait(ahead)
                wait(0)
                await self._in_thread(_WRITINGS, self._write)
        finally:
            _close(self._events)

    def _search(self) -> bool:
        """Follow the events as far as nobody writes; return whether somebody is to write."""
        for event in self._events:
            self._hear(event)
            if isinstance(event, Retrieved) and event.is_answerable:
                return True
        return False

    def _write(self) -> None:
        for event in self._events:
            self._hear(event)
            if self._is_stopped.is_set():
                _close(self._events)  # here and now: it may take a while
                return

    async def _in_thread(self, pool: ThreadPoolExecutor, step: Callable[[], T]) -> T:
        """Take a step in a thread of a pool, and do not leave before the thread does."""
        future = pool.submit(step)
        done = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            if not future.cancel():  # the thread is at it
                self._is_stopped.set()
            while not done.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([done])
            raise


async def in_search(search: Callable[[], T]) -> T:
    """Search for whoever wants no more than that, in one of the threads that search."""
    return await asyncio.wrap_future(_SEARCHES.submit(search))


def _close(events: Iterator[Event]) -> None:
    close = getattr(events, "close", None)
    if close is not None:
        close()
