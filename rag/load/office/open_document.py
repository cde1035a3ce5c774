"""OpenDocument texts (.odt), which LibreOffice writes: read and counted as Word's are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.load.extract import Extract
from rag.load.office.open_package import (
    CONTENT,
    OpenPackage,
    OpenStyles,
    is_header_row,
    is_left_out,
    open_text,
    table_parts,
    times,
)
from rag.load.office.paragraphs import Inline, Paragraphs, Table, begin_table
from rag.load.office.tree import attribute, child, local_name
from rag.load.table import one_line
from rag.load.unreadable import damaged

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA_TYPE: Final = "application/vnd.oasis.opendocument.text"
_LIST_MARK: Final = "– "
_MAX_LEVEL: Final = 10
_MAX_COLUMNS: Final = 64  # that one cell takes
_CONTENTS: Final = "table-of-content"
_BOXES: Final = frozenset(
    {
        "text-box", "custom-shape", "rect", "circle", "ellipse", "line", "polyline", "polygon",
        "regular-polygon", "path", "connector", "caption", "measure",
    }
)  # fmt: skip


def read_open_document(data: bytes) -> Extract:
    """Read an ODT file."""
    package = OpenPackage(data)
    content = package.tree(CONTENT)
    body = child(content, "body", "text")
    if body is None:
        raise damaged()
    reading = _Reading(OpenStyles(content, package.tree("styles.xml")))
    reading.read(body)
    return reading.written.transcript.extract(_MEDIA_TYPE, reading.title or package.title())


@dataclass(frozen=True, slots=True)
class _Block:
    """An element to read, and what it is known to stand in."""

    element: _Element
    table: Table | None = None
    is_item: bool = False  # the first paragraph in it is an item of a list
    is_contents: bool = False


@dataclass(slots=True)
class _Reading:
    """The reading of a document, from its first block to its last."""

    styles: OpenStyles
    written: Paragraphs = field(default_factory=Paragraphs)
    title: str = ""

    def read(self, body: _Element) -> None:
        """Write down the blocks of the body, in order; a stack, as tables stand in tables."""
        pending = [_Block(body)]
        while pending:
            block = pending.pop()
            element, name = block.element, local_name(block.element)
            if is_left_out(element, self.styles):
                continue
            if name in {"p", "h"}:
                self._paragraph(block)
            elif name in _BOXES:  # anchored to a page
                self.written.hanging([Inline(hanging=[("", element)])], self._text)
            elif name == "table":
                rows = table_parts(element, {"table-row"})
                table = begin_table(rows, is_marked=is_header_row(rows))
                pending += [_Block(row, table) for row in reversed(rows)]
            elif name == "table-row":
                pending += self._row(block)
            else:
                pending += self._inside(block)

    def _inside(self, block: _Block) -> list[_Block]:
        """Return what an element holds, last first."""
        name = local_name(block.element)
        is_contents = block.is_contents or name == _CONTENTS
        inside = [_Block(each, is_contents=is_contents) for each in block.element]
        if name == "list-item" and inside:
            inside[0] = _Block(inside[0].element, is_item=True, is_contents=is_contents)
        return inside[::-1]

    def _paragraph(self, block: _Block) -> None:
        inline = self._text(block.element)
        text = inline.text
        style = attribute(block.element, "style-name")
        if text and not self.title and "Title" in self.styles.names(style):
            self.title = text
        level = None
        if local_name(block.element) == "h":
            level = times(block.element, "outline-level", _MAX_LEVEL)
        elif block.is_item and text:
            text = _LIST_MARK + text
        self.written.paragraph(text, level, is_read=not block.is_contents)
        self.written.hanging([inline], self._text)

    def _row(self, block: _Block) -> list[_Block]:
        """Write down a row of several cells; return what is in the only one of another."""
        if block.table is not None:
            block.table.n_rows_left -= 1
        if attribute(block.element, "visibility") in {"collapse", "filter"}:
            return []
        cells = table_parts(block.element, {"table-cell", "covered-table-cell"})
        shown = [cell for cell in cells if local_name(cell) == "table-cell"]
        if block.table is None or len(shown) < 2:
            return [_Block(each) for cell in shown for each in reversed(cell)]
        read = []
        texts: list[str] = []
        for cell in cells:
            text = ""
            if local_name(cell) == "table-cell":
                read.append(self._text(cell))
                text = one_line(read[-1].text)
            texts += [text] * times(cell, "number-columns-repeated", _MAX_COLUMNS)
        self.written.row(texts, block.table)
        self.written.hanging(read, self._text)
        return []

    def _text(self, element: _Element) -> Inline:
        return open_text(element, self.styles, _BOXES)
