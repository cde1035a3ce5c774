"""Mail: who wrote what to whom and when, and the text, each on its line of the file."""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from typing import Final, NamedTuple

from rag.load.extract import Extract, Transcript
from rag.load.html import read_html
from rag.load.text.encoding import likely_alphabet

_SHOWN: Final = (
    ("subject", "Asunto"),
    ("from", "De"),
    ("to", "Para"),
    ("cc", "Copia"),
    ("date", "Fecha"),
)
_MAX_HEADER_BYTES: Final = 64 * 1024
_MAX_DEPTH: Final = 50  # of parts in parts
_MAX_PARTS: Final = 2000
_N_ATTACHMENTS_TOLD: Final = 10

Numbered = tuple[int, bytes]  # what a line of the file holds, decoded, and the line's number


def read_mail(data: bytes) -> Extract:
    """Read a message: its plain text or, where it has none, its page."""
    return _read([_lines(data)], "message/rfc822", level=None)


def read_mailbox(data: bytes) -> Extract:
    """Read the messages of a mailbox, as ``read_mail`` does one."""
    return _read(_messages(_lines(data)), "application/mbox", level=1)


def _lines(data: bytes) -> list[Numbered]:
    data = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return list(enumerate(data.split(b"\n"), 1))


def _messages(lines: list[Numbered]) -> Iterator[list[Numbered]]:
    """Cut a mailbox before each «From » that follows a blank line."""
    message: list[Numbered] = []
    before = b""
    for number, line in lines:
        if line.startswith(b"From ") and not before.strip():
            if message:
                yield message
            message = []
        else:
            message.append((number, line))
        before = line
    if message:
        yield message


def _read(messages: Iterable[list[Numbered]], media_type: str, level: int | None) -> Extract:
    transcript = Transcript("line", "unknown")
    title = ""
    attachments: list[str] = []
    for lines in messages:
        parts = _parts(lines)
        if not parts:
            continue
        first = parts[0]
        title = _header(first.headers, "subject") if level is None else ""
        _write_headers(transcript, first, level)
        attachments += [part.name for part in parts if part.is_attached]
        for part in _readable(parts):
            transcript.write("", part.number)
            if part is not first and part.is_message:
                _write_headers(transcript, part, None)
            _write_text(transcript, part)
    return transcript.extract(media_type, title, _told(attachments))


def _told(attachments: Sequence[str]) -> tuple[str, ...]:
    if not attachments:
        return ()
    names = ", ".join(attachments[:_N_ATTACHMENTS_TOLD])
    more = len(attachments) - _N_ATTACHMENTS_TOLD
    rest = f" y otros {more}" if more > 0 else ""
    return (f"no se ha leído lo adjunto: {names}{rest}",)


class _Level(NamedTuple):
    """A part that holds others."""

    boundary: bytes
    alternative: int  # which of the choices of the message it is within; 0: of none


@dataclass(slots=True)
class _Part:
    """A part of a message that holds no other, or the message itself."""

    number: int  # of its first line
    headers: Message
    numbers: dict[str, int]  # of the line that each of its headers is on
    is_message: bool
    alternative: int
    body: list[Numbered] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        return _told_by(self.headers.get_content_type) or "application/octet-stream"

    @property
    def name(self) -> str:
        return _told_by(self.headers.get_filename) or self.media_type

    @property
    def is_attached(self) -> bool:
        if self.media_type.startswith(("multipart/", "message/")):
            return False
        is_text = self.media_type in ("text/plain", "text/html")
        return not is_text or _told_by(self.headers.get_content_disposition) == "attachment"


def _told_by(ask: Callable[[], object]) -> str:
    """Return what a header says on one line; empty where it is damaged."""
    try:
        return " ".join(str(ask() or "").split())
    except Exception:  # noqa: BLE001 - the library fails in many ways on damaged headers
        return ""


def _parts(lines: list[Numbered]) -> list[_Part]:  # noqa: C901 - a case each kind of line
    """Cut a message into its parts; a list of what is open keeps depth from mattering."""
    parts: list[_Part] = []
    levels: list[_Level] = []
    header: list[Numbered] | None = []
    body: list[Numbered] | None = None
    is_message = True
    n_alternatives = 0
    for number, line in lines:
        depth = _bounded_by(line, levels) if line.startswith(b"--") else None
        if depth is not None:
            is_end = line.rstrip() == b"--" + levels[depth].boundary + b"--"
            del levels[depth + (not is_end) :]
            header, body, is_message = None if is_end else [], None, False
        elif header is not None and line.strip():
            header.append((number, line))
        elif header is not None:
            if not header and not parts:  # blank lines before the message
                continue
            alternative = levels[-1].alternative if levels else 0
            part = _part(header, number, is_message, alternative)
            parts.append(part)
            if len(parts) >= _MAX_PARTS:  # no mail has so many, and each costs its headers
                return parts
            header, body = None, part.body
            if part.media_type.startswith("multipart/"):
                boundary = _told_by(part.headers.get_boundary)
                if part.media_type == "multipart/alternative":
                    n_alternatives += 1
                    alternative = n_alternatives
                if boundary and len(levels) < _MAX_DEPTH:
                    levels.append(_Level(boundary.encode("utf-8", "replace"), alternative))
                    body = None
            elif part.media_type == "message/rfc822":
                header, body, is_message = [], None, True
        elif body is not None:
            body.append((number, line))
    if header:  # a message without text
        parts.append(_part(header, header[-1][0], is_message, 0))
    return parts


