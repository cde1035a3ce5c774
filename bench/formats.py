"""Table 17: whether readers give the words of a document, in order, and how fast."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import html
from rapidfuzz.distance import LCSseq

from rag.load.pdf import read_pdf

_NAVIGATION = (
    ".//nav | .//script | .//style | .//a[@class='headerlink'] | .//*[@class='toc']"
    " | .//*[@class='navheader' or @class='navfooter']"
)


class Editions(NamedTuple):
    """A manual that is installed as PDF and as HTML.

    Attributes
    ----------
    pdf, pages
        A package of Debian, and how the name of its file ends; the page of HTML is the whole, or
        its table of contents.
    """

    pdf: tuple[str, str]
    pages: tuple[str, str]


_MANUALS = (
    Editions(
        ("ubuntu-packaging-guide-pdf-es", ".pdf.gz"),
        ("ubuntu-packaging-guide-html-es", "/singlehtml/index.html"),
    ),
    Editions(("debian-reference-es", ".pdf"), ("debian-reference-es", "/index.es.html")),
    Editions(("maint-guide-es", ".pdf"), ("maint-guide-es", "/index.es.html")),
    Editions(
        ("debian-edu-doc-es", "bookworm-manual.pdf"), ("debian-edu-doc-es", "bookworm-manual.html")
    ),
)


class Pair(NamedTuple):
    """The words of a document as its reader gives them, and as another edition has them."""

    name: str
    read: list[str]
    expected: list[str]
    n_pages: int
    seconds: float


def files(package: str, suffix: str) -> list[Path]:
    """Return the files of an installed package that end so; none if it is not installed."""
    listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)  # noqa: S607
    return [Path(name) for name in listed.stdout.splitlines() if name.endswith(suffix)]


def words(text: str) -> list[str]:
    """Return the words of a text, case and punctuation apart."""
    return re.findall(r"\w+", text.casefold())


def content(index: Path) -> str:
    """Return the text of HTML pages in the order of their table of contents.

    Without what is for finding one's way about them; each block on a line.
    """
    root = html.fromstring(index.read_bytes())
    named = [link.partition("#")[0] for link in root.xpath("//*[@class='toc']//a/@href")]
    names = {str(name): None for name in named if name and name != index.name}
    others = [index.with_name(name) for name in names if "/" not in name]
    return "\n".join(_content(page) for page in [index, *others] if page.is_file())


def _content(page: Path) -> str:
    root = html.fromstring(page.read_bytes())
    [body] = (root.xpath("//div[@id='content']") or root.xpath("//body"))[:1]
    for left_out in body.xpath(_NAVIGATION):
        if left_out.getparent() is not None:
            left_out.drop_tree()
    for block in body.iter("p", "div", "li", "dt", "dd", "td", "th", "pre", "br"):
        block.tail = f"\n{block.tail or ''}"
    return str(body.text_content())


def pairs() -> Iterator[Pair]:
    """Yield the manuals that are installed in both editions."""
    for manual in _MANUALS:
        for file, index in zip(files(*manual.pdf), files(*manual.pages), strict=True):
            is_packed = file.suffix == ".gz"
            data = gzip.decompress(file.read_bytes()) if is_packed else file.read_bytes()
            start = time.perf_counter()
            extract = read_pdf(data)
            seconds = time.perf_counter() - start
            n_pages = extract.layout.marks[-1].page or 0
            yield Pair(file.name, words(extract.text), words(content(index)), n_pages, seconds)


def main() -> None:
    """Print the table in Markdown."""
    is_long = "--diff" in sys.argv
    print("| document | words expected | read, in order | words read | expected | pages/s |")
    print("|---|---|---|---|---|---|")
    for pair in pairs():
        n_common = LCSseq.similarity(pair.expected, pair.read)
        recall, precision = n_common / len(pair.expected), n_common / len(pair.read)
        print(
            f"| {pair.name} | {len(pair.expected)} | {recall:.4f} | {len(pair.read)} | "
            f"{precision:.4f} | {pair.n_pages / pair.seconds:.0f} |"
        )
        if is_long:
            for edit in LCSseq.opcodes(pair.expected, pair.read):
                if edit.tag != "equal":
                    gone = " ".join(pair.expected[edit.src_start : edit.src_end])
                    new = " ".join(pair.read[edit.dest_start : edit.dest_end])
                    print(f"{gone} -> {new}")


if __name__ == "__main__":
    main()
