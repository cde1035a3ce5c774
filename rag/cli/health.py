"""Health: the commands that tell what there is, and what is missing."""

from __future__ import annotations

import typer

from rag.cli.options import IndexDirOption, JsonOption, open_assistant
from rag.cli.output import print_json, say, say_notices


def status_command(index_dir: IndexDirOption = None, as_json: JsonOption = False) -> None:
    """Dice qué hay en el índice y con qué se hizo."""
    status = open_assistant(index_dir=index_dir).status()
    if as_json:
        print_json(status.as_dict())
        return
    say(f"Índice         {status.index_dir}, del {status.created}")
    say(f"Carpetas       {', '.join(status.roots)}")
    say(f"Documentos     {status.n_documents}")
    say(f"Fragmentos     {status.n_chunks}")
    say(f"Frases         {status.n_sentences}")
    if status.n_copies:
        say(f"Copias         {status.n_copies}; las citas dan todas las rutas")
    if status.notes:
        say(f"Con notas      {len(status.notes)}; «rag status --json» las dice")
    if status.skipped:
        say(f"Sin leer       {len(status.skipped)}; «rag status --json» dice por qué")
    say(f"Tamaño         {status.n_bytes / 1e6:.1f} MB")
    say(f"Búsqueda       {status.embedding_model}, {status.dimension} dimensiones")
    say_notices([status.notice] if status.notice else [])


def doctor_command(index_dir: IndexDirOption = None) -> None:
    """Mira si está todo lo necesario y cómo arreglar lo que falte."""
    from rag.doctor import examine

    signs = {True: "✓", None: "·", False: "✗"}
    healthy = True
    for check in examine(open_assistant(index_dir=index_dir)):
        say(f"{signs[check.ok]} {check.name}: {check.says}")
        healthy = healthy and check.ok is not False
    if not healthy:
        raise typer.Exit(1)
