"""Typer in Spanish: the words of its help and of what it says about a command line."""

from __future__ import annotations

import re
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

from rag.errors import UsageError

# Typer's own words, in the order in which they are replaced.
_HELP_WORDS: Final = (
    ("Usage:", "Uso:"),
    ("COMMAND [ARGS]...", "ORDEN [ARGUMENTOS]…"),
    ("[OPTIONS]", "[OPCIONES]"),
    ("Arguments:", "Argumentos:"),
    ("Options:", "Opciones:"),
    ("Commands:", "Órdenes:"),
    ("Show this message and exit.", "Muestra esta ayuda y termina."),
    ("[default: ", "[por defecto: "),
    ("[required]", "[obligatorio]"),
    ("]...", "]…"),
)

# Types and ranges, which say nothing to a person that the help does not.
_TYPE: Final = re.compile(r" <[\w\[\] ]+>| *\[\d+<=x<=\d+\]|; \d+<=x<=\d+")
_BRACES: Final = re.compile(r"\{(\w+)\}")


def in_spanish(text: str) -> str:
    """Replace Typer's own words in a help text."""
    for english, spanish in _HELP_WORDS:
        text = text.replace(english, spanish)
    return _BRACES.sub(r"\1", _TYPE.sub("", text))


class Command(TyperCommand):
    """A command whose help is in Spanish."""

    def get_help(self, ctx: Any) -> str:
        return in_spanish(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is in Spanish."""

    def get_help(self, ctx: Any) -> str:
        return in_spanish(super().get_help(ctx))


def usage_error(error: Exception) -> UsageError | None:
    """Turn what Typer says of the command line into Spanish."""
    kind = type(error).__name__
    remedy = "Mira «rag --help» o la ayuda de la orden"
    parameter = getattr(error, "param", None)
    name = getattr(parameter, "metavar", None) or getattr(parameter, "name", None) or ""
    if kind == "MissingParameter":
        return UsageError(f"Falta {name}", remedy)
    if kind == "NoSuchOption":
        return UsageError(f"No existe la opción «{getattr(error, 'option_name', '')}»", remedy)
    if kind == "BadParameter":
        option = parameter.opts[0] if parameter is not None and parameter.opts else name
        return UsageError(f"El valor de «{option}» no es válido", remedy)
    if kind == "BadOptionUsage":
        option = getattr(error, "option_name", "")
        return UsageError(f"La opción «{option}» no se usa así", remedy)
    if kind == "UsageError":
        words = str(getattr(error, "message", error))
        if words.startswith("No such command"):
            order = "".join(re.findall(r"'([^']*)'", words)[:1])
            return UsageError(f"No existe la orden «{order}»", remedy)
        return UsageError("No entiendo la orden: sobra o falta algo", remedy)
    return None
