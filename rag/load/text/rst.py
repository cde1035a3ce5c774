"""reStructuredText: plain text whose titles are underlined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rag.load.extract import Extract
from rag.load.text.encoding import decode
from rag.schema import Heading

_ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_MIN_CHARS: Final = 4  # of a line under a longer title


def read_rst(data: bytes) -> Extract:
    """Read a reStructuredText file; its text stays as written, titles are located by line."""
    text, notes = decode(data)
    return Extract(text, "text/x-rst", headings=tuple(_headings(text)), notes=notes)


def _headings(text: str) -> Iterator[Heading]:
    """Find the titles; each new way of underlining is a level lower.

    What stands in literal blocks is indented, and no line under a title is.
    """
    lines = text.split("\n")
    styles: list[tuple[str, bool]] = []
    start = 0
    before, above = "", ""  # the two lines before this one
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        title = line.strip()
        under = _ADORNMENT.match(below)
        if under and title and not _ADORNMENT.match(line):
            over = _ADORNMENT.match(above)
            is_over = over is not None and above.rstrip() == below.rstrip()
            is_apart = not (before if is_over else above).strip() or over is not None
            is_long = len(below.rstrip()) >= min(len(title), _MIN_CHARS)
            if is_apart and is_long and (is_over or not line[0].isspace()):
                style = (under[1], is_over)
                if style not in styles:
                    styles.append(style)
                at = start - len(above) - 1 if is_over else start
                yield Heading(at, styles.index(style) + 1, " ".join(title.split()))
        start += len(line) + 1
        before, above = above, line
