"""The page: how soon it opens, how soon it shows sources, and twenty people asking at once.

Every run is of ``rag web`` as a person starts it, over documents of its own making: each holds a
fact that is asked by one person only, so that whose answer is whose can be told. A hook on the
interpreter of the page notes each connection it tries; what the browser asks is noted as well.

    python -m bench.page                  # all; some four minutes
    python -m bench.page --seconds 20     # the people, for less long
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from bench.desk import Heard, Visitor

_OPEN_RUNS: Final = 5
_SEARCH_RUNS: Final = 30

# Python's own connections; a library in C that made one would be seen by the system alone.
_HOOK: Final = """
import os, sys
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        where = arguments[0] if event == "socket.getaddrinfo" else arguments[-1]
        with open(os.environ["CONNECTIONS"], "a") as file:
            file.write(f"{event} {where}\\n")
sys.addaudithook(note)
"""


def main() -> None:
    """Measure, and print the rows of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long the people ask")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--chunks", type=int, default=1000, help="of the documents asked about")
    parser.add_argument("--model", default="embedded")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="rag-page-") as name:
        folder = Path(name)
        write_documents(folder / "documentos", arguments.users, arguments.chunks)
        (folder / "hook").mkdir()
        (folder / "hook" / "sitecustomize.py").write_text(_HOOK)
        index = [sys.executable, "-m", "rag", "index", str(folder / "documentos")]
        subprocess.run(
            [*index, "--index-dir", str(folder / "index")], check=True, stdout=subprocess.DEVNULL
        )
        status = [sys.executable, "-m", "rag", "status", "--json"]
        said = subprocess.check_output([*status, "--index-dir", str(folder / "index")])
        n_chunks = json.loads(said)["n_chunks"]
        seconds = [open_once(folder, arguments.model) for _ in range(_OPEN_RUNS)]
        row("page answers after `rag web`, s (median)", f"{statistics.median(seconds):.1f}")
        with page(folder, arguments.model) as (address, process):
            millis = search_often(address, arguments.users)
            p50, p95 = statistics.median(millis), statistics.quantiles(millis, n=20)[-1]
            row(f"question to sources, {n_chunks} chunks, ms (p50, p95)", f"{p50:.0f}, {p95:.0f}")
            asking = ask_at_once(address, process.pid, arguments.users, arguments.seconds)
            tell_asking(asking, arguments.users, arguments.seconds)
            hosts = browse(address)
        connections = (folder / "connections").read_text().splitlines()
        outside = sorted({line for line in connections if not is_loopback(line)})
        row("requests outside, of the page", f"{len(outside)} of {len(connections)} connections")
        row("requests outside, of the browser", "not run" if hosts is None else str(len(hosts)))
        for line in [*outside, *(hosts or ())]:
            print(f"  {line}")


def row(what: str, value: str) -> None:
    """Print a row of the table."""
    print(f"| {what} | {value} |", flush=True)


