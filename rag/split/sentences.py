"""Spanish text to sentences.

Two steps. Lines are first joined into blocks (a wrapped paragraph, a list item, a table row), so
that a line end inside a sentence is a space and any other is a boundary. Then each block is cut
where a sentence ends, which in Spanish a full stop alone does not tell: «el Sr. Ruiz», «EE. UU.»,
«p. ej.», «núm. 3».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from rag.schema import LineEnds


class Span(NamedTuple):
    """Half open: ``text[start:end]``."""

    start: int
    end: int


# A line longer than this was not wrapped by an editor: each of its line ends is a paragraph's.
_MAX_WRAP_CHARS: Final = 200

# A sentence of fewer words says nothing without the one after it.
_N_WORDS_ALONE: Final = 3
_MAX_HEAD_CHARS: Final = 80  # looked at to count them: a sentence without end must not cost more

# Space inside a line: tabs and no-break spaces too, which old manuals are indented with.
_LIST_MARKER: Final = re.compile(r"[^\S\n]*(?:[-*+•·▪◦]|\d{1,3}[.)ºª]|[a-zA-Z]\))[^\S\n]+(?=\S)")
_STARTS_BLOCK: Final = re.compile(
    r"[^\S\n]*(?:(?:[-*+•·▪◦]|\d{1,3}[.)ºª]|[a-zA-Z]\)|\#{1,6})[^\S\n]|\||[—–―]"
    # «1.- Ruegos», «PRIMERO.- Que», «Artículo 2. Plazos»: as laws and minutes have them.
    r"|(?:\d{1,3}[ºª]?|[A-ZÁÉÍÓÚÑ]{4,20})\.[-–]|(?:Artículo|ARTÍCULO|Art\.)[^\S\n]\d{1,4}[ºª]?\.[-–º\s]"
    r"|\\(?:begin|end|(?:sub)*section|item|chapter|title)\b)"  # LaTeX
)
_DOUBTFUL_START: Final = re.compile(r"[^\S\n]*(?:\d{1,3}[.)ºª](?![-–.])|[—–―])")
_ENDS_LINE: Final = tuple('.:;!?…»”")]')
# A title, a row of a table, a rule, the frame of a table, «-----Mensaje original-----».
_STANDS_ALONE: Final = re.compile(
    r"[^\S\n]*(?:\#{1,6}[^\S\n]|\||(?:[-*_=][^\S\n]*){3,}$|\+[-=+]{2}|[\u2500-\u257f]|-{4})"
)
# Two lines like this, one below the other, are rows of a table or fields of a form.
_CELLS: Final = re.compile(r"(?<=\S)(?:\t|[^\S\n]{3})")
_FIELD: Final = re.compile(r"[A-ZÁÉÍÓÚÜÑ][^\n:;,.]{0,40}:[^\S\n]+\S")
_QUOTE_BARS: Final = re.compile(r"[^\S\n]*(?:>[^\S\n]?)+")
# «Plazos» over a line of these is a title; what ends as a sentence does is not (rag/load/markdown).
_UNDERLINE: Final = re.compile(r"[^\S\n]*(?:={3,}|-{3,})[^\S\n]*(?:\n|\Z)")
_TITLE_MARK: Final = re.compile(r"\s*\#{1,6}[^\S\n]")
_NO_TITLE_ENDS: Final = tuple(".:;?!…")
# What a sentence may follow without being part of it: quote bars, list marks, title marks.
_LEADING_MARKS: Final = re.compile(r"(?:\s*(?:>|\#{1,6}(?=\s)|[-*+•·▪◦](?=\s)))*\s*")

# The end of a sentence and, in group 1, the space after it; what follows is judged apart.
_CANDIDATE: Final = re.compile(
    r"[.!?…][)\]»”\"’'*_]{0,4}(?:\[(?:nota\s)?\d{1,3}\]){0,8}(\s+)(?=\S)"
)
_OPENERS: Final = "¿¡«“\"'‘([*_—–-"
_LAST_WORD: Final = re.compile(r"[^\W_]+(?:\.[^\W_]+)*\Z")

# Always followed by more of the same sentence.
_ABBREVIATIONS: Final = frozenset(
    """
    sr sra sres sras srta srtas dr dra dres dras d dª dña prof profa lic ing arq gral cnel cap
    capt sgto mons fr sto sta excmo excma ilmo ilma rvdo rvda art arts núm núms nº n.º pág págs
    pp fig figs caps vol vols ed eds trad cf cfr vid ej tel teléf avda av ctra dpto depto apdo
    aprox máx mín vs ud uds vd vds párr párrs secc ss sig sigs tít ee ff rr jj
    """.split()
)
# May close a sentence too: they do when a word that opens sentences follows.
_MAY_CLOSE: Final = frozenset("etc uu aa oo cía inc corp ltd ltda bros".split())
_SENTENCE_OPENERS: Final = frozenset(
    """
    el la los las lo un una unos unas este esta estos estas ese esa esos esas aquel aquella en
    de del al a por para con sin sobre según desde hasta entre tras ante y o pero sino aunque
    porque pues como cuando donde mientras si no sí se su sus mi tu nuestro es son fue era hay
    también además así entonces luego ahora hoy ya después antes más menos muy tan cada todo
    toda todos todas otro otra otros otras qué quién cuál cómo cuándo dónde
    """.split()
)


def sentence_spans(
    text: str, start: int = 0, end: int | None = None, line_ends: LineEnds = "unknown"
) -> list[Span]:
    """Find the sentences of a text.

    Parameters
    ----------
    text
        With lines ended by a line feed.
    start, end
        The part of the text to look at; the whole of it by default.
    line_ends
        What the end of a line is to a sentence.

    Returns
    -------
    list[Span]
        In order, apart from one another, without surrounding space, list mark or title mark.
        Every one holds a letter or a digit.
    """
    return [
        sentence
        for block in block_spans(text, start, len(text) if end is None else end, line_ends)
        for piece in cut_block(text, block)
        if (sentence := _trim(text, piece)) is not None
    ]


def block_spans(text: str, start: int, end: int, line_ends: LineEnds = "unknown") -> list[Span]:
    """Cut a part of a text into blocks that no sentence crosses; together they cover it."""
    blocks: list[Span] = []
    block_start = start
    for paragraph in _paragraphs(text, start, end):
        width = max(line.end - line.start for line in paragraph)
        for line, following in zip(paragraph, [*paragraph[1:], None], strict=True):
            if following is None or _breaks(text, line, following, width, line_ends):
                line_end = min(line.end + 1, end)
                blocks.append(Span(block_start, line_end))
                block_start = line_end
    if block_start < end:
        if blocks:
            blocks[-1] = Span(blocks[-1].start, end)
        else:
            blocks.append(Span(block_start, end))
    return blocks


def cut_block(text: str, block: Span) -> list[Span]:
    """Cut a block after each sentence; together the pieces cover it."""
    if _is_title(text, block):  # «## Artículo 15. Plazos» is one thing
        return [block]
    pieces: list[Span] = []
    piece_start = block.start
    marker = _LIST_MARKER.match(text, block.start, block.end)
    search_from = marker.end() if marker else block.start
    for match in _CANDIDATE.finditer(text, search_from, block.end):
        # «**Glosa.** Nota al margen…», «—No. Nunca.»: some are too little to stand alone.
        head = text[piece_start : min(match.start(), piece_start + _MAX_HEAD_CHARS)]
        is_short = len(head) < _MAX_HEAD_CHARS and len(head.split()) < _N_WORDS_ALONE
        if not is_short and _ends_sentence(text, match.start(), match.end(1)):
            pieces.append(Span(piece_start, match.end(1)))
            piece_start = match.end(1)
    pieces.append(Span(piece_start, block.end))
    return pieces


def _paragraphs(text: str, start: int, end: int) -> Iterator[list[Span]]:
    """Group the lines between blank lines; a line's span leaves out its line end."""
    lines: list[Span] = []
    at = start
    while at < end:
        newline = text.find("\n", at, end)
        line_end = end if newline < 0 else newline
        if text[at:line_end].strip():
            lines.append(Span(at, line_end))
        elif lines:
            yield lines
            lines = []
        at = line_end + 1
    if lines:
        yield lines


