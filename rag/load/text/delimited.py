"""Tables in plain text (.csv, .tsv): each row as a sentence, at the line that it begins on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final

from rag.load.extract import Extract, Transcript
from rag.load.table import header_line, is_header, one_line, row_line
from rag.load.text.plain import decode

# Best first where several would do: no one writes a tab by chance, a comma may be a decimal point.
_DELIMITERS: Final = "\t;|,"
_N_SAMPLE_LINES: Final = 200
_N_SAMPLE_CHARS: Final = 256 * 1024
_MAX_ROW_LINES: Final = 500  # what is longer is a quote that nobody closed
_MAX_UNCLOSED: Final = 100
_N_ROWS_COMPARED: Final = 50


def read_delimited(data: bytes) -> Extract:
    """Read a table whose cells are separated by tabs, semicolons, bars or commas."""
    lines = decode(data).split("\n")
    first, delimiter = 0, ""
    said = lines[0].strip(" ")
    if said.lower().startswith("sep=") and len(said) == len("sep=;"):
        first, delimiter = 1, said[-1]  # Excel's own way of saying it
    lines = lines[first:]
    if delimiter not in _DELIMITERS or not delimiter:
        delimiter = _delimiter(lines)
    transcript = Transcript("line")
    rows = _rows(lines, delimiter, first + 1)
    ahead = list(islice(rows, _N_ROWS_COMPARED))
    while ahead and sum(map(bool, ahead[0][1])) == 1:  # what the table is of, as banks say it
        number, cells = ahead.pop(0)
        transcript.write(row_line(enumerate(cells), {}), number)
    names: Mapping[int, str] = {}
    if _is_header([cells for _, cells in ahead]):
        number, cells = ahead.pop(0)
        names = {column: cell for column, cell in enumerate(cells) if cell}
        transcript.write(header_line(cells), number)
    for part in (ahead, rows):
        for number, cells in part:
            transcript.write(row_line(enumerate(cells), names), number)
    media_type = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return transcript.extract(media_type)


def _rows(lines: Sequence[str], delimiter: str, number: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its first line.

    A quote that is never closed would take all that follows into one cell: the row that it stands
    in, and no other, is read with its quotes as they are; after many of those, all rows are.
    """
    at = n_unclosed = 0
    while at < len(lines):
        row, n_lines = lines[at].split(delimiter), 1
        if '"' in lines[at] and n_unclosed < _MAX_UNCLOSED:
            quoted = _quoted_row(lines, at, delimiter)
            if quoted is None:
                n_unclosed += 1
            else:
                row, n_lines = quoted
        cells = [one_line(cell) for cell in row]
        if any(cells):
            yield number + at, cells
        at += n_lines


def _quoted_row(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str], int] | None:
    """Return the cells of the row that begins on a line, and how many lines it takes.

    None if a quote in it is not closed.
    """
    import csv

    end = at + _MAX_ROW_LINES
    # Past the end, an open cell takes a mark that no file can hold: the text was read without it.
    following = chain((line + "\n" for line in lines[at:end]), ["\0"])
    reader = csv.reader(following, delimiter=delimiter)
    try:
        row = next(reader)
    except csv.Error:  # a cell of more than 131,072 characters
        return None
    return None if row[-1].endswith("\0") else (row, reader.line_num)


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter by which most rows at the beginning have as many cells."""
    sample: list[str] = []
    n_chars = 0
    for line in lines[:_N_SAMPLE_LINES]:
        n_chars += len(line)
        if n_chars > _N_SAMPLE_CHARS and sample:
            break
        sample.append(line)
    return max(_DELIMITERS, key=lambda each: _agreement(sample, each))


def _agreement(sample: Sequence[str], delimiter: str) -> float:
    """Return the share of rows with the commonest number of cells; 0 if that is one.

    The first row of a table agrees with the others: its names hold no decimal comma.
    """
    widths = [len(cells) for _, cells in _rows(sample, delimiter, 1)]
    if not widths:
        return 0.0
    width, n_rows = Counter(widths).most_common(1)[0]
    return 0.0 if width == 1 else n_rows / len(widths) + (widths[0] == width)


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns: no other says in a column what it says there."""
    if len(rows) < 2 or not is_header([cell for cell in rows[0] if cell]):
        return False
    return not any(
        cell and cell == name for row in rows[1:] for name, cell in zip(rows[0], row, strict=False)
    )
