"""PDF: pages to text with the page and the line of each word.

Glyphs (``glyphs``) stand in columns (``columns``) on lines (``lines``); running heads go
(``furniture``), titles are found (``titles``), and what is left is prose (``prose``).
"""

from __future__ import annotations

from rag.load.pdf.reader import read_pdf

__all__ = ["read_pdf"]
