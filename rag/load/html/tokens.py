"""HTML to its tags and texts, with the place of each.

Own work, and not the standard library's ``html.parser``, for what citations need of it: that one
decodes a text before it says where it stands, reads the same bad markup differently from one
Python to the next, and looks at the rest of the file again for each comment or quote that is not
closed: half an hour for a megabyte of those. lxml knows the line of an element, not of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple


class Text(NamedTuple):
    """What stands between two tags.

    Attributes
    ----------
    start, end
        Where, in characters of the file.
    is_raw
        Whether an ``&`` in it is itself.
    """

    start: int
    end: int
    is_raw: bool = False


class Opening(NamedTuple):
    """The beginning of an element.

    Attributes
    ----------
    name
        In lower case, without the prefix of a namespace.
    is_closed
        Whether nothing is in it: ``<a/>``, where that means it.
    attributes_end
        Its attributes stand between ``start`` and here.
    """

    start: int
    name: str
    is_closed: bool
    attributes_start: int
    attributes_end: int


class Closing(NamedTuple):
    """The end of an element."""

    start: int
    name: str


class Attribute(NamedTuple):
    """The value of an attribute, decoded, and where it stands in the file."""

    start: int
    value: str


Token = Text | Opening | Closing

_NAME: Final = re.compile(r"[a-zA-Z][^\s/>]*")
# Nothing here is tried in two ways: it reads on or it ends, whatever the file says.
_INSIDE: Final = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]++)?+)*+(?=>)""")
_ATTRIBUTE: Final = re.compile(
    r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+"""
)
_TAG_END: Final = re.compile(">")
_COMMENT_END: Final = re.compile("-->")
_DATA_START: Final = "<![CDATA["
_DATA_END: Final = re.compile("]]>")
# What is in these is no markup, up to their own end tag.
_RAW: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in "script style xmp iframe noembed noframes title textarea".split()
}
_DECODED: Final = frozenset(("title", "textarea"))  # but an «&amp;» in these still is
_XML: Final = re.compile(r"<\?xml\b|<html[^>]*\bxmlns\b")
_XML_CHARS: Final = 4096  # of the beginning, where it would say so
_PREFIXES: Final = frozenset(("", "h", "html", "xhtml", "svg"))
_LONG_REFERENCE: Final = re.compile(r"&#[0-9]{8,};?")  # to no character; Python may refuse it
_INVISIBLE: Final = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")


def tokens(text: str) -> Iterator[Token]:
    """Cut HTML or XHTML into tags and the texts between them, in linear time, whatever it is."""
    cutter = _Cutter(text)
    at = text_start = 0
    while (at := text.find("<", at)) >= 0:
        cut = cutter.cut(at)
        if cut is None:  # «a < b»
            at += 1
            continue
        if text_start < at:
            yield Text(text_start, at)
        found, at = cut
        yield from found
        text_start = at
    if text_start < len(text):
        yield Text(text_start, len(text))


def attributes(text: str, tag: Opening) -> dict[str, Attribute]:
    """Return the attributes of a tag by their names in lower case; of two alike, the first."""
    found: dict[str, Attribute] = {}
    for match in _ATTRIBUTE.finditer(text, tag.attributes_start, tag.attributes_end):
        group = match.lastindex or 1
        value = decoded(match.group(group)) if group > 1 else ""
        found.setdefault(match.group(1).lower(), Attribute(match.start(group), value))
    return found


def decoded(text: str) -> str:
    """Return a text with its character references read, without what has no shape."""
    if "&" in text:
        text = unescape(_LONG_REFERENCE.sub("\ufffd", text))
    return text if text.isascii() else text.translate(_INVISIBLE)


class _Cutter:
    """Cuts a text where an angle opens; it must be asked from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_xml = _XML.search(text, 0, _XML_CHARS) is not None
        self._has_quotes = True
        self._found: dict[re.Pattern[str], int] = {}

    def cut(self, at: int) -> tuple[tuple[Token, ...], int] | None:
        """Return what begins at an angle, and where it ends; None if the angle is text."""
        text = self._text
        name = _NAME.match(text, at + 1)
        if name is not None:
            return self._opening(at, name)
        name = _NAME.match(text, at + 2) if text.startswith("/", at + 1) else None
        if text.startswith("<!--", at):  # as browsers see it, up to the end if it has none
            is_empty = text.startswith((">", "->"), at + 4)
            end = text.index(">", at) + 1 if is_empty else self._find(_COMMENT_END, at + 4) + 3
            return (), min(end, len(text))
        if self._is_xml and text.startswith(_DATA_START, at):
            start, end = at + len(_DATA_START), self._find(_DATA_END, at)
            return (Text(start, max(start, end), is_raw=True),), min(end + 3, len(text))
        if text.startswith(("<!", "<?", "</"), at):
            end = self._find(_TAG_END, at)
            found = (Closing(at, _plain(name.group())),) if name else ()
            return (found, end + 1) if end < len(text) else None
        return None

    def _opening(self, at: int, name: re.Match[str]) -> tuple[tuple[Token, ...], int] | None:
        text = self._text
        inside = _INSIDE.match(text, name.end()) if self._has_quotes else None
        end = inside.end() if inside else self._find(_TAG_END, name.end())
        if inside is None:  # the file ends in a quote: from here on they mean nothing
            self._has_quotes = False
        if end == len(text):
            return None
        plain = _plain(name.group())
        is_closed = (self._is_xml or plain == "title") and text[end - 1] == "/"
        tag = Opening(at, plain, is_closed, name.end(), end)
        if is_closed or plain not in _RAW:
            return (tag,), end + 1
        text_end = self._find(_RAW[plain], end + 1)
        if plain not in _DECODED:
            return (tag,), text_end
        # Without end it is none: all that follows would be in it.
        return ((tag, Text(end + 1, text_end)), text_end) if text_end < len(text) else ((), end + 1)

    def _find(self, wanted: re.Pattern[str], at: int) -> int:
        """Return where something comes next; the end of the text if nowhere.

        No part of the text is looked at twice for the same thing.
        """
        found = self._found.get(wanted, -1)
        if found < at:
            match = wanted.search(self._text, at)
            found = match.start() if match else len(self._text)
            self._found[wanted] = found
        return found


def _plain(name: str) -> str:
    """Return the name of an element in lower case, without a prefix that says nothing."""
    prefix, _, local = name.lower().rpartition(":")
    return local if prefix in _PREFIXES else name.lower()
