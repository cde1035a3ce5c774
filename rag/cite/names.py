"""Names: the words of a sentence that name somebody, some place or some thing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from rag.lexical import analyze, fold

_TOKEN: Final = re.compile(
    r"EE\.?\s?UU\.?|Estados\s+Unidos|Reino\s+Unido|Uni[oó]n\s+Europea|Naciones\s+Unidas|"
    r"(?:[^\W_]\.\s?){2,}|[^\W_]+(?:[-‐‑.&'’][^\W_]+)*"
)
_STARTS: Final = re.compile(r"(?:^|[.!?…:|—–]\s|[«“\"¿¡(*_]|^\W+)\W*\Z")
_CALENDAR: Final = frozenset(
    """
    enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre
    diciembre lunes martes miercoles jueves viernes sabado domingo
    """.split()
)
# Written with a capital, and no name: offices, and what a model begins a sentence with.
_COMMON: Final = frozenset(
    """
    gobierno estado administracion internet presidente presidenta ministerio ministro parlamento
    congreso universidad instituto laboratorio fundacion empresa compania director directora
    profesor profesora informe documento articulo ley capitulo seccion tabla figura anexo si no
    segun actualmente ademas tambien existe existen permite permiten consiste consisten incluye
    incluyen hay sirve sirven cuesta ocupa necesita requiere ofrece tiene tienen puede pueden
    debe deben hace hacen trata destaca destacan entre ambos ambas varios varias muchos muchas
    algunos mientras cuando durante desde hasta posteriormente finalmente primero segundo
    tercero gracias debido fragmento fragmentos fuente fuentes respuesta resumen conclusion nota
    ejemplo expertos analistas investigadores rendimiento precio uso asi aqui alli ahora hoy
    luego despues antes
    """.split()
)
_AFTER_A_NAME: Final = frozenset("es era fue son ha han había tiene tenía está no se y".split())
# The name, and the words that say the same of its people and things. Folded stems.
_SAME: Final = {
    word: frozenset(words.split())
    for words in (
        "estadounidens norteamerican eeuu usa estadosunidos",
        "chin republicapopularchin", "frances franc franci", "aleman alemani", "ingles inglaterr",
        "britan reinounido", "europ europe europeaunion ue unioneuropea", "japones japon",
        "rus rusi", "coreancoreadelsur corean core", "espan español espanol españ", "italian itali",
        "portugues portugal", "ia ai inteligenciaartificial", "holandes paisesbaj holand",
        "ministr ministeri", "onu nacionesunidas", "rgpd gdpr",
        "gpu tarjetasgraf tarjetagraf", "cpu procesador",
    )
    for word in words.split()
}  # fmt: skip


class Name(NamedTuple):
    """A word that names.

    Attributes
    ----------
    key
        Folded, in small letters, without marks.
    is_sure
        False where the capital may be only the sentence's.
    """

    written: str
    key: str
    is_sure: bool
    start: int


@lru_cache(maxsize=4096)
def names(text: str) -> tuple[Name, ...]:
    """Find the names of a text, in order, word by word."""
    found: list[Name] = []
    tokens = list(_TOKEN.finditer(text))
    for at, token in enumerate(tokens):
        written = token.group().rstrip(". ")
        if not _looks_like_one(written):
            continue
        key = key_of(written)
        if not key or key in _CALENDAR or key in _COMMON or not analyze(written):
            continue
        is_sure = True
        if _STARTS.search(text, max(0, token.start() - 4), token.start()) and not _is_odd(written):
            following = tokens[at + 1].group() if at + 1 < len(tokens) else ""
            gap = text[token.end() : tokens[at + 1].start()] if following else ""
            is_sure = _is_name_at_start(written, following, gap)
        found.append(Name(written, key, is_sure, token.start()))
    return tuple(found)


def key_of(word: str) -> str:
    """Return the form in which two spellings of a name are compared."""
    return re.sub(r"[\W_]", "", fold(word.lower()))


def same_as(key: str) -> frozenset[str]:
    """Return the keys and stems that name the same."""
    stem = "".join(analyze(key)[:1])
    return _SAME.get(stem, frozenset()) | _SAME.get(key, frozenset()) | {key, stem} - {""}


def joined(text: str) -> frozenset[str]:
    """Return the keys of a text: of each word, of each two together, and of its initials."""
    words = _TOKEN.findall(text)
    keys = [key_of(word) for word in words]
    stems = ["".join(analyze(word)[:1]) for word in words]
    found = {*keys, *stems}
    for word in words:
        found |= {key_of(part) for part in re.split(r"[-‐‑.&'’]", word)}
    for (one, word), (other, stem) in zip(
        zip(keys, words, strict=True), list(zip(keys, stems, strict=True))[1:], strict=False
    ):
        found |= {one + other, one + stem, "".join(analyze(word)[:1]) + stem}
    found |= _initials(words)
    return frozenset(found - {""})


def _initials(words: list[str]) -> set[str]:
    """Return «onu» of «Organización de las Naciones Unidas»."""
    letters = [(at, key_of(word)[:1]) for at, word in enumerate(words) if word[:1].isupper()]
    runs: set[str] = set()
    for first in range(len(letters)):
        run = letters[first][1]
        for before, (at, letter) in zip(letters[first:], letters[first + 1 :], strict=False):
            if at - before[0] > 3:
                break
            run += letter
            if 2 < len(run) <= 6:
                runs.add(run)
    return runs


def _looks_like_one(written: str) -> bool:
    has_digit = any(character.isdigit() for character in written)
    has_letter = any(character.isalpha() for character in written)
    return has_letter and (written[0].isupper() or has_digit or _is_odd(written))


def _is_odd(written: str) -> bool:
    """Say whether a word could be no common one: «DeepSeek», «R1», «AMD»."""
    letters = [character for character in written if character.isalpha()]
    has_digit = any(character.isdigit() for character in written)
    return has_digit or any(letter.isupper() for letter in letters[1:])


def _is_name_at_start(written: str, following: str, gap: str) -> bool:
    if following.endswith(("ó", "aron", "ieron", "aba", "aban")) and gap == " ":
        return True  # «Ferrer pintó»
    plain = fold(written.lower())
    if plain.endswith(("mente", "ando", "iendo", "ar", "er", "ir", "ado", "ido", "ados", "idos")):
        return False
    if plain.endswith(("aron", "ieron", "aban", "ian", "ciones", "cion", "dores", "dor", "istas")):
        return False
    if following[:1].isupper() and gap == " ":
        return True  # «Nathan Lambert»
    if gap.startswith(",") or following in _AFTER_A_NAME:
        return True  # «Huawei es …»
    return bool(following) and gap == " " and bool(analyze(following)) and not plain.endswith("s")
