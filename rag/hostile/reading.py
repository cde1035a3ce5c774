"""Readings: the words of a text, however its letters are disguised.

A model reads «іgnоrа» with Cyrillic letters, «1gn0r4» or «i g n o r a» as a person does; a pattern
does not. A reading is plain lower-case Latin without accents or invisible characters, which
patterns can be laid over.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Letters of other alphabets that look like ours, in lower case, and small capitals.
_LOOKALIKES: Final = str.maketrans(
    "авсԁеһніїјкӏмпорԛгѕтухѡԝѵαβεικνορτυχηωμσıȷɩꞁɡɑɛʀɴɪʟᴀᴇᴏᴄᴅᴍᴛᴜ",
    "abcdehhiijklmnopqrstyxwwvabeiknoptuxnwmoijilgaernilaeocdmtu",
)
_UNSEEN_MARKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_LEET: Final = str.maketrans("013457@$!|€", "oieastasile")

_TOKEN: Final = re.compile(r"[a-z0-9@$!|€]+")
_LEET_IN_WORD: Final = re.compile(r"[a-z][013457@$!|€]|[013457@$€|!][a-z]")
_INNER_SIGNS: Final = re.compile(r"(?<=[a-z0-9])[-._*~`·•'’/\\|+=^]{1,4}(?=[a-z0-9])")
_TAG: Final = re.compile(r"</?[a-z][^<>]{0,80}>")
# Letters one by one; a gap that is wider than the others stands between words.
_SPACED: Final = re.compile(
    r"(?<![a-z0-9])(?:[a-z0-9@$][^\S\n]{0,2}[-._*·•|/,]?[ \t\u00a0]{1,4}|[a-z0-9@$][-._*·•|/,]){4,}"
    r"[a-z0-9@$](?![a-z0-9])"
)
_ONE_GAP: Final = re.compile(r"[ \t\u00a0]?[-._*·•|/,]?[ \t\u00a0]?")
_MANY_INNER_SIGNS: Final = 2


def is_unseen(character: str) -> bool:
    """Say whether a character takes no room where text is shown."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or character in _UNSEEN_MARKS
    )


def without_unseen(text: str) -> str:
    """Take out the characters that take no room."""
    return text if text.isascii() else text.translate(_SEEN)


@lru_cache(maxsize=8192)
def readings(text: str) -> tuple[str, ...]:
    """Return the ways to read a text: folded and, if it may be disguised, with that undone."""
    plain = _folded(text)
    found = [plain]
    undone = _undisguised(plain)
    for reading in undone:
        if reading not in found:
            found.append(reading)
    return tuple(found)


class _Seen(dict[int, str]):
    """What is seen of each character, once it has been met: itself, or nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = "" if is_unseen(character) else character
        return self[code]


class _Bare(dict[int, str]):
    """What is seen of each character without its accents and widths, once it has been met."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", _SEEN[code])
        self[code] = "".join(part for part in parts if not unicodedata.combining(part))
        return self[code]


_SEEN: Final = _Seen()
_BARE: Final = _Bare()


def _folded(text: str) -> str:
    """Fold case, accents, widths and letters of other alphabets; drop what is not seen."""
    if not text.isascii():
        text = text.translate(_BARE)
    text = text.lower()
    return text if text.isascii() else text.translate(_LOOKALIKES)


def _undisguised(plain: str) -> Iterator[str]:
    text = plain
    if "&" in text:
        text = _folded(html.unescape(text))
    text = _TAG.sub("", text)
    spaced = _SPACED.sub(_joined, text)
    if len(_INNER_SIGNS.findall(spaced)) >= _MANY_INNER_SIGNS:
        yield _INNER_SIGNS.sub("", spaced)
    if _LEET_IN_WORD.search(spaced):
        yield _TOKEN.sub(_as_letters, spaced)
        yield _TOKEN.sub(_as_letters, _INNER_SIGNS.sub("", spaced))
    yield spaced


def _joined(match: re.Match[str]) -> str:
    """Join letters that stand one by one; two spaces or more part words."""
    words = re.split(r"[^\S\n]{2,}|[^\S\n]+[-_*·•|/,][^\S\n]+", match.group())
    if len(words) == 1 and re.search(r"[-._*·•|/,]", match.group()):
        words = match.group().split()
    return " ".join(_ONE_GAP.sub("", word) for word in words)


def _as_letters(match: re.Match[str]) -> str:
    token = match.group()
    if not any(character.isalpha() for character in token):
        return token
    bare = token.rstrip("!|")
    letters = bare.translate(_LEET)
    # «1» is an i in «1gn0r4» and an l in «1as».
    return re.sub(r"^i(as?|os?)$", r"l\1", letters) + token[len(bare) :]
