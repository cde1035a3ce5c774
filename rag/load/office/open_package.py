"""The archive that OpenDocument files are, and the text of what is in them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from rag.load.archive import open_archive
from rag.load.office.paragraphs import Inline
from rag.load.office.tree import attribute, child, children, local_name, parse_tree
from rag.load.title import real_title
from rag.load.unreadable import damaged, protected

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTENT: Final = "content.xml"
_SPACES: Final = re.compile(r"[ \t\r\n]+")  # one or more of them are one space
_MAX_SPACES: Final = 1000
_MAX_CHAIN: Final = 32  # of styles based on one another
_BREAKS: Final = frozenset({"p", "h", "line-break"})
_STYLED: Final = frozenset({"p", "h", "span", "a", "section"})
_ROW_GROUPS: Final = frozenset({"table-header-rows", "table-rows", "table-row-group"})
# What is not on the page: what was deleted, remarks in the margin, how to say a word, other uses
# of a text that is already there.
_LEFT_OUT: Final = frozenset(
    {
        "tracked-changes", "annotation", "annotation-end", "ruby-text", "forms", "event-listeners",
        "bibliography-mark-entry", "desc", "title", "variable-decls", "sequence-decls",
        "user-field-decls", "dde-connection-decls", "soft-page-break", "shapes",
        "meta", "binary-data",
    }
)  # fmt: skip


class OpenPackage:
    """The parts of an OpenDocument file."""

    def __init__(self, data: bytes) -> None:
        self._archive = open_archive(data)
        if "META-INF/manifest.xml" in self._archive:
            manifest = self._archive.read("META-INF/manifest.xml")
            if b"encryption-data" in manifest:
                raise protected()
        if CONTENT not in self._archive:
            raise damaged()

    def read(self, part: str) -> bytes:
        """Return the bytes of a part; see ``Archive.read``."""
        return self._archive.read(part)

    def tree(self, part: str) -> _Element | None:
        """Return the tree of a part; None if there is none."""
        return parse_tree(self.read(part)) if part in self._archive else None

    def title(self) -> str:
        """Return the title among the file's properties; may be empty."""
        title = child(self.tree("meta.xml"), "meta", "title")
        return "" if title is None else real_title(title.text or "")


class OpenStyles:
    """The styles of an OpenDocument file: those that hide text, and what each is based on."""

    def __init__(self, *roots: _Element | None) -> None:
        self._parents: dict[str, str] = {}
        self._displays: dict[str, str] = {}
        for root in roots:
            for group in () if root is None else root:
                if local_name(group) in {"styles", "automatic-styles"}:
                    for style in group:
                        self._add(style)

    def _add(self, style: _Element) -> None:
        name = attribute(style, "name")
        self._parents[name] = attribute(style, "parent-style-name")
        for properties in style:
            if local_name(properties) in {"text-properties", "section-properties"}:
                display = attribute(properties, "display")
                if display:
                    self._displays[name] = display

    def names(self, style: str) -> list[str]:
        """Return a style and those that it is based on, nearest first."""
        found: dict[str, None] = {}
        while style and style not in found and len(found) < _MAX_CHAIN:
            found[style] = None
            style = self._parents.get(style, "")
        return list(found)

    def is_hidden(self, style: str) -> bool:
        """Say whether a style hides its text."""
        displays = (self._displays.get(each, "") for each in self.names(style))
        return next((each for each in displays if each), "") == "none"


def open_text(block: _Element, styles: OpenStyles, boxes: Collection[str] = ()) -> Inline:
    """Take the text of a block, and of those in it, as one.

    Parameters
    ----------
    boxes
        The names of the elements that are set apart and not read here.
    """
    found = Inline()
    pending: list[_Element | str] = [block]
    while pending:
        element = pending.pop()
        if isinstance(element, str):
            found.pieces.append(_SPACES.sub(" ", element))
            continue
        name = local_name(element)
        if is_left_out(element, styles):
            continue
        if name in boxes and element is not block:
            found.hanging.append(("", element))
        elif name == "note":
            found.hanging += _note(element)
        else:
            found.pieces.append(_character(name, element))
            for each in reversed(element):
                pending += [each.tail or "", each]
            pending.append(element.text or "")
    return found


def styles_with(content: _Element | None, kind: str, **said: str) -> set[str]:
    """Return the names of the styles that have properties of a kind which say something."""
    return {
        attribute(style, "name")
        for style in children(content, "automatic-styles")
        for properties in style
        if local_name(properties) == kind
        and all(attribute(properties, name) == value for name, value in said.items())
    }


def is_left_out(element: _Element, styles: OpenStyles) -> bool:
    """Say whether an element is not on the page: deleted, hidden, or not text."""
    name = local_name(element)
    return (
        name in _LEFT_OUT
        or (name in _STYLED and styles.is_hidden(attribute(element, "style-name")))
        or (name == "section" and attribute(element, "display") == "none")
        or attribute(element, "is-hidden") == "true"
    )


def table_parts(element: _Element, names: Collection[str]) -> list[_Element]:
    """Return the rows of a table, or the cells of a row, without those of the tables in it."""
    found = []
    pending = list(reversed(element))
    while pending:
        each = pending.pop()
        if local_name(each) in names:
            found.append(each)
        elif local_name(each) in _ROW_GROUPS:
            pending += reversed(each)
    return found


def is_header_row(rows: list[_Element]) -> bool:
    """Say whether a table begins with a row that the document calls its header."""
    if not rows:
        return False
    if local_name(rows[0].getparent()) == "table-header-rows":
        return True
    styles = [attribute(each, "style-name") for each in rows[0].iter("{*}p")]
    return bool(styles) and all(style.startswith("Table_20_Heading") for style in styles)


def times(element: _Element, name: str, most: int) -> int:
    """Return how many times an element stands for itself, as an attribute says; at least once."""
    said = attribute(element, name, "1")
    return min(most, max(1, int(said))) if said.isdecimal() and len(said) < 10 else 1


def _note(note: _Element) -> list[tuple[str, _Element]]:
    """Return what a note is called, and what it says; nothing if it says nothing."""
    body = child(note, "note-body")
    if body is None:
        return []
    citation = child(note, "note-citation")
    sign = "" if citation is None else citation.text or ""
    kind = "Nota final" if attribute(note, "note-class") == "endnote" else "Nota"
    return [(f"{kind} {sign}".strip(), body)]


def _character(name: str, element: _Element) -> str:
    if name == "s":
        return " " * times(element, "c", _MAX_SPACES)
    if name == "tab":
        return "\t"
    return " " if name in _BREAKS else ""
