"""Spanish text to the terms that are compared: the same for documents and for questions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

# Raised when the same text gives other terms: the index remembers it.
ANALYZER_VERSION: Final = 2

_MONTHS: Final = tuple(
    """
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    """.split()
)

_COMPOUND_OR_WORD: Final = r"""
    (?P<compound> [^\W_]+ (?:[-‐‑_./'’·&+][^\W_]+)+ ) | (?P<word> [^\W_]+ )
    """
_TOKEN: Final = re.compile(
    rf"""
    (?P<address> (?:https?://|www\.)[^\s<>"«»]+
                 | [\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}})+ )
    | \b(?P<day>\d{{1,2}})(?:\.?[ºª])?\s+de\s+(?P<month>{"|".join(_MONTHS)}|setiembre)
      \s+del?\s+(?P<year>\d{{4}})\b
    | \b(?P<y>\d{{4}})-(?P<m>\d{{2}})-(?P<d>\d{{2}})\b
    | \b(?P<d_>\d{{1,2}})(?P<mark>[/.-])(?P<m_>\d{{1,2}})(?P=mark)(?P<y_>\d{{4}})\b
    | (?P<number> \d+(?:[.,]\d+)+ (?![^\W_]) )
    | {_COMPOUND_OR_WORD}
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Without one of these a text has no address, date or number, and need not be searched for them.
_MORE_THAN_WORDS: Final = re.compile(r"[\d@]|://|www\.", re.IGNORECASE)
_WORDS: Final = re.compile(_COMPOUND_OR_WORD, re.VERBOSE)
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3}){2,})")
_THOUSANDS_AND_DECIMALS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+,\d+")
_PIECE: Final = re.compile(r"[^\W_]+")
_RUN: Final = re.compile(r"\d+|[^\W\d_]+")
_MARK: Final = re.compile(r"(?<!\d)[\W_]|[\W_](?!\d)")  # of a compound, unless it parts two digits
_SCHEMES: Final = frozenset(("http", "https", "www"))
_TRAILING: Final = ".,;:!?)]}'\"/"

# «art. 15.2» and «artículo 15.2» are one thing, and both say «15».
_ABBREVIATIONS: Final = {
    "art": "artículo", "arts": "artículos", "núm": "número", "num": "número", "núms": "números",
    "pág": "página", "pag": "página", "págs": "páginas", "cap": "capítulo", "párr": "párrafo",
    "secc": "sección", "apdo": "apartado", "sr": "señor", "sra": "señora", "dr": "doctor",
    "dra": "doctora", "avda": "avenida", "disp": "disposición", "fig": "figura",
}  # fmt: skip
_SIGNS: Final = {"nº": "numero", "nª": "numero"}
_NUMBERED: Final = frozenset(
    """
    anexo apartado articulo articulos capitulo disposicion epigrafe figura numero parrafo punto
    regla seccion tabla titulo version
    """.split()
)

# Words that a question and any passage share: articles, prepositions, pronouns, auxiliary verbs
# and the interrogatives. Written folded, as they are compared.
_STOP_WORDS: Final = frozenset(
    """
    a al algo algun alguna algunas alguno algunos ante antes aquel aquella aquellas aquello
    aquellos aqui asi aun aunque cada casi como con contra cual cuales cualquier cuando cuanta
    cuantas cuanto cuantos de del desde donde durante e el ella ellas ello ellos en entonces
    entre era eran es esa esas ese eso esos esta estaba estaban estan estar estas este esto
    estos fue fueron ha haber habia habian han hasta hay he la las le les lo los mas me mi
    mientras mis muy ni no nos nosotros nuestra nuestras nuestro nuestros o os otra otras otro
    otros para pero poco por porque pues que quien quienes se sea sean segun ser si sido siempre
    siendo sin sino so sobre son su sus tal tambien tan tanto te tenia tiene tienen toda todas
    todo todos tras tu tus u un una unas uno unos usted ustedes y ya yo
    """.split()
)