def _breaks(text: str, line: Span, following: Span, width: int, line_ends: LineEnds) -> bool:
    """Say whether the end of a line is more than a wrap."""
    if line_ends == "final":
        return True
    if any(_STANDS_ALONE.match(text, each.start, each.end) for each in (line, following)):
        return True
    ended = text[line.start : line.end].rstrip(" \t*_").endswith(_ENDS_LINE)
    bars = [_QUOTE_BARS.match(text, each.start, each.end) for each in (line, following)]
    above, below = (
        text[bar.end() if bar else each.start : each.end].strip()
        for bar, each in zip(bars, (line, following), strict=True)
    )
    if not above or not below or (bars[0] is None and bars[1] is not None):
        return True  # a blank line of a quote; the beginning of one
    if bars[1] is None and bars[0] is not None and ended:  # an answer under it
        return True
    if _CELLS.search(above) and _CELLS.search(below):
        return True
    if _FIELD.match(above) and _FIELD.match(below):
        return True
    # An editor wraps a line when the next word does not fit. If it did fit, the writer ended it.
    first_word = below.split(maxsplit=1)[0]
    is_full = line_ends == "wraps" or (line.end - line.start) + 1 + len(first_word) > width
    if _STARTS_BLOCK.match(text, following.start, following.end):
        # «… a las\n12. Después …», «… vino\n— como siempre — tarde»: a wrap may fall on a mark.
        is_doubtful = _DOUBTFUL_START.match(text, following.start, following.end) is not None
        return not (is_doubtful and is_full) or ended
    if width > _MAX_WRAP_CHARS and line_ends == "unknown":
        return True
    return not (is_full or first_word[0].islower())


