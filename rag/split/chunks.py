"""A Document to chunks: sections first, then whole paragraphs, then whole sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rag.schema import Chunk, Document, Heading, LineEnds, Mark
from rag.split.sentences import Span, block_spans, cut_block, sentence_spans

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

# Raised when the same document gives other chunks or sentences: the index remembers it.
SPLITTER_VERSION: Final = 4

CountTokens = Callable[[str], int]


def split(document: Document, count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    """Cut a document into chunks.

    A chunk never crosses a title, nor the end of a page where text does not flow over it, and ends
    inside a sentence only if the sentence alone is longer than a chunk may be.

    Parameters
    ----------
    document
        What was read.
    count_tokens
        The embedding model's: what it counts is what its limit means.
    max_tokens
        Longest chunk, prefix and special tokens included.

    Returns
    -------
    list[Chunk]
        In order. Every character of the text that is not white space is in exactly one chunk.
    """
    splitter = _splitter(count_tokens, max_tokens, document.layout.line_ends)
    chunks: list[Chunk] = []
    for section, titles in _sections(document):
        at = section.start
        for piece in splitter.split_text(document.text[section.start : section.end]):
            chunk = _chunk(document, Span(at, at + len(piece)), titles)
            at += len(piece)
            if chunk is not None:
                chunks.append(chunk)
    return chunks


def _splitter(count_tokens: CountTokens, max_tokens: int, line_ends: LineEnds) -> TextSplitter:
    """Return a splitter whose pieces, joined, are the text to the last character."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter

    words = RecursiveCharacterTextSplitter(
        separators=["\n", "; ", ", ", " ", ""],
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=max_tokens,
        chunk_overlap=0,
        length_function=count_tokens,
    )

    class SentencePacker(TextSplitter):
        """Packs blocks; a block that is too long, by its sentences; one of those, by its words."""

        def split_text(self, text: str) -> list[str]:
            return self._merge_splits(self._pieces(text), separator="")

        def _pieces(self, text: str) -> Iterator[str]:
            for block in block_spans(text, 0, len(text), line_ends):
                if count_tokens(text[block.start : block.end]) <= max_tokens:
                    yield text[block.start : block.end]
                    continue
                for start, end in cut_block(text, block):
                    if count_tokens(text[start:end]) <= max_tokens:
                        yield text[start:end]
                    else:
                        yield from words.split_text(text[start:end])

    return SentencePacker(
        chunk_size=max_tokens,
        chunk_overlap=0,
        length_function=count_tokens,
        strip_whitespace=False,
    )


def _sections(document: Document) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Yield each section's span with the titles above it, outermost first.

    A title with nothing under it but other titles goes with the first of those.
    """
    text = document.text
    start = 0
    path: list[Heading] = []
    headings = {heading.start: heading for heading in document.headings}
    stops = document.layout.line_ends == "final"
    pages = {mark.start for mark in _pages(document)} if stops else set()
    begins = sorted({0, *headings, *pages})
    for begin, end in pairwise([*begins, len(text)]):
        heading = headings.get(begin)
        if heading is not None:
            path = [above for above in path if above.level < heading.level] + [heading]
            body_start = text.find("\n", begin, end)
            is_bare = body_start < 0 or not text[body_start:end].strip(" \t\n=-")
            if is_bare and end < len(text) and end not in pages:
                continue
        if text[start:end].strip():
            titles = dict.fromkeys([document.title, *(title.title for title in path)])
            yield Span(start, end), tuple(filter(None, titles))
        start = end


def _pages(document: Document) -> Iterator[Mark]:
    """Yield the marks at which another page begins."""
    page = None
    for mark in document.layout.marks:
        if mark.page != page:
            yield mark
        page = mark.page


def _chunk(document: Document, span: Span, titles: tuple[str, ...]) -> Chunk | None:
    """Make the chunk of a span, without the space around it; None if nothing is left."""
    raw = document.text[span.start : span.end]
    layout = document.layout
    start = span.start + len(raw) - len(raw.lstrip())
    end = span.start + len(raw.rstrip())
    if start >= end:
        return None
    at = document.place(start, end)
    spans = []
    for sentence in sentence_spans(document.text, start, end, layout.line_ends):
        place = document.place(sentence.start, sentence.end)
        spans.append((sentence.start, sentence.end, place.line_start, place.line_end))
    return Chunk(
        path=document.path,
        start=start,
        end=end,
        line_start=at.line_start,
        line_end=at.line_end,
        text=document.text[start:end],
        headings=titles,
        spans=tuple(spans),
        layout=layout.part((start, end), document.lines(start, end)),
    )
