"""What every peer is given: files of plain text, and questions whose answers are known."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.corpora import SEEDS, SHARED, Corpus, seeds, squad
from bench.reading import files_of
from bench.registers import QUESTIONS
from rag.errors import LoadError
from rag.evaluate import Question, Source
from rag.load import Readers, SourceFile

DEBIAN: Final = "debian"
WHOLE_DEBIAN: Final = "debian-whole"
_SQUAD: Final = "xquad-es-dev"
_MANUALS: Final = Path(__file__).parent.parent / "manuals.jsonl"  # as those of the registers
_LINE: Final = re.compile(r"[^\n]*")

# Every manual in one of the formats that it comes in: another copy of a text would be as right.
_MANUAL_FILES: Final = {
    "debian-reference-es": re.compile(r".*\.es\.html"),
    "maint-guide-es": re.compile(r".*\.es\.html"),
    "manpages-es": re.compile(r".*/man\d/.*\.gz"),
    "libreoffice-help-es": re.compile(r".*/help/es/text/.*\.html"),
    "debian-edu-doc-es": re.compile(r".*\.html"),
    "linuxcnc-doc-es": re.compile(r".*_es\.pdf"),
    "ubuntu-packaging-guide-html-es": re.compile(r".*\.html"),
}


class Place(NamedTuple):
    """Where an answer is said: a span of the text of a file, in characters."""

    file: str
    start: int
    end: int


class Asked(NamedTuple):
    """A question.

    Attributes
    ----------
    places
        Where the answer is said, where that is known.
    files, answers
        Where it is not: the files that say it, and what they may say.
    """

    text: str
    places: tuple[Place, ...] = ()
    files: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Documents:
    """Texts by file name, and questions about them."""

    name: str
    texts: dict[str, str]
    questions: list[Asked]

    def part(self, n_documents: int | None, n_questions: int | None) -> Documents:
        """Return the first documents, and some of the questions about them, drawn once."""
        texts = dict(list(self.texts.items())[:n_documents])
        questions = [
            asked
            for asked in self.questions
            if all(file in texts for file in (*asked.files, *(at.file for at in asked.places)))
        ]
        if n_questions is not None and n_questions < len(questions):
            questions = random.Random(0).sample(questions, n_questions)
        return replace(self, texts=texts, questions=questions)

    def write(self, folder: Path) -> None:
        """Write the texts as files, in a folder that is made."""
        folder.mkdir()
        for name, text in self.texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


def names() -> list[str]:
    """Return the sets that this machine can measure with, the first one first."""
    first = _SQUAD if (SHARED / "eval").is_dir() else SEEDS
    has_manuals = Path("/usr/share/doc/debian-reference-es").is_dir()
    return [first, DEBIAN] if has_manuals else [first]


def read(name: str) -> Documents:
    """Read a set by its name: ``seeds``, ``debian``, ``debian-whole``, or one in SQuAD's format."""
    if name in (DEBIAN, WHOLE_DEBIAN):
        return _debian(name)
    corpus = seeds() if name == SEEDS else squad(name)
    return Documents(name, corpus.documents, list(_asked(corpus)))


def _asked(corpus: Corpus) -> Iterator[Asked]:
    for question in corpus.questions:
        if question.answerable and not question.history:
            places = tuple(_place(corpus, question, source) for source in question.sources)
            yield Asked(question.text, places)


def _place(corpus: Corpus, question: Question, source: Source) -> Place:
    """Return the span of an answer; where only its line is known, what that says of it."""
    if source.start is not None and source.end is not None:
        return Place(source.path, source.start, source.end)
    text = corpus.documents[source.path]
    start = sum(len(line) + 1 for line in text.split("\n")[: source.line - 1])
    line = _LINE.match(text, start)
    said = line.group() if line else ""
    for answer in question.answers:
        at = said.casefold().find(answer.casefold())
        if at >= 0:
            return Place(source.path, start + at, start + at + len(answer))
    return Place(source.path, start, start + len(said))


def _debian(name: str) -> Documents:
    """Read the manuals that the questions are about, or all."""
    lines = [
        line for path in (QUESTIONS, _MANUALS) for line in path.read_text("utf-8").splitlines()
    ]
    records = [record for record in map(json.loads, lines) if record["answers"]]
    asked = {(record["package"], record["file"]) for record in records}
    texts: dict[str, str] = {}
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    for package, is_manual in _MANUAL_FILES.items():
        files = [
            file
            for file in files_of(package)[0]
            if is_manual.fullmatch(str(file.path))
            and (name == WHOLE_DEBIAN or (package, file.path.name) in asked)
        ]
        for file, text in _texts(files):
            own = "--".join((package, *file.path.parts[-3:])) + ".txt"
            texts[own] = text
            named[package, file.path.name].append(own)
    return Documents(name, texts, [_of_record(record, named, texts) for record in records])


def _of_record(
    record: dict[str, Any], named: dict[tuple[str, str], list[str]], texts: dict[str, str]
) -> Asked:
    """Return a question; of several files of the same name, those that say its answer."""
    answers = tuple(record["answers"])
    files = tuple(
        file
        for file in named[record["package"], record["file"]]
        if any(normal(answer) in normal(texts[file]) for answer in answers)
    )
    return Asked(record["question"], files=files, answers=answers)


def _texts(files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, str]]:
    """Yield what files say, those that say something."""
    with Readers() as readers:
        for file, document in zip(files, readers.read_all(files), strict=True):
            if not isinstance(document, LoadError) and document.text.strip():
                yield file, document.text


def normal(text: str) -> str:
    """Return a text without case, its white space single."""
    return " ".join(text.split()).casefold()
