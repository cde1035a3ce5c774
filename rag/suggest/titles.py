"""Titles to questions: what a title promises, asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rag.lexical import fold
from rag.suggest.subject import says_of_what

_NUMBER: Final = re.compile(
    r"^(?:(?:Capítulo|Artículo|Anexo|Sección)\s+)?[\dIVX]+(?:\.\d+)*[.)ºª:]*\s+[-–—]?\s*"
)
_CLEAN: Final = re.compile(r"[\w\s./+'’(),«»“”\"-]+")
_ONE: Final = {
    "el": "horario precio plazo objetivo calendario coste significado origen tamaño contenido "
    "presupuesto programa lema",
    "la": "dirección duración finalidad estructura historia función tarifa",
    "los": "requisitos precios horarios plazos inconvenientes riesgos objetivos tipos límites",
    "las": "tarifas condiciones ventajas causas consecuencias características funciones normas "
    "partes",
}
_ARTICLE: Final = {noun: article for article, nouns in _ONE.items() for noun in nouns.split()}
_IN_FIGURES: Final = re.compile(
    r"¿Cuál(?:es)? (?:es|son) (?:el|la|los|las) "
    r"(?:horario|precio|plazo|coste|duración|tarifa|presupuesto)"
)
_NOUN_OF: Final = re.compile(r"(?:El |La |Los |Las )?(?P<noun>\w+) (?P<of>(?:de|del|para) .+)")
# What is done, by the noun for doing it: «Instalación de X» tells how X is installed.
_DONE: Final = dict(
    pair.split(":")
    for pair in """
    instalación:instala configuración:configura creación:crea eliminación:elimina
    actualización:actualiza impresión:imprime inserción:inserta edición:edita
    renovación:renueva compilación:compila verificación:verifica
    conversión:convierte combinación:combina exportación:exporta importación:importa
    modificación:modifica activación:activa desactivación:desactiva
    protección:protege recuperación:recupera preparación:prepara solicitud:solicita
    limpieza:limpia mantenimiento:mantiene monitorización:monitoriza organización:organiza
    personalización:personaliza resolución:resuelve grabación:graba ejecución:ejecuta
    inicialización:inicializa extracción:extrae sustitución:sustituye gestión:gestiona
    desinstalación:desinstala selección:selecciona búsqueda:busca
    """.split()
)
_HOW: Final = re.compile(r"Cómo (?P<rest>[a-zñáéíóú]{3,}(?:ar|er|ir)(?:se|lo|la|los|las)? .+)")
_QUESTION_WORD: Final = re.compile(
    r"(?:Qué (?:es|son|hace|significa|contiene)|Para qué sirven?|Quién(?:es)? (?:es|son|pueden?)"
    r"|Dónde (?:está|se)|Cuándo (?:se|hay)|Por qué (?:se|es|no|hay|usar)"
    r"|Cuánto (?:cuesta|dura|se|tarda)) .+"
)
_NAMES_IT: Final = re.compile(
    r"\b(?:el|la|los|las|un|una) \w{4,}\Z|\b(?:el|la|los|las|un|una) \w{4,} |[A-ZÁÉÍÓÚ]\w"
)
_INFINITIVE: Final = re.compile(
    r"(?P<verb>[A-ZÁÉÍÓÚ][a-zñáéíóú]{2,}(?:ar|er|ir)) "
    r"(?P<rest>(?:el|la|los|las|un|una|unos|unas|varios|varias) .+|[a-zñáéíóú]{3,}s \S+.*)"
)
_NOT_VERBS: Final = frozenset(
    """
    lugar taller mujer poder placer hogar azucar altar ejemplar pilar caracter alquiler familiar
    popular militar particular escolar
    """.split()
)
_ASKED: Final = re.compile(
    r"¿(?:(?:(?:por|para|a|de|en|con|desde|hasta) )?(?:qué|quién(?:es)?|cuál(?:es)?|cuándo|dónde)"
    r"|cómo|cuánt[oa]s?|se puede|hay que|puedo|tengo que) [^¿?]{4,80}\?",
    re.IGNORECASE,
)
_VAGUE: Final = re.compile(
    r"\b(?:est[aeo]s?|es[aeo]s?|aquel\w*|así|aquí|ahora|ello|lo anterior|lo siguiente|siguientes?"
    r"|anterior(?:es)?|mi|mis|yo|me|nos|nuestr\w+|además|entonces|también|otr[oa]s?|dich[oa]s?"
    r"|sus?|tus?|mism[oa]s?)\b",
    re.IGNORECASE,
)
_TWO_THINGS: Final = re.compile(r",|\by\b|\be\b|\bo\b|\(")
_DISAGREES: Final = re.compile(
    r"\b(?:un|una|el|la|del|al) \w{3,}[aeo]s\b|\b(?:los|las) \w+[^s\W]\b"
)


_DEFINED: Final = re.compile(
    r"^[-*•] \*\*(?P<term>[^*\n().:]{2,40})(?: \([^()\n]{1,60}\))?[.:]\*\*:? \w.{25,}", re.MULTILINE
)
_GLOSSARY: Final = re.compile(r"glosario|definiciones|vocabulario|\btérminos\b", re.IGNORECASE)


def definitions(text: str, headings: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and question of what a glossary defines."""
    if not any(_GLOSSARY.search(heading) for heading in headings):
        return
    for found in _DEFINED.finditer(text):
        term = " ".join(found["term"].split())
        if term[1:] == term[1:].lower():
            term = term[0].lower() + term[1:]
        yield found.start(), found.end(), f"¿Qué significa «{term}»?"


