"""Files read ahead, on other processes, in order.

A document is hostile until it has been read: it may crash a parser, keep it busy for ever, fill the
memory or take the parser over. So parsers run in processes of their own, and only text comes back.
The ways that the standard library and pebble offer to do so speak pickle, in which whoever answers
can run any code in the one who asked, and import the caller's own program once more.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path
from typing import Final, Self

from rag.errors import LoadError
from rag.load.extract import Extract
from rag.load.folder import SourceFile
from rag.load.process.parent import CannotStartError, Limits, ReaderProcess, StoppedError
from rag.load.registry import as_document, extract, format_of, read_bytes
from rag.load.unreadable import out_of_memory
from rag.schema import Document

logger = logging.getLogger(__name__)

_MAX_READERS: Final = 2  # whoever waits for the text has work for the other cores
_MAX_AHEAD: Final = 32  # files
_MAX_AHEAD_BYTES: Final = 64 * 1024 * 1024  # of memory
_BYTES_A_NUMBER: Final = 40
_BYTES_A_MARK: Final = 300
_MAX_READ: Final = 500  # documents a process: what libraries leak goes with it


class Readers:
    """Some processes that read documents, started when they are first needed.

    Where none can be started, documents are read here, without limits.

    Parameters
    ----------
    n_readers
        At once; None: as many as there are cores, two at most.
    """

    def __init__(self, n_readers: int | None = None, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        n_readers = n_readers or min(_MAX_READERS, os.cpu_count() or 1)
        self._threads = ThreadPoolExecutor(n_readers, thread_name_prefix="reader")
        self._processes: set[ReaderProcess] = set()
        self._idle: list[ReaderProcess] = []
        self._lock = threading.Lock()
        self._is_closed = False
        self._can_start = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes, whatever they are at."""
        with self._lock:
            self._is_closed = True
            for process in self._processes:
                process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.close()
        self._processes.clear()

    def read_all(self, files: Iterable[SourceFile]) -> Generator[Document | LoadError, None, None]:
        """Yield what each file says, or why it cannot be read, in the order given.

        Some of those that follow are read meanwhile. Where the system refused a file, or ended its
        reader, the cause of the error is an OSError.
        """
        rest = iter(files)
        numbers = count()
        ahead = _Ahead()
        waiting: deque[Future[Document | LoadError]] = deque()
        try:
            while True:
                for file in islice(rest, _MAX_AHEAD - len(waiting)):
                    waiting.append(self._threads.submit(self._read, file, next(numbers), ahead))
                if not waiting:
                    return
                found = waiting.popleft().result()
                ahead.take(found)
                yield found
        finally:
            ahead.end()
            for future in waiting:
                future.cancel()

    def read(self, path: Path, name: str) -> Document:
        """Read one file, now.

        Raises
        ------
        LoadError
            If it cannot be read.
        """
        data = read_bytes(path)
        found = format_of(path.name)
        is_plain = found is not None and found.is_plain
        if is_plain and len(data) <= self._limits.plain_bytes:
            return as_document(name, data, extract(data, path.name))
        return as_document(name, data, self._extract(data, path.name))

    def _read(self, file: SourceFile, number: int, ahead: _Ahead) -> Document | LoadError:
        if not ahead.wait_for_room(number):
            return _abandoned()
        found: Document | LoadError
        try:
            found = self.read(file.path, file.name)
        except LoadError as error:
            found = _bare(error)
        except MemoryError:
            found = out_of_memory()
        ahead.add(found)
        return found

    def _extract(self, data: bytes, name: str) -> Extract:
        """Read a document in one of the processes.

        It is refused only by a process that had read nothing before: what an earlier document did
        to its reader is no fault of this one.
        """
        while (process := self._take()) is not None:
            is_first = not process.n_read
            try:
                return process.read(data, name)
            except StoppedError as stopped:
                logger.warning("the reader of %r ended: %s", name, stopped)
                if is_first or stopped.is_late:
                    raise stopped.refusal from _cause(stopped)
            except CannotStartError as error:
                self._cannot_start(error)
            finally:
                self._give_back(process)
        return extract(data, name)

    def _take(self) -> ReaderProcess | None:
        """Return a process that reads nothing now; None where there can be none."""
        with self._lock:
            if self._is_closed:
                raise _abandoned()
            if self._idle:
                return self._idle.pop()
            if not self._can_start:
                return None
            try:
                process = ReaderProcess(self._limits)
            except CannotStartError as error:
                self._cannot_start(error)
                return None
            self._processes.add(process)
            return process

    def _give_back(self, process: ReaderProcess) -> None:
        with self._lock:
            if self._is_closed:
                return
            if process.has_ended or process.n_read >= _MAX_READ:
                process.close()
                self._processes.remove(process)
            else:
                self._idle.append(process)

    def _cannot_start(self, error: CannotStartError) -> None:
        if self._can_start and not self._is_closed:
            logger.warning("documents are read without limits: %s", error)
        self._can_start = False


class _Ahead:
    """How much has been read that nobody has taken yet.

    What is next to be taken is read however much waits, so that there is an end to the waiting.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next = 0
        self._n_bytes = 0
        self._is_over = False

    def wait_for_room(self, number: int) -> bool:
        """Wait until a file may be read; return whether anybody still wants it."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_over or number == self._next or self._n_bytes < _MAX_AHEAD_BYTES
            )
            return not self._is_over

    def add(self, found: Document | LoadError) -> None:
        """Count what was read."""
        with self._changed:
            self._n_bytes += _n_bytes(found)

    def take(self, found: Document | LoadError) -> None:
        """Count what was taken."""
        with self._changed:
            self._n_bytes -= _n_bytes(found)
            self._next += 1
            self._changed.notify_all()

    def end(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()


def read_one(path: Path, name: str) -> Document:
    """Read one file, in a process of its own unless it is a small plain text.

    Raises
    ------
    LoadError
        If it cannot be read.
    """
    with Readers(1) as readers:
        return readers.read(path, name)


def _n_bytes(found: Document | LoadError) -> int:
    if isinstance(found, LoadError):
        return 0
    n_marks = len(found.layout.marks) + len(found.headings)
    n_numbers = len(found.layout.numbers)
    return sys.getsizeof(found.text) + _BYTES_A_NUMBER * n_numbers + _BYTES_A_MARK * n_marks


def _abandoned() -> LoadError:
    return LoadError("se ha dejado de leer", "Vuelve a empezar")


def _cause(stopped: StoppedError) -> Exception:
    """Tell what the system did, which it may not do again, from what the document did."""
    return ChildProcessError(str(stopped)) if stopped.is_killed else stopped


def _bare(error: LoadError) -> LoadError:
    """Return an error without what it would keep in memory: the whole file, for one."""
    bare = LoadError(error.message, error.remedy)
    if isinstance(error.__cause__, OSError | StoppedError):
        bare.__cause__ = error.__cause__.with_traceback(None)
    return bare
