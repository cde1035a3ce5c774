"""A page to its blocks, in the order they are read, without what no reader of it sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from rag.load.html.block import BREAK, Block, Line, Piece, Region, parts
from rag.load.html.elements import (
    BLOCKS,
    ENDED_BY,
    HEADINGS,
    SPACED,
    UNSEEN,
    VOID,
    is_hidden,
    region_in,
)
from rag.load.html.table import Table
from rag.load.html.tokens import Attribute, Closing, Opening, Text, attributes, decoded, tokens

_MAX_ALT_CHARS: Final = 300  # longer, it is data
_FILE_NAME: Final = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|bmp|avif|ico)", re.IGNORECASE)
_RAISED: Final = re.compile(r"\s*[+−-]?\d+\s*")
_SUPERSCRIPT: Final = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
# Two lines that a <br> parts are wrapped prose, unless they are as short as those of a list; so
# are more, if one begins as the middle of a sentence does.
_MAX_SHORT_CHARS: Final = 60
_N_SHORT_LINES: Final = 2
_GOES_ON: Final = re.compile(r"[^\W\d_]+[,;:.)]?(?:\s|$)")  # neither «info@…» nor «c/ Mayor»


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes
    ----------
    title
        As the window shows it; may be empty.
    blocks
        In order, menus and all.
    """

    title: str
    blocks: tuple[Block, ...]


class _State(NamedTuple):
    """What the elements around a text say of it."""

    region: Region = "body"
    is_hidden: bool = False
    is_link: bool = False
    is_code: bool = False
    is_raised: bool = False
    level: int | None = None


class _Open:
    """A block that has not ended, and what has begun in it that is no block."""

    __slots__ = ("_begun", "_n_begun", "before", "n_between", "name")

    def __init__(self, name: str, before: _State) -> None:
        self.name = name
        self.before = before
        self.n_between = 0  # begun in it, and in the way of what would end it
        self._begun: list[tuple[str, _State]] = []
        self._n_begun: dict[str, int] = {}

    def begin(self, name: str, before: _State) -> None:
        """Begin an element in it that makes no block: because of what it is, or as none sees it."""
        self._begun.append((name, before))
        self._n_begun[name] = self._n_begun.get(name, 0) + 1
        self.n_between += name in BLOCKS or name in UNSEEN

    def end(self, name: str) -> _State | None:
        """End such an element, and those that have begun in it; return the state before it."""
        if not self._n_begun.get(name):
            return None
        while True:
            ended, before = self._begun.pop()
            self._n_begun[ended] -= 1
            self.n_between -= ended in BLOCKS or ended in UNSEEN
            if ended == name:
                return before


def read_page(text: str) -> Page:
    """Read HTML or XHTML.

    Any text is a page; the time is linear in its length, and nothing is nested too deep.
    """
    reader = _Reader(text)
    found = tuple(reader.blocks())
    return Page(" ".join("".join(reader.title).split()), found)


