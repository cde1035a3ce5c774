"""Subjects: whether the beginning of a sentence names something that a question can ask about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.lexical import fold

_ARTICLES: Final = frozenset("el la los las".split())
_LINKS: Final = frozenset("de del la las los el para por con en a al y e sin entre sobre".split())
# Each stands for something said before, or says which of several.
_POINTING: Final = frozenset(
    """
    este esta estos estas ese esa esos esas aquel aquella aquellos aquellas esto eso aquello mismo
    misma mismos mismas siguiente siguientes anterior anteriores primer primera primero primeros
    primeras segundo segunda tercer tercera cuarto cuarta quinto ultimo ultima ultimos ultimas otro
    otra otros otras dicho dicha tal tales su sus nuestro nuestra mi tu que cual cuyo cuya cada
    ambos ambas unico unica demas resto nuevo nueva actual presente citado citada segunda propio
    propia cuando donde como si no se lo le les me te nos ya tambien solo muy mas menos todo toda
    todos todas alguno alguna algunos algunas ninguno ninguna uno una un unos unas es son fue ser
    ha han hay hoy ahora aqui ahi asi nada algo alguien ello ella ellos ellas usted ustedes yo
    verdadero verdadera principal resultante correspondiente respectivo respectiva usted gran
    """.split()
)
# Nouns that need somebody to say of what, and the words that tell about the text itself.
_EMPTY: Final = frozenset(
    """
    cosa cosas hecho caso casos razon razones motivo motivos idea ideas problema problemas
    diferencia diferencias resultado resultados cuestion clave causa causas ventaja ventajas
    inconveniente consecuencia consecuencias verdad respuesta pregunta preguntas objetivo objetivos
    ejemplo ejemplos nota notas dato datos resto parte partes paso pasos figura tabla capitulo
    seccion apartado documento texto pagina articulo anexo lista mayoria minoria mitad tercio
    manera forma modo tipo tipos opcion opciones posibilidad salida entrada valor valores nombre
    cuenta cifra cifras replica leccion moraleja conclusion resumen punto puntos situacion cambio
    autor autora dueno usuario usuarios gente persona personas anos ano dia dias vez veces hora
    horas minuto minutos lado fin final principio comienzo momento tema temas orden efecto via
    consejo segunda regla reglas linea lineas columna columnas fila filas elemento elementos
    boton botones icono iconos menu cuadro campo casilla pestana ventana accion funcion
    parrafo intencion advertencia diccionario siguiente contenido cantidad numero estado
    tarea error errores mensaje comando orden procedimiento metodo solucion sistema programa
    propuesta propuestas proyecto plan iniciativa medida medidas encargo archivo
    archivos fichero ficheros paquete paquetes directorio maquina informacion configuracion
    """.split()
)
_WORD: Final = re.compile(r"[\w+./-]*\w[+]*")
_MAX_WORDS: Final = 9
_CLEAN: Final = re.compile(r"[\w\s./+'’-]+")


def as_subject(text: str, headings: Sequence[str]) -> str | None:
    """Return the subject of a sentence as it stands within a question; None where it is not one.

    Parameters
    ----------
    text
        From the first word to the verb.
    headings
        Above the sentence, outermost first: what a single noun means is told there.

    Returns
    -------
    str or None
        With its article in lower case, and said whole where a title says it whole: «el abono»
        under «Abono de diez viajes» is «el abono de diez viajes».
    """
    text = " ".join(text.split())
    words = _WORD.findall(text)
    if not 1 <= len(words) <= _MAX_WORDS or not _CLEAN.fullmatch(text) or ". " in text:
        return None
    first, *rest = words
    folded = [fold(word.casefold()) for word in words]
    if folded[-1] in _LINKS or not words[-1][-1].isalnum():
        return None
    if folded[0] not in _ARTICLES:
        return text if _is_name(words, folded, headings) else None
    if not rest or any(word in _POINTING for word in folded[1:]) or _is_odd(rest):
        return None
    content = [word for word in folded[1:] if word not in _LINKS]
    if not content or folded[1] in _LINKS or folded[1].isdigit():
        return None
    has_name = any(is_proper(word) for word in rest)
    article = first.lower()
    if has_name or (len(content) > 1 and not set(content[:1]) & _EMPTY):
        if content[0] in _EMPTY and not has_name:
            return None
        return f"{article} {' '.join(_after(text))}"
    if len(content) == 1 and content[0] not in _EMPTY:
        return _said_whole(article, rest[0], headings)
    return None


def says_of_what(text: str) -> bool:
    """Say whether a phrase names anything: a word of weight, and not one of those of every text."""
    words = _WORD.findall(text)
    return any(
        is_proper(word)
        or (len(word) > 3 and fold(word.casefold()) not in _EMPTY | _POINTING | _LINKS)
        for word in words
    )


def is_proper(word: str) -> bool:
    """Say whether a word is written as a name is, wherever it stands."""
    return word[:1].isupper() or (any(map(str.isdigit, word)) and any(map(str.isalpha, word)))


def _after(text: str) -> list[str]:
    return text.split()[1:]


def _is_odd(words: Sequence[str]) -> bool:
    """Say whether words are none of a phrase: marks among them, numbers, a path."""
    return any(
        len(word) > 30
        or word.startswith((".", "-", "/"))
        or (len(word) == 1 and word not in "yeao")
        for word in words
    )


def _is_name(words: Sequence[str], folded: Sequence[str], headings: Sequence[str]) -> bool:
    """Say whether all of it is a name; one word alone must be one in the middle of a title too."""
    if any(word in _POINTING or word in _EMPTY for word in folded) or _is_odd(words):
        return False
    if not all(is_proper(word) or fold(word) in _LINKS for word in words):
        return False
    if len(words) > 1:
        return len(words) <= 5 and not words[0].isdigit()
    word = words[0]
    if sum(map(str.isupper, word)) > 1:
        return True
    pattern = re.compile(rf"(?:\A|\w[\w ]* ){re.escape(word)}\b")
    return len(word) > 2 and any(pattern.search(heading) for heading in headings)


def _said_whole(article: str, noun: str, headings: Sequence[str]) -> str | None:
    """Return a noun as the titles have it; None where they do not speak of it."""
    wanted = fold(noun.casefold())
    for heading in reversed(headings):
        words = heading.split()
        folded = [fold(word.casefold()).strip(".,:;") for word in words]
        if wanted not in folded or not _CLEAN.fullmatch(heading) or len(words) > 8:
            continue
        at = folded.index(wanted)
        tail, after = words[at + 1 :], folded[at + 1 :]
        if at > 0 and folded[at - 1] != article:
            continue
        if not tail:
            return f"{article} {noun}"
        if after[-1] in _LINKS or set(after) & (_POINTING | {"y", "e", "o"}) or len(tail) > 5:
            continue
        if after[0] in {"de", "del", "para", "a"} or (len(tail) == 1 and tail[0].islower()):
            return f"{article} {noun} {' '.join(tail)}"
    return None
