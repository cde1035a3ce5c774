"""PDF: pages to text with the page and the line of each word.

Glyphs (``glyphs``) stand in columns (``columns``) on lines (``lines``); running heads go
(``furniture``), titles are found (``titles``), and what is left is prose (``prose``).
"""

from __future__ import annotations

from rag.load.extract import Extract


def read_pdf(data: bytes) -> Extract:
    """Read a PDF.

    A line is what stands on one height of a page, counted from its top, running heads and page
    numbers too; the cells of a table side by side are one. On a page with columns of text, the
    lines of a column are counted before those of the next, and what goes from side to side
    where it stands between them.

    Raises
    ------
    LoadError
        If it is damaged, asks for a password, or has no text.
    """
    from rag.load.pdf import reader  # NumPy, and with it PDFium

    return reader.read(data)
