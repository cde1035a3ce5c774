"""Many readers and one writer: no error, no answer from two generations, no memory kept."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rag.errors import IndexBusyError
from rag.index import Making, sync
from tests.conftest import ROOT
from tests.hashing_embedder import HashingEmbedder
from tests.traffic import WRITING, Reading, read, write_edition

N_PROCESSES, N_THREADS = 4, 32
MAX_GROWTH_BYTES = 64_000_000


def read_while_written(tmp_path: Path, seconds: float) -> tuple[list[Reading], int]:
    folder, index_dir = tmp_path / "documentos", tmp_path / "index"
    folder.mkdir()
    making = Making(HashingEmbedder, HashingEmbedder.name, max_chunk_tokens=64)
    write_edition(folder, "primera.")
    sync(index_dir, [folder], making)

    def start(role: str, argument: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "tests.traffic",
            role,
            str(index_dir),
            argument,
            str(seconds),
        ]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    readers = [start("read", "1") for _ in range(N_PROCESSES)]
    writer = start("write", str(folder))
    assert writer.stdout is not None
    # On a slow machine a process takes as long to start as it would write.
    assert writer.stdout.readline() == f"{WRITING}\n"
    readings = [read(index_dir, N_THREADS, seconds)]
    readings += [Reading(*json.loads(reader.communicate()[0])) for reader in readers]
    return readings, int(writer.communicate()[0])


def check(readings: list[Reading], n_written: int) -> None:
    for reading in readings:
        assert reading.errors == []
        assert reading.mixed == []
        assert reading.n_searches > 10
        early, late = reading.resident_bytes
        assert late - early < MAX_GROWTH_BYTES
    assert n_written > 3
    assert readings[0].n_generations > 2


def test_many_search_while_one_writes(tmp_path: Path) -> None:
    check(*read_while_written(tmp_path, 6.0))


@pytest.mark.slow
def test_many_search_while_one_writes_for_a_minute(tmp_path: Path) -> None:
    readings, n_written = read_while_written(tmp_path, 60.0)
    check(readings, n_written)
    n_searches = sum(reading.n_searches for reading in readings)
    growth = max(late - early for *_, (early, late) in readings) / 1e6
    print(
        f"\n{n_written} generations, {n_searches} searches; memory grew by {growth:.0f} MB at most"
    )


def test_two_threads_of_one_process_are_two_writers(tmp_path: Path) -> None:
    folder = tmp_path / "documentos"
    folder.mkdir()
    write_edition(folder, "primera.")
    opened, go_on = threading.Event(), threading.Event()

    def open_slowly() -> HashingEmbedder:
        opened.set()
        assert go_on.wait(20)
        return HashingEmbedder()

    slow = Making(open_slowly, HashingEmbedder.name, max_chunk_tokens=64)
    first = threading.Thread(target=sync, args=(tmp_path / "i", [folder], slow))
    first.start()
    assert opened.wait(20)
    quick = Making(HashingEmbedder, HashingEmbedder.name, max_chunk_tokens=64)
    started = time.monotonic()
    with pytest.raises(IndexBusyError, match=r"proceso \d+, desde las \d\d:\d\d"):
        sync(tmp_path / "i", [folder], quick)
    assert time.monotonic() - started < 1
    go_on.set()
    first.join()
    assert sync(tmp_path / "i", [folder], quick).unchanged
