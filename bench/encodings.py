"""Table 17: the accents that are right, by the encoding that a file is in.

Needs Debian's manuals in Spanish
(``apt-get install debian-reference-es maint-guide-es manpages-es``).
"""

from __future__ import annotations

import gzip
import random
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.load.text.encoding import decode

_MANUALS = (
    "/usr/share/debian-reference/debian-reference.es.txt.gz",
    "/usr/share/doc/maint-guide-es/maint-guide.es.txt.gz",
)
_PAGES = "/usr/share/man/es"
_N_TEXTS = 200
_N_PLAIN = "utf-8 utf-8-sig utf-16 utf-16-le cp1252 latin-1 iso-8859-15 cp850 mac-roman".split()
_ACCENT = re.compile(r"[^\x00-\x7f]")

Write = Callable[[str], tuple[str, bytes]]


def _manuals() -> Iterator[str]:
    paths = [Path(name) for name in _MANUALS]
    paths += sorted(path for path in Path(_PAGES).rglob("*.gz") if not path.is_symlink())
    for path in paths:
        text = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        if not any(damaged in text for damaged in ("Ã³", "\a", "Ã\xad")):  # as some of them are
            yield unicodedata.normalize("NFC", text.replace("\r", ""))


def _parts(chance: random.Random, texts: list[str]) -> list[str]:
    """Cut parts of 1 to 50 lines with an accent out of real texts."""
    parts: list[str] = []
    while len(parts) < _N_TEXTS:
        lines = chance.choice(texts).split("\n")
        start = chance.randrange(len(lines))
        part = "\n".join(lines[start : start + chance.randint(1, 50)]) + "\n"
        if _ACCENT.search(part) and "\N{REPLACEMENT CHARACTER}" not in part:
            parts.append(part)
    return parts


def _sentences(chance: random.Random, texts: list[str]) -> list[str]:
    """Take lines with exactly one sign beyond ASCII, a Spanish letter."""
    found = [
        line + "\n"
        for text in texts
        for line in text.split("\n")
        if len(signs := _ACCENT.findall(line)) == 1 and signs[0].isalpha()
    ]
    return chance.sample(found, _N_TEXTS)


def _in(name: str) -> Write:
    def write(text: str) -> tuple[str, bytes]:
        data = text.encode(name, "ignore")
        return data.decode(name), data

    return write


def _mixed(text: str) -> tuple[str, bytes]:
    """Write the last third of the lines in cp1252, the others in UTF-8."""
    text = text.encode("cp1252", "ignore").decode("cp1252")
    lines = text.split("\n")
    kept = len(lines) * 2 // 3
    data = [line.encode("utf-8" if at < kept else "cp1252") for at, line in enumerate(lines)]
    return text, b"\n".join(data)


def _decomposed(text: str) -> tuple[str, bytes]:
    return text, unicodedata.normalize("NFD", text).encode()


def _twice(text: str) -> tuple[str, bytes]:
    """Write UTF-8 that was read as cp1252 and written as UTF-8 again."""
    text = "".join(sign for sign in text if sign.isascii() or sign in "áéíóúñüÁÉÍÓÚÑÜ¿¡«»ºª")
    return text, text.encode().decode("latin-1").encode("utf-8")


def _row(name: str, texts: list[str], write: Write) -> str:
    n_right = n_lines = 0
    wrong: list[tuple[str, str]] = []
    for text in texts:
        expected, data = write(text)
        found = decode(data.replace(b"\n", b"\r\n") if name == "cp850" else data).text
        n_lines += found.count("\n") == expected.count("\n")
        if found == expected:
            n_right += 1
        else:
            wrong.append((expected, found))
    for expected, found in wrong if "--wrong" in sys.argv else []:
        for one, other in zip(expected.split("\n"), found.split("\n"), strict=False):
            if one != other:
                print(f"  {one!r}\n  {other!r}", file=sys.stderr)
                break
    return f"{n_right} | {n_lines}"


def main() -> None:
    """Print the table, and how often clean Spanish is taken for damaged."""
    chance = random.Random(17)
    texts = list(_manuals())
    parts, sentences = _parts(chance, texts), _sentences(chance, texts)
    print("| encoding | parts right | lines right | one accent right | lines right |")
    print("|---|---|---|---|---|")
    writers: dict[str, Write] = {name: _in(name) for name in _N_PLAIN}
    writers |= {
        "UTF-8 and cp1252 by lines": _mixed,
        "UTF-8, decomposed": _decomposed,
        "UTF-8 read as latin-1": _twice,
    }
    for name, write in writers.items():
        print(f"| {name} | {_row(name, parts, write)} | {_row(name, sentences, write)} |")
    start = time.perf_counter()
    n_mended = sum(decode(text.encode()).text != text for text in texts)
    seconds = time.perf_counter() - start
    n_lines = sum(text.count("\n") for text in texts)
    n_bytes = sum(len(text.encode()) for text in texts)
    print(f"\nClean: {n_mended} of {len(texts)} files, {n_lines} lines, changed; "
          f"{n_bytes / seconds / 2**20:.0f} MiB/s")  # fmt: skip


if __name__ == "__main__":
    main()