def _is_title(text: str, block: Span) -> bool:
    """Say whether a block is a title as Markdown writes it."""
    if _TITLE_MARK.match(text, block.start, block.end):
        return True
    if not _UNDERLINE.match(text, block.end):
        return False
    line = text[block.start : block.end].strip()
    return not ("\n" in line or line.endswith(_NO_TITLE_ENDS) or _STARTS_BLOCK.match(line))


def _ends_sentence(text: str, mark: int, after: int) -> bool:
    """Say whether the punctuation at ``mark`` closes a sentence, given what stands at ``after``."""
    opener_end = after
    while opener_end < len(text) and text[opener_end] in _OPENERS:
        opener_end += 1
    opened = text[after:opener_end]
    first = text[opener_end : opener_end + 1]
    if not (first.isupper() or first.isdigit() or any(sign in "¿¡«“" for sign in opened)):
        return False
    if text[mark] != ".":
        return True
    before = _LAST_WORD.search(text, max(0, mark - 24), mark)
    word = before.group().casefold() if before else ""
    if word in _ABBREVIATIONS:
        return False
    # «J. Pérez», «S. A.», «a. C.»: one letter is an initial unless a new sentence plainly opens.
    if word in _MAY_CLOSE or (len(word) == 1 and word.isalpha()):
        next_word = re.compile(r"\w+").match(text, opener_end)
        return bool(opened) or (
            next_word is not None and next_word.group().casefold() in _SENTENCE_OPENERS
        )
    return True


def _trim(text: str, piece: Span) -> Span | None:
    """Leave out the space and the marks around a sentence; None if no word is left."""
    leading = _LEADING_MARKS.match(text, piece.start, piece.end)
    start = leading.end() if leading else piece.start
    numbered = _LIST_MARKER.match(text, start, piece.end)
    is_marked = _TITLE_MARK.match(text, piece.start, piece.end) is not None
    if numbered and text[start].isdigit() and not is_marked:  # «## 3. Plazos» keeps its number
        start = numbered.end()
    end = start + len(text[start : piece.end].rstrip())
    if not any(character.isalnum() for character in text[start:end]):
        return None
    return Span(start, end)
