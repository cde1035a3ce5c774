"""HTML to text: a page to its blocks, each with its lines in the file."""

from __future__ import annotations

from rag.load.html.block import Block
from rag.load.html.page import read_page
from rag.load.html.reader import decode_page, read_html

__all__ = ["Block", "decode_page", "read_html", "read_page"]
