"""Files read ahead in processes with limits: real processes, real signals, real recovery."""

from __future__ import annotations

import ctypes
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import Limits, Readers, SourceFile, Stamp, load, read_one
from rag.load.extract import Extract, Transcript
from rag.load.process import wire
from rag.load.process.wire import (
    from_extract,
    from_refusal,
    receive,
    send,
    to_extract,
    to_refusal,
)
from rag.schema import Document
from tests.conftest import ROOT

APART = Limits(plain_bytes=0)  # whatever it is, in a process of its own
SLOW = "* a\n+ b\n" * 100_000  # Markdown that takes its parser many seconds


def write(folder: Path, name: str, text: str) -> SourceFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return SourceFile(path, name, Stamp.of(path.stat()))


def pids(readers: Readers) -> list[int]:
    return [process._process.pid for process in readers._processes]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def wait_until_reading(readers: Readers) -> int:
    """Return the process that has begun to read."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for process in list(readers._processes):
            if process.n_read:
                return process._process.pid
        time.sleep(0.01)
    raise AssertionError("nobody reads")


# What is read


def test_it_is_what_is_read_here_and_in_order(tmp_path: Path) -> None:
    files = [write(tmp_path, f"{n}.md", f"# Título {n}\n\nTexto {n}: «ñ».\n") for n in range(70)]
    files.insert(7, SourceFile(tmp_path / "no-está.md", "no-está.md", files[0].stamp))
    files.insert(9, write(tmp_path, "roto.txt", "a\0b"))
    with Readers(limits=APART) as readers:
        found = list(readers.read_all(files))
    assert len(found) == len(files)
    for file, each in zip(files, found, strict=True):
        if isinstance(each, LoadError):
            with pytest.raises(LoadError) as here:
                load(file.path, file.name)
            assert str(here.value) == str(each)
            is_system = isinstance(here.value.__cause__, OSError)
            assert isinstance(each.__cause__, OSError) is is_system
        else:
            assert each == load(file.path, file.name)
    refused = [n for n, each in enumerate(found) if isinstance(each, LoadError)]
    assert refused == [7, 9]


def test_small_plain_texts_take_no_process(tmp_path: Path) -> None:
    files = [write(tmp_path, f"{n}.txt", f"Texto {n}.\n") for n in range(2000)]
    started = time.monotonic()
    with Readers() as readers:
        found = list(readers.read_all(files))
        assert not readers._processes
    assert [each.path for each in found if isinstance(each, Document)] == [f.name for f in files]
    assert time.monotonic() - started < 2
    assert read_one(files[3].path, "otro.txt").text == "Texto 3.\n"


def test_one_file_read_again(tmp_path: Path) -> None:
    file = write(tmp_path, "grande.txt", "hola\n" * 50_000)
    assert read_one(file.path, file.name) == load(file.path, file.name)
    file.path.unlink()
    with pytest.raises(LoadError, match="no existe"):
        read_one(file.path, file.name)


# What is held back


def test_few_files_are_taken_ahead(tmp_path: Path) -> None:
    file = write(tmp_path, "a.txt", "hola\n")
    n_taken = 0

    def files() -> Iterator[SourceFile]:
        nonlocal n_taken
        while True:
            n_taken += 1
            yield file

    with Readers() as readers, closing(readers.read_all(files())) as found:
        for n in range(100):
            next(found)
            assert n_taken <= n + 32 + 1


def test_little_text_waits_to_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.load.process.readers._MAX_AHEAD_BYTES", 4 * 2**20)
    text = ("a" * 1023 + "\n") * 1024
    files = [write(tmp_path, f"{n}.txt", text) for n in range(12)]
    with Readers() as readers, closing(readers.read_all(files)) as found:
        assert isinstance(next(found), Document)
        quiet = threading.Event()
        n_before = -1
        while n_before != (n_read := sum(p.n_read for p in list(readers._processes))):
            n_before = n_read
            quiet.wait(0.3)
        for file in files:
            file.path.unlink()
        n_ahead = sum(isinstance(each, Document) for each in found)
    # Those that wait, and two more that had begun while there was room.
    assert 2 <= n_ahead <= 4 + 2


# What goes wrong


def test_a_document_that_takes_too_long(tmp_path: Path) -> None:
    files = [write(tmp_path, "lento.md", SLOW), write(tmp_path, "b.md", "# Hola\n")]
    limits = replace(APART, seconds=0.5, seconds_per_mib=0)
    started = time.monotonic()
    with Readers(1, limits) as readers:
        late, fine = readers.read_all(files)
    assert time.monotonic() - started < 3
    assert isinstance(late, LoadError)
    assert "tardado más de 1 s" in late.message
    assert not isinstance(late.__cause__, OSError)  # it is remembered: it would take as long again
    assert isinstance(fine, Document)


def test_a_document_that_takes_too_much_memory(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "a.md", "# Hola\n"),
        write(tmp_path, "grande.txt", ("ñandú " * 10 + "\n") * 780_000),
        write(tmp_path, "b.md", "# Hola\n"),
    ]
    with Readers(1, replace(APART, memory_bytes=170 * 2**20)) as readers:
        before, large, after = readers.read_all(files)
    assert isinstance(large, LoadError)
    assert "memoria" in large.message
    assert isinstance(before, Document)
    assert isinstance(after, Document)


@pytest.mark.parametrize(
    ("how", "is_the_systems"),
    [(signal.SIGSEGV, False), (signal.SIGABRT, False), (signal.SIGKILL, True)],
)
def test_a_document_that_ends_its_reader(
    tmp_path: Path, how: signal.Signals, is_the_systems: bool
) -> None:
    files = [write(tmp_path, "lento.md", SLOW), write(tmp_path, "b.md", "# Hola\n")]
    with Readers(1, APART) as readers:
        found = readers.read_all(files)
        killer = threading.Thread(target=lambda: os.kill(wait_until_reading(readers), how))
        killer.start()
        dead = next(found)
        killer.join()
        assert isinstance(dead, LoadError)
        assert "se ha parado" in dead.message
        assert str(dead.__cause__) == how.name
        assert isinstance(dead.__cause__, OSError) is is_the_systems
        assert isinstance(next(found), Document)


def test_a_document_is_read_again_where_another_may_have_spoilt_its_reader(tmp_path: Path) -> None:
    text = "* a\n+ b\n" * 8_000
    files = [write(tmp_path, "a.md", "# Hola\n"), write(tmp_path, "b.md", text)]
    with Readers(1, APART) as readers:
        found = readers.read_all(files)
        assert isinstance(next(found), Document)
        (pid,) = pids(readers)
        os.kill(pid, signal.SIGSEGV)
        assert isinstance(next(found), Document)
        assert pids(readers) != [pid]


@pytest.mark.parametrize("executable", [None, "", "/no/hay/tal", "/bin/true"])
def test_where_no_process_can_be_started_it_is_read_here(
    tmp_path: Path, executable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "a.md", "# Hola\n")
    monkeypatch.setattr(sys, "executable", executable)
    with Readers(limits=APART) as readers:
        assert list(readers.read_all([file])) == [load(file.path, file.name)]


# What is left behind


def test_closing_early_leaves_no_process_and_no_thread(tmp_path: Path) -> None:
    files = [write(tmp_path, "a.md", "# Hola\n")]
    files += [write(tmp_path, f"lento-{n}.md", SLOW) for n in range(4)]
    started = time.monotonic()
    running: list[int] = []

    def read_and_stop() -> None:
        with Readers(2, APART) as readers:
            for each in readers.read_all(files):
                assert isinstance(each, Document)
                running.extend(pids(readers))
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_and_stop()
    assert time.monotonic() - started < 3
    assert running
    assert not any(Path(f"/proc/{pid}").exists() for pid in running)  # not even as a zombie
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    file = write(tmp_path, "lento.md", SLOW)
    program = f"""
