"""How much of Debian's manuals is read, how fast, and why the rest is not.

Every file of the packages below, as ``rag index`` reads a folder: those of a format that nobody
reads (images, style sheets of the help, compiled catalogues) are counted apart, by suffix.

    python -m bench.reading
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rag.errors import LoadError
from rag.load import Readers, Skipped, SourceFile, scan

_PACKAGES: Final = (
    "debian-reference-es",
    "maint-guide-es",
    "manpages-es",
    "libreoffice-help-es",
    "debian-edu-doc-es",
    "linuxcnc-doc-es",
    "ubuntu-packaging-guide-html-es",
    "ubuntu-packaging-guide-epub-es",
    "ubuntu-packaging-guide-pdf-es",
)


def files_of(package: str) -> tuple[list[SourceFile], list[Skipped]]:
    """Return the files of a package that have a reader, and the others with the reason."""
    listed = subprocess.run(
        ["/usr/bin/dpkg", "-L", package], capture_output=True, text=True, check=True
    )
    readable: list[SourceFile] = []
    others: list[Skipped] = []
    for line in listed.stdout.splitlines():
        path = Path(line)
        if not path.is_file() or path.is_symlink():
            continue
        for found in scan(path, line):
            if isinstance(found, SourceFile):
                readable.append(found)
            elif isinstance(found, Skipped):
                others.append(found)
    return readable, others


def read(files: Sequence[SourceFile], n_readers: int) -> tuple[float, list[tuple[str, str]], int]:
    """Read files; return the seconds, those refused with the reason, and the characters."""
    began = time.perf_counter()
    refused: list[tuple[str, str]] = []
    n_chars = 0
    with Readers(n_readers) as readers:
        for file, found in zip(files, readers.read_all(files), strict=True):
            if isinstance(found, LoadError):
                refused.append((file.name, found.message))
            elif not found.text.strip():
                refused.append((file.name, "está vacío"))
            else:
                n_chars += len(found.text)
    return time.perf_counter() - began, refused, n_chars


def main() -> None:
    """Print the table, and the reasons under it."""
    print(f"{os.cpu_count()} cores\n")
    print("| package | files | MB | read | share | characters | 1 process, s | 2, s | no reader |")
    print("|---|---|---|---|---|---|---|---|---|")
    reasons: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    names: list[tuple[str, str]] = []
    for package in _PACKAGES:
        files, others = files_of(package)
        unread.update(Path(other.name).suffix or "(none)" for other in others)
        one, _, _ = read(files, 1)
        two, refused, n_chars = read(files, 2)
        reasons.update(why for _, why in refused)
        names.extend(refused)
        n_read = len(files) - len(refused)
        megabytes = sum(file.stamp.n_bytes for file in files) / 1e6
        print(
            f"| {package} | {len(files)} | {megabytes:.1f} | {n_read} | {n_read / len(files):.2%} "
            f"| {n_chars} | {one:.1f} | {two:.1f} | {len(others)} |",
            flush=True,
        )
    print("\nRefused:", "; ".join(f"{why}: {n}" for why, n in reasons.most_common()) or "none")
    for name, why in names[:20]:
        print(f"  {name}: {why}")
    print("No reader:", ", ".join(f"{suffix} {n}" for suffix, n in unread.most_common()))


if __name__ == "__main__":
    main()
