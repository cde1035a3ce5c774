"""The machine: what it is, and whether others are at work on it."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.corpora import ROOT


def about() -> dict[str, Any]:
    """Tell when this is run, on what machine, and of which state of the checkout."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00"),
        "cpu": models[0] if models else platform.processor(),
        "n_cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "commit": _git("rev-parse", "HEAD"),
        "is_changed": bool(_git("status", "--porcelain")),
    }


def watch_others() -> Callable[[], float]:
    """Return what tells, later, how many cores other programs have kept busy since now.

    Threads of a peer that wait for each other turn idle cores hot: where one core is taken by
    somebody else, a question of 20 ms takes a second.
    """
    started, busy, own = time.perf_counter(), _busy_seconds(), _own_seconds()

    def others() -> float:
        seconds = (_busy_seconds() - busy) - (_own_seconds() - own)
        return max(0.0, seconds / (time.perf_counter() - started))

    return others


def _busy_seconds() -> float:
    """Return for how long the cores have been at work, all together."""
    words = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, *interrupts = map(int, words[:8])
    return sum((user, nice, system, *interrupts)) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Return for how long of it this process and those that it has waited for were."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _git(*arguments: str) -> str:
    command = ["/usr/bin/env", "git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
