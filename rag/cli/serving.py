"""Serving: the page, and the passwords that it asks for."""

from __future__ import annotations

import os
import sys
import webbrowser
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.options import IndexDirOption, ModelOption, open_assistant
from rag.cli.output import printable, say


def web_command(
    index_dir: IndexDirOption = None,
    model: ModelOption = None,
    host: Annotated[
        str, typer.Option("--host", metavar="DIRECCIÓN", help="Dónde escucha la página.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PUERTO", min=1, max=65535, help="En qué puerto.")
    ] = 7860,
    auth: Annotated[
        str | None,
        typer.Option(
            "--auth",
            metavar="USUARIO:CLAVE",
            help="Pide usuario y clave. Otros usuarios de este equipo pueden verlos en la lista de "
            "procesos: mejor --auth-file, o la variable RAG_WEB_AUTH.",
            envvar="RAG_WEB_AUTH",
            show_envvar=False,
        ),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option(
            "--auth-file",
            metavar="ARCHIVO",
            help="Pide usuario y clave, de los que escribe «rag password» en este archivo.",
        ),
    ] = None,
    token: Annotated[
        bool,
        typer.Option(
            "--token",
            help="Solo entra quien tenga la dirección entera, con un token al azar; fijo, con la "
            "variable RAG_WEB_TOKEN.",
        ),
    ] = False,
    mcp: Annotated[
        bool,
        typer.Option("--mcp", help="Ofrece ask y search a otros asistentes (protocolo MCP)."),
    ] = False,
    read_only: Annotated[
        bool,
        typer.Option("--read-only", help="Solo se pregunta: ni se suben documentos ni se quitan."),
    ] = False,
    opens: Annotated[bool, typer.Option("--open", help="Abre también el navegador.")] = False,
) -> None:
    """Abre la página para conversar con tus documentos."""
    from rag.web import serve

    def on_ready(url: str) -> None:
        say(f"Abre {url}")
        if mcp:
            say(f"Para otros asistentes (MCP): {url.partition('?')[0]}gradio_api/mcp")
        sys.stdout.flush()
        if opens:
            webbrowser.open(url)

    fixed = os.environ.get("RAG_WEB_TOKEN")
    serve(
        open_assistant(index_dir=index_dir, model=model),
        host=host,
        port=port,
        auth=auth or None,
        auth_file=auth_file,
        token=fixed or ("" if token else None),
        mcp=mcp,
        may_change=not read_only,
        on_ready=on_ready,
    )
    sys.stdout.flush()
    os._exit(0)  # at once: an engine may be at work in another thread


def password_command(
    user: Annotated[str, typer.Argument(metavar="USUARIO", help="Quién entra con ella.")],
    auth_file: Annotated[
        Path,
        typer.Option(
            "--auth-file", metavar="ARCHIVO", help="Dónde se guarda, cifrada; se crea si no está."
        ),
    ],
) -> None:
    """Pone la clave de alguien en el archivo de «rag web --auth-file»."""
    from rag.errors import UsageError
    from rag.web.access import write_password

    if sys.stdin.isatty():
        password = getpass(f"Clave de {printable(user)}: ")
        if getpass("Otra vez: ") != password:
            raise UsageError("Las dos claves no son iguales", "Repite la orden")
    else:
        password = sys.stdin.readline().removesuffix("\n")
    replaced = write_password(auth_file, user, password)
    say(f"{'Cambiada' if replaced else 'Guardada'} la clave de {user} en {auth_file}.")
