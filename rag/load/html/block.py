"""A paragraph of a page, or whatever else in it stands apart from what is around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal, NamedTuple

# Of a page, what a block is in: nothing that says so; its main element or an article; the header
# of the page; its footer or an aside; what leads elsewhere; a table of contents.
Region = Literal["body", "main", "header", "edge", "menu", "contents"]

_MAX_BROKEN_CHARS: Final = 100  # of a word that is made whole
BREAK: Final = "\n"  # the text of a piece that ends a line


class Piece(NamedTuple):
    """Some text of one line of the file, white space as written there.

    Attributes
    ----------
    number
        Of the line in the file, from 1.
    """

    number: int
    text: str


class Line(NamedTuple):
    """A line of a block: what of it stands on one line of the file."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """What stands apart from what is before and after it.

    Attributes
    ----------
    parts
        The lines that a reader sees, each as lines of the file.
    are_apart
        Whether each part stands by itself, like a line of code or of an address.
    level
        Of a title, 1 the highest; None for any other block.
    n_link_chars
        Of its characters, those that lead elsewhere; white space not counted.
    """

    parts: tuple[tuple[Line, ...], ...]
    region: Region = "body"
    are_apart: bool = False
    level: int | None = None
    n_link_chars: int = 0

    @property
    def number(self) -> int:
        """The line of the file where it begins."""
        return self.parts[0][0].number

    @property
    def texts(self) -> tuple[str, ...]:
        """Its parts, each on one line."""
        return tuple(" ".join(line.text for line in part) for part in self.parts)

    @property
    def text(self) -> str:
        """The whole on one line."""
        return " ".join(self.texts)


def parts(pieces: Iterable[Piece], *, is_code: bool) -> tuple[tuple[Line, ...], ...]:
    """Put pieces together into lines, without the blank ones.

    Parameters
    ----------
    is_code
        Whether white space is kept.
    """
    found: list[tuple[Line, ...]] = []
    gathered: list[Piece] = []
    for piece in (*pieces, Piece(0, BREAK)):
        if piece.text != BREAK:
            gathered.append(piece)
            continue
        part = _code(gathered) if is_code else _joined(gathered)
        if part:
            found.append(part)
        gathered = []
    return tuple(found)


def _code(pieces: list[Piece]) -> tuple[Line, ...]:
    """Make a line of the pieces as they are; two, where a tag in it is on two lines of the file."""
    texts = (
        (number, "".join(piece.text for piece in group).rstrip())
        for number, group in groupby(pieces, key=lambda piece: piece.number)
    )
    return tuple(Line(number, text) for number, text in texts if text)


def _joined(pieces: list[Piece]) -> tuple[Line, ...]:
    """Make a line of the pieces of each line of the file; a word stays whole.

    A word that a tag breaks over two lines of the file, like «(<a⏎href="…">Debian</a>)», stands
    where most of it does.
    """
    found: list[Line] = []
    number = 0
    texts: list[str] = []
    is_open = False  # whether the last line ends inside a word

    def end_line() -> bool:
        text = "".join(texts)
        words = text.split()
        if not words:
            return is_open and not text
        if is_open and not text[0].isspace():
            before, _, start = found[-1].text.rpartition(" ")
            if len(start) > _MAX_BROKEN_CHARS:
                pass
            elif _n_letters(start) < _n_letters(words[0]):
                words[0] = start + words[0]
                found[-1:] = [Line(found[-1].number, before)] if before else []
            else:
                found[-1] = Line(found[-1].number, found[-1].text + words.pop(0))
        if words:
            found.append(Line(number, " ".join(words)))
        return not text[-1].isspace()

    for piece in pieces:
        if piece.number != number:
            is_open = end_line()
            number, texts = piece.number, []
        texts.append(piece.text)
    end_line()
    return tuple(found)


def _n_letters(word: str) -> int:
    return sum(map(str.isalnum, word))
