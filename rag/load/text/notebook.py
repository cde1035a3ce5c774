"""Jupyter's notebooks: what is in their cells, as whoever opens them reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from rag.load.extract import Extract, Transcript
from rag.load.text.encoding import decode
from rag.load.text.json_file import Leaf, NotJsonError, leaves, read_json

_MEDIA_TYPE: Final = "application/x-ipynb+json"
_TITLE: Final = re.compile(r"(#{1,6})[ \t]+(.*\S)")
_FENCE: Final = re.compile(r"[ \t]*(?:```|~~~)")

Numbered = tuple[int, str]  # a line of the file, and what is said on it


@dataclass(slots=True)
class _Cell:
    """A cell: its text, and what it put out when it ran."""

    kind: str = ""
    source: list[Numbered] = field(default_factory=list)
    outputs: list[Numbered] = field(default_factory=list)


def read_notebook(data: bytes) -> Extract:
    """Read a notebook; one of another form, as the JSON that it is."""
    text, notes = decode(data)
    transcript = Transcript("line", "unknown")
    n_cells = 0
    try:
        for number, cell in enumerate(_cells(text), start=1):
            n_cells += bool(cell.source)
            transcript.mark(None, f"celda {number}")
            _write(transcript, cell)
    except NotJsonError:
        return read_json(data)
    return transcript.extract(_MEDIA_TYPE, notes=notes) if n_cells else read_json(data)


def _cells(text: str) -> Iterator[_Cell]:
    found = (each for each in _numbered(text) if each[1].path[:1] == ("cells",))
    for _, inside in groupby(found, key=lambda each: each[1].path[1:2]):
        cell = _Cell()
        for number, leaf in inside:
            match leaf.path[2:]:
                case ("cell_type",):
                    cell.kind = leaf.text
                case ("source", *_):
                    cell.source += _lines(number, leaf)
                case ("outputs", _, "text", *_) | ("outputs", _, "data", "text/plain", *_):
                    cell.outputs += _lines(number, leaf)
        yield cell


def _numbered(text: str) -> Iterator[tuple[int, Leaf]]:
    number, counted = 1, 0
    for leaf in leaves(text):
        number += text.count("\n", counted, leaf.at)
        counted = leaf.at
        yield number, leaf


def _lines(number: int, leaf: Leaf) -> list[Numbered]:
    return [(number, line) for line in leaf.text.removesuffix("\n").split("\n")]


def _write(transcript: Transcript, cell: _Cell) -> None:
    is_prose, is_fenced = cell.kind == "markdown", False
    for number, line in cell.source:
        is_fence = is_prose and _FENCE.match(line) is not None
        is_fenced ^= is_fence
        title = _TITLE.match(line) if is_prose and not is_fenced else None
        is_code = not is_prose or is_fenced or is_fence
        transcript.write(title[2] if title else line, number, len(title[1]) if title else None)
        if (is_code or title) and line.strip():  # a line of code stands by itself
            transcript.write("", number)
    if cell.source:
        transcript.write("", cell.source[-1][0])
    for number, line in cell.outputs:
        transcript.write(line, number)
        transcript.write("", number)
