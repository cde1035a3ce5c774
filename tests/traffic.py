"""Readers that search an index again and again, and a writer that changes it meanwhile.

Run as a program it is a process of one or the other, and ends with a line that says how it went.
A writer begins with a line too.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from rag.index import Making, current_name, open_current, sync
from rag.retrieve import Retriever
from tests.hashing_embedder import HashingEmbedder

N_DOCUMENTS = 8
WRITING = "writing"
QUESTION = "¿Qué edición del reglamento rige el riego?"


def write_edition(folder: Path, edition: str) -> None:
    """Write every document of a folder in one edition."""
    for n in range(N_DOCUMENTS):
        (folder / f"{n}.txt").write_text(
            f"El reglamento del riego {n} es el de la edición {edition}.\n", encoding="utf-8"
        )


class Reading(NamedTuple):
    """How it went.

    Attributes
    ----------
    mixed
        Answers that came from two editions at once.
    resident_bytes
        Of the process, after a third of the time and at its end.
    """

    n_searches: int
    n_generations: int
    mixed: list[str]
    errors: list[str]
    resident_bytes: tuple[int, int]


def read(index_dir: Path, n_threads: int, seconds: float) -> Reading:
    """Search from some threads until time is up."""
    started = time.monotonic()
    n_searches = [0] * n_threads
    generations: set[str] = set()
    mixed: list[str] = []
    errors: list[str] = []

    def search(thread: int) -> None:
        name, retriever = None, None
        while time.monotonic() < started + seconds:
            try:
                if retriever is None or name != current_name(index_dir):
                    generation = open_current(index_dir)
                    name = generation.folder.name
                    generations.add(name)
                    retriever = Retriever(generation, HashingEmbedder())
                found = retriever.retrieve(QUESTION, N_DOCUMENTS).evidence
                editions = {item.text.split()[-1] for item in found}
                if len(editions) != 1 or len(found) + sum(len(e.also_at) for e in found) < 2:
                    mixed.append(f"{name}: {editions}")
            except Exception as error:  # noqa: BLE001 - what goes wrong is what is asked
                errors.append(f"{type(error).__name__}: {error}")
                return
            n_searches[thread] += 1

    threads = [threading.Thread(target=search, args=(n,)) for n in range(n_threads)]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 3)
    early = resident()
    for thread in threads:
        thread.join()
    return Reading(sum(n_searches), len(generations), mixed, errors, (early, resident()))


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def write(index_dir: Path, folder: Path, seconds: float) -> int:
    """Turn one edition into the other until time is up; return how often."""
    started = time.monotonic()
    making = Making(HashingEmbedder, HashingEmbedder.name, max_chunk_tokens=64)
    for n_written, edition in enumerate(itertools.cycle(("segunda.", "primera."))):
        if time.monotonic() > started + seconds:
            return n_written
        write_edition(folder, edition)
        sync(index_dir, [folder], making)
    raise AssertionError("a cycle has no end")


if __name__ == "__main__":
    role, index_dir, argument, seconds = sys.argv[1:]
    if role == "read":
        print(json.dumps(read(Path(index_dir), int(argument), float(seconds))))
    else:
        print(WRITING, flush=True)
        print(write(Path(index_dir), Path(argument), float(seconds)))
