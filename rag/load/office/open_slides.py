"""OpenDocument presentations (.odp): read and counted as PowerPoint's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rag.load.extract import Extract
from rag.load.office.open_package import (
    CONTENT,
    OpenPackage,
    OpenStyles,
    is_header_row,
    is_left_out,
    open_text,
    styles_with,
    table_parts,
)
from rag.load.office.paragraphs import Paragraphs, begin_table
from rag.load.office.tree import attribute, children, local_name
from rag.load.table import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA_TYPE: Final = "application/vnd.oasis.opendocument.presentation"
_FOOTERS: Final = frozenset({"date-time", "footer", "header", "page-number"})


def read_open_slides(data: bytes) -> Extract:
    """Read an ODP file."""
    package = OpenPackage(data)
    content = package.tree(CONTENT)
    styles = OpenStyles(content)
    hidden = styles_with(content, "drawing-page-properties", visibility="hidden")
    written = Paragraphs()
    notes: list[str] = []
    title = ""
    slides = [
        each for each in children(content, "body", "presentation") if local_name(each) == "page"
    ]
    for number, slide in enumerate(slides, start=1):
        if attribute(slide, "style-name") in hidden:
            notes.append(f"la diapositiva {number} no se ha leído: está oculta")
            continue
        written.page(number, f"diapositiva {number}")
        slide_title = _slide(slide, written, styles)
        title = title or (slide_title if number == 1 else "")
    return written.transcript.extract(_MEDIA_TYPE, title or package.title(), tuple(notes))


def _slide(slide: _Element, written: Paragraphs, styles: OpenStyles) -> str:
    """Write down a slide; return its title. LibreOffice keeps shapes in the order of reading."""
    title = ""
    shapes = sorted(slide, key=lambda each: attribute(each, "class") != "title")
    pending = shapes[::-1]
    speech: list[str] = []
    while pending:
        shape = pending.pop()
        name, kind = local_name(shape), attribute(shape, "class")
        if is_left_out(shape, styles) or (name == "frame" and kind in _FOOTERS):
            continue
        if name == "frame" and kind == "title":
            title = one_line(open_text(shape, styles).text)
            written.paragraph(title, level=1)
        elif name == "notes":
            speech = [
                open_text(each, styles).text
                for each in shape
                if attribute(each, "class") == "notes"
            ]
        elif name in {"p", "h"}:
            written.paragraph(open_text(shape, styles).text)
        elif name == "table":
            rows = table_parts(shape, {"table-row"})
            table = begin_table(rows, is_marked=is_header_row(rows))
            written.table(_rows(rows, styles), table)
        else:
            pending += reversed(shape)
    if said := one_line(" ".join(speech)):
        written.aside(f"Notas: {said}")
    return title


def _rows(rows: list[_Element], styles: OpenStyles) -> list[list[str]]:
    return [
        [
            one_line(open_text(cell, styles).text) if local_name(cell) == "table-cell" else ""
            for cell in table_parts(row, {"table-cell", "covered-table-cell"})
        ]
        for row in rows
    ]
