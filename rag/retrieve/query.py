"""A question, ready to be searched: its terms and their rarity, its vector, what it asks for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rag.embed import Embedder
from rag.lexical import LexicalIndex, analyze, fold
from rag.split import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AnswerType = Literal["time", "amount", "name", "place", "reason"]

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
    | (?P<place>  donde
              | que\ (?:ciudad|pais|lugar|region|estado|continente|rio|provincia|municipio)(?:e?s)?
              | where )
    | (?P<reason> por\ ?que | a\ que\ se\ debe | cual\ (?:es|fue)\ la\ (?:causa|razon) | why )
    | que | cual(?:es)? | como | what | which | how
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
_MOST: Final = 0.6  # of a text
_AROUND_WEIGHT: Final = 0.2  # of a word said before or after the question itself
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of a question before anything is searched.

    Attributes
    ----------
    asked
        The question itself, without what is said around it.
    weights
        By term, in the order of the question, in (0, 1]: 1 but for what is said around the
        question itself.
    rarity
        By term, in the same order: its weight times BM25's inverse document frequency, 0 or more.
    vector
        Unit length, shape (dimension,).
    answer_type
        What an answer must hold; None where the question does not tell.
    """

    text: str
    asked: str
    weights: dict[str, float]
    rarity: dict[str, float]
    vector: NDArray[np.float32]
    answer_type: AnswerType | None

    @property
    def terms(self) -> list[str]:
        """The terms, each once."""
        return list(self.rarity)

    def may_answer(self, text: str) -> bool:
        """Say whether a sentence holds, beside the question's words, what is asked for."""
        if self.answer_type is None:
            return False
        if self.answer_type == "reason":
            return _REASON.search(fold(text.casefold())) is not None
        asked = set(_words(self.asked))
        if self.answer_type in {"name", "place"}:
            names = _CAPITALISED.findall(text) + _OPENS_WITH_NAME.findall(text)[:1]
            return any(fold(name.casefold()) not in asked for name in names)
        word = _TIME_WORD if self.answer_type == "time" else _AMOUNT_WORD
        return any(
            said not in asked and (said[0].isdigit() or word.fullmatch(said) is not None)
            for said in _words(text)
        )


def read_question(text: str, embedder: Embedder, lexical: LexicalIndex) -> Query:
    """Analyse and embed a question.

    Parameters
    ----------
    lexical
        Whose rows tell how rare a term is.
    """
    # A model that tells «Roma» from «roma» knows few words in capitals.
    spoken = text.lower() if text.isupper() and len(text.split()) > 1 else text
    vector = embedder.embed_question(spoken)
    asked = _question_within(spoken)
    weights = dict.fromkeys(analyze(text), 1.0)
    if asked != spoken:
        vector = _mean(embedder.embed_question(asked), vector)
        said = set(analyze(asked))
        weights = {term: 1.0 if term in said else _AROUND_WEIGHT for term in weights}
    n_rows = len(lexical)
    rarity = {
        term: weight * math.log1p((n_rows - frequency + 0.5) / (frequency + 0.5))
        for term, weight in weights.items()
        for frequency in [lexical.document_frequency(term)]
    }
    interrogative = _INTERROGATIVE.search(fold(asked.casefold()))
    answer_type = interrogative.lastgroup if interrogative else None
    return Query(text, asked, weights, rarity, vector, answer_type)  # type: ignore[arg-type]


def _question_within(text: str) -> str:
    """Return what is asked in a text that says much else; the text where that is most of it."""
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    asked = " ".join(
        sentence[max(0, sentence.rfind("¿")) :] for sentence in sentences if sentence.endswith("?")
    )
    is_most = len(sentences) < 2 or len(asked) > _MOST * len(text)
    return text if is_most or not asked else asked


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text.casefold()))


def _mean(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    total = one + other
    unit: NDArray[np.float32] = total / (np.linalg.norm(total) + 1e-12)
    return unit
