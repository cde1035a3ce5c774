"""Sentences to questions: what a sentence says of its subject, asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from rag.suggest.subject import as_subject

_MARKS: Final = re.compile(r"\*\*|__|[*`]|^\s*(?:[-*+•–]|\d{1,3}[.)])\s+")
_SAYS_NUMBER: Final = (
    r"(?:unos |unas |casi |cerca de |más de |menos de |hasta |alrededor de |solo |entre )?"
    r"(?:\d|(?:un|una) (?:hora|minuto|semana|mes|año|euro|día)|dos|tres|cuatro|cinco|seis|siete"
    r"|ocho|nueve|diez|once|doce|quince|veint\w+|treinta|cuarenta|cincuenta|cien|mil|medi[oa]) ?"
)
_MONTH: Final = (
    r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre"
    r"|diciembre)"
)
_DAY: Final = r"(?:lunes|martes|miércoles|jueves|viernes|sábados?|domingos?)"
_WHEN: Final = (
    r"(?:en (?:el (?:año |otoño |verano |invierno )|la primavera )?(?:de )?"
    rf"(?:{_MONTH}|[12]\d{{3}})\b"
    rf"|el (?:día )?\d{{1,2}} de {_MONTH}|(?:el|los|cada) {_DAY}\b"
    rf"|el (?:primer|segundo|tercer|último) {_DAY} "
    r"|cada (?:día|semana|mes|año|\w+ (?:días|semanas|meses|años|minutos|horas))"
    r"|a las? (?:una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|\d))"
)
# What happens to its subject; «publica» is done to something else, «se publica» is not.
_HAPPENS: Final = (
    r"(?:(?:se )?(?:abr(?:e|en|ió|ieron|irá|irán)|cierra|cierran|cerró|cerrará|empieza|empiezan"
    r"|empezó|empezará|comienza|comenzó|comenzará|termina|terminan|terminó|terminará|acaba|acabó)"
    r"|nació|murió|sale|salen|caduca|caducan|vence|vencen"
    r"|se (?:fundó|fundaron|inauguró|inaugurará|publica|publicó|publicaron|publicará|presenta"
    r"|presentó|presentará|celebra|celebran|celebró|celebrará|reúne|reúnen|reunió|construyó"
    r"|construyeron|aprobó|firmó|creó|lanzó|estrenó|estrenará|renueva|instaló|constituyó|disolvió"
    r"|restauró|reformó|descubrió|paga|pagan|cobra|entrega|recoge|recogen)"
    r"|entr(?:a|an|ó|aron|ará) en vigor"
    r"|fue (?:fundad|cread|publicad|inaugurad|construid|aprobad|presentad|lanzad)[oa]"
    r"|tuvo lugar|tendrá lugar)"
)
_PERSON: Final = (
    r"(?:investigador|profesor|científic|ingenier|director|president|fundador|escritor|poet|pintor"
    r"|músic|médic|abogad|alcald|ministr|periodist|economist|analist|empresari|programador|filósof"
    r"|matemátic|físic|químic|arquitect|actor|actriz|cantante|políti|historiador|corresponsal)\w*"
)
_POOR: Final = (
    r"(?:poco|pena|lástima|error|caso|ejemplo|buen|buena|mal|mala|gran|cuestión|problema|asunto|hecho"
    r"|cosa|tema|desastre|éxito|fracaso|verdad|idea|detalle|dato|opción|alternativa|tanto|cifra"
    r"|requisito|motivo|razón|mismo|misma|única|único|primer|primera|segunda|última)\b"
)
_AMOUNTS: Final = (
    r"cuesta|cuestan|costó|costaron|costará|costarán|vale|valen|mide|miden|pesa|pesan|dura|duran|duró"
    r"|durará|tarda|tardan|ocupa|ocupan|consume|consumen"
)
_NOT_COUNTED: Final = "veces|partes|lados|puntos|pasos|tipos|formas|maneras|opciones|razones|cosas"


def _what_is(found: re.Match[str], subject: str) -> str:
    verb = found["verb"]
    if re.match(_PERSON, found["kind"]):
        return f"¿Quién {verb} {subject}?" if verb == "es" else ""
    if not subject.startswith(("el ", "la ", "los ", "las ")) and len(subject.split()) > 1:
        return (
            ""
            if re.fullmatch(r"[A-ZÁÉÍÓÚ][a-zñáéíóú]+(?: [A-ZÁÉÍÓÚ][a-zñáéíóú]+)+", subject)
            else (f"¿Qué {verb} {subject}?")
        )
    return f"¿Qué {verb} {subject}?"


def _how_many(found: re.Match[str], subject: str) -> str:
    noun = found["noun"]
    if noun.endswith(("emas", "amas", "omas")) or noun in {"días", "mapas", "idiomas"}:
        word = "Cuántos"
    elif noun.endswith(("as", "ciones", "siones", "dades")):
        word = "Cuántas"
    elif noun.endswith(
        ("os", "tantes", "metros", "meses", "bits", "bytes", "tokens", "jadores", "ares")
    ):
        word = "Cuántos"
    else:
        return ""
    return f"¿{word} {noun} {found['verb']} {subject}?"


Ask = Callable[[re.Match[str], str], str]


def _with(begins: str) -> Ask:
    return lambda found, subject: f"¿{begins} {found['verb']} {subject}?"


# Each: how much it is worth, the kind of question, what follows the subject, what is asked.
_RULES: Final[tuple[tuple[float, str, re.Pattern[str], Ask], ...]] = tuple(
    (worth, kind, re.compile(pattern), ask)
    for worth, kind, pattern, ask in (
        (1.0, "amount", rf"(?P<verb>{_AMOUNTS}) {_SAYS_NUMBER}", _with("Cuánto")),
        (1.0, "time", rf"(?P<verb>{_HAPPENS}) {_WHEN}", _with("Cuándo")),
        (
            0.9,
            "what",
            rf"(?P<verb>es|son) (?:un|una|unos|unas) (?!{_POOR})(?P<kind>\w{{3,}}) \w+",
            _what_is,
        ),
        (
            0.9,
            "what",
            r"(?P<verb>es|son) (?:el|la|los|las) (?P<kind>conjunto|nombre|proceso|familia|técnica"
            r"|unidad|rama|órgano|empresa|organización|formato|lenguaje|sistema|programa)s? \w+",
            _what_is,
        ),
        (0.95, "consists", r"(?P<verb>consiste|consisten|consistía) en \w+", _with("En qué")),
        (0.9, "purpose", r"(?P<verb>sirve|sirven) para \w+", _with("Para qué")),
        (0.8, "means", r"(?P<verb>significa|significan) \w+", _with("Qué")),
        (
            0.8,
            "charge",
            r"(?P<verb>se encarga|se encargan|se ocupa|se ocupan) de \w+",
            _with("De qué"),
        ),
        (
            0.85,
            "reason",
            r"(?P<verb>se debe|se deben|se debió) (?:a|sobre todo a|al) \w+",
            _with("A qué"),
        ),
        (0.8, "depends", r"(?P<verb>depende|dependen) de \w+", _with("De qué")),
        (
            0.9,
            "place",
            r"(?P<verb>está|están|se encuentra|se encuentran|se celebra|se guarda|se guardan) "
            r"en (?:el|la|los|las|[A-ZÁÉÍÓÚ])",
            _with("Dónde"),
        ),
        (
            0.95,
            "count",
            r"(?P<verb>tiene|tienen|tuvo|tendrá|guarda|guardan|reúne|alberga|admite) "
            r"(?:unos |unas |más de )?(?:[2-9]|\d[\d.]+|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
            rf"|diez|doce) (?!{_NOT_COUNTED})"
            r"(?P<noun>\w{4,}s)\b",
            _how_many,
        ),
        (0.7, "contains", r"(?P<verb>contiene|contienen|regula|regulan) \w+ \w+", _with("Qué")),
    )
)
_VERB_AHEAD: Final = re.compile(
    r" (?=(?:es|son|sirven?|consisten?|consistía|significan?|se \w+|dependen?|está|están"
    r"|tienen?|tuvo|tendrá|guardan?|reúne|alberga|admite|contienen?|regulan?"
    rf"|{_AMOUNTS}|{_HAPPENS}) )"
)


def ask_of(sentence: str, headings: Sequence[str]) -> tuple[float, str, str] | None:
    """Return what a sentence answers: what the question is worth, in (0, 1], its kind, itself."""
    said = " ".join(_MARKS.sub("", sentence).split())
    ahead = _VERB_AHEAD.search(said)
    if ahead is None or ahead.start() > 90 or said.rstrip().endswith((":", "?", "…")):
        return None
    subject = as_subject(said[: ahead.start()], headings)
    if subject is None:
        return None
    rest = said[ahead.end() :]
    for worth, kind, pattern, ask in _RULES:
        if found := pattern.match(rest):
            question = ask(found, subject)
            return (worth, kind, question) if question else None
    return None