def _bounded_by(line: bytes, levels: list[_Level]) -> int | None:
    """Return which of the open parts a line ends, or goes on with."""
    said = line[2:].rstrip()
    for depth in range(len(levels) - 1, -1, -1):
        if said in (levels[depth].boundary, levels[depth].boundary + b"--"):
            return depth
    return None


def _part(header: list[Numbered], number: int, is_message: bool, alternative: int) -> _Part:  # noqa: FBT001
    data = b"\n".join(line for _, line in header)[:_MAX_HEADER_BYTES] + b"\n\n"
    # Signs beyond ASCII are to be encoded in a header, and often are not.
    text = data.decode(likely_alphabet(data), "replace")
    try:
        # The policy of today takes minutes to read a damaged header of a few kilobytes.
        headers = HeaderParser(policy=policy.compat32).parsestr(text)
    except Exception:  # noqa: BLE001 - as in ``_told_by``: it looks at the headers already
        headers = Message()
    numbers: dict[str, int] = {}
    for at, line in header:
        name, colon, _ = line.partition(b":")
        if colon and not line[:1].isspace():
            numbers.setdefault(name.decode("latin-1").lower(), at)
    return _Part(header[0][0] if header else number, headers, numbers, is_message, alternative)


def _readable(parts: list[_Part]) -> list[_Part]:
    """Choose the texts: the plain one where the same is there in HTML too."""
    plain = {part.alternative for part in parts if part.media_type == "text/plain"} - {0}
    return [
        part
        for part in parts
        if part.media_type in ("text/plain", "text/html") and not part.is_attached
        if part.media_type == "text/plain" or part.alternative not in plain
    ]


def _header(headers: Message, name: str) -> str:
    return _told_by(lambda: _decoded_words(headers.get(name, "")))


def _decoded_words(value: str) -> str:
    """Return a header whose words beyond ASCII are encoded (RFC 2047), or should be."""
    return "".join(
        # What is not encoded comes as the library keeps it between two that are.
        word if isinstance(word, str) else word.decode(charset or "raw-unicode-escape", "replace")
        for word, charset in decode_header(value)
    )


def _write_headers(transcript: Transcript, part: _Part, level: int | None) -> None:
    for name, shown in _SHOWN:
        if value := _header(part.headers, name):
            number = part.numbers.get(name, part.number)
            transcript.write(f"{shown}: {value}", number, level if name == "subject" else None)
            transcript.write("", number)


def _write_text(transcript: Transcript, part: _Part) -> None:
    """Write the text of a part, so that no line of it is of two of the file."""
    charset = _told_by(part.headers.get_content_charset)
    lines = list(_text_lines(list(_decoded(part)), charset))
    if part.media_type == "text/plain":
        for number, line in lines:
            transcript.write(line, number)
        return
    page = read_html("\n".join(line for _, line in lines).encode("utf-8-sig", "replace"))
    numbers = page.layout.numbers
    for at, line in enumerate(page.text.split("\n")):
        number = (numbers[at] if numbers else at + 1) if lines else 1
        transcript.write(line, lines[min(number, len(lines)) - 1][0] if lines else part.number)


def _decoded(part: _Part) -> Iterator[Numbered]:
    """Yield the bytes that each line of a body stands for, line ends with them."""
    how = _header(part.headers, "content-transfer-encoding").lower()
    if how == "base64":
        rest = b""
        for number, line in part.body:
            rest += re.sub(rb"[^A-Za-z0-9+/=]", b"", line)
            whole = len(rest) // 4 * 4
            try:
                yield number, binascii.a2b_base64(rest[:whole])
            except binascii.Error:
                yield number, b""
            rest = rest[whole:]
    elif how == "quoted-printable":
        for number, line in part.body:
            line = line.rstrip()
            is_soft = line.endswith(b"=")
            yield number, quopri.decodestring(line[:-1] if is_soft else line) + b"\n"[is_soft:]
    else:
        for number, line in part.body:
            yield number, line + b"\n"


def _text_lines(pieces: list[Numbered], charset: str) -> Iterator[tuple[int, str]]:
    """Yield lines of text with the number of the line of the file that their words begin on."""
    data = b"".join(piece for _, piece in pieces)
    decoder = codecs.getincrementaldecoder(likely_alphabet(data, charset))("replace")
    open_word, open_number = "", 0  # the word that the line before this one broke off
    for number, piece in pieces:
        text = decoder.decode(piece).replace("\r", "")
        if open_word:
            end = re.search(r"\s|\Z", text)
            cut = end.start() if end else len(text)
            open_word += text[:cut]
            text = text[cut:]
            if not text:
                continue
            yield open_number, open_word
            open_word = ""
            text = text.removeprefix("\n") if text.startswith("\n") else text.lstrip(" \t")
        *whole, last = text.split("\n")
        yield from ((number, line) for line in whole)
        open_word, open_number = last, number
    if open_word:
        yield open_number, open_word
