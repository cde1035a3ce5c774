"""One manual in three formats: whether the same answer is cited in each, where it stands.

Twenty questions of our own (``bench/guide.jsonl``) about Ubuntu's packaging guide in Spanish, from
Debian's packages ``ubuntu-packaging-guide-{html,epub,pdf}-es``. An answer counts where the first
quote, or the answer, says what the question asks for, and where what is quoted stands in the raw
file at the place cited, looked up by other means than our readers.

    python -m bench.guide [--show]
"""

from __future__ import annotations

import gzip
import html
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from rag.assistant import Assistant
from rag.schema import Answer, Citation

_QUESTIONS: Final = Path(__file__).parent / "guide.jsonl"
_PACKAGE: Final = "ubuntu-packaging-guide-{}-es"


def find_guide(kind: str, suffix: str) -> list[Path]:
    """Return the files of a package that end so."""
    listed = subprocess.run(
        ["/usr/bin/dpkg", "-L", _PACKAGE.format(kind)], capture_output=True, text=True, check=True
    )
    paths = [Path(line) for line in listed.stdout.splitlines() if line.endswith(suffix)]
    return [path for path in paths if path.is_file()]


def words(text: str) -> list[str]:
    """Return the words of a text, signs apart."""
    return re.findall(r"\w+", text.casefold())


def _holds(text: str, quote: str) -> bool:
    return f" {' '.join(words(quote))} " in f" {' '.join(words(text))} "


def on_lines(path: Path, citation: Citation) -> bool:
    """Look a quote up in the source lines of a page."""
    lines = path.read_text("utf-8").split("\n")[citation.line_start - 1 : citation.line_end]
    source = re.sub(r"^[^<]*>|<[^>]*>|<[^>]*$", "", "\n".join(lines))
    return _holds(html.unescape(source), citation.quote)


def in_chapter(path: Path, citation: Citation) -> bool:
    """Look a quote up in each of the chapters of a book."""
    with ZipFile(path) as archive:
        chapters = [
            html.unescape(re.sub(r"<[^>]*>", "", archive.read(name).decode()))
            for name in archive.namelist()
            if name.endswith((".xhtml", ".html"))
        ]
    return any(_holds(chapter, citation.quote) for chapter in chapters)


def on_page(path: Path, citation: Citation) -> bool:
    """Look a quote up among the words that PDFium finds on a page, or on two."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path.read_bytes())
    pages = range(citation.page or 0, (citation.at.page_end or citation.page or 0) + 1)
    raw = " ".join(document[page - 1].get_textpage().get_text_range() for page in pages)
    document.close()
    joined = re.sub(r"[\u0002\ufffe\u00ad-]\s*", "", raw)
    return "".join(words(citation.quote)).replace("-", "") in "".join(words(joined))


def says(answer: Answer, expected: str) -> bool:
    """Say whether an answer or its first quote holds what was asked for."""
    if answer.abstained or not answer.citations:
        return False
    return _holds(answer.text, expected) or _holds(answer.citations[0].quote, expected)


def ask_all(
    name: str, files: list[Path], is_there: Callable[[Path, Citation], bool], *, show: bool
) -> None:
    """Index a format, ask everything and print its row of the table."""
    questions = [json.loads(line) for line in _QUESTIONS.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "d"
        documents.mkdir()
        for file in files:
            target = documents / file.name.removesuffix(".gz")
            is_packed = file.suffix == ".gz"
            target.write_bytes(
                gzip.decompress(file.read_bytes()) if is_packed else file.read_bytes()
            )
        assistant = Assistant.open(index_dir=Path(folder) / "i", model="embedded")
        assistant.index([documents])
        n_right = n_quotes = n_there = 0
        for question in questions:
            answer = assistant.ask(question["question"])
            is_right = says(answer, question["says"])
            n_right += is_right
            there = [is_there(Path(citation.path), citation) for citation in answer.citations]
            n_quotes += len(there)
            n_there += sum(there)
            if show and not (is_right and all(there)):
                print(f"{name}: {question['question']} {question['says']}\n  {answer.text}")
                for citation, found in zip(answer.citations, there, strict=True):
                    print(f"  {'' if found else '✗ '}{citation}")
    print(f"| {name} | {n_right} of {len(questions)} | {n_there} of {n_quotes} |", flush=True)


def main() -> None:
    """Print the table."""
    show = "--show" in sys.argv
    pages = [path for path in find_guide("html", ".html") if path.parent.name == path.parts[4]]
    print("| format | the same answer, cited | quotes at their place |\n|---|---|---|")
    ask_all("HTML", pages, on_lines, show=show)
    ask_all("EPUB", find_guide("epub", ".epub"), in_chapter, show=show)
    ask_all("PDF", find_guide("pdf", ".pdf.gz"), on_page, show=show)


if __name__ == "__main__":
    main()
