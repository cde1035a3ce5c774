"""Runs the program beside it that is named, and speaks for it with the driver.

    python protocol.py PROGRAM index|load|search MODEL DOCUMENTS STORE

A program has ``open_model(folder)``; ``index(model, documents, store)``, which returns how many
pieces it made; and ``open_search(folder, store)``, which returns a function of a question and of
how many pieces are wanted. Some have ``load(folder, pieces, vectors, store)``, for pieces whose
vectors are known. Each line in and out is JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO


def main() -> None:
    """Index once for every line that comes, or search what each line asks."""
    name, verb, model, documents, store = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print too, and what they print is no answer
    program = import_module(name)
    if verb == "index":
        _index(program, model, documents, store, answers)
    elif verb == "load":
        _load(program, model, Path(documents), store, answers)
    else:
        _search(program.open_search(model, store), answers)


def _index(program: Any, folder: str, documents: str, store: str, answers: TextIO) -> None:
    model = program.open_model(folder)
    with TemporaryDirectory() as scratch:  # what is opened late is open before the clock starts
        little, elsewhere = Path(scratch, "documents"), Path(scratch, "store")
        little.mkdir()
        elsewhere.mkdir()
        (little / "hola.txt").write_text("Hola a todos.\n", encoding="utf-8")
        program.index(model, str(little), str(elsewhere))
    _say(answers, {"ready": True})
    for _ in sys.stdin:
        Path(store).mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        n_chunks = program.index(model, documents, store)
        _say(answers, {"seconds": time.perf_counter() - started, "n_chunks": n_chunks})


def _load(program: Any, folder: str, given: Path, store: str, answers: TextIO) -> None:
    import numpy as np

    started = time.perf_counter()
    with (given / "pieces.jsonl").open(encoding="utf-8") as file:
        pieces = [json.loads(line) for line in file]
    vectors = np.load(given / "vectors.npy", mmap_mode="r")
    program.load(folder, pieces, vectors, store)
    _say(answers, {"seconds": time.perf_counter() - started, "peak_bytes": _peak_bytes()})


def _search(search: Any, answers: TextIO) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.perf_counter()
        found = search(asked["question"], asked["k"])
        _say(answers, {"seconds": time.perf_counter() - started, **found})
    _say(answers, {"peak_bytes": _peak_bytes()})


def _peak_bytes() -> int:
    """Return the most memory that this process ever held, shared files included."""
    # Not getrusage: its figure is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _say(answers: TextIO, record: dict[str, Any]) -> None:
    print(json.dumps(record), file=answers, flush=True)


if __name__ == "__main__":
    main()