def analyze(text: str) -> list[str]:
    """Turn text into the terms that are compared, in order, repeated as they occur.

    Case and accents are folded, ñ is kept; stop words go; words are cut to their Snowball stem;
    «10.000» is ``10000`` and «3.5» is ``3,5``. What is made of parts is there whole and in parts:
    a date («3 de marzo de 2024», «3/3/2024»: ``2024-03-03``), an identifier («H20», «GPT-4»,
    «Ley 3/2018», «art. 15.2»), a compound («franco-indio»), an elision («d'Artagnan»), an
    address.
    """
    text = unicodedata.normalize("NFC", text)
    terms: list[str] = []
    before = ""
    tokens = _TOKEN if _MORE_THAN_WORDS.search(text) else _WORDS
    for match in tokens.finditer(text):
        found = match.group()
        kind = match.lastgroup
        if kind == "word":
            is_abbreviated = text.startswith(".", match.end())
            before = _ABBREVIATIONS.get(found.casefold(), found) if is_abbreviated else found
            terms.extend(_word(before))
        elif kind == "number":
            terms.extend(_number(found, is_place=_plain(before) in _NUMBERED))
        elif kind == "compound":
            before = _MARK.sub("", found)
            terms.extend(_compound(found))
        elif kind == "address":
            terms.extend(_address(found))
        else:
            terms.extend(_date(match))
    return terms


def fold(word: str) -> str:
    """Drop the accents of a word, but not the tilde that makes ñ another letter."""
    if word.isascii():
        return word
    return word.translate(_UNACCENTED)


class _Unaccented(dict[int, int]):
    """The letter under the accents of each letter, once it has been met."""

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        bare = letter if letter in "ñÑ" else unicodedata.normalize("NFD", letter)[0]
        self[code] = ord(bare)
        return self[code]


_UNACCENTED: Final = _Unaccented()


@lru_cache(maxsize=100_000)
def _word(word: str) -> tuple[str, ...]:
    folded = _plain(word)
    if folded in _STOP_WORDS:
        return ()
    if folded.isalpha():
        return (_stemmer().stemWord(folded),)
    whole = folded.rstrip("ªº")  # «5.ª» is 5
    runs = _RUN.findall(whole)
    return (whole, *runs) if len(runs) > 1 else tuple(runs)


def _plain(word: str) -> str:
    return _SIGNS.get(word.casefold(), fold(word.casefold()))


def _number(number: str, *, is_place: bool) -> Iterator[str]:
    """Yield a number; the place it is in a text («art. 15.2», «4.3.1») by its parts too."""
    if _THOUSANDS.fullmatch(number):
        yield re.sub(r"[.,]", "", number)
        return
    if _THOUSANDS_AND_DECIMALS.fullmatch(number):
        yield number.replace(".", "")
        return
    yield number.replace(".", ",")
    if is_place or number.count(".") > 1:
        yield from _RUN.findall(number)


def _compound(compound: str) -> Iterator[str]:
    """Yield the whole without its marks, unless they part digits, then the parts."""
    whole = _word(_MARK.sub("", compound))[:1]
    parts = [
        term
        for piece in _PIECE.findall(compound)
        if len(piece) > 1 or piece.isdigit()
        for term in _word(piece)
    ]
    yield from whole
    if parts != list(whole):  # «5.º» has but one
        yield from parts


def _address(address: str) -> Iterator[str]:
    address = address.rstrip(_TRAILING)
    yield re.sub(r"^(?:https?://)?(?:www\.)?", "", address.casefold())
    for piece in _PIECE.findall(address):
        if piece.casefold() not in _SCHEMES:
            yield from _word(piece)


def _date(match: re.Match[str]) -> Iterator[str]:
    """Yield a date as ISO 8601 writes it, then its day, its month's name and its year."""
    year = match["year"] or match["y"] or match["y_"]
    day = int(match["day"] or match["d"] or match["d_"])
    name = (match["month"] or "").casefold().replace("setiembre", "septiembre")
    month = _MONTHS.index(name) + 1 if name else int(match["m"] or match["m_"])
    yield f"{year}-{month:02d}-{day:02d}"
    yield str(day)
    if 1 <= month <= len(_MONTHS):
        yield from _word(_MONTHS[month - 1])
    yield year


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("spanish")
