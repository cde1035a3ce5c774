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
    )
