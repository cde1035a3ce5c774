"""Statement: a sentence in the form in which two are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.cite.names import Name, joined, names, same_as
from rag.lexical import Denied, Quantity, analyze, denied, denies, fold, quantities

_LESS: Final = re.compile(r"\bmenos\b", re.IGNORECASE)  # compares, here
_WORD: Final = re.compile(r"[^\W_]+")
_MIN_SHARED_CHARS: Final = 5  # that two stems of one family begin with: «publicac», «public»
# What a model says of where it read something, and hinges: no part of what is said.
_FRAME_WORDS: Final = """
    documento documentos fragmento fragmentos texto textos fuente fuentes pasaje indica indican
    menciona señala señalan afirma afirman explica dice dicen respecto además también embargo tanto
    concretamente particular actualmente decir ejemplo hecho manera forma parte caso asimismo
    resumen conclusión consecuencia general especialmente principalmente concreto definitiva través
    tener tuvo tuvieron puede pueden podía podría poder debe deben haber hubo había hace hacen hizo
    dispone dispuso existe existen cuenta cuentan da dan ser estar suele suelen sigue siguen total
    """
# One idea a line: the beginnings of words (folded) that a paraphrase puts for one another.
_FAMILIES: Final = {
    beginning: at
    for at, family in enumerate(
        """
        cre fund desarroll fabric constru diseñ elabor produc
        public lanz present dio_a difund saca anunci
        compr adquir adquis
        emple utiliz us aprovech
        permit posibilit autoriz
        mejor perfeccion avanz
        requier necesit exig hace_falt
        impuls promov promotor liderad encabez
        reduc disminu rebaj abarat baj recort ahorr
        aument crec increment subi subid multiplic
        ocup pes
        cost cuest preci gast
        empres compañi firm corpor
        gratuit gratis
        limit restring restricc veto veta prohib
        guard almacen conserv archiv
        escas falt caren
        sed ubicad radic
        distingu diferenci separ
        rapid veloc velocid
        dirig direct respons
        supera sobrepas exced
        alquil arrend
        obtien consig logr
        explic razon motiv caus
        inici comenz empez
        mid evalu compar
        """.strip().split("\n")
    )
    for beginning in family.split()
}


@dataclass(frozen=True)
class Statement:
    """What a sentence says, as far as its form tells.

    Attributes
    ----------
    terms
        Stems of its common words; names, numbers and hinges are not among them.
    keys
        Of all its words and of each two together, for names to be looked for.
    """

    text: str
    words: tuple[str, ...]
    names: tuple[Name, ...]
    quantities: tuple[Quantity, ...]
    terms: tuple[str, ...]
    all_terms: frozenset[str]
    keys: frozenset[str]
    denied: Denied
    denies: bool

    def says_term(self, term: str) -> bool:
        """Say whether a word of the same family is among its own."""
        if term in self.all_terms:
            return True
        return any(is_akin(term, own) for own in self.all_terms)

    def says_name(self, name: Name) -> bool:
        """Say whether it has a name, or another word for it."""
        return not same_as(name.key).isdisjoint(self.keys)


@lru_cache(maxsize=4096)
def read(text: str) -> Statement:
    """Read a sentence."""
    found = quantities(text)
    named = tuple(
        name
        for name in names(text)
        if not any(quantity.start <= name.start < quantity.end for quantity in found)
    )
    blank = list(text)
    for quantity in found:
        blank[quantity.start : quantity.end] = " " * (quantity.end - quantity.start)
    for name in named:
        if name.is_sure:
            end = name.start + len(name.written)
            blank[name.start : end] = " " * (end - name.start)
    terms = tuple(
        term
        for term in dict.fromkeys(analyze("".join(blank)))
        if term not in _frame() and not term.isdigit()
    )
    return Statement(
        text=text,
        words=words(text),
        names=named,
        quantities=found,
        terms=terms,
        all_terms=frozenset(analyze(text)),
        keys=joined(text),
        denied=denied(text),
        denies=denies(_LESS.sub("", text)),
    )


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, whatever their case, accents and punctuation."""
    return tuple(_WORD.findall(fold(text.casefold())))


@lru_cache(maxsize=1)
def _frame() -> frozenset[str]:
    return frozenset(analyze(_FRAME_WORDS))


def is_akin(one: str, other: str) -> bool:
    """Say whether two stems are of one family, or of words that stand for one another."""
    if one == other:
        return True
    family = _family(one)
    return (family is not None and family == _family(other)) or _begin_alike(one, other)


def _begin_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _MIN_SHARED_CHARS:
        return len(shorter) == 4 and len(longer) <= 6 and longer.startswith(shorter)
    shared = 0
    for mine, theirs in zip(shorter, longer, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared >= max(_MIN_SHARED_CHARS, round(0.7 * len(shorter)))


@lru_cache(maxsize=8192)
def _family(term: str) -> int | None:
    for length in range(len(term), 1, -1):
        if term[:length] in _FAMILIES and (length > 3 or len(term) <= 5):
            return _FAMILIES[term[:length]]
    return None
