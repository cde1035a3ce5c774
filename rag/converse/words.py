"""Spanish words as a follow-up uses them, written folded, as they are compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from rag.lexical import PREPOSITIONS as PREPOSITIONS
from rag.lexical import fold

YEAR: Final = re.compile(r"(?:1[0-9]|20)\d\d")
MONTHS: Final = frozenset(
    """
    enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre
    diciembre
    """.split()
)
TIMES: Final = frozenset(
    """
    lunes martes miercoles jueves viernes sabado sabados domingo domingos verano invierno primavera
    otono semana semanas mes meses fines fin festivos noche noches tarde tardes manana madrugada
    """.split()
)
ARTICLES: Final = frozenset("el la los las un una unos unas".split())
QUANTIFIERS: Final = frozenset(
    """
    otro otra otros otras dos tres cuatro cinco varios varias muchos muchas algun algunos algunas
    ambos ambas cada todos todas
    """.split()
)
INTERROGATIVES: Final = frozenset(
    "que quien quienes cual cuales cuando cuanto cuanta cuantos cuantas donde adonde como".split()
)
CLITICS: Final = frozenset("lo la los las le les".split())
OPENERS: Final = frozenset("y e o pero entonces ademas tambien".split())
OTHERS: Final = frozenset(
    """
    no ni se me te nos si que su sus mi mis tu tus mas muy ya tambien hay ahora hoy despues antes
    luego
    """.split()
)
SAYING: Final = frozenset(
    """
    dice dijo dicen dijeron afirma afirmo afirman sostiene sostuvo explica explico cuenta conto
    asegura aseguro sabe confirma confirmo recuerda recordo defiende defendio calcula calculo
    demuestra demostro reconoce reconocio advierte advirtio opina cree piensa creia decia escribio
    """.split()
)
# What people do rather than things: who is asked for was the answer.
OF_PERSONS: Final = SAYING | frozenset(
    """
    nacio nace murio vive vivio vivia estudio trabaja trabajo propone propuso quiere quiso echa
    dedica opinaba pensaba fundo hizo gano
    """.split()
)
_VERBS: Final = OF_PERSONS | frozenset(
    """
    es son era eran fue fueron sera seran esta estan estaba estaban ha han habia hay hubo tiene
    tienen tuvo tuvieron hace hacen hizo hicieron puede pueden pudo podia debe deben cuesta cuestan
    vale valen mide miden pesa pesan dura duran usa usan llama llaman sirve sirven ocupa ocupan
    gasta gastan consume consumen funciona funcionan significa significan consiste consisten pasa
    pasan paso ocurre ocurrio da dan dio dieron pone ponen puso va van viene vienen sale salen
    queda quedan quedo lleva llevan llega llegan recibe reciben paga pagan gana ganan hace
    permite permiten exige exigen incluye incluyen necesita necesitan aplica aplican empieza
    empiezan entra entran crece crecen tarda tardan cabe caben contiene contienen existe existen
    """.split()
)
# Endings that few nouns have, with their accents: people who leave them out lose no more than that.
_VERB_ENDING: Final = re.compile(r"\w{2,}(?:ó|aron|ieron|aba|aban|ía|ían|ará|arán|erá|irá|ase)\Z")
_PLACES: Final = frozenset(
    """
    africa alemania america andalucia arabia aragon argelia argentina asia asturias australia
    austria barcelona belgica berlin bilbao bogota bolivia brasil bruselas bulgaria canada canarias
    cataluna chile china colombia corea croacia cuba dinamarca ecuador egipto escocia espana
    estonia europa extremadura filipinas finlandia francia galicia grecia guatemala holanda
    honduras hungria inglaterra india indonesia irak iran irlanda islandia israel italia japon
    latinoamerica lisboa londres madrid malaga malasia marruecos mexico murcia nicaragua nigeria
    noruega oceania oriente panama paraguay paris pekin peru polonia portugal roma rumania rusia
    salvador sevilla shanghai singapur siria suecia suiza tailandia taiwan tokio turquia ucrania
    uruguay valencia venezuela vietnam washington zaragoza
    """.split()
)
_PLACES_OF_TWO: Final = ("estados unidos", "reino unido", "paises bajos", "nueva", "ee", "eeuu")
_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W_]+(?:[-‐_.'’&/·+][^\W_]+)*\+?", re.UNICODE)


class Word(NamedTuple):
    """A word of a text, where it stands, and its folded form."""

    text: str
    start: int
    end: int
    folded: str

    @property
    def is_name(self) -> bool:
        """Whether it is written as names are: a capital, or letters with digits."""
        return self.text[0].isupper() or (
            any(map(str.isdigit, self.text)) and any(map(str.isalpha, self.text))
        )

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.text[0].isdigit() and not any(map(str.isalpha, self.text))

    @property
    def is_verb(self) -> bool:
        """Whether it looks like a verb that says something of somebody else."""
        return self.folded in _VERBS or _VERB_ENDING.fullmatch(self.text.casefold()) is not None

    @property
    def is_function(self) -> bool:
        """Whether it is a word that carries no matter."""
        return self.folded in ARTICLES | PREPOSITIONS | INTERROGATIVES | CLITICS | OTHERS | OPENERS

    @property
    def is_content(self) -> bool:
        """Whether it is a noun, an adjective, a name: what a text is about."""
        return not (self.is_function or self.is_verb or self.is_number)


def words(text: str) -> list[Word]:
    """Return the words of a text, in order."""
    return [
        Word(found.group(), found.start(), found.end(), fold(found.group().casefold()))
        for found in _TOKEN.finditer(text)
    ]


def plain(text: str) -> str:
    """Return the words of a text, folded and parted by one space."""
    return " ".join(word.folded for word in words(unicodedata.normalize("NFC", text)))


def is_place(text: str) -> bool:
    """Say whether a name is one of the places most spoken of."""
    folded = plain(text)
    return folded.startswith(_PLACES_OF_TWO) or any(word in _PLACES for word in folded.split())


def as_question(text: str) -> str:
    """Write as a question: its marks, a capital, single spaces, contracted articles."""
    text = " ".join(text.split()).strip(" ¿?.,;:")
    text = re.sub(r"\b(a|de) el (?=[a-zñáéíóú])", lambda found: f"{found[1]}l ", text)
    return f"¿{text[:1].upper()}{text[1:]}?"
