"""Bytes to text, whatever wrote them: UTF-8, UTF-16 and the alphabets that Spanish was kept in."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

from rag.errors import LoadError
from rag.load.text.accents import judge, worth
from rag.load.text.mojibake import repair

# By their place in Spanish files; of two that read equally well the first is taken.
_ALPHABETS: Final = ("cp1252", "iso-8859-15", "cp850", "mac-roman")
_MARKS: Final = (  # of two with one beginning, the longer first
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How files begin that are not text, whatever their name says.
_NOT_TEXT: Final = (
    b"PK\x03\x04", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"BZh9",
    b"\xfd7zXZ", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0", b"Rar!\x1a", b"SQLite format 3",
)  # fmt: skip
_SAID_OF_TEXTS: Final = (
    "ascii",
    "utf",
    "iso",
    "cp",
    "mac",
    "koi8",
    "gb",
    "big5",
    "euc",
    "shift_jis",
)
_SAMPLE_BYTES: Final = 256 * 1024  # of lines with accents, which tell one alphabet from another
_MAX_NULS: Final = 20  # more, or a larger share of the bytes, and it is not text with a slip
_MAX_NUL_SHARE: Final = 0.01
_MAX_CONTROLS: Final = 0.05  # where the text is not Unicode: any byte is a letter to some alphabet
_N_LINES_TOLD: Final = 3

# Russian or Chinese is thick with bytes that are of no worth as Spanish; a drawing is of 2 each.
_MIN_FOREIGN: Final = 20
_MAX_FOREIGN_WORTH: Final = 1.8
_FOREIGN_BYTES: Final = 32 * 1024

_HIGH: Final = re.compile(rb"[\x80-\xff]")
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UTF8: Final = re.compile(
    rb"((?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2})+)"
)
# A sign and the step back that a printer struck it again from; the colours of a terminal.
_OVERSTRUCK: Final = re.compile(r"[^\n\x08]\x08")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# No line end but the line feed is left: an editor counts no other.
_BLANKED: Final = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029], " ")
# What stands at these places in Unicode came from cp1252 by way of latin-1.
_FROM_CP1252: Final = {
    byte: char for byte in range(0x80, 0xA0) if (char := bytes([byte]).decode("cp1252", "ignore"))
}
_BLANKS: Final = _BLANKED | _FROM_CP1252 | {0xFEFF: ""}
_UNWANTED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_LOST: Final = "\N{REPLACEMENT CHARACTER}"


class Decoded(NamedTuple):
    """The text of some bytes, and what was done to read it, in Spanish."""

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes) -> Decoded:
    """Return the text of a file: NFC, lines ended by a line feed, no byte-order mark.

    Its lines are the file's, one by one: ended by a line feed, a carriage return, or both, and by
    nothing else. Other control characters are spaces, but for those that draw in a terminal.

    Raises
    ------
    LoadError
        If the bytes are not text.
    """
    if data.startswith(_NOT_TEXT):
        raise _binary()
    text, notes = _unicode(data) or _single_bytes(data)
    text, n_repaired = repair(_with_line_feeds(text.rstrip("\x1a")))  # so DOS ended a file
    if n_repaired:
        lines = "1 línea" if n_repaired == 1 else f"{n_repaired} líneas"
        done = "reparada" if n_repaired == 1 else "reparadas"
        notes = [*notes, f"{done} {lines} con los acentos mal codificados"]
    return Decoded(unicodedata.normalize("NFC", _clean(text)), tuple(notes))


def _binary() -> LoadError:
    return LoadError("parece un archivo binario", "Si es un documento, guárdalo como .pdf o .txt")


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _clean(text: str) -> str:
    """Leave out what draws in a terminal, and make spaces of the other control characters."""
    if "\x08" in text:
        text = _OVERSTRUCK.sub("", text)
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    return text.translate(_BLANKS) if _UNWANTED.search(text) else text


def _unicode(data: bytes) -> tuple[str, list[str]] | None:
    """Read what is in one of Unicode's encodings; None if it is in none."""
    for mark, name in _MARKS:
        if data.startswith(mark) and (name.startswith("utf-16") or len(data) % 4 == 0):
            return _wide(data[len(mark) :], name, [])
    if name := _utf16_without_mark(data):
        return _wide(data, name, [f"leído como {name.upper()} (sin marca que lo diga)"])
    notes = []
    data = data.rstrip(b"\0")  # what a disk left of a write that was cut short
    if n_nuls := data.count(b"\0"):
        if n_nuls > min(_MAX_NULS, _MAX_NUL_SHARE * len(data)):
            raise _binary()
        notes = [
            f"{n_nuls} bytes nulos se han dejado en blanco"
            if n_nuls > 1
            else "1 byte nulo se ha dejado en blanco"
        ]
    try:
        return data.decode("utf-8-sig"), notes
    except UnicodeDecodeError:
        return None


