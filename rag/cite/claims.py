"""Claims: an answer, as it is written, to its sentences, each with its markers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.cite.markers import Bare, Mark, finished, take_out
from rag.split import Span, sentence_spans

_FIRST_WORD: Final = re.compile(r"\W*\w+\W*\s\S?")
_ITEM: Final = re.compile(r"[^\S\n]*(?:[-*+•·▪◦]|\d{1,3}[.)ºª]|[a-zA-Z]\))[^\S\n]+")
_SHORT_END: Final = re.compile(
    r"(?<=[.!?])(?P<short>\s+)(?=[^\W\d_a-záéíóúñü]|[¿¡«])"
    r"|(?<=[.!?])\s*(?=[\u3040-\u9fff])|(?<=[。！？])\s*(?=\S)"
)
_STOP: Final = re.compile(r"[.!?…。！？»]")
_NEAR_CHARS: Final = 24  # behind a stop: markers, and the word that makes it sure
_TITLE: Final = re.compile(r"[^\S\n]*(?:\#{1,6}\s|\*\*[^*]+\*\*:?\s*\Z|__[^_]+__:?\s*\Z)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer.

    Attributes
    ----------
    text
        Without markers; empty for a line that holds no word, as those under a table's head.
    marks
        Where the markers stood in it.
    lead
        What opens its line: indentation, a list mark.
    line
        Which line of the answer, from 0, blank ones apart.
    n_breaks
        Line ends before its line.
    """

    text: str
    marks: tuple[Mark, ...]
    lead: str
    line: int
    n_breaks: int

    @property
    def cited(self) -> tuple[int, ...]:
        """The numbers of its markers."""
        return tuple(dict.fromkeys(number for mark in self.marks for number in mark.numbers))

    @property
    def item(self) -> str:
        """What its line is one of several of: the mark of a list, a table, a quotation, or none."""
        if self.text.startswith(("|", "«")):
            return self.text[0]
        mark = _ITEM.match(self.lead)
        return "1" if mark and mark.group().strip()[0].isdigit() else "-" if mark else ""

    @property
    def is_title(self) -> bool:
        return not self.marks and bool(_TITLE.match(self.lead + self.text))

    @property
    def introduces(self) -> bool:
        return self.text.rstrip(" *_").endswith(":")


class Sentences:
    """Takes a text in pieces and gives its sentences, each when it is surely complete."""

    def __init__(self) -> None:
        self._open = ""  # the line that is being written
        self._n_given = 0  # of its sentences
        self._line = 0
        self._n_breaks = 0

    def take(self, piece: str) -> Iterator[Sentence]:
        """Take some more of the text, and give the sentences that it completes."""
        self._open += piece
        while "\n" in self._open:
            line, _, self._open = self._open.partition("\n")
            yield from self._end(line)
            self._n_breaks += 1
        if not _STOP.search(self._open, max(0, len(self._open) - len(piece) - _NEAR_CHARS)):
            return  # no sentence can have ended since the line was last cut
        sentences = self._cut(self._open[: finished(self._open)], is_whole=False)
        for sentence in sentences[self._n_given :]:
            self._n_given += 1
            yield sentence

    def close(self) -> Iterator[Sentence]:
        """Give what is left."""
        line, self._open = self._open, ""
        yield from self._end(line)

    def _end(self, line: str) -> Iterator[Sentence]:
        yield from self._cut(line, is_whole=True)[self._n_given :]
        if line.strip():
            self._line += 1
            self._n_breaks = 0
        self._n_given = 0

    def _cut(self, line: str, *, is_whole: bool) -> list[Sentence]:
        bare = take_out(line)
        spans = _with_whole_quotations(bare.text, _spans(bare))
        if not is_whole and spans:
            # The end of a sentence is known by the word after it.
            is_sure = _FIRST_WORD.match(bare.text, spans[-1].start) is not None
            spans = spans[:-1] if is_sure else spans[:-2]
        if not spans:
            blank = is_whole and bare.text.strip()
            return [self._sentence("", (), bare.text)] if blank else []
        found = []
        lead = bare.text[: spans[0].start]
        begin = -1
        for span in spans:
            marks = tuple(
                Mark(max(0, mark.at - span.start), mark.numbers)
                for mark in bare.marks
                if begin < mark.at <= span.end
            )
            found.append(self._sentence(bare.text[span.start : span.end], marks, lead))
            begin = span.end
        return found

    def _sentence(self, text: str, marks: tuple[Mark, ...], lead: str) -> Sentence:
        return Sentence(text, marks, lead, self._line, self._n_breaks)


def _spans(bare: Bare) -> list[Span]:
    """Cut a line into sentences.

    It is cut where another writing begins or ends too, and after a short one («Sí [1]. Mide…»)
    that has its own marker.
    """
    spans = []
    for span in sentence_spans(bare.text):
        start = span.start
        for cut in _SHORT_END.finditer(bare.text, span.start, span.end):
            is_short = cut.lastgroup == "short"
            if is_short and not any(start < mark.at <= cut.start() for mark in bare.marks):
                continue
            if any(character.isalnum() for character in bare.text[start : cut.start()]):
                spans.append(Span(start, cut.start()))
                start = cut.end()
        spans.append(Span(start, span.end))
    return spans


def _with_whole_quotations(text: str, spans: list[Span]) -> list[Span]:
    """Join the sentences of one quotation."""
    joined: list[Span] = []
    is_open = False
    for span in spans:
        joined.append(Span(joined.pop().start, span.end) if is_open else span)
        whole = text[joined[-1].start : span.end]
        is_open = whole.count("«") > whole.count("»")
    return joined
