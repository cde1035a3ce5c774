"""Quantities: the numbers, dates and amounts that a text says, however it writes them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from rag.lexical.analysis import fold


class Quantity(NamedTuple):
    """A number or a date.

    Attributes
    ----------
    values
        How it may be read, in plain form: «10.000» is ``10000``, «3 de marzo de 2024» is
        ``2024-03-03``, «16 de febrero» is ``--02-16``, «marzo» is ``--03``. A date that is known
        in full may be read as any part of it.
    unit
        What it measures (``%``, ``año``, ``euro`` …); empty where it is none of the usual.
    written
        As the text has it.
    start, end
        Where it stands in the text.
    """

    values: frozenset[str]
    unit: str
    written: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The fullest way to read it."""
        return max(self.values, key=len)

    def is_said_by(self, other: Quantity) -> bool:
        """Say whether another quantity says this one: the same number, of no other thing."""
        if self.unit == "siglo" and not other.unit:
            return any(
                len(value) == 4 and value.isdigit() and str((int(value) + 99) // 100) in self.values
                for value in other.values
            )
        same = (
            bool(self.values & other.values)
            if "-" not in self.value
            else (self.value in other.values)
        )
        return same and (not (self.unit and other.unit) or self.unit == other.unit)


_MONTHS: Final = """
    enero febrero marzo abril mayo junio julio agosto se(?:p)?tiembre octubre noviembre diciembre
    """.split()
_ENGLISH_MONTHS: Final = """
    january february march april may june july august september october november december
    """.split()
_SMALL: Final = """
    cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
    dieciseis diecisiete dieciocho diecinueve veinte veintiun veintidos veintitres veinticuatro
    veinticinco veintiseis veintisiete veintiocho veintinueve
    """.split()
_WORDS: Final[dict[str, int]] = {
    **{word: number for number, word in enumerate(_SMALL) if word != "un"},
    **{
        word: 10 * number
        for number, word in enumerate(
            "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(), start=3
        )
    },
    **{
        word: 100 * number
        for number, word in enumerate(
            """
            cien doscient trescient cuatrocient quinient seiscient setecient ochocient novecient
            """.split(),
            start=1,
        )
    },
    "ciento": 100, "docena": 12, "decena": 10, "centenar": 100,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
}  # fmt: skip
_SCALES: Final = {
    "mil": 10**3, "thousand": 10**3, "millon": 10**6, "millones": 10**6, "million": 10**6,
    "millions": 10**6, "billon": 10**12, "billones": 10**12, "millardo": 10**9,
    "millardos": 10**9, "billion": 10**9,
}  # fmt: skip
# What measures, by the beginning of its word. Two of different names are never the same amount.
_UNITS: Final = {
    unit: re.compile(rf"(?:{beginnings})\b")
    for unit, beginnings in {
        "%": r"%|por\s?ciento|percent|puntos? porcentual(?:es)?",
        "siglo": r"siglos?|centur(?:y|ies)",
        "año": r"anos?|años?|years?", "mes": r"mes(?:es)?|months?", "semana": r"semanas?|weeks?",
        "dia": r"dias?|days?|diari[oa]s?", "hora": r"horas?|h|hours?",
        "minuto": r"minutos?|min|minutes?", "segundo": r"segundos?|s|seconds?",
        "euro": r"€|eur|euros?", "dolar": r"\$|usd|dolar(?:es)?|dollars?", "libra": r"libras?|£",
        "bit": r"bits?", "byte": r"bytes?",
        "centimo": r"centimos?|cents?", "decada": r"decadas?|decades?",
        "lustro": r"lustros?", "docena": r"docenas?", "‰": r"‰|por\s?mil",
        "kib": r"kib|kb", "mib": r"mib|mb|megas?", "gib": r"gib|gb|gigas?", "tib": r"tib|tb",
        "w": r"w|vatios?|watts?", "kw": r"kw|kilovatios?", "mw": r"mw|megavatios?",
        "gw": r"gw|gigavatios?", "kwh": r"kwh", "mwh": r"mwh", "gwh": r"gwh",
        "hz": r"hz|hercios?", "khz": r"khz", "mhz": r"mhz", "ghz": r"ghz", "v": r"voltios?",
        "a": r"amperios?", "km": r"km|kilometros?", "milla": r"millas?", "ha": r"ha|hectareas?",
        "m": r"m|metros?|meters?|metres?", "cm": r"cm|centimetros?", "mm": r"mm|milimetros?",
        "m2": r"m2|m²", "m3": r"m3|m³", "kg": r"kg|kilos?|kilogramos?", "g": r"g|gramos?",
        "mg": r"mg|miligramos?", "ug": r"[uµμ]g|mcg|microgramos?", "t": r"toneladas?",
        "ms": r"ms|milisegundos?", "l": r"l|litros?", "hl": r"hl|hectolitros?",
        "cl": r"cl|centilitros?", "ml": r"ml|mililitros?", "º": r"º|°|grados?", "vez": r"veces",
    }.items()
}  # fmt: skip
_UNIT_ENDS: Final = {"%", "€", "$", "º", "°", "£", "‰", "k€"}

_MONTH: Final = "|".join((*_MONTHS, *_ENGLISH_MONTHS))
_QUANTITY: Final = re.compile(
    rf"""
    \b(?P<day>\d{{1,2}}|primero)(?:\.?[ºª])?\s+de\s+(?P<month>{_MONTH})
      (?:\s+del?\s+(?P<year>\d{{4}}))?\b
    | \b(?P<month_>{_MONTH})(?:\s+del?(?:\s+ano)?|,)?\s+(?P<year_>\d{{4}})\b
    | \b(?P<y>\d{{4}})-(?P<m>\d{{2}})-(?P<d>\d{{2}})\b
    | \b(?P<d_>\d{{1,2}})(?P<mark>[/.-])(?P<m_>\d{{1,2}})(?P=mark)(?P<y_>\d{{4}})\b
    | \b(?P<m__>0?[1-9]|1[0-2])/(?P<y__>(?:19|20)\d{{2}})\b
    | \bsiglos?\s+(?P<roman>[ivx]+)\b
    | (?<![^\W_]) (?<![^\W\d_][-.]) (?P<sign>(?<![\w)\]])[-−])? (?P<number>
        \d{{1,3}}(?:[\u00a0\u202f\ ]\d{{3}})+(?:,\d+)?(?![\d])
        | \d+(?:[.,]\d+)*) (?![.,]?\d) (?!-?[^\W\d_]) (?P<scale>(?:\s+(?:{"|".join(_SCALES)})\b)*)
    | (?<![^\W_]) (?P<glued>\d+(?:[.,]\d+)*)
      (?P<glued_unit>[kmg]wh|[kmg]hz|[kmgt]ib|[kmgt]b|[kmg]w|km|cm|mm|kg|mcg|mg|ml|cl|hl|ms|[wmghls])\b
    | \b(?P<month__>{"|".join(_MONTHS)})\b
    | (?P<word>[^\W\d_]+)
    """,
    re.VERBOSE,
)
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_ENGLISH_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_AND: Final = re.compile(r"\s+(?:y\s+)?")
_AFTER: Final = re.compile(
    r"\s*(?:de\s+)?(?P<unit>k€|m[23²³]\b|[^\W\d_]+|[%€$º°£‰])(?P<rest>\s?\w*)"
)
_TENS: Final = frozenset(range(30, 100, 10))
_TO_DATE: Final = re.compile(r"\s*(?:,|y|e|o|al?|hasta)\s*(?:el\s+)?(?:dia\s+)?")
_DAY: Final = re.compile(r"(?:-|\d{4})-\d\d-\d\d")  # with or without its year
_CENTURY: Final = re.compile(r"\bsiglos?\s+\Z")
_ROMAN: Final = {"i": 1, "v": 5, "x": 10}


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Find the numbers and dates of a text, in order; «un» and «una» are none."""
    plain = fold(text.lower()) if len(fold(text.lower())) == len(text) else text.lower()
    found: list[Quantity] = []
    at = 0
    while (match := _QUANTITY.search(plain, at)) is not None:
        at = match.end()
        if match.lastgroup is None:
            continue
        quantity = _read(plain, text, match)
        if quantity is not None:
            found.append(quantity)
            at = max(at, quantity.end)
    for at in range(len(found) - 2, -1, -1):
        found[at] = _with_month_of(found[at], found[at + 1], plain)
    return tuple(found)


def _with_month_of(day: Quantity, date: Quantity, plain: str) -> Quantity:
    """Read the «1» of «del 1 al 15 de marzo de 2024» as the day that it is, too."""
    is_day = not day.unit and day.value.isdigit() and 1 <= int(day.value) <= 31
    if not (is_day and _TO_DATE.fullmatch(plain, day.end, date.start)):
        return day
    dates = {value for value in date.values if _DAY.fullmatch(value)}
    if not dates:
        return day
    around = date.values - dates
    own = {f"{value[:-2]}{int(day.value):02d}" for value in dates}
    return day._replace(values=day.values | around | own)


def _read(plain: str, text: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    if match["roman"]:
        value = str(_roman(match["roman"]))
        return Quantity(frozenset({value}), "siglo", text[start:end], start, end)
    if (
        match["month"]
        or match["month_"]
        or match["month__"]
        or match["y"]
        or match["y_"]
        or (match["y__"])
    ):
        return Quantity(_date(match), "", text[start:end], start, end)
    if match["glued"]:
        unit = _unit(match["glued_unit"])
        return Quantity(_plain(match["glued"]), unit, text[start:end], start, end)
    if match["number"]:
        scale = -1 if match["sign"] else 1
        for word in match["scale"].split():
            scale *= _SCALES[word]
        values = _plain(match["number"], scale)
        if _CENTURY.search(plain, 0, start):
            return Quantity(values, "siglo", text[start:end], start, end)
        if plain[max(0, start - 1) : start] in {"$", "€"} and start:
            return Quantity(values, _unit(plain[start - 1]), text[start:end], start, end)
    else:
        spoken = _spoken(plain, match)
        if spoken is None:
            return None
        number, end = spoken
        values = frozenset({str(number)})
    unit, unit_end = _unit_after(plain, end)
    return Quantity(values, unit, text[start:unit_end], start, unit_end)


def _date(match: re.Match[str]) -> frozenset[str]:
    name = match["month"] or match["month_"] or match["month__"]
    month = _month(name) if name else int(match["m"] or match["m_"] or match["m__"])
    day = match["day"] or match["d"] or match["d_"]
    year = match["year"] or match["year_"] or match["y"] or match["y_"] or match["y__"]
    values = {f"--{month:02d}"}
    if day:
        day = f"{1 if day == 'primero' else int(day):02d}"
        values.add(f"--{month:02d}-{day}")
    if year:
        values |= {year, f"{year}-{month:02d}"}
    if day and year:
        values.add(f"{year}-{month:02d}-{day}")
    return frozenset(values)


def _month(name: str) -> int:
    for names in (_MONTHS, _ENGLISH_MONTHS):
        for number, pattern in enumerate(names, start=1):
            if re.fullmatch(pattern, name):
                return number
    raise AssertionError(name)


def _plain(number: str, scale: int = 1) -> frozenset[str]:
    """Return the ways to read a number: «10,000» may be ten thousand, or ten and no thousandths."""
    number = re.sub(r"\s", "", number)
    ways = set()
    if _THOUSANDS.fullmatch(number):
        ways.add(number.replace(".", "").replace(",", "."))
    elif _ENGLISH_THOUSANDS.fullmatch(number):
        ways |= {number.replace(",", ""), number.replace(",", ".", 1).replace(",", "")}
    elif len(re.findall(r"[.,]", number)) > 1:  # a version, an address
        return frozenset({number})
    else:
        ways.add(number.replace(",", "."))
    return frozenset(_canonical(Decimal(way) * scale) for way in ways)


def _canonical(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _spoken(plain: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Read a number in words from its first one on, and tell where it ends."""
    total = group = 0
    seen = False
    end = match.end()
    at: re.Match[str] | None = match
    while at is not None:
        word = at.group()
        value = 1 if word in {"un", "una", "uno"} and group % 100 in _TENS else _word_value(word)
        if value is not None and not (seen and group and group % 10 and value < 100):
            group += value
        elif word in _SCALES and (seen or word == "mil"):
            total, group = (
                (total + max(1, group)) * _SCALES[word]
                if _SCALES[word] > 1000
                else (total + max(1, group) * 1000),
                0,
            )
        else:
            break
        seen, end = True, at.end()
        gap = _AND.match(plain, end)
        at = re.compile(r"[^\W\d_]+").match(plain, gap.end()) if gap else None
        if at is not None and gap is not None and " y " in gap.group() and group % 100 not in _TENS:
            break  # «dos y tres» are two
    return (total + group, end) if seen else None


@lru_cache(maxsize=1024)
def _word_value(word: str) -> int | None:
    if word in _WORDS:
        return _WORDS[word]
    for ending in ("os", "as", "s", "o", "a"):
        if word.endswith(ending) and word.removesuffix(ending) in _WORDS and len(word) > 7:
            return _WORDS[word.removesuffix(ending)]
    return None


def _unit_after(plain: str, end: int) -> tuple[str, int]:
    after = _AFTER.match(plain, end)
    if after is None:
        return "", end
    for candidate in (after["unit"], after["unit"] + after["rest"]):
        unit = _unit(candidate)
        if unit:
            return unit, after.start("unit") + len(candidate)
    return "", end


@lru_cache(maxsize=1024)
def _unit(word: str) -> str:
    if word in _UNIT_ENDS:
        return {"€": "euro", "$": "dolar", "°": "º", "£": "libra"}.get(word, word)
    return next((unit for unit, form in _UNITS.items() if form.fullmatch(word)), "")


def _roman(figure: str) -> int:
    values = [_ROMAN[letter] for letter in figure]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
