"""The titles of a PDF: those of its outline, else what is set in larger letters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rag.load.pdf.lines import Line
from rag.load.pdf.prose import whole_words
from rag.load.title import real_title

_LARGER: Final = 1.15  # times the size of the body's letters
_MAX_LINES: Final = 3
_MAX_CHARS: Final = 160
_MAX_LEVEL: Final = 6

# What stands before a title's words in the text and not in the outline, or the other way about.
_NUMBERING: Final = re.compile(
    r"(?:cap[ií]tulo|parte|anexo|ap[ée]ndice|tema|secci[óo]n|t[ií]tulo|art[ií]culo)?"
    r"(?:\d{0,8}[ivxlcdm]{0,6}[a-z]?)"
)
_NO_LETTER: Final = re.compile(r"[\W_]+")


class Entry(NamedTuple):
    """Of a PDF's outline."""

    page: int  # from 0
    level: int  # 1 the highest
    title: str


class Title(NamedTuple):
    """A title in the text: its first line, and how many lines it takes."""

    page: int
    at: int
    n_lines: int
    level: int
    text: str


def find_titles(
    pages: Sequence[Sequence[Line]], outline: Iterable[Entry], body_size: float
) -> list[Title]:
    """Find the titles among the lines of the pages, in order of appearance.

    Parameters
    ----------
    body_size
        Of the letters, in points.
    """
    return _outlined(pages, outline) or _large(pages, body_size)


def largest_line(lines: Sequence[Line], body_size: float) -> str:
    """Return the title that a first page shows; empty if no few lines stand out."""
    size = max((line.size for line in lines if _has_letter(line.text)), default=0.0)
    large = [line for line in lines if line.size > 0.95 * size]
    text = _joined(large)
    is_plain = len(large) <= _MAX_LINES and size >= _LARGER * body_size and len(text) <= _MAX_CHARS
    return real_title(text) if is_plain else ""


def _outlined(pages: Sequence[Sequence[Line]], outline: Iterable[Entry]) -> list[Title]:
    """Find the lines that the outline names, each on its page."""
    starts: dict[int, dict[str, list[tuple[int, int]]]] = {}
    found: dict[tuple[int, int], Title] = {}
    for entry in outline:
        if not 0 <= entry.page < len(pages):
            continue
        lines = pages[entry.page]
        if entry.page not in starts:
            starts[entry.page] = _openings(lines)
        options = [
            option
            for key in _keys(entry.title)
            for option in starts[entry.page].get(key, ())
            if (entry.page, option[0]) not in found
        ]
        if not options:
            continue
        at, n_lines = max(options, key=lambda option: (round(lines[option[0]].size), -option[0]))
        level = min(max(entry.level, 1), _MAX_LEVEL)
        text = _joined(lines[at : at + n_lines])
        found[entry.page, at] = Title(entry.page, at, n_lines, level, text)
    return [found[place] for place in sorted(found)]


def _openings(lines: Sequence[Line]) -> dict[str, list[tuple[int, int]]]:
    """Return what each few lines of a page say, with the first of them and their number."""
    said: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for at in range(len(lines)):
        text = ""
        for n_lines, line in enumerate(lines[at : at + _MAX_LINES], 1):
            if abs(line.size - lines[at].size) > 1 or len(text) > _MAX_CHARS:
                break
            text += line.text
            for key in _keys(text):
                said[key].append((at, n_lines))
    return said


def _keys(title: str) -> list[str]:
    """Return the letters and digits of a title, and those without its number."""
    words = [_letters(word) for word in title.split()]
    n_marks = 0
    while n_marks < min(2, len(words) - 1) and _NUMBERING.fullmatch(words[n_marks]):
        n_marks += 1
    keys = ("".join(words), "".join(words[n_marks:]))
    return [key for key in dict.fromkeys(keys) if key]


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text).casefold())


def _large(pages: Sequence[Sequence[Line]], body_size: float) -> list[Title]:
    """Find the few lines together that are set in larger letters than the body."""
    groups: list[tuple[int, int, int]] = []
    for page, lines in enumerate(pages):
        at = 0
        while at < len(lines):
            end = at + 1
            while end < len(lines) and abs(lines[end].size - lines[at].size) < 0.5:
                end += 1
            if lines[at].size >= _LARGER * body_size:
                groups.append((page, at, end))
            at = end
    titles = []
    sizes: Counter[float] = Counter()
    for page, at, end in groups:
        text = _joined(pages[page][at:end])
        if end - at <= _MAX_LINES and len(text) <= _MAX_CHARS and _has_letter(text):
            size = round(pages[page][at].size * 2) / 2
            sizes[size] += 1
            titles.append((size, Title(page, at, end - at, 1, text)))
    levels = {
        size: min(level, _MAX_LEVEL) for level, size in enumerate(sorted(sizes, reverse=True), 1)
    }
    return [title._replace(level=levels[size]) for size, title in titles]


def _joined(lines: Sequence[Line]) -> str:
    """Return what the lines of a title say, on one."""
    texts = whole_words([line.text for line in lines], [True] * len(lines))
    return " ".join(filter(None, (text.strip() for text in texts)))


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
