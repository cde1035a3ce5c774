"""What the styles of a Word document say of its paragraphs: titles, items of lists, hidden text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from rag.load.office.tree import attribute, child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_Found = TypeVar("_Found")

# Word writes the names of its own styles in English whatever its language; others do not.
_HEADING: Final = re.compile(r"(?:heading|t[ií]tulo|encabezado)\s*([1-9])", re.IGNORECASE)
_TITLES: Final = frozenset({"title", "título", "titulo"})
_CONTENTS: Final = re.compile(r"(?:toc|tdc)\s*\d", re.IGNORECASE)
_NO_LIST: Final = "0"
_OFF: Final = frozenset({"0", "false", "off"})
_MAX_CHAIN: Final = 32  # of styles based on one another
_MAX_LEVEL: Final = 9  # of an outline; the next one means «ordinary text»


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a paragraph is.

    Attributes
    ----------
    level
        Of a title, 1 the highest; None for ordinary text.
    is_title
        Whether it is the title of the whole document.
    items
        The list that it is an item of, and its level there, from 0 (None where its style tells
        it); None where it is of none.
    is_contents
        Whether it is a line of the table of contents.
    """

    level: int | None
    is_title: bool
    items: tuple[str, int | None] | None
    is_contents: bool
    style_id: str = ""


class Styles:
    """The styles of a document, by their identifier."""

    def __init__(self, by_id: dict[str, _Element]) -> None:
        self._by_id = by_id
        self._named: dict[str, ParagraphStyle] = {}
        self._bold: dict[str, bool] = {}
        self._hidden: dict[str, bool | None] = {}

    @classmethod
    def of(cls, root: _Element | None) -> Styles:
        """Take the styles from the part that has them; None where there is none."""
        styles = () if root is None else (each for each in root if local_name(each) == "style")
        return cls({attribute(style, "styleId"): style for style in styles})

    def style(self, paragraph: _Element) -> ParagraphStyle:
        """Return what a paragraph is by its style, and by what it says itself."""
        properties = child(paragraph, "pPr")
        style_id = attribute(child(properties, "pStyle"), "val")
        if style_id not in self._named:
            self._named[style_id] = self._style(style_id)
        style = self._named[style_id]
        level, items = _level(properties), _items(properties)
        if level is None and items is None:
            return style
        return replace(
            style,
            level=style.level if level is None else level or None,
            items=style.items if items is None else items if items[0] != _NO_LIST else None,
        )

    def is_shown(self, run: _Element) -> bool:
        """Say whether a run of text is on the page: what is hidden, only a program would read."""
        properties = child(run, "rPr")
        if properties is not None and (vanish := child(properties, "vanish")) is not None:
            return not is_on(vanish, "val", default=True)
        style_id = attribute(child(properties, "rStyle"), "val")
        if style_id and (is_hidden := self._is_hidden(style_id)) is not None:
            return not is_hidden
        paragraph = run.getparent()
        while paragraph is not None and local_name(paragraph) != "p":  # in a link, an insertion…
            paragraph = paragraph.getparent()
        # Always the first: a paragraph may have a hundred thousand runs, and each asks.
        properties = next(iter(paragraph), None) if paragraph is not None else None
        style_id = attribute(child(properties, "pStyle"), "val")
        return not (style_id and self._is_hidden(style_id))

    def is_bold(self, run: _Element) -> bool:
        """Say whether a run of text is in bold letters, by itself or by its paragraph's style."""
        if (bold := child(run, "rPr", "b")) is not None:
            return is_on(bold, "val", default=True)
        paragraph = run.getparent()
        properties = next(iter(paragraph), None) if paragraph is not None else None
        style_id = attribute(child(properties, "pStyle"), "val")
        if style_id not in self._bold:
            said = self._first(style_id, lambda each: child(each, "rPr", "b"))
            self._bold[style_id] = said is not None and is_on(said, "val", default=True)
        return self._bold[style_id]

    def shows_header(self, properties: _Element | None) -> bool:
        """Say whether the style of a table sets its first row apart, and the table lets it."""
        look = child(properties, "tblLook")
        if look is None or not is_on(look, "firstRow", default=_is_first_row_in(look)):
            return False
        style_id = attribute(child(properties, "tblStyle"), "val")
        return any(
            local_name(each) == "tblStylePr" and attribute(each, "type") == "firstRow"
            for style in self._chain(style_id)
            for each in style
        )

    def _style(self, style_id: str) -> ParagraphStyle:
        names = [attribute(child(each, "name"), "val") for each in self._chain(style_id)]
        level = self._first(style_id, lambda each: _level(child(each, "pPr")))
        if level is None:
            numbers = (match for name in names if (match := _HEADING.fullmatch(name.strip())))
            level = next((int(match[1]) for match in numbers), None)
        items = self._first(style_id, lambda each: _items(child(each, "pPr")))
        return ParagraphStyle(
            level or None,
            bool(names) and names[0].casefold() in _TITLES,
            None if items is None or items[0] == _NO_LIST else (items[0], items[1] or None),
            bool(names) and _CONTENTS.fullmatch(names[0]) is not None,
            style_id,
        )

    def _is_hidden(self, style_id: str) -> bool | None:
        if style_id not in self._hidden:
            self._hidden[style_id] = self._first(style_id, _says_hidden)
        return self._hidden[style_id]

    def _first(self, style_id: str, say: Callable[[_Element], _Found | None]) -> _Found | None:
        """Return what the first of a style and those it is based on has to say."""
        return next(
            (said for each in self._chain(style_id) if (said := say(each)) is not None), None
        )

    def _chain(self, style_id: str) -> Iterator[_Element]:
        """Yield a style and those that it is based on, nearest first."""
        seen: set[str] = set()
        while style_id in self._by_id and style_id not in seen and len(seen) < _MAX_CHAIN:
            seen.add(style_id)
            yield self._by_id[style_id]
            style_id = attribute(child(self._by_id[style_id], "basedOn"), "val")


def is_on(element: _Element, name: str, *, default: bool = False) -> bool:
    """Return an attribute that is a switch."""
    said = attribute(element, name)
    return said not in _OFF if said else default


def _is_first_row_in(look: _Element) -> bool:
    """Read the same in the form of an older Word: a bit of a number."""
    said = attribute(look, "val")
    return re.fullmatch("[0-9A-Fa-f]{4}", said) is not None and bool(int(said, 16) & 0x20)


def _says_hidden(style: _Element) -> bool | None:
    vanish = child(style, "rPr", "vanish")
    return None if vanish is None else is_on(vanish, "val", default=True)


def _level(properties: _Element | None) -> int | None:
    """Return the level of a title, 0 if it is said to be ordinary text; None if nothing is said."""
    said = attribute(child(properties, "outlineLvl"), "val")
    if not said.isdecimal():
        return None
    return int(said) + 1 if int(said) < _MAX_LEVEL else 0


def _items(properties: _Element | None) -> tuple[str, int | None] | None:
    """Return the list that a paragraph is said to be of, and its level; None if nothing is said."""
    said = child(properties, "numPr")
    numbering = attribute(child(said, "numId"), "val")
    if not numbering:
        return None
    level = attribute(child(said, "ilvl"), "val")
    return numbering, int(level) if level.isdecimal() and len(level) < 3 else None
