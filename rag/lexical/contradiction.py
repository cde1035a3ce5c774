"""Contradiction: what a question says that its evidence does not, or denies.

A search cannot read: «¿Qué redujo el paro?» finds «El paro aumentó…». These signs are found by
form alone, and say that an answer is doubtful, never that it is wrong.
"""

from __future__ import annotations

import re
from typing import Final

from rag.lexical.analysis import analyze, fold

_NEGATION: Final = re.compile(
    r"\b(?:no|nunca|jamas|sin|ni|tampoco|nadie|nada|ningun[oa]?|excepto|salvo|menos"
    r"|imposible|incapa(?:z|ces)|carec\w+|carencia\w*|falt(?:a|an|aba|o|aron)"
    r"|dej(?:o|a|aron) de|impid\w+|evit\w+|neg(?:o|ar|aron)|niega\w*|rechaz\w+|prohib\w+|fracas\w+"
    r"|in(?:correct|adecuad|suficient|complet|estable|activ|existent)\w*"
    r"|des(?:conoc|aparec|favor|acuerd)\w+|excluy\w+)\b"
)

# One side in the question and the other in the evidence: regular expressions of the beginnings of
# words, folded, parted by spaces; «=» is the end of a word and «_» the space between two.
_OPPOSITES: Final = tuple(
    tuple(
        re.compile(
            r"\b(?:"
            + "|".join(part.replace("_", " ").replace("=", r"\b") for part in side.split())
            + ")"
        )
        for side in pair.split("/")
    )
    for pair in """
    mas= / menos=
    mayor= mayores= / menor= menores=
    alto= alta= altos= altas= / baja= bajos= bajas=
    primer / ultim
    antes= / despues= tras=
    dentro= interior interno= interna= internos= internas= / fuera= exterior extern
    norte= septentr / sur= meridion
    (?:al|del|el|hacia)_este= orient / oeste= occident
    norte= sur= septentr meridion / (?:al|del|el|hacia)_este= oeste= orient occident
    aument subi subid crec increment / disminu reduc reduj descen
    gano= gana= ganar= ganaron= victoria / perd derrota
    mejor / peor empeor
    siempre= / nunca= jamas=
    todos= todas= todo= toda= / ningun
    positiv / negativ
    maxim / minim
    anterior / posterior
    inici comenz comienz empez empiez / finaliz termin acab
    comienzos?= inicios?= principios?= / final= finales=
    grande / pequeñ pequen
    rapid / lent
    fuerte / debil
    facil / dificil
    (?<!se_)public[oa]s?= / privad
    legal= legales= legalmente= / ilegal
    pobre / rico= rica= ricos= ricas=
    viej antigu / nuevo= nueva= nuevos= nuevas= modern
    hombre / mujer
    sobrestim sobreestim / subestim
    acept aprob apoy permit / rechaz prohib opon opuso opus
    incluy incluid / excluy exclu
    local= locales= / nacional
    calient calid / frio= fria= frios= frias=
    comun= comunes= / raro= rara= raros= raras=
    simple= simples= sencill / complej
    corto= corta= cortos= cortas= breve / larg
    jove / viej ancian
    cerca= cercan proxim / lejos= lejan
    abrio= abrir= abre= abren= abrieron= abiert apertura= / cerr cierr
    vende= venden= vendio= vendieron= vender= venta= ventas= / compra= compran= compro= compraron=
    superior / inferior
    izquierd / derech
    aliad amig / enemig
    atac ataque / defend defens
    constru / destru
    urban / rural
    civil / militar
    natural= naturales= / artificial
    nacio= nacieron= nacimiento= / muri falleci muerte=
    posible / imposible
    obligatori / opcional voluntari
    a_favor= / en_contra=
    inocente / culpable
    gratuit gratis= / de_pago=
    al_menos= como_minimo= / como_maximo=
    antes_del?= / a_partir_del?=
    habil= habiles= / natural= naturales=
    """.strip().split("\n")
)
_MAKES_OPPOSITE: Final = ("in", "im", "des", "anti")
_MIN_STEM_CHARS: Final = 5
_WORD: Final = re.compile(r"[^\W_]+")
_FIGURE: Final = re.compile(r"[^\s¿?¡!«»()]*\d[^\s¿?¡!«»()]*")


def denies(text: str) -> bool:
    """Say whether a text holds a negation."""
    return _NEGATION.search(fold(text.casefold())) is not None


def opposed(question: str, evidence: str) -> tuple[str, str] | None:
    """Return a word of the question and the opposite that the evidence says instead."""
    asked, said = fold(question.lower()), fold(evidence.lower())
    for one, other in _OPPOSITES:
        for mine, theirs in ((one, other), (other, one)):
            word = mine.search(asked)
            opposite = theirs.search(said) if word else None
            if word and opposite and not mine.search(said):
                return _word_at(question, word.start()), _word_at(evidence, opposite.start())
    return _opposed_by_prefix(question, evidence)


def missing_numbers(question: str, evidence: str) -> list[str]:
    """Return the numbers and identifiers with digits of a question that a text does not hold."""
    asked = [term for term in dict.fromkeys(analyze(question)) if _has_digit(term)]
    if not asked:  # most questions have none, and the evidence is long
        return []
    said = set(analyze(evidence))
    missing = [term for term in asked if term not in said]
    written = [figure.rstrip(".,;:") for figure in _FIGURE.findall(question)]
    as_written = (
        next((figure for figure in written if term in analyze(figure)), term) for term in missing
    )
    return list(dict.fromkeys(as_written))


def _opposed_by_prefix(question: str, evidence: str) -> tuple[str, str] | None:
    """Find «dependen» against «independientes»."""
    asked, said = _written(question), _written(evidence)
    for term, word in asked.items():
        if term in said or len(term) < _MIN_STEM_CHARS:
            continue
        for other, opposite in said.items():
            if len(other) >= _MIN_STEM_CHARS and other not in asked and _by_prefix(term, other):
                return word, opposite
    return None


def _written(text: str) -> dict[str, str]:
    """Map each term of a text to a word that it comes from."""
    return {term: word for word in _WORD.findall(text) for term in analyze(word)}


def _by_prefix(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    for prefix in _MAKES_OPPOSITE:
        stem = longer.removeprefix(prefix)
        if stem != longer and len(stem) >= _MIN_STEM_CHARS:
            return stem.startswith(shorter) or shorter.startswith(stem)
    return False


def _word_at(text: str, start: int) -> str:
    match = _WORD.match(text, start)
    return match.group() if match else ""


def _has_digit(term: str) -> bool:
    return any(character.isdigit() for character in term)
