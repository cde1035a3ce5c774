"""Plain text: bytes to NFC text whose lines are the file's."""

from __future__ import annotations

import unicodedata

from rag.errors import LoadError
from rag.load.extract import Extract

# Raised when what is made from the same bytes changes: the index remembers it.
NORMALIZER_VERSION = 2


def decode(data: bytes) -> str:
    """Return the text of a UTF-8 file: no byte-order mark, lines ended by a line feed, NFC.

    Composing accents never crosses a line end, so line numbers are those an editor shows.

    Raises
    ------
    LoadError
        If the bytes are not text in UTF-8.
    """
    if b"\0" in data:
        raise LoadError("parece un archivo binario", "Conviértelo a texto o a Markdown")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LoadError(
            f"no está en UTF-8 (byte {error.start})",
            "Conviértelo con: iconv -f latin1 -t utf-8 ORIGEN > DESTINO",
        ) from error
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def read_text(data: bytes) -> Extract:
    """Read a plain text file."""
    return Extract(decode(data), "text/plain")
