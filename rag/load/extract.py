"""What a reader takes from the bytes of a file, and how it is written down line by line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rag.errors import LoadError
from rag.load.unreadable import too_large
from rag.schema import PLAIN, Heading, Layout, LineEnds, Mark, Unit

# Raised when what is taken from the same bytes changes: the index remembers it.
READERS_VERSION: Final = 4

# Of one file's text: some ten million words. A small file can unfold into any number of them.
MAX_CHARS: Final = 64 * 1024 * 1024

# The index keeps a number for each line: a text of nothing but line ends would fill the memory.
MAX_LINES: Final = 4 * 1024 * 1024

_UNWANTED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader takes from a file; a ``Document`` once it has a name.

    The attributes are those of ``Document``.
    """

    text: str
    media_type: str
    headings: tuple[Heading, ...] = ()
    layout: Layout = PLAIN
    title: str = ""
    notes: tuple[str, ...] = ()


# What takes the bytes of a file of one format.
Reader = Callable[[bytes], Extract]


@dataclass(slots=True)
class Transcript:
    """The text of a file that is not text, written down line by line with the place of each.

    Attributes
    ----------
    unit
        What a line is in the file.
    line_ends
        What the end of a line is to a sentence.
    """

    unit: Unit
    line_ends: LineEnds = "final"
    _lines: list[str] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _marks: list[Mark] = field(default_factory=list)
    _headings: list[Heading] = field(default_factory=list)
    _n_chars: int = 0

    def mark(self, page: int | None, label: str) -> None:
        """Begin a page, or whatever the label names; it holds until the next one."""
        mark = Mark(self._n_chars, page, label)
        if self._marks and self._marks[-1].start == mark.start:  # nothing stood on that one
            self._marks.pop()
        self._marks.append(mark)

    def write(self, text: str, number: int, level: int | None = None) -> None:
        """Add a line.

        Parameters
        ----------
        text
            Line ends and control characters in it become spaces. Blank: a boundary that no
            sentence crosses.
        number
            Of the line, paragraph or row in the file, from 1.
        level
            Of a title, 1 the highest; None for any other line.

        Raises
        ------
        LoadError
            If the text of the file is longer than ``MAX_CHARS``.
        """
        line = clean_line(text)
        if level is not None and line.strip():
            self._headings.append(Heading(self._n_chars, level, " ".join(line.split())))
        self._lines.append(line)
        self._numbers.append(number)
        self._n_chars += len(line) + 1
        if self._n_chars > MAX_CHARS:
            raise too_much_text()

    def extract(self, media_type: str, title: str = "", notes: tuple[str, ...] = ()) -> Extract:
        """Return what was written."""
        return Extract(
            text="\n".join(self._lines),
            media_type=media_type,
            headings=tuple(self._headings),
            layout=Layout(self.unit, tuple(self._numbers), tuple(self._marks), self.line_ends),
            title=" ".join(clean_line(title).split()),
            notes=notes,
        )


def too_much_text() -> LoadError:
    """Return the error of a file whose text is longer than ``MAX_CHARS``."""
    return too_large(f"su texto pasa de {MAX_CHARS // 2**20} millones de caracteres")


def clean_line(text: str) -> str:
    """Return text in NFC on one line, without control characters and unpaired surrogates."""
    return unicodedata.normalize("NFC", _UNWANTED.sub(" ", text))
