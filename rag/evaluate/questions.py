"""Test sets: questions whose answers are known, and the documents that hold them."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ValidationError, model_validator

from rag.errors import UsageError, reason
from rag.lexical import fold

_MAX_SLUG_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer is said; the path ends with this one.

    Attributes
    ----------
    line
        From 1.
    start, end
        The span of the answer in the document, in characters, where it is known.
    """

    path: str
    line: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a test set.

    Attributes
    ----------
    answers
        Any of them is right; empty where the documents do not say.
    sources
        Where it is said, all the places.
    history
        Questions asked before it in its conversation, oldest first.
    """

    text: str
    answers: tuple[str, ...]
    sources: tuple[Source, ...]
    answerable: bool
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestSet:
    """Questions, and in a set that brings its own, the documents that they are about.

    Attributes
    ----------
    documents
        Text by file name.
    """

    __test__ = False  # pytest takes names that begin so for tests

    questions: list[Question]
    documents: dict[str, str] = field(default_factory=dict)

    def write_documents(self, folder: Path) -> None:
        """Write the documents as files."""
        for name, text in self.documents.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


def read_test_set(path: Path) -> TestSet:
    """Read a test set.

    Parameters
    ----------
    path
        JSON as SQuAD's, 1.1 or 2.0, or JSONL: one object a line, with question, answers, sources
        and perhaps answerable and history.

    Raises
    ------
    UsageError
        If the file cannot be read or is not such a set.
    """
    try:
        text = path.read_text("utf-8-sig")
        test_set = _squad(text) or _jsonl(path, text)
    except OSError as error:
        raise UsageError(
            f"No se puede leer «{path}» ({reason(error)})", "Comprueba la ruta"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"«{path}» no es un archivo de preguntas",
            "Comprueba que tiene la forma de los de SQuAD",
        ) from error
    if not test_set.questions:
        raise UsageError(f"«{path}» no contiene ninguna pregunta", "Añade al menos una")
    return test_set


class _SourceRecord(BaseModel, strict=True):
    path: str
    line: int


class _QuestionRecord(BaseModel, strict=True):
    """A line of our own form."""

    question: str
    answers: list[str]
    sources: list[_SourceRecord]
    answerable: bool | None = None
    history: list[str] = []

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        if not all(map(_has_words, (self.question, *self.history))):
            raise ValueError("an empty question")
        if self.is_answerable and not (self.sources and all(self.answers) and self.answers):
            raise ValueError("an answer without words, or without a place")
        return self

    @property
    def is_answerable(self) -> bool:
        return bool(self.answers) if self.answerable is None else self.answerable


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _jsonl(path: Path, text: str) -> TestSet:
    test_set = TestSet([])
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = _QuestionRecord.model_validate_json(line)
        except ValidationError as error:
            raise UsageError(
                f"La línea {number} de «{path}» no es una pregunta con su respuesta",
                "Escribe en cada línea un objeto JSON con question, answers (una lista) y sources "
                "(path y line), o usa JSON como el de SQuAD",
            ) from error
        sources = tuple(Source(source.path, source.line) for source in record.sources)
        answers = tuple(record.answers)
        history = tuple(record.history)
        test_set.questions.append(
            Question(record.question, answers, sources, record.is_answerable, history)
        )
    return test_set


def _squad(text: str) -> TestSet | None:
    """Read SQuAD's form: an article becomes a document, a paragraph a line of it."""
    try:
        record = json.loads(text)
    except ValueError:
        return None  # several lines of JSON, perhaps
    if not isinstance(record, dict) or "data" not in record:
        return None
    test_set = TestSet([])
    for number, article in enumerate(record["data"]):
        name = f"{number:03d}-{_slug(str(article.get('title', '')))}.txt"
        lines: list[str] = []
        offset = 0
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            line = _plain(context)
            lines.extend([line, ""])
            for asked in paragraph["qas"]:
                spans = dict.fromkeys(_span(context, answer, offset) for answer in asked["answers"])
                source = tuple(Source(name, len(lines) - 1, *span) for span in spans)
                answers = tuple(dict.fromkeys(str(answer["text"]) for answer in asked["answers"]))
                test_set.questions.append(
                    Question(
                        str(asked["question"]).strip(),
                        answers,
                        source or (Source(name, len(lines) - 1),),
                        answerable=bool(answers) and not asked.get("is_impossible", False),
                    )
                )
            offset += len(line) + 2
        test_set.documents[name] = "\n".join(lines)
    return test_set


def _span(context: str, answer: dict[str, Any], offset: int) -> tuple[int, int]:
    """Return where an answer stands in the document, whose white space is single."""
    before = re.sub(r"\s+", " ", context[: answer["answer_start"]].lstrip())
    start = offset + len(unicodedata.normalize("NFC", before))
    return start, start + len(_plain(str(answer["text"])))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _slug(title: str) -> str:
    words = re.findall(r"[a-z0-9ñ]+", fold(title.casefold()))
    return "-".join(words)[:_MAX_SLUG_CHARS] or "articulo"
