"""The files behind an index, as they are now, and the text around what is cited from them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Final

from rag.errors import IndexDamagedError, LoadError, UsageError
from rag.index import Generation, file_sha256
from rag.load import Stamp, read_one
from rag.schema import Chunk, Document, Evidence

_MAX_KEPT_CHARS: Final = 8_000_000  # some thirty books
_UNSETTLED_NS: Final = 2_000_000_000  # a file this new may change again and keep its stamp
_MAX_JOINED: Final = 4  # chunks on each side: those that are a bare title add a line each

_NOT_INDEXED: Final = "«{}» no está entre los documentos indexados"
_INDEX_IT: Final = "Ábrelo desde una cita o desde la lista de documentos"


class Shelf:
    """The documents read last; may be shared by threads.

    A document that is opened at one page is soon asked for another, and a file that has changed is
    looked into with every question: neither is worth reading a PDF again.
    """

    def __init__(self, max_chars: int = _MAX_KEPT_CHARS) -> None:
        self._max_chars = max_chars
        self._kept: OrderedDict[tuple[Path, str, Stamp], Document] = OrderedDict()
        self._n_chars = 0
        self._lock = threading.Lock()

    def read(self, source: Path, name: str) -> Document:
        """Return what a file says now; one file is read at a time.

        Raises
        ------
        LoadError
            If it cannot be read.
        """
        with self._lock:
            stamp = _settled_stamp(source)
            if stamp is None:
                return read_one(source, name)
            key = (source, name, stamp)
            document = self._kept.get(key)
            if document is not None:
                self._kept.move_to_end(key)
                return document
            document = read_one(source, name)
            self._keep(key, document)
            return document

    def _keep(self, key: tuple[Path, str, Stamp], document: Document) -> None:
        if len(document.text) > self._max_chars:
            return
        self._kept[key] = document
        self._n_chars += len(document.text)
        while self._n_chars > self._max_chars:
            _, oldest = self._kept.popitem(last=False)
            self._n_chars -= len(oldest.text)


def _settled_stamp(source: Path) -> Stamp | None:
    """Return the stamp of a file, where a change could not hide behind it."""
    try:
        stamp = Stamp.of(source.stat())
    except OSError:
        return None
    latest = max(stamp.modified_ns, stamp.changed_ns)
    return stamp if latest < time.time_ns() - _UNSETTLED_NS else None


class IndexedSources:
    """The files that a generation was made of, and no others."""

    def __init__(self, generation: Generation, shelf: Shelf) -> None:
        self._generation = generation
        self._shelf = shelf

    def is_unchanged(self, path: str) -> bool:
        """Say whether a file has the stamp, or at least the bytes, that were indexed."""
        record = self._generation.document(path)
        if record is None:
            return False
        source = self._generation.source(path)
        try:
            if Stamp.of(source.stat()) == record.stamp:
                return True
            return file_sha256(source) == record.sha256
        except OSError:
            return False

    def read(self, path: str) -> Document | None:
        """Return a document as it is now, or None where it cannot be read."""
        try:
            return self.open(path)
        except (LoadError, UsageError):
            return None

    def open(self, path: str) -> Document:
        """Return a document as it is now.

        Raises
        ------
        UsageError
            If it is not in the index.
        LoadError
            If it cannot be read, or a link now leads out of the folder that was indexed.
        """
        if self._generation.document(path) is None:
            raise UsageError(_NOT_INDEXED.format(path), _INDEX_IT)
        source = self._generation.source(path)
        if not self._is_inside(source):
            raise LoadError(
                f"«{path}» ya no está en la carpeta que se indexó", "Vuelve a indexar la carpeta"
            )
        return self._shelf.read(source, path)

    def _is_inside(self, source: Path) -> bool:
        """Say whether a file is in one of the roots, whatever links its path goes through."""
        try:
            real = source.resolve()
            roots = [Path(root.absolute).resolve() for root in self._generation.manifest.roots]
        except (OSError, RuntimeError):  # a link that leads to itself
            return False
        return any(real.is_relative_to(root) for root in roots)

    def around(self, evidence: Evidence, n_lines: int) -> Chunk:
        """Return a stretch of a document with a text in it and, where there are, lines around it.

        Of a file that is as it was indexed, the index itself knows what it says, and nothing is
        read. Of one that has changed and still says the text, the whole is read. Of one that is
        gone or says it no more, what the index remembers is returned.

        Parameters
        ----------
        n_lines
            On each side.
        """
        if evidence.status in ("verified", "moved") and not self.is_unchanged(evidence.path):
            document = self.read(evidence.path)
            if document is not None and evidence.text in document.text:
                return whole(document)
        return self._joined(evidence, n_lines)

    def _joined(self, evidence: Evidence, n_lines: int) -> Chunk:
        """Return the chunk that a text is in, with those beside it."""
        passage = evidence.passage
        joined = passage.chunk
        if self._chunk(passage.row) != joined:  # found in a generation that has gone
            return joined
        for step in (-1, 1):
            for distance in range(1, _MAX_JOINED + 1):
                if _n_lines(joined, evidence, before=step < 0) >= n_lines:
                    break
                beside = self._chunk(passage.row + step * distance)
                if beside is None or beside.path != joined.path:
                    break
                joined = join(*((beside, joined) if step < 0 else (joined, beside)))
        return joined

    def _chunk(self, row: int) -> Chunk | None:
        """Return a chunk, or None where there is none of that row."""
        try:
            return self._generation.chunk(row)
        except (KeyError, IndexError, ValueError, IndexDamagedError):
            return None


def _n_lines(chunk: Chunk, evidence: Evidence, *, before: bool) -> int:
    """Return how many lines that say something a chunk has before or behind a text."""
    at = evidence.start - chunk.start
    end = at + len(evidence.text)
    beside = chunk.text[:at] if before else chunk.text[end:]
    lines = beside.split("\n")
    whole_lines = lines[:-1] if before else lines[1:]
    return sum(bool(line.strip()) for line in whole_lines)


def whole(document: Document) -> Chunk:
    """Return a document as one stretch."""
    return Chunk(
        path=document.path,
        start=0,
        end=len(document.text),
        line_start=1,
        line_end=len(document.line_starts),
        text=document.text,
        headings=(),
        spans=(),
        layout=document.layout,
    )


def join(one: Chunk, other: Chunk) -> Chunk:
    """Return a stretch made of two chunks of a document that follow each other.

    What stands between two chunks is white space, of which the index knows the length and, where
    the lines are the file's own, the line ends: so offsets and lines stay the document's.
    """
    n_between = other.start - one.end
    numbers = one.layout.numbers
    if numbers:
        is_same_line = n_between <= 1 and numbers[-1] == other.layout.numbers[0]
        n_ends = 0 if is_same_line else min(n_between, 2)
        between = (numbers[-1],) * max(0, n_ends - 1)
        rest = other.layout.numbers[1:] if is_same_line else other.layout.numbers
        numbers = (*numbers, *between, *rest)
    else:
        n_ends = other.line_start - one.line_start - one.text.count("\n")
    gap = "\n" * n_ends + " " * (n_between - n_ends)
    marks = dict.fromkeys((*one.layout.marks, *other.layout.marks))
    return replace(
        one,
        end=other.end,
        line_end=other.line_end,
        text=one.text + gap + other.text,
        spans=(),
        layout=replace(one.layout, numbers=numbers, marks=tuple(marks)),
    )
