"""«informaciÃ³n» to «información»: accents that a program read in an encoding not theirs."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from rag.load.text.accents import worth

# What the first byte of an accent in UTF-8 becomes in cp1252, cp437 and cp850, and mac-roman.
_SUSPECT: Final = re.compile(r"[ÃÂâ├┬Ô√¬∂∆][^\x00-\x7f]")
_READ_AS: Final = ("latin-1", "cp1252", "cp850", "cp437", "mac-roman")
_WORD: Final = re.compile(r"\w*[^\W\x00-\x7f]\w*")  # with an accent
_QUOTED: Final = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|`[^`]*`|'[^']*'")
_N_LINES_BESIDE: Final = 8
_MAX_LINE_CHARS: Final = 100_000


def repair(text: str) -> tuple[str, int]:
    """Mend the lines whose accents are surely those of another encoding.

    A line is left as it is if more than its accents would change, if it is no better Spanish for
    it, or if it speaks of the damage: the word stands beside it as it should be, or only what is
    in quotes is damaged.

    Returns
    -------
    tuple[str, int]
        The text, of as many lines, and how many of them were mended.
    """
    if not _SUSPECT.search(text):
        return text, 0
    lines = text.split("\n")
    mended: dict[int, str] = {}
    quoted: dict[int, str] = {}  # mended too if the damage goes beyond quotes
    for at, line in enumerate(lines):
        if len(line) > _MAX_LINE_CHARS or not _SUSPECT.search(line):
            continue
        better = _mended(line)
        beside = "\n".join(lines[max(0, at - _N_LINES_BESIDE) : at + _N_LINES_BESIDE + 1])
        if better == line or _stands_right(better, line, beside):
            continue
        is_quoted = not _SUSPECT.search(_QUOTED.sub("", line))
        (quoted if is_quoted else mended)[at] = better
    if mended:
        mended |= quoted
    for at, line in mended.items():
        lines[at] = line
    return "\n".join(lines), len(mended)


def _mended(line: str) -> str:
    """Return a line with its accents as they were, or the line if that is not sure."""
    from ftfy import TextFixerConfig, fix_encoding

    config = TextFixerConfig(
        restore_byte_a0=False, replace_lossy_sequences=False, fix_c1_controls=False
    )
    better = _read_again(line)
    if better == line or _SUSPECT.search(better):  # what is left is damaged twice, or in part
        better = fix_encoding(better, config)
    is_same_beyond = _ascii(better) == _ascii(line) and "\n" not in better
    return better if is_same_beyond and worth(better) > worth(line) else line


def _read_again(line: str) -> str:
    """Return what a line is when its signs are the bytes of UTF-8, the line itself if they are not.

    ftfy knows the rest, but not cp850, which it takes for drawings, and takes its time.
    """
    for name in _READ_AS:
        try:
            return line.encode(name).decode("utf-8")
        except UnicodeError:
            continue
    return line


def _ascii(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii())


def _stands_right(better: str, line: str, beside: str) -> bool:
    """Say whether a word that would be mended is there as it should be already."""
    words = Counter(_WORD.findall(better)) - Counter(_WORD.findall(line))
    there = set(_WORD.findall(beside.casefold()))
    return any(word.casefold() in there for word in words)
