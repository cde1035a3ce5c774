"""What every peer is given: files of plain text, and questions whose answers are known."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from bench.corpora import SEEDS, SHARED, Corpus, seeds, squad
from bench.manuals import DEBIAN, ManualQuestion, is_installed, normal, read_questions
from bench.reading import files_of
from rag.errors import LoadError
from rag.evaluate import Question, Source
from rag.load import Readers, SourceFile

_SQUAD: Final = "xquad-es-dev"
_DEBIAN_BYTES: Final = 800_000  # of text: a minute or more of each peer's time for every turn
_TELLING_CHARS: Final = 20  # an answer as long as this is not said in another file by chance
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
    return [first, DEBIAN] if is_installed() else [first]


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
    """Read the manuals that the questions are about, and others beside them."""
    questions = read_questions()
    wanted: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        wanted[question.package].add(question.file)
    files = {package: files_of(package)[0] for package in wanted}
    texts: dict[str, str] = {}
    answers = [answer for question in questions for answer in question.answers]
    for package, own in files.items():
        named = [file for file in own if file.path.name in wanted[package]]
        for file, text in _texts(named):
            name = _name(package, file)
            # Of several files of the same name, the one that says what is asked.
            if name not in texts or any(normal(answer) in normal(text) for answer in answers):
                texts[name] = text
    telling = [normal(answer) for answer in answers if len(answer) >= _TELLING_CHARS]
    n_bytes = sum(len(text.encode()) for text in texts.values())
    others = {package: list(_others(own, wanted[package])) for package, own in files.items()}
    for package, file, text in _in_turns(others):
        if n_bytes >= _DEBIAN_BYTES:
            break
        name, said = _name(package, file), normal(text)
        if name not in texts and not any(answer in said for answer in telling):
            texts[name] = text
            n_bytes += len(text.encode())
    return Documents(DEBIAN, texts, [_asked_of(question) for question in questions])


def _asked_of(question: ManualQuestion) -> Asked:
    name = f"{question.package}--{question.file}.txt"
    return Asked(question.text, file=name, answers=question.answers)


def _name(package: str, file: SourceFile) -> str:
    return f"{package}--{file.path.name}.txt"


def _others(files: Sequence[SourceFile], wanted: set[str]) -> Iterable[SourceFile]:
    """Return the other files of a package, of the same formats: no book whose chapters we have."""
    suffixes = {Path(name).suffix for name in wanted}
    others = [
        file for file in files if file.path.name not in wanted and file.path.suffix in suffixes
    ]
    return random.Random(0).sample(others, len(others))


def _in_turns(others: dict[str, list[SourceFile]]) -> Iterator[tuple[str, SourceFile, str]]:
    """Yield what other files say: one of each package, then another."""
    pairs = [[(package, file) for file in files] for package, files in others.items()]
    turns = [pair for pair in chain(*zip_longest(*pairs)) if pair is not None]
    packages = {file.path: package for package, file in turns}
    for file, text in _texts([file for _, file in turns]):
        yield packages[file.path], file, text


def _texts(files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, str]]:
    """Yield what files say, those that say something."""
    with Readers() as readers:
        for file, document in zip(files, readers.read_all(files), strict=True):
            if not isinstance(document, LoadError) and document.text.strip():
                yield file, document.text
