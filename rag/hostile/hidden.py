"""Hidden: text that a model reads and whoever opens the document does not see."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_COMMENT: Final = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_COMMENT_END: Final = re.compile(r"\A((?:(?!<!--).)*?)-->", re.DOTALL)
_NOTE: Final = re.compile(
    r"^[ \t]{0,3}\[[^\]\n]{1,40}\]:[ \t]*(?:#|<>|<#>)[ \t]*(?:\((.*?)\)|\"(.*?)\"|'(.*?)')[ \t]*$",
    re.MULTILINE,
)
_STYLED: Final = re.compile(
    r"""<(?P<tag>[a-z][a-z0-9]*)\b(?=[^>]*(?:
        display\s*:\s*none | visibility\s*:\s*hidden | \shidden(?=[\s>=/])
      | font-size\s*:\s*0(?:\.0*[1-9])?(?:px|pt|em|rem|%)?\s*(?=[;"'])
      | opacity\s*:\s*0(?:\.0\d*)?\s*(?=[;"'])
      | (?<![-\w])color\s*[:=]\s*["']?(?:\#fff(?:fff)?\b|white\b|transparent
          |rgba?\(\s*255\s*,\s*255\s*,\s*255)
      | (?:left|top|text-indent)\s*:\s*-\d{3,}
    ))[^>]*>(.*?)(?:</(?P=tag)\s*>|\Z)""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_ENCODED: Final = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/])")
_MIN_READABLE: Final = 0.95  # of what is decoded

_TAGS: Final = re.compile("[\U000e0020-\U000e007f]{2,}")
_FLAG: Final = "\U0001f3f4"  # a flag of England is spelt with tags
_TURNED: Final = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_JOINED: Final = re.compile(
    "[a-záéíóúüñ][\u200b-\u200d\u2060-\u2064\ufeff\u180e]+(?=[a-záéíóúüñ])", re.IGNORECASE
)
_RUN: Final = re.compile(
    "[\u200b-\u200f\u2060-\u2064\ufeff\u180e\u00ad\u034f]{4,}|[\ufe00-\ufe0f]{2,}|[\U000e0100-\U000e01ef]{2,}"
)
_MANY_JOINED: Final = 3  # one or two are where a web page lets a long word break


class Hidden(NamedTuple):
    """A part of a text that is not seen: its span, what is said there, and why, in Spanish."""

    start: int
    end: int
    said: str
    why: str


def hidden_parts(text: str) -> Iterator[Hidden]:
    """Yield what the text says where its reader does not see it."""
    if "<" in text or "-->" in text:
        before = _COMMENT_END.search(text)  # opened in the part before this one
        if before is not None:
            yield Hidden(*before.span(), before.group(1), "comentario")
        for match in _COMMENT.finditer(text):
            yield Hidden(*match.span(), match.group(1), "comentario")
        for match in _STYLED.finditer(text):
            yield Hidden(*match.span(), match.group(2), "estilo")
    if "]:" in text:
        for match in _NOTE.finditer(text):
            yield Hidden(*match.span(), " ".join(filter(None, match.groups())), "comentario")
    for match in _ENCODED.finditer(text):
        decoded = _decoded(match.group())
        if decoded:
            yield Hidden(*match.span(), decoded, "codificado")


def unseen_characters(text: str) -> Iterator[Hidden]:
    """Yield the characters that hide a message, or the order of the letters."""
    if text.isascii():
        return
    for match in _TAGS.finditer(text):
        if not text.startswith(_FLAG, match.start() - 1):
            said = "".join(chr(ord(letter) - 0xE0000) for letter in match.group())
            yield Hidden(*match.span(), said, "etiquetas")
    if not _RIGHT_TO_LEFT.search(text):
        for match in _TURNED.finditer(text):
            yield Hidden(*match.span(), "", "giro")
    for match in _RUN.finditer(text):
        yield Hidden(*match.span(), "", "invisibles")
    joined = list(_JOINED.finditer(text))
    if len(joined) >= _MANY_JOINED:
        yield Hidden(joined[0].start(), joined[-1].end(), "", "invisibles")


def _decoded(text: str) -> str:
    """Return what a run of base64 says, if it says anything that can be read."""
    standard = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        decoded = base64.b64decode(standard + "=" * (-len(standard) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
    readable = sum(character.isalpha() or character in " .,:;!?¿¡\n'\"" for character in decoded)
    return decoded if " " in decoded and readable >= _MIN_READABLE * len(decoded) else ""
