"""The commands: what a person types, in the order in which the help tells them."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from rag.cli.asking import ask_command, search_command
from rag.cli.evaluating import eval_command
from rag.cli.health import doctor_command, status_command
from rag.cli.indexing import index_command, watch_command
from rag.cli.output import say
from rag.cli.serving import password_command, web_command
from rag.cli.spanish import Command, Group

app = typer.Typer(
    cls=Group,
    help="Pregunta en español a tus propios documentos, en tu equipo y sin conexión.",
    epilog="Códigos de salida: 0 respondida · 1 error · 2 uso · 3 no consta en los documentos · "
    "4 no hay índice · 5 no hay modelo.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for name, command in (
    ("index", index_command),
    ("watch", watch_command),
    ("search", search_command),
    ("ask", ask_command),
    ("web", web_command),
    ("password", password_command),
    ("eval", eval_command),
    ("status", status_command),
    ("doctor", doctor_command),
):
    app.command(name, cls=Command)(command)


def _say_version(wanted: bool) -> None:
    if wanted:
        from rag import __version__

        say(f"rag {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Dice la versión y termina."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Muestra el detalle técnico de los errores.")
    ] = False,
) -> None:
    if debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