class _Reader:
    """Follows the tags of a page; an end that was left out is where browsers see it."""

    def __init__(self, text: str) -> None:
        self.title: list[str] = []
        self._text = text
        self._at = 0  # up to where lines were counted
        self._number = 1
        self._state = _State()
        self._open = [_Open("", self._state)]
        self._n_open: dict[str, int] = {}
        self._ready: list[Block] = []
        self._table: Table | None = None
        self._table_depth = 0  # how many blocks are open around it
        self._pieces: list[Piece] = []
        self._n_link_chars = 0
        self._has_words = False  # of its own, beside those of its images
        self._region: Region = "body"
        self._is_item = False  # whether the next block opens an item of a list

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks."""
        for token in tokens(self._text):
            self._number += self._text.count("\n", self._at, token.start)
            self._at = token.start
            if isinstance(token, Text):
                self._read(token)
            elif isinstance(token, Closing):
                self._close(token.name)
            else:
                self._begin(token)
            if self._ready:
                yield from self._ready
                self._ready = []
        self._close_down_to(1)
        self._flush()
        yield from self._ready

    def _read(self, token: Text) -> None:
        text = self._text[token.start : token.end]
        if self._state.is_hidden:
            if self._open[-1].name == "title" and not self._open[-1].before.is_hidden:
                self.title.append(decoded(text))
            return
        for at, line in enumerate(text.split("\n")):
            if at and self._state.is_code:
                self._put(self._number + at, BREAK)
            elif at:
                self._space()
            if line:
                self._add(self._number + at, line if token.is_raw else decoded(line))

    def _add(self, number: int, text: str) -> None:
        """Add to the block some text of one line of the file."""
        state = self._state
        text = text.replace("\u200b", "")  # where a word may break: after each note of Wikipedia's
        if not text:
            return
        is_in_brackets = bool(self._pieces) and self._pieces[-1].text.endswith("[")
        if self._pieces and not is_in_brackets and state.is_raised and _RAISED.fullmatch(text):
            # A note's mark or a power: neither «casa» with a 1 is «casa1», nor 10 with a 6 is 106.
            text = f"[{text.strip()}]" if state.is_link else text.translate(_SUPERSCRIPT)
        if not text.isspace():
            self._has_words = True
            if state.is_link:
                self._n_link_chars += sum(map(len, text.split()))
        elif not self._pieces and not state.is_code:
            return
        self._put(number, text.replace("\n", " "))

    def _space(self) -> None:
        """Put an end to a word."""
        if self._pieces:
            self._pieces.append(Piece(self._pieces[-1].number, " "))

    def _put(self, number: int, text: str) -> None:
        if not self._pieces:
            self._region = self._state.region
        self._pieces.append(Piece(number, text))

    def _begin(self, tag: Opening) -> None:
        name = tag.name
        has_attributes = tag.attributes_end > tag.attributes_start
        found = attributes(self._text, tag) if has_attributes else {}
        if name in VOID:
            if not self._state.is_hidden:
                self._void(name, found)
            return
        is_block = name in BLOCKS
        if is_block and not self._open[-1].n_between:
            self._imply_ends(name)
        before = self._state
        if is_block and not before.is_hidden:
            self._flush()
            self._open.append(_Open(name, before))
            self._n_open[name] = self._n_open.get(name, 0) + 1
        else:
            if name == "a":  # none is in another: the end of that one was left out
                before = self._open[-1].end(name) or before
            self._open[-1].begin(name, before)
        if not before.is_hidden:
            self._state = _inside(before, name, found)
            if name in SPACED:
                self._space()
            self._begin_structure(name, found)
        if tag.is_closed:
            self._close(name)

    def _void(self, name: str, found: Mapping[str, Attribute]) -> None:
        """Read an element that has nothing in it."""
        if name == "br":
            is_second = self._pieces and self._pieces[-1].text == BREAK
            if is_second and not self._state.is_code:
                self._flush()
            elif self._pieces:
                self._put(self._number, BREAK)
        elif name == "hr":
            self._flush()
        elif name == "img" and "alt" in found and not is_hidden(name, found):
            start, text = found["alt"]
            if len(text) <= _MAX_ALT_CHARS and not _FILE_NAME.fullmatch(text.strip()):
                number = self._number + self._text.count("\n", self._at, start)
                self._put(number, f" {' '.join(text.split())} ")
                if self._state.is_link:
                    self._n_link_chars += sum(map(len, text.split()))

    def _begin_structure(self, name: str, found: Mapping[str, Attribute]) -> None:
        """Begin what is more than a block: an item, a table, its rows and cells."""
        if name == "li":
            self._is_item = True
        elif name == "table":
            self._end_table(is_plain=True)
            is_layout = "role" in found and found["role"].value in ("presentation", "none")
            self._table = None if is_layout else Table()
            self._table_depth = len(self._open)
        elif self._table is not None and name == "tr":
            self._table.open_row()
        elif self._table is not None and name in ("td", "th"):
            spans = [found[each].value if each in found else "" for each in ("colspan", "rowspan")]
            self._table.open_cell(*spans, is_name=name == "th")

    def _imply_ends(self, name: str) -> None:
        """End the blocks that have no end tag and that this one cannot be in."""
        while self._open[-1].name in ENDED_BY and name in ENDED_BY[self._open[-1].name]:
            self._close_down_to(len(self._open) - 1)

    def _close(self, name: str) -> None:
        before = self._open[-1].end(name)
        if before is not None:
            self._state = before
            if name in SPACED:
                self._space()
        elif self._n_open.get(name):
            depth = len(self._open) - 1
            while self._open[depth].name != name:
                depth -= 1
            self._close_down_to(depth)
        elif name in BLOCKS and not self._state.is_hidden:
            self._flush()

    def _close_down_to(self, depth: int) -> None:
        """End the blocks that are open until so many are left."""
        while len(self._open) > depth:
            self._flush()
            closed = self._open.pop()
            self._n_open[closed.name] -= 1
            self._state = closed.before
            if closed.name == "li":
                self._is_item = False
            if self._table is not None:
                if len(self._open) < self._table_depth:
                    self._end_table(is_plain=False)
                elif closed.name in ("td", "th"):
                    self._table.close_cell()

    def _end_table(self, *, is_plain: bool) -> None:
        if self._table is not None:
            self._ready.extend(self._table.plain() if is_plain else self._table.blocks())
            self._table = None

    def _flush(self) -> None:
        """End the block that is being read."""
        pieces, state = self._pieces, self._state
        n_link_chars, has_words = self._n_link_chars, self._has_words
        self._pieces, self._n_link_chars, self._has_words = [], 0, False
        found = parts(pieces, is_code=state.is_code) if pieces else ()
        texts = [" ".join(line.text for line in part) for part in found]
        if not any(map(str.isalnum, "".join(texts))):
            return
        if not has_words and len(texts[0].split()) == 1:  # an icon
            return
        if state.level is not None:
            found = ((Line(found[0][0].number, " ".join(texts)),),)
        elif self._is_item:
            (number, text), *others = found[0]
            found = ((Line(number, f"- {text.lstrip()}"), *others), *found[1:])
            self._is_item = False
        are_apart = state.is_code or _is_list(texts)
        block = Block(found, self._region, are_apart, state.level, n_link_chars)
        if self._table is None:
            self._ready.append(block)
        else:
            self._table.add(block)


def _inside(state: _State, name: str, found: Mapping[str, Attribute]) -> _State:
    """Return the state inside an element that begins in another."""
    if is_hidden(name, found):
        return state._replace(is_hidden=True)
    region = region_in(name, found, state.region)
    if region != state.region:
        state = state._replace(region=region)
    if name in HEADINGS:
        return state._replace(level=HEADINGS[name])
    if name == "pre" or name == "listing":
        return state._replace(is_code=True)
    if name == "button" or (name == "a" and "href" in found):
        return state._replace(is_link=True)
    if name == "sup":
        return state._replace(is_raised=True)
    return state


def _is_list(texts: list[str]) -> bool:
    """Say whether lines stand each by itself: a list or an address, not a paragraph."""
    if len(texts) <= _N_SHORT_LINES and max(map(len, texts)) > _MAX_SHORT_CHARS:
        return False
    return not any(text[0].islower() and _GOES_ON.match(text) for text in texts[1:])