def _utf16_without_mark(data: bytes) -> str:
    """Tell UTF-16 by where its zeros are: every other byte of western text."""
    if len(data) < 4 or len(data) % 2 or b"\0" not in data:
        return ""
    sample = data[:_SAMPLE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _wide(data: bytes, name: str, notes: list[str]) -> tuple[str, list[str]]:
    try:
        return data.decode(name), notes
    except UnicodeDecodeError:
        text = data.decode(name, "replace")
    if text.count(_LOST) > max(1, 0.05 * len(text)):
        raise _binary()
    return text, [*notes, _told_lost(text)]


def _single_bytes(data: bytes) -> tuple[str, list[str]]:
    """Read what is in no encoding of Unicode, or only most of it."""
    data = data.rstrip(b"\0\x1a").removeprefix(codecs.BOM_UTF8)
    if len(_CONTROLS.findall(data)) > _MAX_CONTROLS * len(data):
        raise _binary()
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    sample = _sample(line for line in data.split(b"\n") if _HIGH.search(line))
    alphabet, best = _alphabet(sample)
    if n_utf8 := sum(map(len, _UTF8.findall(sample))):
        rest, _ = _alphabet(_sample(line for line in sample.split(b"\n") if not _is_utf8(line)))
        is_most = 2 * n_utf8 > len(_HIGH.findall(sample))  # in whatever language
        if is_most or worth(_mixed(sample, rest)[0]) > best:
            text, n_lines = _mixed(data, rest)
            lines = "1 línea leída" if n_lines == 1 else f"{n_lines} líneas leídas"
            notes = [f"{lines} como {rest} (el resto está en UTF-8)"] if n_lines else []
            return text, [*notes, *([_told_lost(text)] if _LOST in text else [])]
    alphabet = _foreign(sample, best) or alphabet
    text = data.decode(alphabet, "replace")
    notes = [f"leído como {alphabet} (no es UTF-8)"]
    return text, [*notes, *([_told_lost(text)] if _LOST in text else [])]


def likely_alphabet(data: bytes, said: str = "") -> str:
    """Return the encoding to read some bytes with: the one said to be theirs, if they allow it."""
    for name in (said, "utf-8"):
        try:
            # Python knows others, «idna» and «unicode_escape», that no text is written in.
            if codecs.lookup(name).name.startswith(_SAID_OF_TEXTS):
                data.decode(name)
                return name
        except (LookupError, ValueError):
            continue
    return _alphabet(_sample(line for line in data.split(b"\n") if _HIGH.search(line)))[0]


def _sample(lines: Iterable[bytes]) -> bytes:
    """Return the first of some lines, joined."""
    chosen: list[bytes] = []
    n_bytes = 0
    for line in lines:
        chosen.append(line[: _SAMPLE_BYTES - n_bytes])
        n_bytes += len(line) + 1
        if n_bytes >= _SAMPLE_BYTES:
            break
    return b"\n".join(chosen)


def _alphabet(sample: bytes) -> tuple[str, int]:
    """Return the alphabet of one byte a letter that makes most Spanish of a sample."""
    found = {name: worth(sample.decode(name, "replace")) for name in _ALPHABETS}
    best = max(_ALPHABETS, key=found.__getitem__)
    return best, found[best]


def _foreign(sample: bytes, best: int) -> str:
    """Return the encoding of a text that is in no western alphabet; empty where it may be."""
    n_high = len(_HIGH.findall(sample))
    if n_high < _MIN_FOREIGN or n_high < 0.3 * len(sample) or best > _MAX_FOREIGN_WORTH * n_high:
        return ""
    from charset_normalizer import from_bytes

    found = from_bytes(sample[:_FOREIGN_BYTES]).best()
    return found.encoding if found else ""


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mixed(data: bytes, rest: str) -> tuple[str, int]:
    """Read UTF-8 with some lines in an alphabet; return the text and how many those are."""
    lines: list[str] = []
    n_others = 0
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            if _UTF8.search(line):
                lines.append(_patched(line, rest))
            else:
                lines.append(line.decode(rest, "replace"))
                n_others += 1
    return "\n".join(lines), n_others


def _patched(line: bytes, rest: str) -> str:
    """Read a line of UTF-8 with bytes that are not: a letter if one fits there, else lost."""
    pieces = _UTF8.split(line)  # those at odd places are UTF-8
    for at in range(0, len(pieces), 2):
        pieces[at] = pieces[at].decode(rest, "replace").encode("utf-8")
    text = b"".join(pieces).decode("utf-8")
    sure, start = set[int](), 0
    for at, piece in enumerate(pieces):
        length = len(piece.decode("utf-8"))
        if at % 2:
            sure.update(range(start, start + length))
        start += length
    padded = f" {text} "
    return "".join(
        sign
        if sign.isascii() or at in sure or judge(padded[at], sign, padded[at + 2]) > 0
        else _LOST
        for at, sign in enumerate(text)
    )


def _told_lost(text: str) -> str:
    """Say how many signs could not be read, and on which lines."""
    text = _with_line_feeds(text)
    found = [
        (number, line.count(_LOST))
        for number, line in enumerate(text.split("\n"), 1)
        if _LOST in line
    ]
    n_bytes = sum(count for _, count in found)
    numbers = [str(number) for number, _ in found[:_N_LINES_TOLD]]
    if len(found) > _N_LINES_TOLD:
        where = f"líneas {', '.join(numbers)} y otras {len(found) - _N_LINES_TOLD}"
    elif len(found) > 1:
        where = f"líneas {', '.join(numbers[:-1])} y {numbers[-1]}"
    else:
        where = f"línea {numbers[0]}"
    what = (
        "1 byte no se ha podido leer" if n_bytes == 1 else f"{n_bytes} bytes no se han podido leer"
    )
    return f"{what} ({where})"