import threading, time
from pathlib import Path
from rag.load import Limits, Readers
readers = Readers(1, Limits(plain_bytes=0))
threading.Thread(target=lambda: readers.read(Path({str(file.path)!r}), "a.md")).start()
while not any(process.n_read for process in list(readers._processes)):
    time.sleep(0.01)
print(*(process._process.pid for process in readers._processes), flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
        assert wait_until_gone(pid)


# What a reader may do


def test_a_reader_has_limits_and_prints_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAVE", "secreta")
    file = write(tmp_path, "a.md", "# Hola\n")
    with (
        file.path.open() as ours,
        Readers(1, replace(APART, memory_bytes=300 * 2**20)) as readers,
    ):
        os.set_inheritable(ours.fileno(), True)
        readers.read(file.path, file.name)
        (pid,) = pids(readers)
        limits = {
            line[:26].strip(): line[26:].split()
            for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
        }
        printed = {str(Path(f"/proc/{pid}/fd/{descriptor}").readlink()) for descriptor in (0, 1, 2)}
        folder = Path(f"/proc/{pid}/cwd").readlink()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        opened = {each.readlink().name for each in Path(f"/proc/{pid}/fd").iterdir()}
    assert limits["Max file size"][:2] == ["0", "0"]
    assert limits["Max core file size"][:2] == ["0", "0"]
    assert limits["Max address space"][:2] == [str(300 * 2**20)] * 2
    assert int(limits["Max open files"][0]) <= 64
    assert limits["Max cpu time"][0] != "unlimited"
    assert printed == {"/dev/null"}
    assert folder == Path("/")
    assert limits["Max processes"][:2] == ["0", "0"]
    assert b"secreta" not in environment
    assert opened == {"null", *(name for name in opened if name.startswith("pipe:"))}


ESCAPES = """
import os, signal, socket, subprocess, sys
from confinement import confine  # beside it: the package takes its time

file, address, pid = sys.argv[1], ("127.0.0.1", int(sys.argv[2])), int(sys.argv[3])
ways = {
    "write": lambda: open(file, "a"),
    "truncate": lambda: os.truncate(file, 0),
    "make": lambda: open(file + "2", "x"),
    "rename": lambda: os.rename(file, file + "3"),
    "remove": lambda: os.remove(file),
    "run": lambda: subprocess.run(["/bin/true"]),
    "signal": lambda: os.kill(pid, 0),
    "connect": lambda: socket.create_connection(address, timeout=5).close(),
    "read": lambda: open(file).close(),
}
if "--free" not in sys.argv:
    confine()
for name, way in ways.items():
    try:
        way()
        print(name)
    except OSError:
        pass
"""


def test_what_whoever_takes_a_reader_over_can_do(tmp_path: Path) -> None:
    if ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) < 6:
        pytest.skip("the system has no Landlock, or an old one")

    def done(file: Path, *arguments: str) -> list[str]:
        file.write_text("hola")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            command = [sys.executable, "-c", ESCAPES, str(file), port, str(os.getpid()), *arguments]
            return subprocess.run(
                command, capture_output=True, text=True, check=True, cwd=ROOT / "rag/load/process"
            ).stdout.split()

    assert done(tmp_path / "a") == ["read"]
    assert {"write", "make", "rename", "run", "connect"} <= set(done(tmp_path / "b", "--free"))
    assert [each.name for each in tmp_path.iterdir() if each.name[0] == "a"] == ["a"]


