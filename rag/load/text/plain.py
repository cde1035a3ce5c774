"""Plain text: bytes to NFC text whose lines are the file's."""

from __future__ import annotations

from rag.load.extract import Extract
from rag.load.text import encoding


def decode(data: bytes) -> str:
    """Return the text of a file as ``encoding.decode`` does, without the notes.

    Raises
    ------
    LoadError
        If the bytes are not text.
    """
    return encoding.decode(data).text


def read_text(data: bytes) -> Extract:
    """Read a plain text file."""
    text, notes = encoding.decode(data)
    return Extract(text, "text/plain", notes=notes)
