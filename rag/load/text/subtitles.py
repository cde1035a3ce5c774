"""Subtitles: what is said, with the moment when it is."""

from __future__ import annotations

import html
import re
from typing import Final

from rag.load.extract import Extract, Transcript
from rag.load.text.encoding import decode

_MOMENT: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES: Final = re.compile(rf"\s*{_MOMENT}\s*-->\s*{_MOMENT}(?:\s|$)")
_VOICE: Final = re.compile(r"<v(?:\.[^ \t>]*)?[ \t]+([^>\n]{1,80})>")
_TAGS: Final = re.compile(r"</?[a-zA-Z0-9][^<>\n]{0,80}>|\{\\[^{}\n]{1,80}\}")
_APART: Final = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_PAUSE_SECONDS: Final = 3.0  # a silence that no sentence runs over


def read_srt(data: bytes) -> Extract:
    """Read SubRip subtitles."""
    return _read(data, "application/x-subrip")


def read_vtt(data: bytes) -> Extract:
    """Read WebVTT subtitles."""
    return _read(data, "text/vtt")


def _read(data: bytes, media_type: str) -> Extract:
    text, notes = decode(data)
    transcript = Transcript("line", "wraps")
    lines = text.split("\n")
    is_spoken = False  # whether the lines are those of a subtitle
    ended: float | None = None
    for number, line in enumerate(lines, 1):
        if times := _TIMES.match(line):
            starts, ends = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
            if ended is not None and starts - ended > _PAUSE_SECONDS:
                transcript.write("", number)
            transcript.mark(None, _label(starts))
            is_spoken, ended = True, ends
        elif not line.strip():
            is_spoken = is_spoken and not _begins(lines, number)
        elif is_spoken and not (line.strip().isdigit() and _TIMES.match(_at(lines, number))):
            spoken = _TAGS.sub("", _VOICE.sub(r"\1: ", line))
            if said := html.unescape(spoken).strip():
                transcript.write(said, number)
    if ended is None:
        return Extract(text, media_type, notes=(*notes, "no tiene subtítulos; se lee como texto"))
    return transcript.extract(media_type, notes=notes)


def _at(lines: list[str], at: int) -> str:
    return lines[at] if at < len(lines) else ""


def _begins(lines: list[str], at: int) -> bool:
    """Say whether what follows a blank line is another subtitle, or none."""
    following = _at(lines, at), _at(lines, at + 1)
    return any(map(_TIMES.match, following)) or _APART.match(following[0]) is not None


def _seconds(found: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(each or 0) for each in found)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _label(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
