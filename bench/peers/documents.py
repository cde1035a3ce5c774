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
_SQUAD: Final = "xquad-es-dev"
_MANUALS: Final = Path(__file__).parent.parent / "manuals.jsonl"  # as those of the registers
_LINE: Final = re.compile(r"[^\n]*")


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
    file, answers
        Where it is not: the file that says it, and what it may say.
    """

    text: str
    places: tuple[Place, ...] = ()
    file: str = ""
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
            if all(
                file in texts for file in (asked.file, *(at.file for at in asked.places)) if file
            )
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
    """Read a set by its name: ``seeds``, ``debian``, or one in SQuAD's format."""
    if name == DEBIAN:
        return _debian()
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


def _debian() -> Documents:
    """Read the manuals that the questions are about."""
    lines = [
        line for path in (QUESTIONS, _MANUALS) for line in path.read_text("utf-8").splitlines()
    ]
    records = [record for record in map(json.loads, lines) if record["answers"]]
    wanted: dict[str, set[str]] = defaultdict(set)
    for record in records:
        wanted[record["package"]].add(record["file"])
    texts: dict[str, str] = {}
    answers = [answer for record in records for answer in record["answers"]]
    for package, file_names in wanted.items():
        named = [file for file in files_of(package)[0] if file.path.name in file_names]
        for file, text in _texts(named):
            name = _name(package, file.path.name)
            # Of several files of the same name, the one that says what is asked.
            if name not in texts or any(normal(answer) in normal(text) for answer in answers):
                texts[name] = text
    return Documents(DEBIAN, texts, [_of_record(record) for record in records])


def _of_record(record: dict[str, Any]) -> Asked:
    name = _name(record["package"], record["file"])
    return Asked(record["question"], file=name, answers=tuple(record["answers"]))


def _name(package: str, file_name: str) -> str:
    return f"{package}--{file_name}.txt"


def _texts(files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, str]]:
    """Yield what files say, those that say something."""
    with Readers() as readers:
        for file, document in zip(files, readers.read_all(files), strict=True):
            if not isinstance(document, LoadError) and document.text.strip():
                yield file, document.text


def normal(text: str) -> str:
    """Return a text without case, its white space single."""
    return " ".join(text.split()).casefold()
