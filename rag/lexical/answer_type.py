"""Answer types: what a Spanish question asks for, told by its form alone, and what may be that."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import dropwhile
from typing import Final, Literal, cast, get_args

from rag.lexical.analysis import fold

AnswerType = Literal["time", "amount", "name", "place", "reason"]
ANSWER_TYPES: Final[tuple[AnswerType, ...]] = get_args(AnswerType)

# The first interrogative tells what is asked for. Written folded, as it is compared; some people
# type «n» for «ñ».
_INTERROGATIVE: Final = re.compile(
    r"""\b(?:
    (?P<time>   cuando | que\ (?:a[ñn]o|fecha|dia|mes|siglo|decada|momento|epoca|hora)(?:e?s)?
              | when )
    | (?P<amount> cuant[oa]s?
              | que\ (?:porcentaje|cantidad|numero|proporcion|edad|tama[ñn]o|altura|distancia
                     |temperatura|velocidad|fraccion|puntuacion|precio|longitud|peso|superficie)(?:e?s)?
              | how\ (?:many|much|long|old|far|tall) )
    | (?P<name>   quien(?:es)? | como\ se\ llam\w+ | cual\ (?:es|era|fue)\ el\ nombre
              | who(?:se|m)? )
    | (?P<place>  a?donde
              | que\ (?:ciudad|pais|lugar|region|estado|continente|rio|provincia|municipio)(?:e?s)?
              | where )
    | (?P<reason> por\ ?que | a\ que\ se\ debe | cual\ (?:es|fue)\ la\ (?:causa|razon) | why )
    | que | cual(?:es)? | como | cuan | cuy[oa]s? | what | which | how
    )\b""",
    re.VERBOSE,
)
_TIME_WORD: Final = re.compile(
    r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre"
    r"|siglo|decada|a[ñn]os?|lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
)
_AMOUNT_WORD: Final = re.compile(
    r"(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince"
    r"|(?:dieci|veint|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)\w*"
    r"|\w*cient[oa]s|cien|quinient[oa]s|mil|millon(?:es)?|mitad|tercio|cuarto|doble|triple"
    r"|primer[oa]?|segund[oa]|tercer[oa]?|ningun[oa]?)"
)
_REASON: Final = re.compile(
    r"\b(?:porque|debido|ya que|a causa|puesto que|para|por lo que|gracias|dado que|pues)\b"
)
_CAPITALISED: Final = re.compile(r"(?<=[^\W\d_] |[,;:»)] )[A-ZÁÉÍÓÚÜÑ]\w+")
_OPENS_WITH_NAME: Final = re.compile(r"\A\W*([A-ZÁÉÍÓÚÜÑ]\w+)(?= [A-ZÁÉÍÓÚÜÑ])")
_WORD: Final = re.compile(r"\w+")

PREPOSITIONS: Final = frozenset(
    """
    a al ante bajo con contra de del desde durante en entre hacia hasta para por segun sin sobre
    tras
    """.split()
)
_BEFORE_INTERROGATIVE: Final = PREPOSITIONS | set("y e o pero entonces oye el la los las".split())
# Anywhere: the accent, or the end, tells interrogatives from «que» and «cuando», which also join.
_ASKS_FOR_WORDS: Final = re.compile(
    r"\b(?:qué|quién(?:es)?|cuál(?:es)?|cuándo|cuánt[oa]s?|a?dónde|cómo)\b"
    r"|\b(?:que|quien|cual|cuando|cuant[oa]s?|donde|como)\W*\Z"
    # «¿Me puedes decir la renta?» is polite.
    r"|\b(?:me|nos)\ (?:dic\w+|(?:pued|podr)\w+\ (?:decir|explicar|indicar|contar|dar|recordar))\b"
    r"|\b(?:decir|explicar|indicar|contar|dar|recordar)(?:me|nos)\b|\bsab(?:es|éis|e\ usted)\b"
)


def answer_type(question: str) -> AnswerType | None:
    """Tell what a question asks for; None where its form does not tell."""
    interrogative = _INTERROGATIVE.search(fold(question.casefold()))
    return cast("AnswerType | None", interrogative.lastgroup) if interrogative else None


def asks_yes_or_no(question: str) -> bool:
    """Say whether a question asks if something is so: no words of a text answer that alone.

    Only what is written as a question is told to be one.
    """
    if "?" not in question and "¿" not in question:
        return False
    asked = question.rsplit("¿", 1)[-1].casefold()
    opening = " ".join(dropwhile(_BEFORE_INTERROGATIVE.__contains__, _words(asked)))
    return not _INTERROGATIVE.match(opening) and not _ASKS_FOR_WORDS.search(asked)


def may_answer(wanted: AnswerType | None, question: str, text: str) -> bool:
    """Say whether a sentence holds, beside the question's words, what is asked for."""
    if wanted is None:
        return False
    if wanted == "reason":
        return _REASON.search(fold(text.casefold())) is not None
    asked = _words_asked(question)
    if wanted in {"name", "place"}:
        names = _CAPITALISED.findall(text) + _OPENS_WITH_NAME.findall(text)[:1]
        return any(fold(name.casefold()) not in asked for name in names)
    of_type = says_time if wanted == "time" else says_amount
    return any(said not in asked and (said[0].isdigit() or of_type(said)) for said in _words(text))


def says_time(word: str) -> bool:
    """Say whether a word, folded, names a month, a day or a stretch of years."""
    return _TIME_WORD.fullmatch(word) is not None


def says_amount(word: str) -> bool:
    """Say whether a word, folded, is a number written in letters."""
    return _AMOUNT_WORD.fullmatch(word) is not None


@lru_cache(maxsize=16)  # asked once for each sentence of a search
def _words_asked(question: str) -> frozenset[str]:
    return frozenset(_words(question))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text.casefold()))
