"""The parent's side of a process that reads documents."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.errors import LoadError
from rag.load.extract import Extract
from rag.load.process.wire import (
    MAX_TOLD_BYTES,
    OUT_OF_MEMORY,
    READY,
    receive,
    send,
    to_extract,
    to_refusal,
)
from rag.load.unreadable import out_of_memory, seems_damaged, too_large

_MAX_START_SECONDS: Final = 20.0
_MAX_END_SECONDS: Final = 1.0

# How a process ended, besides the name of a signal and «exit 1».
_LATE: Final = "late"
_OUT_OF_MEMORY: Final = "out of memory"
_SENSELESS: Final = "senseless answer"

# The packages are named, not run: all that ``rag`` imports when it begins would take ten times as
# long. Nothing is looked for beside them, where there may be a folder of documents.
_PROGRAM: Final = """
import json, sys, types
packages, sys.path[:], parent, max_bytes = json.loads(sys.argv[1])
for name, folder in packages.items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from rag.load.process.child import main
main(parent, max_bytes)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may take.

    Attributes
    ----------
    seconds, seconds_per_mib
        Of time by the clock: for any file, and for each of its 2**20 bytes on top.
    memory_bytes
        Of the process that reads it.
    plain_bytes
        Of the largest plain text that is read here, in no time, and not in a process of its own.
    """

    seconds: float = 30.0
    seconds_per_mib: float = 1.0
    memory_bytes: int = 2 * 1024**3
    plain_bytes: int = 64 * 1024

    def seconds_for(self, n_bytes: int) -> float:
        """Return how long the reading of a file may take."""
        return self.seconds + self.seconds_per_mib * n_bytes / 2**20


class CannotStartError(Exception):
    """No process can be started here."""


class StoppedError(Exception):
    """A process has ended, or has been ended, while it read a document.

    Parameters
    ----------
    refusal
        What to say of the document.
    cause
        How it ended.
    """

    def __init__(self, refusal: LoadError, cause: str) -> None:
        super().__init__(cause)
        self.refusal = refusal

    @property
    def is_late(self) -> bool:
        """Whether its time was up."""
        return str(self) == _LATE

    @property
    def is_killed(self) -> bool:
        """Whether somebody else has ended it: a person, or a system short of memory."""
        return str(self) in {"SIGKILL", "SIGTERM"}


class ReaderProcess:
    """A process that reads documents one after the other, until one of them is its end.

    Attributes
    ----------
    n_read
        Documents that it has been given.

    Raises
    ------
    CannotStartError
        If there is no such process to be had.
    """

    def __init__(self, limits: Limits) -> None:
        if not sys.executable or getattr(sys, "frozen", False):
            raise CannotStartError("no interpreter to run")
        self._limits = limits
        self._is_late = False
        self._ending = threading.Lock()
        self.n_read = 0
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and our program
                # Isolated: neither the folder nor the environment that it starts in changes what
                # it imports; and without «site», all that it may import is told.
                [sys.executable, "-I", "-S", "-B", "-c", _PROGRAM, _arguments(limits)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=os.sep,
                env=_environment(),
                start_new_session=True,  # a group of its own: all of it is ended together
            )
        except OSError as error:
            raise CannotStartError(str(error)) from error
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise CannotStartError("no pipes")
        self._requests, self._answers = requests, answers

    def read(self, data: bytes, name: str) -> Extract:
        """Return what a document says.

        Raises
        ------
        LoadError
            If its reader refuses it.
        StoppedError
            If that was the end of the process.
        CannotStartError
            If it never began.
        """
        if not self.n_read:
            self._wait_until_ready()
        self.n_read += 1
        seconds = self._limits.seconds_for(len(data))
        with _Alarm(seconds, self._on_late):
            try:
                send(self._requests, json.dumps({"name": name, "seconds": seconds}).encode())
                send(self._requests, data)
                about = receive(self._answers, MAX_TOLD_BYTES)
                refused = to_refusal(about)
                if refused is None:
                    return to_extract(about, receive(self._answers))
            except ValueError as error:  # whoever says such things may have been taken over
                self.kill()
                raise self._stopped(seconds, _SENSELESS) from error
            except (OSError, EOFError) as error:
                with suppress(subprocess.TimeoutExpired):  # it is about to end, and to say how
                    self._process.wait(_MAX_END_SECONDS)
                self.kill()
                raise self._stopped(seconds, _end(self._process.returncode)) from error
            except BaseException:  # what it has still to say is the answer to nothing
                self.kill()
                raise
        raise LoadError(*refused)

    @property
    def has_ended(self) -> bool:
        """Whether it reads no more."""
        return self._process.returncode is not None

    def kill(self) -> None:
        """End the process and whatever it has started; once is enough."""
        with self._ending:
            if self._process.returncode is None:
                with suppress(OSError):
                    if hasattr(os, "killpg"):
                        os.killpg(self._process.pid, signal.SIGKILL)
                    else:
                        self._process.kill()
                self._process.wait()

    def close(self) -> None:
        """End the process and give back what it took; not while it reads."""
        self.kill()
        with suppress(OSError):  # what it had no time to be told
            self._requests.close()
        self._answers.close()

    def _wait_until_ready(self) -> None:
        with _Alarm(_MAX_START_SECONDS, self._on_late):
            try:
                if receive(self._answers) == READY:
                    return
            except (OSError, EOFError, ValueError):
                pass
        self.kill()
        raise CannotStartError(f"{sys.executable} does not run it")

    def _on_late(self) -> None:
        self._is_late = True
        self.kill()

    def _stopped(self, seconds: float, how: str) -> StoppedError:
        if self._is_late:
            refusal = too_large(f"se ha tardado más de {math.ceil(seconds)} s en leerlo")
            how = _LATE
        elif how == _OUT_OF_MEMORY:
            refusal = out_of_memory()
        else:
            refusal = LoadError("el programa que lo leía se ha parado", seems_damaged().remedy)
        remedy = f"{refusal.remedy}, o déjalo fuera con --exclude"
        return StoppedError(LoadError(refusal.message, remedy), how)


def _end(code: int) -> str:
    """Say how a process ended."""
    if code == OUT_OF_MEMORY:
        return _OUT_OF_MEMORY
    try:
        return signal.Signals(-code).name if code < 0 else f"exit {code}"
    except ValueError:
        return f"signal {-code}"


class _Alarm(threading.Timer):
    """Calls a function unless the block under it ends in time."""

    def __enter__(self) -> None:
        self.daemon = True
        self.start()

    def __exit__(self, *_exception: object) -> None:
        self.cancel()
        self.join()  # or it might still strike at what comes next


def _arguments(limits: Limits) -> str:
    here = Path(__file__).resolve().parent.parent
    packages = {"rag": str(here.parent), "rag.load": str(here)}
    return json.dumps([packages, _import_path(), os.getpid(), limits.memory_bytes])


def _environment() -> dict[str, str]:
    """Return what of the environment an interpreter cannot begin without: no keys, no names."""
    needed = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
    return {name: os.environ[name] for name in needed if name in os.environ}


def _import_path() -> list[str]:
    """Return where libraries are, without the folders that are there only as somebody's own.

    A program may stand in a folder of documents, or be started in one.
    """
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    own = {os.path.dirname(os.path.abspath(main))} if main else set()  # noqa: PTH100, PTH120
    with suppress(OSError):  # the folder may be gone
        own.add(os.getcwd())  # noqa: PTH109
    return [entry for entry in sys.path if os.path.isabs(entry) and entry not in own]  # noqa: PTH117
