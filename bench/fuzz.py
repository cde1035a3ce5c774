"""Table 18: what becomes of this program when it reads thousands of damaged files."""

from __future__ import annotations

import argparse
import gzip
import io
import json
import logging
import os
import random
import re
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bench.specimens import DEBIAN, SEEDS, specimens, zipped
from rag.errors import LoadError
from rag.load import Limits, Readers, SourceFile, Stamp
from rag.schema import Document
from rag.split import split

_MAX_BYTES: Final = 2_000_000  # of an input
_MAX_DEPTH: Final = 20_000
_MARGIN_SECONDS: Final = 5.0  # two readers may wait for each other, and for this program
_CHECKED_CHARS: Final = 200_000  # of a text that is cut as well
_LAST_NET: Final = "parece dañado"  # what the registry says

_MAGIC: Final = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"%PDF-1.7\n", b"PK\x05\x06", b"PK\x03\x04", b"\x1f\x8b",
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>&b;', b"]]>", b"1e999", b"-1",
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;', b"../../../../etc/passwd",
    b"99999999999999999999", b"%n%s", "\u202e\ufdfa\u0301".encode(), b"\x1b]0;x\x07", b"{{{{",
    b"\\u0 \\bin99999999 ", b"&#0;&#xD800;&#99999999;", b".so man1/ls.1\n", b"--\r\n", b"\r",
    b"=cmd|' /C calc'!A0", b"endobj", b"stream\n", b"\n" * 5000,
)  # fmt: skip
_OPENINGS: Final = (
    b"<a>",
    b"[",
    b"{",
    b'{"a":',
    b"(",
    b"<<",
    b"\\begin{a}",
    b"> ",
    b"{\\b",
    b"<w:p>",
)


def _flip(draw: random.Random, data: bytes) -> bytes:
    flipped = bytearray(data)
    for _ in range(draw.randint(1, 40)):
        flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
    return bytes(flipped)


def _truncate(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randrange(len(data))]


def _repeat(draw: random.Random, data: bytes) -> bytes:
    start, end = _span(draw, data)
    times = draw.choice((2, 10, 1000))
    return data[:start] + data[start:end] * times + data[end:]


