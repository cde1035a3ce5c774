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
# What is in these is no markup, up to their own end tag; in the second, an «&amp;» still is.
_RAW: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "xmp", "iframe", "noembed", "noframes")
}
_DECODED_RAW: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE) for name in ("title", "textarea")
}
_XML: Final = re.compile(r"<\?xml\b|<html[^>]*\bxmlns\b")
_XML_CHARS: Final = 4096  # of the beginning, where it would say so
_PREFIXES: Final = frozenset(("", "h", "html", "xhtml", "svg"))
_LONG_REFERENCE: Final = re.compile(r"&#[0-9]{8,};?")  # to no character; Python may refuse it
_INVISIBLE: Final = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")


def tokens(text: str) -> Iterator[Token]:
    """Cut HTML or XHTML into tags and the texts between them, in linear time, whatever it is."""
    is_xml = _XML.search(text, 0, _XML_CHARS) is not None
    ahead = _Ahead(text)
    has_quotes = True
    at = text_start = 0
    while (at := text.find("<", at)) >= 0:
        name = _NAME.match(text, at + 1)
        if name is None:
            closing = _NAME.match(text, at + 2) if text.startswith("/", at + 1) else None
            end = (
                ahead.find(_TAG_END, at + 1)
                if closing
                else _skipped(text, at, ahead, is_xml=is_xml)
            )
            if end == (len(text) if closing else at):  # «a < b», or the file ends in a tag
                at += 1
                continue
            yield from _text(text_start, at)
            if closing:
                yield Closing(at, _plain(closing.group()))
                end += 1
            elif is_xml and text.startswith(_DATA_START, at):
                is_whole = text.endswith("]]>", at, end)
                yield from _text(at + len(_DATA_START), end - 3 * is_whole, is_raw=True)
            at = text_start = end
            continue
        inside = _INSIDE.match(text, name.end()) if has_quotes else None
        end = inside.end() if inside else ahead.find(_TAG_END, name.end())
        if inside is None:  # the file ends in a quote: from here on they mean nothing
            has_quotes = False
        if end == len(text):
            at += 1
            continue
        yield from _text(text_start, at)
        plain = _plain(name.group())
        is_closed = (is_xml or plain == "title") and text[end - 1] == "/"
        yield Opening(at, plain, is_closed, name.end(), end)
        at = text_start = end + 1
        if plain in _RAW and not is_closed:
            at = text_start = ahead.find(_RAW[plain], at)
        elif plain in _DECODED_RAW and not is_closed:
            end = ahead.find(_DECODED_RAW[plain], at)
            at = end if end < len(text) else at  # without end, it is like any other
    yield from _text(text_start, len(text))


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


class _Ahead:
    """Finds what comes next, and looks at no part of the text twice for the same thing.

    It must be asked from left to right.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[re.Pattern[str], int] = {}

    def find(self, wanted: re.Pattern[str], at: int) -> int:
        """Return where something comes next; the end of the text if nowhere."""
        found = self._found.get(wanted, -1)
        if found < at:
            match = wanted.search(self._text, at)
            found = match.start() if match else len(self._text)
            self._found[wanted] = found
        return found


def _skipped(text: str, at: int, ahead: _Ahead, *, is_xml: bool) -> int:
    """Return where a comment or its like ends, as browsers see it; ``at`` if none begins there."""
    if text.startswith(("<!-->", "<!--->"), at):
        return text.index(">", at) + 1
    if text.startswith("<!--", at):
        return min(ahead.find(_COMMENT_END, at + 4) + 3, len(text))
    if is_xml and text.startswith(_DATA_START, at):
        return min(ahead.find(_DATA_END, at) + 3, len(text))
    if text.startswith(("<!", "<?", "</"), at):
        end = ahead.find(_TAG_END, at + 2)
        return end + 1 if end < len(text) else at
    return at


def _plain(name: str) -> str:
    """Return the name of an element in lower case, without a prefix that says nothing."""
    prefix, _, local = name.lower().rpartition(":")
    return local if prefix in _PREFIXES else name.lower()


def _text(start: int, end: int, *, is_raw: bool = False) -> Iterator[Text]:
    if start < end:
        yield Text(start, end, is_raw)
