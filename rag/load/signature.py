"""What a file is by its bytes: banks send pages as .xls, and programs rename what they convert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rag.errors import LoadError
from rag.load.archive import open_archive

_SHEETS: Final = frozenset((".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"))
_BEGINNING_BYTES: Final = 4096
_PAGE: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|table)\b", re.IGNORECASE)
_OTHER_TEXT: Final = (b"{\\rtf", b"<?xml", b"%!PS")  # written in signs that nobody reads

# By what is in an archive.
_ENTRIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "word/document.xml": ".docx",
        "xl/workbook.xml": ".xlsx",
        "xl/workbook.bin": ".xlsb",
        "ppt/presentation.xml": ".pptx",
    }
)
_MIME_TYPES: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"application/vnd.oasis.opendocument.text": ".odt",
        b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
        b"application/vnd.oasis.opendocument.presentation": ".odp",
        b"application/epub+zip": ".epub",
    }
)


def suffix_by_content(data: bytes, suffix: str) -> str:
    """Return the suffix that the bytes of a file should have; empty if they do not tell.

    Parameters
    ----------
    suffix
        The one that it has: plain text in place of a workbook is a table.
    """
    beginning = data[:_BEGINNING_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning.startswith(b"%PDF-"):
        return ".pdf"
    if data.startswith(b"PK"):
        return _archived(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls" if suffix in _SHEETS else ""
    if _PAGE.search(beginning):
        return ".html"
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (b"\0" in data and not is_wide) or beginning.startswith(_OTHER_TEXT):
        return ""
    return ".csv" if suffix in _SHEETS else ".txt"


def _archived(data: bytes) -> str:
    try:
        archive = open_archive(data)
        if "mimetype" in archive:
            return _MIME_TYPES.get(archive.read("mimetype").strip(), "")
    except LoadError:
        return ""
    return next((suffix for name, suffix in _ENTRIES.items() if name in archive), "")
