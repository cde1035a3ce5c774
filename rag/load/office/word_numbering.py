"""The numbers that Word puts before paragraphs by itself: «1.2», «Artículo 3.», «b)»."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rag.load.office.tree import attribute, child, children, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

BULLET: Final = "–"
_N_LEVELS: Final = 9
_MAX_LABEL_CHARS: Final = 60
_MAX_NUMBER: Final = 10**6
_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_ORDINALS: Final = tuple(
    """
    Primero Segundo Tercero Cuarto Quinto Sexto Séptimo Octavo Noveno Décimo Undécimo Duodécimo
    """.split()
)


@dataclass(frozen=True, slots=True)
class _Level:
    """How the paragraphs of a level are numbered."""

    start: int
    kind: str  # as Word calls it: «decimal», «upperRoman», «bullet»…
    text: str  # «%1.%2» stands for the numbers of two levels
    style_id: str  # of the paragraphs that are at this level


@dataclass(slots=True)
class Numbering:
    """The lists of a document, and how far each has got."""

    _lists: dict[str, tuple[str, dict[int, int]]]  # by number: its scheme; where levels start anew
    _schemes: dict[str, dict[int, _Level]]
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(cls, root: _Element | None) -> Numbering:
        """Take the lists from the part that has them; None where there is none."""
        schemes: dict[str, dict[int, _Level]] = {}
        lists: dict[str, tuple[str, dict[int, int]]] = {}
        for each in () if root is None else root:
            if local_name(each) == "abstractNum":
                parts = _named(each, "lvl")[:_N_LEVELS]
                levels = {_number(part, "ilvl"): _level(part) for part in parts}
                schemes[attribute(each, "abstractNumId")] = levels
            elif local_name(each) == "num":
                anew = {
                    _number(part, "ilvl"): _number(start, "val")
                    for part in _named(each, "lvlOverride")
                    if (start := child(part, "startOverride")) is not None
                }
                scheme = attribute(child(each, "abstractNumId"), "val")
                lists[attribute(each, "numId")] = scheme, anew
        return cls(lists, schemes)

    def label(self, list_id: str, level: int | None, style_id: str) -> str:
        """Return what stands before the next paragraph of a list; a dash, if it has no number.

        Parameters
        ----------
        level
            From 0; None where only its style tells.
        """
        scheme_id, anew = self._lists.get(list_id, ("", {}))
        levels = self._schemes.get(scheme_id, {})
        if level is None:
            by_style = (at for at, each in levels.items() if style_id and each.style_id == style_id)
            level = next(by_style, 0)
        how = levels.get(level)
        if how is None or level >= _N_LEVELS:
            return BULLET
        counts = self._counts.setdefault(scheme_id, [None] * _N_LEVELS)
        if level in anew and (list_id, level) not in self._begun:
            counts[level] = None
        before = counts[level]
        first = anew.get(level, how.start)
        counts[level] = first if before is None else min(before + 1, _MAX_NUMBER)
        counts[level + 1 :] = [None] * (_N_LEVELS - level - 1)
        self._begun.add((list_id, level))
        if how.kind in {"bullet", "none"}:
            return BULLET if how.kind == "bullet" else ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            each = levels.get(at, how)
            return _written(counts[at] if counts[at] is not None else each.start, each.kind)

        return _PLACE.sub(shown, how.text)[:_MAX_LABEL_CHARS].strip()


def _named(element: _Element, name: str) -> list[_Element]:
    return [each for each in element if local_name(each) == name]


def _number(element: _Element | None, name: str, default: int = 0) -> int:
    said = attribute(element, name)
    return min(int(said), _MAX_NUMBER) if said.isdecimal() and len(said) < 10 else default


def _level(element: _Element) -> _Level:
    said = {local_name(each): attribute(each, "val") for each in children(element)}
    return _Level(
        _number(child(element, "start"), "val", 1),
        said.get("numFmt", "decimal"),
        said.get("lvlText", "")[:_MAX_LABEL_CHARS],
        said.get("pStyle", ""),
    )


def _written(number: int | None, kind: str) -> str:
    """Return a number as a list shows it; in figures, where it does in a way that is rare."""
    number = number or 0
    if kind in {"upperRoman", "lowerRoman"} and 0 < number < 4000:
        found = ""
        for value, signs in _ROMAN:
            found += signs * (number // value)
            number %= value
        return found if kind == "upperRoman" else found.lower()
    if kind in {"upperLetter", "lowerLetter"} and 0 < number <= 26 * 3:
        letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if kind == "upperLetter" else letter.lower()
    if kind == "ordinalText" and 0 < number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    if kind == "decimalZero":
        return f"{number:02}"
    return f"{number}.º" if kind in {"ordinal", "ordinalText"} else str(number)
