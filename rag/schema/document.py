"""What is read: documents, and the chunks and sentences they are cut into."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


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
    """

    path: str
    text: str
    media_type: str
    sha256: str
    headings: tuple[Heading, ...] = ()

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of the first character of each line."""
        return (0, *(match.end() for match in re.finditer("\n", self.text)))

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last line that the span ``text[start:end]`` stands on.

        Parameters
        ----------
        start, end
            A span of at least one character.
        """
        first = bisect_right(self.line_starts, start)
        return first, max(first, bisect_right(self.line_starts, end - 1))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span inside a chunk; offsets are the document's."""

    start: int
    end: int
    line_start: int
    line_end: int
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored span of a document: ``document.text[start:end] == chunk.text``."""

    path: str
    start: int
    end: int
    line_start: int
    line_end: int
    text: str
    headings: tuple[str, ...]
    sentences: tuple[Sentence, ...]
