"""How Spanish a decoding of some bytes looks: each sign judged by the two beside it."""

from __future__ import annotations

import re
from typing import Final

_LOWER: Final = frozenset("áéíóúñü")
_UPPER: Final = frozenset("ÁÉÍÓÚÑÜ")
_NEIGHBOURS: Final = frozenset("àèìòùâêîôûäëïöçãõåæøßœýÀÈÌÒÙÂÊÎÔÛÄËÏÖÇÃÕÅÆØŒÝ")  # other languages'
_OPENS: Final = frozenset("«“‘")
_CLOSES: Final = frozenset("»”’")
_MEASURES: Final = frozenset("€£%‰±×÷¼½¾²³°§©®™µ")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")

_SURE, _LIKELY, _ODD, _WRONG, _UNREADABLE = 3, 1, -1, -3, -4


def worth(text: str) -> int:
    """Return how much the signs beyond ASCII make Spanish of a text; below 0: they spoil it."""
    padded = f" {text} "
    found = sum(
        judge(padded[at - 1], padded[at], padded[at + 1])
        for at in (match.start() for match in _FOREIGN.finditer(padded))
    )
    # «un ¡ndice», where nothing is exclaimed: one byte is «¡» to cp1252 and «í» to cp850.
    return found - _LIKELY * 2 * max(0, text.count("¡") - text.count("!"))


def judge(before: str, sign: str, after: str) -> int:
    """Return how well one sign goes between two others, from -4 to 3."""
    if sign in _LOWER or sign in _UPPER or sign in _NEIGHBOURS:
        return _letter(before, sign, after)
    if sign in "¿¡":
        return _SURE if not before.isalnum() and not after.isspace() else _WRONG
    if sign in _OPENS:
        return 2 if not before.isalnum() and not after.isspace() else _WRONG
    if sign in _CLOSES:
        if before.isalpha() and after.isalpha():  # «l’Hospitalet»
            return _ODD
        return 2 if not before.isspace() else _WRONG
    return _other(before, sign, after)


def _letter(before: str, sign: str, after: str) -> int:
    if sign == before == after:  # «ÄÄÄÄ» was a line drawn across
        return _WRONG
    if sign.isupper():
        if before.islower() or (before.isupper() and after.islower()):
            return _WRONG
    elif after.isupper():
        return _WRONG
    if not before.isalpha() and not after.isalpha():
        return 0
    return _LIKELY if sign in _NEIGHBOURS else _SURE


def _other(before: str, sign: str, after: str) -> int:
    """Judge what is neither a Spanish letter nor a sign that opens or closes."""
    is_inside = before.isalpha() and after.isalpha()
    if sign == "\N{REPLACEMENT CHARACTER}" or "\x80" <= sign <= "\x9f":
        return _UNREADABLE
    if sign in "\N{NO-BREAK SPACE}\N{SOFT HYPHEN}":
        return 0 if is_inside == (sign == "\N{SOFT HYPHEN}") else _WRONG
    if sign in "ºª":
        return 2 if before.isdigit() or before == "." else _ODD
    if sign in "–—…":
        return _ODD if is_inside else _LIKELY
    if _is_drawn(sign):
        return _drawn(before, after)
    if sign in "·•":
        return _LIKELY if (before, after) == ("l", "l") or before.isspace() else _WRONG
    if is_inside:
        return _WRONG
    if sign in "™®" and before.isalnum():
        return _LIKELY
    if sign in _MEASURES and (before.isdigit() or before.isspace()):
        return _LIKELY if before.isdigit() or sign == "€" else 0
    return _ODD


def _is_drawn(sign: str) -> bool:
    return "\N{BOX DRAWINGS LIGHT HORIZONTAL}" <= sign <= "\N{BLACK SQUARE}"


def _drawn(before: str, after: str) -> int:
    if before.isalpha() or after.isalpha():
        return _WRONG
    return 2 if _is_drawn(before) or _is_drawn(after) else _ODD
