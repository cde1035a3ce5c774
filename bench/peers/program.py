"""A program of a peer, from outside: started, asked line by line, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from bench.peers.environment import PEERS, UnavailableError, last_line, variables

_PROTOCOL: Final = Path(__file__).parent / "programs" / "protocol.py"
_TOP: Final = 10  # pieces asked for
_MOST_SECONDS: Final = 3600.0  # for one line: an index of everything, on a slow machine


class Installed(NamedTuple):
    """A peer that can be run, and the weights that it is given."""

    name: str
    python: Path
    model: Path


class Program:
    """A program, running; what it starts is in its process group and ends with it.

    Raises
    ------
    UnavailableError
        From ``ask``, if it ended without an answer; it has the last line of what it wrote.
    """

    def __init__(self, peer: Installed, verb: str, documents: Path, store: Path) -> None:
        self._errors = documents.parent / f"{peer.name}.log"
        name = PEERS[peer.name].program
        with self._errors.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [peer.python, _PROTOCOL, name, verb, peer.model, documents, store],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                env=variables(),
                cwd=documents.parent,  # where no settings of ours are found
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    def ask(self, record: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a line."""
        self.tell(record)
        return self.hear()

    def search(self, question: str) -> dict[str, Any]:
        """Return what a question finds, and how long it took."""
        return self.ask({"question": question, "k": _TOP})

    def tell(self, record: dict[str, Any] | None = None) -> None:
        """Send a line, and do not wait."""
        if self._process.stdin is None:
            raise AssertionError
        try:
            self._process.stdin.write(json.dumps(record) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def hear(self) -> dict[str, Any]:
        """Return the next line that it says."""
        if self._process.stdout is None:
            raise AssertionError
        watch = threading.Timer(_MOST_SECONDS, self.kill)
        watch.start()
        line = self._process.stdout.readline()
        watch.cancel()
        if not line:
            raise self._ended()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def finish(self) -> dict[str, Any]:
        """Say that no more lines come, and return the last answer."""
        if self._process.stdin is None:
            raise AssertionError
        self._process.stdin.close()
        return self.hear()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _ended(self) -> UnavailableError:
        self.kill()
        return UnavailableError(last_line(self._errors.read_text("utf-8", "replace")))


class Indexed(NamedTuple):
    """How long an indexing took, and how many pieces there are after it."""

    seconds: float
    n_chunks: int


def index(peer: Installed, documents: Path, store: Path) -> Indexed:
    """Index a folder in a new process; the time is that after the model is open."""
    with Program(peer, "index", documents, store) as program:
        program.hear()
        answer = program.ask()
        return Indexed(answer["seconds"], answer["n_chunks"])


def index_and_kill(peer: Installed, documents: Path, store: Path, seconds: float) -> None:
    """Index a folder in a new process, which is killed some time after it began."""
    with Program(peer, "index", documents, store) as program:
        program.hear()
        program.tell()
        time.sleep(seconds)


def search_once(peer: Installed, documents: Path, store: Path, question: str) -> dict[str, Any]:
    """Return what one question finds in a new process, and how long it took from its start."""
    started = time.perf_counter()
    with Program(peer, "search", documents, store) as program:
        answer = program.search(question)
        return answer | {"start_seconds": time.perf_counter() - started}
