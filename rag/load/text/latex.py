r"""LaTeX: text as written, but for accents in the old way (``\'o``), with its sections."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from rag.load.extract import Extract
from rag.load.text.encoding import decode
from rag.schema import Heading

_LEVELS: Final = MappingProxyType(
    {"part": 1, "chapter": 2, "section": 3, "subsection": 4, "subsubsection": 5, "paragraph": 6}
)
_SECTION: Final = re.compile(
    rf"^[ \t]*\\({'|'.join(_LEVELS)})\*?[ \t]*(?:\[[^\]\n]*\])?\{{", re.MULTILINE
)
_TITLE: Final = re.compile(r"^[ \t]*\\title[ \t]*(?:\[[^\]\n]*\])?\{", re.MULTILINE)
_VERBATIM: Final = re.compile(
    r"^[ \t]*\\(begin|end)\{(?:verbatim|lstlisting|minted|comment)\*?\}", re.MULTILINE
)
_ACCENT: Final = re.compile(
    r"(?<!\\)\\(['`^\"~])(?:\{(\\?[a-zA-Z])\}|(\\[ij])(?![a-zA-Z])[ ]?(?:\{\})?|([a-zA-Z]))"
)
_COMBINING: Final = MappingProxyType(
    {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303"}
)
_COMMAND: Final = re.compile(r"\\[a-zA-Z]+\*?[ \t]*|[{}~]|\\(?=[&%$#_])")
_MAX_TITLE_CHARS: Final = 1000


def read_latex(data: bytes) -> Extract:
    """Read a LaTeX file."""
    text, notes = decode(data)
    text = unicodedata.normalize("NFC", _ACCENT.sub(_accented, text))
    title = _TITLE.search(text)
    return Extract(
        text,
        "text/x-tex",
        headings=tuple(_headings(text)),
        title=_inside(text, title.end()) if title else "",
        notes=notes,
    )


def _accented(match: re.Match[str]) -> str:
    letter = (match[2] or match[3] or match[4]).removeprefix("\\")
    composed = unicodedata.normalize("NFC", letter + _COMBINING[match[1]])
    return composed if len(composed) == 1 else match[0]


def _headings(text: str) -> Iterator[Heading]:
    """Find the sections, the highest that the file has at level 1."""
    spans = _verbatim(text)
    starts = [start for start, _ in spans]
    found = []
    for match in _SECTION.finditer(text):
        before = bisect_right(starts, match.start()) - 1
        if before < 0 or match.start() >= spans[before][1]:
            found.append(match)
    top = min((_LEVELS[match[1]] for match in found), default=1)
    for match in found:
        if title := _inside(text, match.end()):
            yield Heading(match.start(), _LEVELS[match[1]] - top + 1, title)


def _verbatim(text: str) -> list[tuple[int, int]]:
    """Return where text stands that is not LaTeX."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for match in _VERBATIM.finditer(text):
        if match[1] == "begin" and start is None:
            start = match.start()
        elif match[1] == "end" and start is not None:
            spans.append((start, match.end()))
            start = None
    return spans


def _inside(text: str, at: int) -> str:
    """Return what stands up to the brace that closes one, without commands."""
    depth = 1
    for end, sign in enumerate(text[at : at + _MAX_TITLE_CHARS], at):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return " ".join(_COMMAND.sub(" ", text[at:end]).split())
    return ""
