"""An HTML file to its text, each line of it with its line in the file."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from rag.errors import LoadError
from rag.load.extract import Extract, Transcript
from rag.load.html.block import Block
from rag.load.html.content import content
from rag.load.html.page import read_page
from rag.load.text.plain import decode

_DECLARATION_BYTES: Final = 4096  # of the beginning, where the encoding is said
_DECLARED: Final = re.compile(
    rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
# Others are no encodings of a page: Python counts «rot13» and «unicode_escape» among them.
_ENCODING: Final = re.compile(
    r"cp\d+|iso8859-\d+|koi8-[rut]|mac-\w+|gb\w+|big5\w*|shift_\w+|euc_\w+|iso2022_jp|tis-620"
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TITLE_SEPARATOR: Final = re.compile(r"\s+[-–—|·•:»«/]+\s+|\s*::\s*|\s*[|»]\s*")


def read_html(data: bytes) -> Extract:
    """Read an HTML or XHTML file.

    Raises
    ------
    LoadError
        If it is not text, or shows none.
    """
    page = read_page(decode_page(data))
    transcript = Transcript("line", "wraps")
    number, is_first = 1, True
    for block in content(page.blocks):
        for at, part in enumerate(block.parts):
            if (block.are_apart or at == 0) and not is_first:
                transcript.write("", number)
            is_first = False
            for line in part:
                number = line.number
                transcript.write(line.text, number, block.level)
    if not page.blocks:
        raise LoadError(
            "no tiene texto",
            "Si en el navegador lo tiene, guárdala desde él como PDF o como texto",
        )
    return transcript.extract("text/html", _title(page.title, page.blocks))


def decode_page(data: bytes) -> str:
    """Return the text of a page, its lines ended by a line feed, in NFC.

    It is in UTF-8 if it can be, whatever it says of itself: no other text looks like it.

    Raises
    ------
    LoadError
        If the bytes are not text.
    """
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return decode(data)


def _encodings(data: bytes) -> Iterable[str]:
    """Yield what the encoding may be, the surest first."""
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    if marked:
        yield marked[0]
        return
    if b"\0" in data:
        return
    yield "utf-8"
    declared = _DECLARED.search(data, 0, _DECLARATION_BYTES)
    if declared is None:
        return
    try:
        name = codecs.lookup(declared.group(1).decode("ascii", "replace")).name
    except LookupError:
        return
    if name in ("iso8859-1", "ascii"):  # as browsers take them
        name = "cp1252"
    if _ENCODING.fullmatch(name):
        yield name


def _title(title: str, blocks: Sequence[Block]) -> str:
    """Return a title without the name of the site, if the main title tells which part that is."""
    main = {block.text.casefold() for block in blocks if block.level == 1}
    found = [part for part in _TITLE_SEPARATOR.split(title) if part.casefold() in main]
    return found[0] if found else title
