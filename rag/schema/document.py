"""What is read: documents, and the chunks and sentences they are cut into."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rag.schema.layout import PLAIN, Layout
from rag.schema.place import Place


class Heading(NamedTuple):
    """A title in a document."""

    start: int  # the first character of its line
    level: int  # 1 is the highest
    title: str


@dataclass(frozen=True)
class Document:
    """A file, read.

    Attributes
    ----------
    path
        The root as the user gave it, then the path below it, with ``/``.
    text
        In NFC, lines ended by a line feed, without byte-order mark.
    media_type
        As in ``text/markdown``.
    sha256
        Of the file's bytes, in hexadecimal.
    headings
        In order of appearance; empty where the format has none.
    layout
        Where in the file the lines of the text stand.
    title
        Of the whole, as the file itself tells it; may be empty.
    notes
        What was done to read it that the person should know, in Spanish sentences.
    """

    path: str
    text: str
    media_type: str
    sha256: str
    headings: tuple[Heading, ...] = ()
    layout: Layout = PLAIN
    title: str = ""
    notes: tuple[str, ...] = ()

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of the first character of each line of the text."""
        return (0, *(match.end() for match in re.finditer("\n", self.text)))

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last line of the text, from 0, that a span stands on.

        Parameters
        ----------
        start, end
            A span of at least one character.
        """
        first = bisect_right(self.line_starts, start) - 1
        return first, max(first, bisect_right(self.line_starts, end - 1) - 1)

    def place(self, start: int, end: int) -> Place:
        """Return where in the file a span of at least one character stands."""
        return self.layout.place(self.path, (start, end), self.lines(start, end), base=1)


class Sentence(NamedTuple):
    """A span inside a chunk; offsets are the document's."""

    start: int
    end: int
    line_start: int
    line_end: int
    text: str


@dataclass(frozen=True)
class Chunk:
    """A stored span of a document: ``document.text[start:end] == chunk.text``.

    Attributes
    ----------
    headings
        The title of the document and those above the chunk, outermost first.
    spans
        Of its sentences: start, end, first and last line, as ``Sentence`` has them.
    layout
        The document's, of these lines.
    also_in
        The paths of other documents that are the same from end to end.
    """

    path: str
    start: int
    end: int
    line_start: int
    line_end: int
    text: str
    headings: tuple[str, ...]
    spans: tuple[tuple[int, int, int, int], ...]
    layout: Layout = PLAIN
    also_in: tuple[str, ...] = ()

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences, made when they are first asked for: of most that are found, never."""
        text, offset = self.text, self.start
        return tuple(
            Sentence(*span, text[span[0] - offset : span[1] - offset]) for span in self.spans
        )

    def place(self, start: int, end: int) -> Place:
        """Return where in the file a span of at least one character of the chunk stands.

        Parameters
        ----------
        start, end
            In characters of the document's text.
        """
        first = self.text.count("\n", 0, start - self.start)
        last = first + self.text.count("\n", start - self.start, end - 1 - self.start)
        return self.layout.place(self.path, (start, end), (first, last), base=self.line_start)

    def places(self, start: int, end: int) -> Iterator[Place]:
        """Yield where such a span stands in every file that has it."""
        place = self.place(start, end)
        yield place
        for path in self.also_in:
            yield place._replace(path=path)

    @property
    def at(self) -> Place:
        """Where in the file the whole of it stands."""
        return self.place(self.start, self.end)
