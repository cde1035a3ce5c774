"""A process that reads documents, and can do little else: whatever they do to it stays in it.

It is given bytes and answers with text. It opens no file that it is told of, writes to none, and
has no more memory and time than its parent allows; it ends when its parent does.

Whoever takes it over can lie about the document, within what ``wire`` lets pass. What else it can
do, the system says:

- everywhere: it has the environment, the descriptors and the folder of nobody, and its parent ends
  it when its time is up;
- on Linux and macOS: it writes no byte to a file and, unless the administrator's, starts no other
  process; its memory, its time on the processor and its open files are bounded;
- on Linux, where it has Landlock and name spaces (see ``confinement``): it makes, changes, removes
  and runs no file, reaches no network and signals nobody.

It can read what the user can read, and has nobody to tell but its parent. On Windows, time is all
that is bounded.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import suppress
from typing import IO, Final

from rag.errors import LoadError
from rag.load.process.confinement import confine
from rag.load.process.wire import OUT_OF_MEMORY, READY, from_extract, from_refusal, receive, send
from rag.load.registry import extract
from rag.load.unreadable import seems_damaged

_MAX_OPEN_FILES: Final = 64  # libraries open their own
_SPARE_CPU_SECONDS: Final = 5
_PR_SET_PDEATHSIG: Final = 1


def main(parent: int, max_bytes: int) -> None:
    """Read what arrives on standard input until it ends.

    Parameters
    ----------
    parent
        The process that asks.
    max_bytes
        Of memory.
    """
    requests, answers = _take_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whether to stop is for the parent to say
    os.umask(0o077)
    confine()
    _end_with(parent)
    _limit(max_bytes)
    send(answers, READY)
    with suppress(EOFError):
        while True:
            try:
                request = json.loads(receive(requests))
                data = receive(requests)
                _allow_seconds(request["seconds"])
                _answer(answers, data, request["name"])
            except MemoryError:  # where there is none left, there is none to say so either
                os._exit(OUT_OF_MEMORY)


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes, and leave to libraries that print a place where nobody reads."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return requests, answers


def _answer(answers: IO[bytes], data: bytes, name: str) -> None:
    messages: tuple[bytes, ...]
    try:
        messages = from_extract(extract(data, name))
    except LoadError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        messages = (from_refusal(error.message, error.remedy),)
    except UnicodeEncodeError:
        refusal = seems_damaged()
        messages = (from_refusal(refusal.message, refusal.remedy),)
    for message in messages:
        send(answers, message)


def _end_with(parent: int) -> None:
    """Have the system end this process with its parent, even while a library is at work."""
    if sys.platform != "linux":  # elsewhere it ends when it next looks for a request
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # gone before it could be asked
        os._exit(1)


def _limit(max_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # on Windows: there, only the time is limited, which the parent counts
        return
    limits = {
        resource.RLIMIT_AS: max_bytes,
        resource.RLIMIT_FSIZE: 0,  # pipes are no files
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MAX_OPEN_FILES,
        resource.RLIMIT_NPROC: 0,  # nor threads: no library here has any
    }
    for kind, limit in limits.items():
        _, most = resource.getrlimit(kind)
        allowed = limit if most == resource.RLIM_INFINITY else min(limit, most)
        with suppress(OSError, ValueError):  # not every system has every limit
            resource.setrlimit(kind, (allowed, allowed))


def _allow_seconds(seconds: float) -> None:
    """Set an end to the work on one document, should nobody be left to say it is late."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(time.process_time() + seconds) + _SPARE_CPU_SECONDS
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, most))