def _swap(draw: random.Random, data: bytes) -> bytes:
    a, b, c = sorted(draw.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _remove(draw: random.Random, data: bytes) -> bytes:
    start, end = _span(draw, data)
    return data[:start] + data[end:]


def _insert(draw: random.Random, data: bytes) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(_MAGIC) + data[at:]


def _nest(draw: random.Random, data: bytes) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(_OPENINGS) * draw.randint(100, _MAX_DEPTH) + data[at:]


def _renumber(draw: random.Random, data: bytes) -> bytes:
    numbers = list(re.finditer(rb"\d+", data))
    if not numbers:
        return _insert(draw, data)
    start, end = draw.choice(numbers).span()
    number = draw.choice((b"0", b"-1", b"65536", b"2147483648", b"4294967295", b"9" * 400))
    return data[:start] + number + data[end:]


def _reword(draw: random.Random, data: bytes) -> bytes:
    """Put others in the place of some values, so that XML and the like stay well formed."""
    values = list(re.finditer(rb'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)', data))
    for found in sorted(draw.sample(values, min(len(values), 5)), key=lambda m: -m.start()):
        other = draw.choice((draw.choice(values)[0], b"", b"-1", b"9" * 30, b"a" * 5000, b"&lt;"))
        data = data[: found.start()] + other + data[found.end() :]
    return data


def _span(draw: random.Random, data: bytes) -> tuple[int, int]:
    start = draw.randrange(len(data) + 1)
    return start, min(len(data), start + draw.randint(1, 2000))


_DAMAGES: Final[Sequence[Callable[[random.Random, bytes], bytes]]] = (
    _flip, _truncate, _repeat, _swap, _remove, _insert, _nest, _renumber, _reword
)  # fmt: skip


def damaged(draw: random.Random, data: bytes) -> bytes:
    """Return bytes with one to three damages; of an archive, mostly within its members."""
    if data.startswith(b"PK\x03\x04") and draw.random() < 0.7:
        return _damaged_within(draw, data)
    for _ in range(draw.randint(1, 3)):
        if data:
            data = draw.choice(_DAMAGES)(draw, data)[:_MAX_BYTES]
    return data


def _damaged_within(draw: random.Random, data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError):
        return _flip(draw, data)
    names = [name for name, inner in members.items() if inner]
    for name in draw.sample(names, min(len(names), draw.randint(1, 2))):
        match draw.randrange(8):
            case 0:
                del members[name]
            case 1:
                members[f"../../{name}"] = members.pop(name)
            case 2 | 3 | 4:
                members[name] = _reword(draw, members[name])[:_MAX_BYTES]
            case _:
                members[name] = draw.choice(_DAMAGES)(draw, members[name])[:_MAX_BYTES]
    return zipped(members)


def noise(draw: random.Random, data: bytes) -> bytes:
    """Return the words of a file in any order, or nothing but chance."""
    if draw.random() < 0.5:
        return draw.randbytes(draw.choice((0, 1, 10, 1000, 100_000)))
    words = re.findall(rb"\w+|\s+|[^\w\s]+", data[:20_000]) or [b"a"]
    return b"".join(draw.choices([*words, *_MAGIC], k=draw.randint(1, 2000)))[:_MAX_BYTES]


class Input(NamedTuple):
    """A file to be read.

    Attributes
    ----------
    suffix
        Of its format: the name's, without that of a compression.
    """

    name: str
    suffix: str
    data: bytes


def inputs(seed: int, n_inputs: int, found: Mapping[str, Sequence[bytes]]) -> Iterator[Input]:
    """Yield damaged files, as many of one format as of another; the same ones for a seed."""
    draw = random.Random(seed)
    kinds = sorted(found)
    for n in range(n_inputs):
        suffix = kinds[n % len(kinds)]
        data = draw.choice(found[suffix])
        chance = draw.random()
        if chance < 0.02:
            damage = data
        elif chance < 0.1:
            damage = noise(draw, data)
        elif chance < 0.15:
            damage = damaged(draw, draw.choice(found[draw.choice(kinds)]))
        elif chance < 0.2:
            other = draw.choice(found[draw.choice(kinds)])
            damage = data[: draw.randrange(len(data))] + other[draw.randrange(len(other)) :]
        else:
            damage = damaged(draw, data)
        name = f"{n:05}{suffix}"
        if draw.random() < 0.05:
            name, damage = f"{name}.gz", gzip.compress(damage, mtime=0)
            damage = damaged(draw, damage) if draw.random() < 0.5 else damage
        yield Input(name, suffix, damage[:_MAX_BYTES])


@dataclass(slots=True)
class Tally:
    """What became of the inputs.

    Attributes
    ----------
    read, refused
        By suffix.
    unforeseen
        By suffix: refused because a reader raised what it should have refused itself.
    ended
        By how it ended: readers, some of which were tried again by another one.
    lost
        By suffix and cause: refused because a new reader ended too.
    late
        Inputs that took longer than they may.
    broken
        What was raised in this program.
    written
        Files that are new, or not what they were.
    """

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unforeseen: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    late: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    seconds: float = 0.0


def fuzz(given: Iterator[Input], limits: Limits, kept: Path | None = None) -> Tally:
    """Read every input in another process, and look at what is left of this one.

    Parameters
    ----------
    kept
        A folder for the inputs that ended their reader.
    """
    tally = Tally()
    started = time.monotonic()
    with TemporaryDirectory() as folder, _apart(Path(folder), tally) as apart:
        waiting: list[Input] = []

        def files() -> Iterator[SourceFile]:
            for each in given:
                path = apart / each.name
                path.write_bytes(each.data)
                waiting.append(each)
                yield SourceFile(path, each.name, Stamp.of(path.stat()))

        with Readers(limits=limits) as readers:
            before = time.monotonic()
            for found in readers.read_all(files()):
                each = waiting.pop(0)
                seconds = time.monotonic() - before
                if seconds > limits.seconds_for(len(each.data)) + _MARGIN_SECONDS:
                    tally.late.append(f"{each.name}: {seconds:.0f} s")
                _count(tally, each, found, kept)
                (apart / each.name).unlink()
                before = time.monotonic()
    tally.seconds = time.monotonic() - started
    return tally


def _count(tally: Tally, each: Input, found: Document | LoadError, kept: Path | None) -> None:
    if isinstance(found, Document):
        tally.read[each.suffix] += 1
        try:
            check(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            tally.broken.append(f"{each.name}: {type(error).__name__}: {error}")
        return
    tally.refused[each.suffix] += 1
    tally.unforeseen[each.suffix] += found.message == _LAST_NET
    if found.__cause__ is not None:
        tally.lost[each.suffix, str(found.__cause__)] += 1
    if kept is not None and (found.__cause__ is not None or found.message == _LAST_NET):
        (kept / each.name).write_bytes(each.data)


def check(document: Document) -> None:
    """Do what is done with a document that was read.

    Raises
    ------
    Exception
        If that is not possible.
    """
    if document.text:
        document.place(0, len(document.text))
        for start in document.line_starts[:1000]:
            document.place(start, start + 1)
    json.dumps([document.title, document.notes, document.headings], ensure_ascii=False).encode()
    if len(document.text) <= _CHECKED_CHARS:
        for chunk in split(document, lambda text: len(text.split()), 300):
            str(chunk.at).encode()


@contextmanager
def _apart(folder: Path, tally: Tally) -> Iterator[Path]:
    """Give the readers a home and a place for what is temporary, and see what they leave there."""
    home, temporary, given = (folder / name for name in ("home", "tmp", "inputs"))
    for each in (home, temporary, given):
        each.mkdir()
    mine = {"HOME": str(home), "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(home)}
    before = {name: os.environ.get(name) for name in mine}
    watched = (home, temporary, Path.cwd(), Path(Path.cwd().anchor))
    listed = _listing(watched)
    ended = _Ended(tally)
    logger = logging.getLogger("rag.load")
    logger.addHandler(ended)
    os.environ.update(mine)
    try:
        yield given
    finally:
        logger.removeHandler(ended)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        tally.written.extend(sorted(f"{name}" for name, _ in _listing(watched) - listed))


def _listing(folders: Sequence[Path]) -> set[tuple[str, int]]:
    return {
        (entry.path, 0 if entry.is_dir() else entry.stat(follow_symlinks=False).st_mtime_ns)
        for folder in folders
        for entry in os.scandir(folder)
    }


class _Ended(logging.Handler):
    """Counts the readers that have ended."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally

    def emit(self, record: logging.LogRecord) -> None:
        self._tally.ended[str(record.args[-1]) if isinstance(record.args, tuple) else "?"] += 1


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0, help="that one input may take")
    parser.add_argument("--keep", type=Path, help="a folder for what ended its reader")
    asked = parser.parse_args()
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    found = specimens([*SEEDS, *DEBIAN])
    limits = Limits(seconds=asked.seconds, plain_bytes=0)
    tally = fuzz(inputs(asked.seed, asked.inputs, found), limits, asked.keep)
    print("| format | files | inputs | read | refused | of these, by the last net | took too long "
          "| too much memory | ended its reader |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for suffix in sorted(found):
        lost = Counter({how: n for (of, how), n in tally.lost.items() if of == suffix})
        late, large = lost.pop("late", 0), lost.pop("out of memory", 0)
        signals = ", ".join(f"{how} {n}" for how, n in sorted(lost.items())) or "0"
        read, refused = tally.read[suffix], tally.refused[suffix]
        print(f"| {suffix} | {len(found[suffix])} | {read + refused} | {read} | {refused} "
              f"| {tally.unforeseen[suffix]} | {late} | {large} | {signals} |")  # fmt: skip
    ended = ", ".join(f"{how}: {n}" for how, n in sorted(tally.ended.items())) or "none"
    print(f"\nReaders that ended: {ended}. In {tally.seconds:.0f} s.")
    for what, which in (
        ("Beyond the time allowed", tally.late),
        ("Raised in this program", tally.broken),
        ("Files written", tally.written),
    ):
        print(f"{what}: {len(which)}", *which[:20], sep="\n- ")


if __name__ == "__main__":
    main()
