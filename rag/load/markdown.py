"""Markdown: plain text whose titles are known."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise

from rag.load.text import decode
from rag.schema import Document, Heading


def read_markdown(path: str, data: bytes) -> Document:
    """Read a Markdown file; its text stays as written, titles are located by line."""
    document = Document(path, decode(data), "text/markdown", hashlib.sha256(data).hexdigest())
    return replace(document, headings=_headings(document))


def _headings(document: Document) -> tuple[Heading, ...]:
    """Find the titles as CommonMark does, so that a ``#`` in a code block is none."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").disable("inline").parse(document.text)
    return tuple(
        Heading(
            start=document.line_starts[opening.map[0]],
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
