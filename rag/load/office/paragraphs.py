"""Paragraphs and rows of tables, counted as whoever opens the document counts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.load.extract import Transcript
from rag.load.office.tree import local_name
from rag.load.table import header_line, is_figure, is_header, one_line, row_line

if TYPE_CHECKING:
    from lxml.etree import _Element


@dataclass(slots=True)
class Inline:
    """What a block shows, and what hangs from it.

    Attributes
    ----------
    hanging
        Text boxes and notes; of a note with what it is called, else empty.
    """

    pieces: list[str] = field(default_factory=list)
    hanging: list[tuple[str, _Element]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All the pieces, as one."""
        return "".join(self.pieces).strip()


@dataclass(slots=True)
class Table:
    """What is known of a table while its rows are read.

    Attributes
    ----------
    n_rows_left
        After the one that is being read.
    is_form
        Whether its first row is like the others, with a name and what it is of.
    """

    n_rows_left: int
    names: Mapping[int, str] = field(default_factory=dict)
    is_begun: bool = False
    is_form: bool = False


_N_FORM_COLUMNS: Final = 2


def begin_table(rows: Sequence[_Element], *, is_marked: bool) -> Table:
    """Return what is known of a table before its first row.

    Parameters
    ----------
    is_marked
        Whether the document says, or shows, that the first row has the names of the columns.
        Where it does not, two columns are a form («Nombre | Ana», «Calle | Mayor, 3»), unless all
        that is in the second is figures.
    """
    below = []
    if not is_marked:
        for row in rows[1:]:
            cells = [each for each in row if local_name(each) in {"tc", "table-cell"}]
            if len(cells) > _N_FORM_COLUMNS:
                return Table(len(rows))
            below += ["".join(cell.itertext()) for cell in cells[1:]]
    are_figures = all(is_figure(text) for text in below if text.strip())
    return Table(len(rows), is_form=not is_marked and not are_figures)


@dataclass(slots=True)
class Paragraphs:
    """Paragraphs, written down with their number: each that shows text is one, and each row."""

    transcript: Transcript = field(default_factory=lambda: Transcript("paragraph"))
    _number: int = 0

    def page(self, number: int, label: str) -> None:
        """Begin a page, on which paragraphs are counted anew."""
        self.transcript.mark(number, label)
        self._number = 0

    def paragraph(self, text: str, level: int | None = None, *, is_read: bool = True) -> None:
        """Write down a paragraph, if it has text; or count it only.

        Parameters
        ----------
        level
            Of a title, 1 the highest; None for any other paragraph.
        """
        if text.strip():
            self._number += 1
            if is_read:
                self.transcript.write(text.strip(), self._number, level)

    def table(self, rows: Sequence[Sequence[str]], table: Table) -> None:
        """Write down the rows of a table that nothing hangs from; see ``row``."""
        for cells in rows:
            table.n_rows_left -= 1
            self.row(cells, table)

    def row(self, cells: Sequence[str], table: Table) -> None:
        """Write down a row, if it has text; the first one may have the names of the columns.

        Parameters
        ----------
        cells
            On one line each; empty where the one before takes more than one column.
        """
        if not any(cells):
            return
        self._number += 1
        if not (table.is_begun or table.is_form) and table.n_rows_left and is_header(cells):
            table.names = dict(enumerate(cells))
            self.transcript.write(header_line(cells), self._number)
        else:
            self.transcript.write(row_line(enumerate(cells), table.names), self._number)
        table.is_begun = True

    def hanging(self, blocks: Sequence[Inline], read: Callable[[_Element], Inline]) -> None:
        """Write down what hangs from a paragraph or a row, and what hangs from that.

        Parameters
        ----------
        read
            Takes the text of a box or of a note.
        """
        pending = [each for block in blocks for each in block.hanging][::-1]
        while pending:
            name, element = pending.pop()
            inside = read(element)
            if inside.text:
                self.aside(f"{name}: {one_line(inside.text)}" if name else inside.text)
            pending += inside.hanging[::-1]

    def aside(self, text: str) -> None:
        """Write down what hangs from the last paragraph: a note, a text box."""
        if text.strip():
            self.transcript.write(text.strip(), max(1, self._number))