def write_documents(folder: Path, n_users: int, n_chunks: int) -> None:
    """Write documents of that many sections in all, each a chunk, with a fact of each user."""
    folder.mkdir()
    each = n_chunks // n_users
    for user in range(n_users):
        parts = [f"# Almacén {colour(user)}\n"]
        parts += [filler(user, n) for n in range(each - 1)]
        parts.insert(each // 2, f"## Candados\n\n{fact(user)}\n")
        (folder / f"almacen-{user:02}.md").write_text("\n".join(parts), encoding="utf-8")


def colour(user: int) -> str:
    """Return a name that is one user's."""
    names = "Abeto Brezo Cedro Drago Encina Fresno Granado Haya Iris Jara Kiwi Laurel Mirto Nogal "
    names += "Olivo Pino Quejigo Roble Sauce Tejo"
    words = names.split()
    return words[user % len(words)] + ("" if user < len(words) else f" {user}")


def fact(user: int) -> str:
    """Return what only one user asks for."""
    return f"El almacén {colour(user)} guarda {number(user)} candados azules de la serie {user}."


def number(user: int) -> int:
    """Return a number that is in no other fact."""
    return 3117 + 211 * user


def filler(user: int, n: int) -> str:
    """Return a section that is a chunk, and answers nothing."""
    lines = (
        f"El estante {n} del almacén {colour(user)} se revisó el día {1 + k % 28} con el lote "
        f"{n * 31 + k}, y el encargado del turno {k} anotó que la caja {k * 7 + n} estaba en orden."
        for k in range(5)
    )
    return f"## Estante {n}\n\n" + " ".join(lines) + "\n"


def question(user: int) -> str:
    """Return the question of a user."""
    return f"¿Cuántos candados azules guarda el almacén {colour(user)}?"


@contextmanager
def page(folder: Path, model: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Open the page, wait until it answers, and close it in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "CONNECTIONS": str(folder / "connections"),
        "PYTHONPATH": os.pathsep.join([str(folder / "hook"), str(Path(__file__).parents[1])]),
    }
    command = [sys.executable, "-m", "rag", "web", "--port", str(port), "--model", model]
    process = subprocess.Popen(
        [*command, "--index-dir", str(folder / "index")],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                if httpx.get(address, timeout=10).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
            if process.poll() is not None:
                raise RuntimeError("the page did not open")
        yield address, process
    finally:
        process.terminate()
        process.wait(15)


def open_once(folder: Path, model: str) -> float:
    """Return the seconds from the command to a page that answers."""
    started = time.perf_counter()
    with page(folder, model):
        return time.perf_counter() - started


def search_often(address: str, n_users: int) -> list[float]:
    """Return the milliseconds to the sources, after the first question, which opens the engines."""
    with Visitor(address) as visitor:
        visitor.ask(question(0))
        heard = [visitor.ask(question(n % n_users)) for n in range(_SEARCH_RUNS)]
    return [1000 * each.sources_seconds for each in heard if each.sources_seconds is not None]


@dataclass
class Asking:
    """What came of all that was asked.

    Attributes
    ----------
    mixed
        Answers to another question, or with the number of another user and not one's own.
    sources_seconds
        From each question to its sources.
    told
        Answers with the number that was asked for.
    resident_bytes
        Of the page: when all begin, half-way and when all have ended.
    """

    seconds: list[float] = field(default_factory=list)
    sources_seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    told: int = 0
    resident_bytes: list[int] = field(default_factory=list)


def ask_at_once(address: str, process_id: int, n_users: int, seconds: float) -> Asking:
    """Have every user ask again and again until time is up."""
    asking = Asking()
    lock = threading.Lock()
    numbers = {str(number(user)): user for user in range(n_users)}
    ends = time.monotonic() + seconds

    def ask_until_then(user: int) -> None:
        with Visitor(address) as visitor:
            while time.monotonic() < ends:
                try:
                    heard = visitor.ask(question(user))
                except httpx.HTTPError as error:
                    with lock:
                        asking.errors.append(f"{type(error).__name__}: {error}")
                    time.sleep(1)
                    continue
                note(user, heard)

    def note(user: int, heard: Heard) -> None:
        state = heard.state
        found = re.findall(r"\d+", str(state["text"]).replace(".", ""))
        owners = {numbers[item] for item in found if item in numbers}
        with lock:
            if state["state"] == "failed":
                asking.errors.append(str(state["error"]))
                return
            asking.seconds.append(heard.total_seconds)
            asking.sources_seconds.append(heard.sources_seconds or 0.0)
            asking.told += user in owners
            if state["question"] != question(user) or (owners and user not in owners):
                asking.mixed.append(json.dumps(state, ensure_ascii=False)[:200])

    threads = [threading.Thread(target=ask_until_then, args=(n,)) for n in range(n_users)]
    asking.resident_bytes.append(resident(process_id))
    for thread in threads:
        thread.start()
    time.sleep(seconds / 2)
    asking.resident_bytes.append(resident(process_id))
    for thread in threads:
        thread.join()
    asking.resident_bytes.append(resident(process_id))
    return asking


def tell_asking(asking: Asking, n_users: int, seconds: float) -> None:
    """Print the rows of those who asked at once."""
    n_answers = len(asking.seconds)
    row(
        f"{n_users} users for {seconds:.0f} s: answers, errors",
        f"{n_answers}, {len(asking.errors)}",
    )
    row("of another user; with the number asked for", f"{len(asking.mixed)}; {asking.told}")
    if n_answers > 1:
        p95 = statistics.quantiles(asking.seconds, n=20)[-1]
        row("seconds an answer (p50, p95)", f"{statistics.median(asking.seconds):.1f}, {p95:.1f}")
        p95 = statistics.quantiles(asking.sources_seconds, n=20)[-1]
        median = statistics.median(asking.sources_seconds)
        row("seconds to its sources (p50, p95)", f"{median:.1f}, {p95:.1f}")
    megabytes = ", ".join(f"{n_bytes / 1e6:.0f}" for n_bytes in asking.resident_bytes)
    row("resident MB: at first, half-way, at the end", megabytes)
    for line in [*asking.errors[:5], *asking.mixed[:5]]:
        print(f"  {line}")


def resident(process_id: int) -> int:
    """Return the bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def browse(address: str) -> list[str] | None:
    """Return what Chromium asks of others when it opens the page, or None without it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    urls: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        tab = browser.new_page()
        tab.on("request", lambda request: urls.append(request.url))
        tab.goto(address)
        tab.wait_for_timeout(3000)
        browser.close()
    return sorted({url for url in urls if not url.startswith((address, "data:", "blob:"))})


def is_loopback(line: str) -> bool:
    """Tell whether a noted connection stays on this machine."""
    return any(
        name in line for name in ("'127.0.0.1'", "getaddrinfo 127.0.0.1", "'::1'", "localhost")
    )


if __name__ == "__main__":
    main()
