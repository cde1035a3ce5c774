"""Writers that are made to fail: forked from one process with its engines loaded, one a fault.

Run as a program it is that process. It reads a request a line and answers with a line.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).parent.parent
KILL = -1  # in the place of an error number


class Outcome(NamedTuple):
    """How a writer ended.

    Attributes
    ----------
    n_calls
        What was asked of the disk below the index folder; 0 where the writer was killed.
    """

    killed: bool
    message: str
    n_calls: int
    n_embedded: int
    seconds: float


class Writers:
    """Starts writers that bring an index in step with a folder."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        assert compiler is not None
        library = folder / "faults.so"
        source = Path(__file__).with_name("faults.c")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashing", str(library)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"LD_PRELOAD": str(library)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def write(
        self,
        index_dir: Path,
        folder: Path,
        *,
        fail_at: int = 0,
        fault: int = 0,
        lasting: bool = False,
        kill_after: float | None = None,
        rebuild: bool = False,
    ) -> Outcome:
        """Let a writer run: to its end, to a fault, or until it is killed after some seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {
            "index_dir": str(index_dir), "folder": str(folder), "fail_at": fail_at, "fault": fault,
            "lasting": lasting, "kill_after": kill_after, "rebuild": rebuild,
        }  # fmt: skip
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Outcome(**json.loads(self._process.stdout.readline()))


def _write(library: Any, request: dict[str, Any]) -> dict[str, Any]:
    from rag.errors import RagError
    from rag.index import Making, sync
    from tests.hashing_embedder import HashingEmbedder

    embedder = HashingEmbedder()
    path = os.fsencode(request["index_dir"])
    library.arm(path, ctypes.c_long(request["fail_at"]), request["fault"], request["lasting"])
    message = ""
    try:
        making = Making(lambda: embedder, embedder.name, max_chunk_tokens=64)
        sync(
            Path(request["index_dir"]), [Path(request["folder"])], making,
            rebuild=request["rebuild"],
        )  # fmt: skip
    except RagError as error:
        message = str(error)
    return {
        "message": message,
        "n_calls": library.counted(),
        "n_embedded": embedder.n_embedded,
    }


def _fork(library: Any, request: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if not child:
        result = {"message": "ended without a word", "n_calls": 0, "n_embedded": 0}
        try:
            result = _write(library, request)
        except BaseException as error:  # noqa: BLE001 - a panic of an engine is none of Exception
            result["message"] = f"unexpected {type(error).__name__}: {error}"
        finally:
            os.write(writing, json.dumps(result).encode())
            os._exit(0)
    os.close(writing)
    if request["kill_after"] is not None:
        time.sleep(request["kill_after"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - started
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    result = json.loads(said) if said else {"message": "", "n_calls": 0, "n_embedded": 0}
    return result | {"killed": os.WIFSIGNALED(status), "seconds": seconds}


def main() -> None:
    """Load what a writer needs, so that each starts at once, small segments for a small folder."""
    import faiss  # noqa: F401
    import langchain_text_splitters  # noqa: F401
    import Stemmer  # noqa: F401
    import tantivy  # noqa: F401

    from rag.lexical import analyze

    # The name «sync» in the package is the function's.
    vars(import_module("rag.index.sync"))["_MIN_SEGMENT_CHUNKS"] = 6
    vars(import_module("rag.index.write"))["MAX_EXACT"] = 8
    analyze("una palabra")
    library = ctypes.CDLL(sys.argv[1])
    library.counted.restype = ctypes.c_long
    for line in sys.stdin:
        print(json.dumps(_fork(library, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