def needs_figures(question: str) -> bool:
    """Say whether only figures answer it: «el precio de las prisas» is another thing."""
    return _IN_FIGURES.match(question) is not None


def ask_for(title: str) -> tuple[float, str, str] | None:
    """Return the question that a title makes: what it is worth, in (0, 1], its kind, itself."""
    said = " ".join(re.sub(r"[*`_]{1,2}", "", title).split())
    said = _NUMBER.sub("", said).strip(" .:")
    if asked := _ASKED.search(title):
        question = " ".join(re.sub(r"[*`]", "", asked.group()).split())
        if (
            _NAMES_IT.search(question.partition(" ")[2])
            and not _VAGUE.search(question)
            and "…" not in question
        ):
            return 0.9, "asked", question
        return None
    if not 2 <= said.count(" ") + 1 <= 12 or not _CLEAN.fullmatch(said) or _VAGUE.search(said):
        return None
    if said.isupper() or said.count("(") != said.count(")") or _DISAGREES.search(said):
        return None
    return _from_question(said) or _from_infinitive(said) or _from_noun(said)


def _from_question(said: str) -> tuple[float, str, str] | None:
    """Ask with a title that asks, without its marks: «Cómo renovar el carné»."""
    if (found := _HOW.fullmatch(said)) and _is_whole(found["rest"]):
        return 0.85, "how", f"¿Cómo puedo {found['rest']}?"
    found = _QUESTION_WORD.fullmatch(said)
    if found and _is_whole(said) and _NAMES_IT.search(said.partition(" ")[2]):
        return 0.85, "asked", f"¿{said}?"
    return None


def _from_infinitive(said: str) -> tuple[float, str, str] | None:
    """Ask with a title of a manual: «Insertar una tabla»."""
    found = _INFINITIVE.fullmatch(said)
    if found is None or fold(found["verb"].casefold()) in _NOT_VERBS:
        return None
    is_any = found["rest"].startswith(("un ", "una ", "unos ", "unas "))  # none of those known
    if not (is_any or _is_whole(found["rest"])):
        return None
    return 0.8, "how", f"¿Cómo puedo {found['verb'].lower()} {found['rest']}?"


def _from_noun(said: str) -> tuple[float, str, str] | None:
    """Ask with a noun and what it is of: «Horario de la biblioteca», «Instalación de X»."""
    found = _NOUN_OF.fullmatch(said)
    if found is None or _TWO_THINGS.search(said) or not _is_whole(found["of"]):
        return None
    noun, of = found["noun"].lower(), found["of"]
    if (article := _ARTICLE.get(noun)) and found.start("noun") == 0:
        asks, verb = ("Cuál", "es") if article in {"el", "la"} else ("Cuáles", "son")
        return 0.9, "which", f"¿{asks} {verb} {article} {noun} {of}?"
    if (verb := _DONE.get(noun, "")) and of.startswith(("de ", "del ")):
        thing = "el " + of[4:] if of.startswith("del ") else of[3:]
        first = thing.split()[0]
        is_plural = first in {"los", "las", "unos", "unas"} or (
            first.islower() and first not in {"el", "la", "un", "una"} and first.endswith("s")
        )
        return 0.85, "how", f"¿Cómo se {verb}{'n' if is_plural else ''} {thing}?"
    return None


def _is_whole(rest: str) -> bool:
    """Say whether a phrase names something, and does not break off."""
    return says_of_what(rest) and not rest.endswith((" de", " a", " con", " en", " y", " para"))
