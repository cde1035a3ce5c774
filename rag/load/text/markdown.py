"""Markdown: plain text whose titles are known."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.load.extract import Extract
from rag.load.text.encoding import decode
from rag.schema import Heading


def read_markdown(data: bytes) -> Extract:
    """Read a Markdown file; its text stays as written, titles are located by line."""
    text, notes = decode(data)
    return Extract(text, "text/markdown", headings=_headings(text), notes=notes)


def _headings(text: str) -> tuple[Heading, ...]:
    """Find the titles as CommonMark does, so that a ``#`` in a code block is none."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").disable("inline").parse(text)
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return tuple(
        Heading(
            start=line_starts[opening.map[0]],
            level=int(opening.tag.removeprefix("h")),
            title=" ".join(content.content.split()),
        )
        for opening, content in pairwise(tokens)
        if opening.type == "heading_open" and opening.map is not None and opening.level == 0
        if opening.markup.startswith("#") or _is_underlined_title(content.content)
    )


def _is_underlined_title(text: str) -> bool:
    """Say whether what stands over a line of ``---`` is a title.

    CommonMark takes any paragraph there for one, front matter between two such lines as well.
    """
    return "\n" not in text and not text.rstrip().endswith((".", ":", ";", "?", "!", "…"))
