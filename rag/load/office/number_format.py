"""How Excel shows a number: as a date, a percentage, an amount of money… or as it is."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rag.load.office.sheet import (
    date_text,
    elapsed_text,
    number_text,
    percentage_text,
    time_text,
)
from rag.load.office.tree import attribute, children

if TYPE_CHECKING:
    from lxml.etree import _Element

Kind = Literal["number", "percentage", "date", "time", "elapsed"]

# The formats that Excel knows by their number alone.
_BUILT_IN: Final[dict[int, Kind]] = {
    **dict.fromkeys((9, 10), "percentage"),
    **dict.fromkeys((*range(14, 18), 22, *range(27, 37), *range(50, 59)), "date"),
    **dict.fromkeys((*range(18, 22), 45, 47), "time"),
    46: "elapsed",
}
# What is no code of a format: a text in quotes, a character as it is, a space's width, a colour.
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED: Final = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_MONEY: Final = re.compile(r"[€$£¥](?!-)")
_MAX_DAYS: Final = 2_958_466  # the first of January of 10000


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format.

    Attributes
    ----------
    unit
        The sign of a currency; may be empty.
    """

    kind: Kind = "number"
    unit: str = ""

    def text(self, value: float, *, is_1904: bool = False) -> str:
        """Return a number as a person reads it.

        Parameters
        ----------
        value
            Of a date, days since the end of 1899.
        is_1904
            Whether days are counted from the first of January of 1904 instead.
        """
        if self.kind == "percentage":
            return percentage_text(value)
        if self.kind == "elapsed":
            return elapsed_text(dt.timedelta(days=value)) if abs(value) < _MAX_DAYS else ""
        if self.kind in {"date", "time"} and 0 <= value < _MAX_DAYS - 1462:
            return self._moment(value, is_1904=is_1904)
        return f"{number_text(value)} {self.unit}".rstrip()

    def _moment(self, value: float, *, is_1904: bool) -> str:
        start = dt.datetime(1904, 1, 1) if is_1904 else dt.datetime(1899, 12, 30)
        if not is_1904 and value < 60:  # Excel has a 29 February 1900
            start += dt.timedelta(days=1)
        moment = start + dt.timedelta(seconds=round(value * 86_400))
        is_time = self.kind == "time" and value < 1
        return time_text(moment.time()) if is_time else date_text(moment)


def formats(styles: _Element | None) -> list[NumberFormat]:
    """Return the format of each style of a cell, by its number."""
    codes = {
        attribute(each, "numFmtId"): attribute(each, "formatCode")
        for each in children(styles, "numFmts")
    }
    known: dict[str, NumberFormat] = {}
    found = []
    for style in children(styles, "cellXfs"):
        number = attribute(style, "numFmtId")
        if number not in known:
            known[number] = _format(number, codes.get(number))
        found.append(known[number])
    return found


def _format(number: str, code: str | None) -> NumberFormat:
    if code is None:
        short = number.isdecimal() and len(number) < 4
        return NumberFormat(_BUILT_IN.get(int(number), "number") if short else "number")
    code = code[:255].partition(";")[0]  # what follows is for numbers below zero
    money = _MONEY.search(code)
    shown = _LITERAL.sub("", code).lower()
    if "%" in shown:
        return NumberFormat("percentage")
    if _ELAPSED.search(shown):
        return NumberFormat("elapsed")
    if shown != "general":
        if any(letter in shown for letter in "yd") or ("m" in shown and not set("hs") & set(shown)):
            return NumberFormat("date")
        if any(letter in shown for letter in "hs"):
            return NumberFormat("time")
    return NumberFormat("number", money[0] if money else "")
