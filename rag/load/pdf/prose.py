"""Lines to prose: words cut at line ends made whole, and where paragraphs end."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rag.load.pdf.lines import Line

_INDENT: Final = 0.8  # of the size of the letters
_SHORT: Final = 3.0  # of the size of the letters, from the right edge of the text
_MORE_LEADING: Final = 1.25  # times the usual distance between lines
_PUSHED: Final = 2.2  # times the usual distance, at most, inside a sentence
_OTHER_SIZE: Final = 1.2  # times the size of the line before
_LETTER: Final = 0.5  # the width of most, of their size
_ROOM: Final = 1.5  # of the size of the letters, that a word is sure to have fitted with
_NARROW: Final = 0.6  # of the width of the text: no paragraph is set so narrow
_USUAL: Final = 0.25  # the quantile of the distances that is taken for usual

_ENDS: Final = tuple(".:;!?…»”)]")
_LIST_MARK: Final = re.compile(r"(?:[-*+•·▪◦●○■–]|\d{1,3}[.)]|[a-zA-Z][.)])\s")

# PDFium says U+0002 or U+FFFE for a hyphen that it takes for a word's cut.
_HYPHENS: Final = "-\u00ad\u2010\u0002\ufffe"
_SIGNS: Final = {0x02: "-", 0xFFFE: "-", 0x2010: "-", 0xAD: None}
_CUT: Final = re.compile(rf"(\w+(?:-\w+)*)([{_HYPHENS}])$")
_MAX_WORD: Final = 80  # characters; a cut is looked for in as many at the end of a line
_REST: Final = re.compile(r"(\w+)(\S*)\s*")
_WORD: Final = re.compile(r"\w+(?:-\w+)*")


def usual_leading(lines: Iterable[Line]) -> dict[int, float]:
    """Return the distance between the lines of a paragraph, by the size of the letters.

    Parameters
    ----------
    lines
        In reading order.

    Returns
    -------
    dict[int, float]
        In points, by whole points.
    """
    seen: dict[int, list[float]] = defaultdict(list)
    before: Line | None = None
    for line in lines:
        if before is not None and round(before.size) == round(line.size) and not line.opens:
            distance = before.base - line.base
            if 0.9 * line.size <= distance <= 2.5 * line.size:
                seen[round(line.size)].append(distance)
        before = line
    return {
        size: sorted(distances)[int(len(distances) * _USUAL)] for size, distances in seen.items()
    }


def is_boundary(before: Line, line: Line, leading: dict[int, float]) -> bool:
    """Say whether a paragraph ends between two lines of a page."""
    if line.opens == "block":
        return not _is_same_cell(before, line)
    if before.is_cell and line.is_cell and not line.opens:
        return False
    larger = max(before.size, line.size)
    if larger > _OTHER_SIZE * min(before.size, line.size):
        return True
    if line.opens == "column" or line.base > before.base:
        return not goes_on(before, line)
    usual = leading.get(round(line.size), 1.2 * line.size)
    distance = before.base - line.base
    if distance > max(_MORE_LEADING * usual, usual + 0.2 * line.size):
        # A sign in the line may have pushed it down: the sentence says whether it goes on.
        is_pushed = distance < _PUSHED * usual and line.text[:1].islower()
        return not is_pushed or _has_ended(before)
    if before.is_cell:
        return not _is_same_cell(before, line)
    if _is_left_short(before, line):
        return True
    is_indented = line.left > before.left + _INDENT * line.size
    return is_indented and not _LIST_MARK.match(before.text) and _has_ended(before)


def goes_on(before: Line, line: Line) -> bool:
    """Say whether a paragraph goes on from the end of a page, or of a column, to the next."""
    if max(before.size, line.size) > _OTHER_SIZE * min(before.size, line.size):
        return False
    if _LIST_MARK.match(line.text):
        return False
    if line.text[:1].islower() or _cut(before.text):
        return True
    return not (_is_short(before) or before.text.rstrip().endswith(_ENDS))


def _is_same_cell(before: Line, line: Line) -> bool:
    """Say whether a line goes on where the last cell of the row above it stands alone."""
    is_under = abs(before.last_left - line.left) < _INDENT / 2 * line.size
    return before.is_cell and not line.is_cell and is_under


def _is_left_short(before: Line, line: Line) -> bool:
    """Say whether a line ends though the first word of the next one had room on it.

    So do titles («Artículo 2. Tasas»), addresses and the fields of a form.
    """
    if line.text[:1].islower() or _cut(before.text) or before.text.endswith((",", ";")):
        return False
    word = line.text.split(maxsplit=1)[0] if line.text.strip() else ""
    end = before.right + (_LETTER * (len(word) + 1) + _ROOM) * line.size
    left, right = line.column
    return end < line.right or (end < right and before.right - left < _NARROW * (right - left))


def _has_ended(line: Line) -> bool:
    is_short = _is_short(line) and not _cut(line.text)
    return is_short or line.text.rstrip().endswith(_ENDS)


def _is_short(line: Line) -> bool:
    return line.right < line.column[1] - _SHORT * line.size


def whole_words(texts: Sequence[str], goes_on: Sequence[bool]) -> Iterator[str]:
    """Yield the lines with each word that a line end cuts whole on the line where it begins.

    A hyphen of the word's own stays: where the document says it elsewhere («franco-prusiana»),
    after another («vis-à-vis»), and before a capital or a digit.

    Parameters
    ----------
    goes_on
        Of each line, whether the next one is of the same paragraph; as many as lines.
    """
    cuts = [bool(on and _cut(text)) for text, on in zip(texts, goes_on, strict=True)]
    known = _words(texts, cuts) if any(cuts) else frozenset()
    taken = 0  # characters of the line that the one before it has taken
    for at, text in enumerate(texts):
        line, taken = text[taken:], 0
        match = _cut(line) if cuts[at] and at + 1 < len(texts) else None
        rest = _REST.match(texts[at + 1]) if match else None
        if match and rest:
            joined = _join(match.group(1), match.group(2), rest.group(1), known)
            line = line.removesuffix(match.group()) + joined + rest.group(2)
            taken = rest.end()
        yield line.translate(_SIGNS)


def _cut(text: str) -> re.Match[str] | None:
    """Find the word that the end of a line cuts, with its hyphen."""
    return _CUT.search(text[-_MAX_WORD:]) if text.endswith(tuple(_HYPHENS)) else None


def _words(texts: Sequence[str], cuts: Sequence[bool]) -> frozenset[str]:
    """Return the words that stand whole on a line."""
    words: set[str] = set()
    is_cut_before = False
    for text, is_cut in zip(texts, cuts, strict=True):
        found = _WORD.findall(text.casefold())
        words.update(found[int(is_cut_before) : len(found) - int(is_cut)])
        is_cut_before = is_cut
    return frozenset(words)


def _join(head: str, hyphen: str, rest: str, known: frozenset[str]) -> str:
    whole, with_hyphen = head + rest, f"{head}-{rest}"
    if hyphen == "\u00ad" or not rest[0].islower():
        return whole if rest[0].islower() else with_hyphen
    is_known = whole.casefold() in known
    is_own = "-" in head or with_hyphen.casefold() in known
    return with_hyphen if is_own and not is_known else whole
