"""PowerPoint's presentations since 2007 (.pptx): slide by slide, in the order one reads them.

Of a slide, its title is read first, then what stands in its places, then the rest from top to
bottom, and last the notes of who speaks. Paragraphs with text are counted from 1 on each slide,
each row of a table as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.load.extract import Extract
from rag.load.office.package import Package
from rag.load.office.paragraphs import Paragraphs, begin_table
from rag.load.office.tree import attribute, child, children, local_name
from rag.load.table import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_TITLES: Final = frozenset({"title", "ctrTitle"})
_FOOTERS: Final = frozenset({"dt", "ftr", "hdr", "sldNum", "sldImg"})
_CHARACTERS: Final = {"br": " ", "tab": "\t"}
_BAND: Final = 180_000  # half a centimetre: what stands less apart is side by side


def read_slides(data: bytes) -> Extract:
    """Read a PPTX file."""
    package = Package(data)
    relations = package.relations(package.main)
    written = Paragraphs()
    notes: list[str] = []
    title = ""
    for number, entry in enumerate(children(package.tree(package.main), "sldIdLst"), start=1):
        # It has an identifier of its own too, in no namespace; that of the relation has one.
        ids = [value for key, value in entry.attrib.items() if str(key).endswith("}id")]
        relation = relations.get(str(ids[0])) if ids else None
        if relation is None:
            continue
        slide = package.tree(relation.part)
        if attribute(slide, "show") in {"0", "false"}:
            notes.append(f"la diapositiva {number} no se ha leído: está oculta")
            continue
        written.page(number, f"diapositiva {number}")
        slide_title = _slide(slide, written)
        title = title or (slide_title if number == 1 else "")
        speech = package.tree_of("notesSlide", relation.part)
        if speech is not None and (said := one_line(" ".join(_speech(speech)))):
            written.aside(f"Notas: {said}")
    return written.transcript.extract(_MEDIA_TYPE, title or package.title(), tuple(notes))


def _slide(slide: _Element, written: Paragraphs) -> str:
    """Write down a slide; return its title."""
    title = ""
    pending = _in_order(children(slide, "cSld", "spTree"))[::-1]
    while pending:
        shape = pending.pop()
        name = local_name(shape)
        if name == "grpSp":
            pending += _in_order(list(shape))[::-1]
        elif name == "graphicFrame":
            table = child(shape, "graphic", "graphicData", "tbl")
            if table is not None:
                rows = [each for each in table if local_name(each) == "tr"]
                is_marked = attribute(child(table, "tblPr"), "firstRow") in {"1", "true"}
                written.table(_rows(rows), begin_table(rows, is_marked=is_marked))
        elif _place(shape) in _TITLES:
            title = one_line(" ".join(_texts(shape)))
            written.paragraph(title, level=1)
        elif name == "sp" and _place(shape) not in _FOOTERS:
            for text in _texts(shape):
                written.paragraph(text)
    return title


def _in_order(shapes: list[_Element]) -> list[_Element]:
    """Return the shapes as they are read: the title, the places of the layout, the rest."""
    found = []
    for shape in shapes:
        # What only a newer PowerPoint can draw comes with another form for the others.
        inside = child(shape, "Choice") if local_name(shape) == "AlternateContent" else None
        found += [shape] if inside is None else list(inside)
    return sorted((each for each in found if not _is_hidden(each)), key=_order)


def _order(shape: _Element) -> tuple[int, int, int]:
    place = _place(shape)
    if place in _TITLES:
        return 0, 0, 0
    offset = child(shape, "spPr", "xfrm", "off")
    if place and offset is None:
        return 1, 0, 0
    for path in (("grpSpPr", "xfrm"), ("xfrm",)):
        if offset is None:
            offset = child(shape, *path, "off")
    return 2 - bool(place), _length(offset, "y") // _BAND, _length(offset, "x")


def _length(offset: _Element | None, name: str) -> int:
    said = attribute(offset, name)
    return int(said) if said.lstrip("-").isdecimal() and len(said) < 12 else 0


def _place(shape: _Element) -> str:
    """Return what place of the layout a shape fills, as in «title»; empty if none."""
    place = child(shape, "nvSpPr", "nvPr", "ph")
    return "" if place is None else attribute(place, "type", "obj")


def _is_hidden(shape: _Element) -> bool:
    for each in shape:
        if local_name(each).startswith("nv"):
            return attribute(child(each, "cNvPr"), "hidden") in {"1", "true"}
    return False


def _rows(rows: list[_Element]) -> list[list[str]]:
    return [
        [one_line(" ".join(_texts(cell))) for cell in row if local_name(cell) == "tc"]
        for row in rows
    ]


def _speech(notes: _Element) -> Iterator[str]:
    for shape in children(notes, "cSld", "spTree"):
        if _place(shape) == "body":
            yield from _texts(shape)


def _texts(shape: _Element) -> Iterator[str]:
    """Yield the text of each paragraph of a shape or a cell."""
    for paragraph in children(shape, "txBody"):
        if local_name(paragraph) != "p":
            continue
        pieces = []
        for run in paragraph:
            name = local_name(run)
            if name in {"r", "fld"}:
                pieces += [each.text or "" for each in run if local_name(each) == "t"]
            elif name in _CHARACTERS:
                pieces.append(_CHARACTERS[name])
        yield "".join(pieces)
