"""What a process that reads documents and the one that asks it say to each other.

Nothing but bytes with their length before them, and JSON: a reader that a document has taken over
can say something else, and no more; what it says is checked before anything rests on it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from functools import cache
from typing import IO, TYPE_CHECKING, Final

from rag.load.extract import MAX_CHARS, MAX_LINES, Extract, clean_line
from rag.load.unreadable import too_large

if TYPE_CHECKING:
    from pydantic import TypeAdapter

READY: Final = b"ready"
OUT_OF_MEMORY: Final = 3  # how a reader ends that cannot even say so

_EXTRACT: Final = b"E"  # what a message begins with
_REFUSAL: Final = b"R"

# Of one message: the longest text in UTF-8.
MAX_BYTES: Final = 4 * MAX_CHARS
# Of what is told about a text: the numbers of the most lines, and as much again. In memory it takes
# ten times that, which a reader that was taken over could fill.
MAX_TOLD_BYTES: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct(">Q")
_MAX_REASON_CHARS: Final = 300
_MAX_NUMBER: Final = 2**31 - 1


def send(stream: IO[bytes], message: bytes) -> None:
    """Write a message.

    Raises
    ------
    OSError
        If nobody listens.
    """
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def receive(stream: IO[bytes], max_bytes: int = MAX_BYTES) -> bytes:
    """Return the next message.

    Raises
    ------
    EOFError
        If there is none, or it ends too early.
    ValueError
        If it is longer than it may be.
    """
    (n_bytes,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if n_bytes > max_bytes:
        raise ValueError(f"a message of {n_bytes} bytes")
    return _exactly(stream, n_bytes)


def _exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    found = stream.read(n_bytes)
    if len(found) < n_bytes:
        raise EOFError
    return found


def from_extract(extract: Extract) -> tuple[bytes, bytes]:
    """Return the two messages that an extract becomes: all but its text, and its text.

    Raises
    ------
    LoadError
        If there is more about the text than a message may say.
    """
    told = {
        "text": "",
        "media_type": extract.media_type,
        "headings": extract.headings,
        "layout": extract.layout.as_dict(),
        "title": extract.title,
        "notes": extract.notes,
    }
    about = _EXTRACT + _json(told)
    if len(about) > MAX_TOLD_BYTES:
        raise too_large("tiene demasiados apartados")
    return about, extract.text.encode()


def from_refusal(message: str, remedy: str) -> bytes:
    """Return the message that a refusal becomes."""
    return _REFUSAL + _json([message, remedy])


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def to_refusal(message: bytes) -> tuple[str, str] | None:
    """Return the reason and the remedy of a refusal; None of an extract.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if message[:1] == _EXTRACT:
        return None
    if message[:1] != _REFUSAL:
        raise ValueError("neither an extract nor a refusal")
    try:
        found = json.loads(message[1:])
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    match found:
        case [str(reason), str(remedy)]:
            return _short(reason), _short(remedy)
    raise ValueError("not a refusal")


def _short(text: str) -> str:
    return " ".join(clean_line(text).split())[:_MAX_REASON_CHARS]


def to_extract(about: bytes, text: bytes) -> Extract:
    """Return the extract that became two messages.

    Raises
    ------
    ValueError
        If it is none, or does not hold together.
    """
    extract = replace(_adapter().validate_json(about[1:], strict=True), text=text.decode())
    if not _is_sound(extract):
        raise ValueError("an extract that does not hold together")
    return extract


@cache
def _adapter() -> TypeAdapter[Extract]:
    from pydantic import TypeAdapter

    return TypeAdapter(Extract)


def _is_sound(extract: Extract) -> bool:
    """Say whether everything in an extract stands somewhere in its text."""
    n_chars, n_lines, layout = len(extract.text), extract.text.count("\n") + 1, extract.layout
    starts = [mark.start for mark in layout.marks]
    titles = [heading.start for heading in extract.headings]
    return (
        n_chars <= MAX_CHARS
        and n_lines <= MAX_LINES
        and (not layout.numbers or len(layout.numbers) == n_lines)
        and _are_within(layout.numbers, 0, _MAX_NUMBER)
        and _are_within(starts, 0, n_chars + 1)  # nothing may stand on the last page
        and starts == sorted(starts)
        and _are_within(
            [mark.page for mark in layout.marks if mark.page is not None], 0, _MAX_NUMBER
        )
        and _are_within(titles, 0, n_chars)
        and titles == sorted(titles)
        and _are_within([heading.level for heading in extract.headings], 1, _MAX_NUMBER)
    )


def _are_within(numbers: tuple[int, ...] | list[int], least: int, most: int) -> bool:
    return not numbers or (min(numbers) >= least and max(numbers) <= most)