def test_programs_beside_the_documents_are_not_run(tmp_path: Path) -> None:
    for name in ("json", "markdown_it", "ctypes", "rag", "sitecustomize", "zlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')\n")
    write(tmp_path, "a.md", "# Hola\n")
    program = """
import os, sys
from pathlib import Path
from rag.load import Limits, Readers
sys.path.insert(0, os.getcwd())
sys.path.insert(0, "")
os.environ["PYTHONPATH"] = os.getcwd()
with Readers(limits=Limits(plain_bytes=0)) as readers:
    print(readers.read(Path("a.md"), "a.md").headings[0].title, len(readers._processes))
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == "Hola 1\n", done.stderr


# What the two sides say to each other

lines = st.lists(
    st.tuples(st.text(max_size=20), st.integers(0, 10**6), st.none() | st.integers(1, 6)),
    max_size=12,
)


@given(lines, st.integers(1, 9), st.text(max_size=20))
def test_an_extract_arrives_as_it_left(
    written: list[tuple[str, int, int | None]], page: int, title: str
) -> None:
    transcript = Transcript("paragraph")
    for text, number, level in written:
        transcript.mark(page, f"página {page}")
        transcript.write(text, number, level)
    transcript.mark(page + 1, "página en blanco")
    extract = transcript.extract("text/x", title, ("Nota.",))
    if not written:  # a text of no lines is one blank line, whose number nobody knows
        assert not extract.layout.numbers
    about, body = from_extract(extract)
    assert to_refusal(about) is None
    assert to_extract(about, body) == extract


@given(st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_nothing_that_a_reader_says_surprises_its_parent(said: bytes | str) -> None:
    message = said.encode(errors="surrogatepass") if isinstance(said, str) else said
    try:
        refused = to_refusal(b"R" + message)
    except ValueError:
        refused = None
    assert refused is None or all(isinstance(part, str) for part in refused)
    with pytest.raises(ValueError, match=r"."):
        to_extract(b"E" + message, b"hola")
    with pytest.raises(ValueError, match=r"."):
        to_refusal(b"?" + message)


GOOD = json.loads(from_extract(Extract("uno\ndos", "text/plain"))[0][1:])


@pytest.mark.parametrize(
    "change",
    [
        {"headings": [[99, 1, "fuera"]]},
        {"headings": [[0, 0, "nivel"]]},
        {"headings": [[4, 1, "b"], [0, 1, "a"]]},
        {"headings": [["0", 1, "a"]]},
        {"layout": GOOD["layout"] | {"numbers": [1]}},
        {"layout": GOOD["layout"] | {"numbers": [1, 2**40]}},
        {"layout": GOOD["layout"] | {"unit": "codo"}},
        {"layout": GOOD["layout"] | {"marks": [[-1, 1, "a"]]}},
        {"layout": GOOD["layout"] | {"marks": [[4, 1, "a"], [0, 1, "b"]]}},
        {"layout": GOOD["layout"] | {"marks": [[0, 2**40, "a"]]}},
        {"title": None},
        {"title": "\ud800"},
        {"notes": "a"},
    ],
)
def test_what_does_not_hold_together_is_refused(change: dict[str, object]) -> None:
    text = b"uno\ndos"
    assert to_extract(b"E" + json.dumps(GOOD).encode(), text).text == text.decode()
    with pytest.raises(ValueError, match=r"."):
        to_extract(b"E" + json.dumps(GOOD | change).encode(), text)


def test_there_is_an_end_to_what_a_reader_says(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    send(stream, bytes(100))
    stream.seek(0)
    with pytest.raises(ValueError, match="100 bytes"):
        receive(stream, 99)
    monkeypatch.setattr(wire, "MAX_TOLD_BYTES", 1000)
    transcript = Transcript("line")
    for number in range(1, 600):
        transcript.write("", number)
    with pytest.raises(LoadError, match="demasiados apartados"):
        from_extract(transcript.extract("text/x"))


def test_a_refusal_is_one_short_line() -> None:
    refused = to_refusal(from_refusal("uno\n\x1b[31mdos" + "x" * 1000, "tres"))
    assert refused is not None
    assert refused[0].startswith("uno [31mdos")
    assert len(refused[0]) == 300
    assert refused[1] == "tres"
