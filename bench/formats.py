"""Table 16: do the readers give the words of a document, in order, and how fast?"""

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
from rapidfuzz.distance import Indel

from rag.load.pdf import read_pdf

_GUIDE_PDF = "ubuntu-packaging-guide-pdf-es"
_GUIDE_HTML = "ubuntu-packaging-guide-html-es"


class Pair(NamedTuple):
    """The words of a document as its reader gives them, and as another edition has them."""

    name: str
    read: list[str]
    expected: list[str]
    n_pages: int
    seconds: float


def files(package: str, suffix: str) -> list[Path]:
    """Return the files of an installed package that end so; none if it is not installed."""
    listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)
    return [Path(name) for name in listed.stdout.splitlines() if name.endswith(suffix)]


def words(text: str) -> list[str]:
    """Return the words of a text, case and punctuation apart."""
    return re.findall(r"\w+", text.casefold())


def content(page: Path) -> str:
    """Return the text of an HTML page's main part, without marks that link to a title."""
    root = html.fromstring(page.read_bytes())
    [body] = root.xpath("//div[@role='main'] | //div[@class='body']")[:1]
    for left_out in body.xpath(".//a[@class='headerlink'] | .//script | .//style"):
        left_out.drop_tree()
    return str(body.text_content())


def pairs() -> Iterator[Pair]:
    """Yield the documents that are installed in two editions."""
    for file in files(_GUIDE_PDF, ".pdf.gz"):
        data = gzip.decompress(file.read_bytes())
        start = time.perf_counter()
        extract = read_pdf(data)
        seconds = time.perf_counter() - start
        # The body starts where the table of contents ends: at the title that the HTML starts with.
        [page] = files(_GUIDE_HTML, "/singlehtml/index.html")
        n_pages = extract.layout.marks[-1].page or 0
        yield Pair(file.stem, words(extract.text), words(content(page)), n_pages, seconds)


def main() -> None:
    """Print the table in Markdown."""
    is_long = "--diff" in sys.argv
    print("| document | words expected | read, in order | words read | expected | pages/s |")
    print("|---|---|---|---|---|---|")
    for pair in pairs():
        n_common = Indel.similarity(_coded(pair.expected), _coded(pair.read))
        recall, precision = n_common / len(pair.expected), n_common / len(pair.read)
        print(
            f"| {pair.name} | {len(pair.expected)} | {recall:.4f} | {len(pair.read)} | "
            f"{precision:.4f} | {pair.n_pages / pair.seconds:.0f} |"
        )
        if is_long:
            for kind, a, b, c, d in Indel.opcodes(pair.expected, pair.read):
                if kind != "equal":
                    print(kind, " ".join(pair.expected[a:b]), "->", " ".join(pair.read[c:d]))


def _coded(parts: list[str]) -> list[str]:
    return parts


if __name__ == "__main__":
    main()
