"""Word's documents since 2007 (.docx): the text that a reader of the page sees, in its order.

The paragraphs are counted as a person would count them down the page: from 1, each one that shows
text, and each row of a table as one (a row of a single cell as the paragraphs in it). Notes and
text boxes have the number of the paragraph that they hang from. Headers and footers, the table of
contents (which is counted), comments, and what is hidden or deleted are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.load.extract import Extract
from rag.load.office.package import Package
from rag.load.office.paragraphs import Inline, Paragraphs, Table, begin_table
from rag.load.office.tree import attribute, child, local_name
from rag.load.office.word_numbering import BULLET, Numbering
from rag.load.office.word_styles import Styles, is_on
from rag.load.table import one_line
from rag.load.unreadable import damaged

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# Deleted or moved away; the second form of what an older Word cannot draw; how to say a word.
_LEFT_OUT: Final = frozenset({"del", "moveFrom", "Fallback", "rt", "pPr", "rPr", "sectPr"})
_CHARACTERS: Final = {
    "tab": "\t", "br": " ", "cr": " ", "ptab": "\t", "noBreakHyphen": "-", "p": " "
}  # fmt: skip
_MAX_TITLE_CHARS: Final = 120  # of one that only bold letters tell
_NOTE_NAMES: Final = {"footnoteReference": "Nota", "endnoteReference": "Nota final"}


def read_word_document(data: bytes) -> Extract:
    """Read a DOCX file."""
    package = Package(data)
    body = child(package.tree(package.main), "body")
    if body is None:
        raise damaged()
    notes = {
        "footnoteReference": _notes(package.tree_of("footnotes", package.main)),
        "endnoteReference": _notes(package.tree_of("endnotes", package.main)),
    }
    reading = _Reading(
        Styles.of(package.tree_of("styles", package.main)),
        Numbering.of(package.tree_of("numbering", package.main)),
        notes,
    )
    reading.read(body)
    return reading.written.transcript.extract(_MEDIA_TYPE, reading.title or package.title())


def _notes(root: _Element | None) -> dict[str, _Element]:
    return {} if root is None else {attribute(note, "id"): note for note in root}


@dataclass(slots=True)
class _Reading:
    """The reading of a document, from its first block to its last."""

    styles: Styles
    numbering: Numbering
    notes: dict[str, dict[str, _Element]]
    written: Paragraphs = field(default_factory=Paragraphs)
    title: str = ""
    _title_level: int = 0  # of the last title that is one by its style
    _n_notes: dict[str, int] = field(default_factory=dict)

    def read(self, body: _Element) -> None:
        """Write down the blocks of the body, in order; a stack, as tables stand in tables."""
        pending: list[tuple[_Element, Table | None]] = [(body, None)]
        while pending:
            element, table = pending.pop()
            name = local_name(element)
            if name in _LEFT_OUT:
                continue
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                rows = _parts(element, "tr")
                inside = begin_table(rows, is_marked=self._is_header(rows))
                pending += [(row, inside) for row in reversed(rows) if not _is_deleted(row)]
            elif name == "tr" and table is not None:
                table.n_rows_left -= 1
                cells = _parts(element, "tc")
                if len(cells) > 1:
                    self._row(cells, table)
                else:
                    pending += [(each, None) for cell in cells for each in reversed(cell)]
            else:
                pending += [(each, None) for each in reversed(element)]

    def _paragraph(self, paragraph: _Element) -> None:
        style = self.styles.style(paragraph)
        inline = self._inline(paragraph)
        if style.is_title and not self.title:
            self.title = inline.text
        text = inline.text
        if style.items is not None:
            label = self.numbering.label(*style.items, style.style_id)
            if text and label and not (label == BULLET and style.level is not None):
                text = f"{label} {text}"
        level = style.level
        if level is not None:
            self._title_level = level
        elif not text.startswith(BULLET) and self._is_bold_title(paragraph, text):
            level = self._title_level + 1
        self.written.paragraph(text, level, is_read=not style.is_contents)
        self.written.hanging([inline], self._inline)

    def _is_bold_title(self, paragraph: _Element, text: str) -> bool:
        """Say whether a paragraph is a title by its looks alone, as those of most contracts are."""
        if not text or len(text) > _MAX_TITLE_CHARS or text.endswith((",", ";", ":")):
            return False
        runs = (each for each in paragraph.iter("{*}r") if _has_letters(each))
        return any(map(str.isalpha, text)) and all(map(self.styles.is_bold, runs))

    def _is_header(self, rows: list[_Element]) -> bool:
        """Say whether the first row is marked as the header, or shown in bold beside the others."""
        if not rows:
            return False
        if child(rows[0], "trPr", "tblHeader") is not None:
            return True
        if self.styles.shows_header(child(rows[0].getparent(), "tblPr")):
            return True
        first, second = (
            [run for run in _parts(row, "tc")[-1:] for run in run.iter("{*}r") if _has_letters(run)]
            for row in (rows * 2)[:2]
        )
        are_bold = bool(first) and all(map(self.styles.is_bold, first))
        return are_bold and not all(map(self.styles.is_bold, second))

    def _row(self, cells: list[_Element], table: Table) -> None:
        read = [self._inline(cell) for cell in cells]
        texts: list[str] = []
        for cell, inline in zip(cells, read, strict=True):
            texts += [one_line(inline.text), *[""] * (_n_columns(cell) - 1)]
        self.written.row(texts, table)
        self.written.hanging(read, self._inline)

    def _inline(self, block: _Element) -> Inline:
        """Take the text of a block, and of those in it, as one."""
        found = Inline()
        fields: list[str] = []  # of those begun here, innermost last: «code» or «result»
        pending = [block]
        while pending:
            element = pending.pop()
            name = local_name(element)
            if name in _LEFT_OUT or (name == "r" and not self.styles.is_shown(element)):
                continue
            if name == "p":
                fields.clear()  # one that nobody closed must not hide the rest
            if name == "txbxContent" and element is not block:
                found.hanging.append(("", element))
                continue
            if name == "fldChar":
                _follow_field(fields, attribute(element, "fldCharType"))
            elif "code" not in fields:
                self._take(name, element, found)
            pending += reversed(element)
        return found

    def _take(self, name: str, element: _Element, found: Inline) -> None:
        if name == "t":
            found.pieces.append(element.text or "")
        elif name in _CHARACTERS:
            found.pieces.append(_CHARACTERS[name])
        elif name in _NOTE_NAMES:
            self._note(name, element, found)

    def _note(self, kind: str, reference: _Element, found: Inline) -> None:
        """Take a note, with the number that is shown: the files' own numbers are others."""
        note = self.notes[kind].pop(attribute(reference, "id"), None)  # once each
        if note is None:
            return
        name = _NOTE_NAMES[kind]
        if not is_on(reference, "customMarkFollows"):
            self._n_notes[kind] = self._n_notes.get(kind, 0) + 1
            name = f"{name} {self._n_notes[kind]}"
        found.hanging.append((name, note))


def _follow_field(fields: list[str], kind: str) -> None:
    """Enter the code of a field, its result, or leave it."""
    if kind == "begin":
        fields.append("code")
    elif fields and kind == "separate":
        fields[-1] = "result"
    elif fields and kind == "end":
        fields.pop()


def _parts(element: _Element, name: str) -> list[_Element]:
    """Return the rows of a table, or the cells of a row, without those of the tables in it."""
    found = []
    pending = list(reversed(element))
    while pending:
        each = pending.pop()
        if local_name(each) == name:
            found.append(each)
        elif local_name(each) not in _LEFT_OUT:
            pending += reversed(each)
    return found


def _has_letters(run: _Element) -> bool:
    return any(local_name(each) == "t" and (each.text or "").strip() for each in run)


def _is_deleted(row: _Element) -> bool:
    properties = child(row, "trPr")
    return any(child(properties, each) is not None for each in ("del", "hidden"))


def _n_columns(cell: _Element) -> int:
    """Return how many columns of the table a cell takes; Word's tables have 63 at most."""
    said = attribute(child(cell, "tcPr", "gridSpan"), "val", "1")
    return min(64, max(1, int(said))) if said.isdecimal() else 1
