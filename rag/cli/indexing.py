"""Indexing: the commands that bring the index in step with the files."""

from __future__ import annotations

import signal
import threading
from typing import Annotated, NoReturn

import typer

from rag.cli.options import IndexDirOption, JsonOption, open_assistant
from rag.cli.output import one_line, print_json, say, say_report
from rag.cli.progress import progress_bar

PathsArgument = Annotated[
    list[str] | None,  # not Path, to which an empty argument is the current folder
    typer.Argument(metavar="RUTAS", help="Archivos y carpetas; si no, las de la última vez."),
]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--include", metavar="PATRÓN", help="Solo estos archivos, como «*.md»; se puede repetir."
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="PATRÓN", help="Estos no, como «borradores/»; se puede repetir."
    ),
]


def index_command(
    paths: PathsArgument = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    index_dir: IndexDirOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Vuelve a leer y a calcular todo.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Dice qué cambiaría, sin cambiar nada.")
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option("--allow-empty", help="Acepta que una carpeta se haya quedado sin archivos."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Pone el índice al día con tus archivos y carpetas."""
    assistant = open_assistant(index_dir=index_dir)
    with progress_bar(visible=not as_json) as on_progress:
        report = assistant.index(
            paths or (),
            include=include,
            exclude=exclude,
            rebuild=rebuild,
            dry_run=dry_run,
            allow_empty=allow_empty,
            on_progress=on_progress,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        say_report(report)


def watch_command(
    paths: PathsArgument = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    index_dir: IndexDirOption = None,
) -> None:
    """Pone el índice al día cada vez que cambia algo, hasta que lo pares con Ctrl-C."""
    from rag.errors import RagError

    assistant = open_assistant(index_dir=index_dir)
    stop = threading.Event()

    def interrupt(_number: int, _frame: object) -> NoReturn:
        stop.set()  # should the exception be lost, as it is in a finaliser
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    skipped = None
    for event in assistant.watch(paths or (), include=include, exclude=exclude, stop=stop):
        if isinstance(event, RagError):
            say(one_line(f"Error: {event}"))
            continue
        is_first = skipped is None
        if event.has_changes or event.skipped != skipped:
            say_report(event)
        skipped = event.skipped
        if is_first:
            say("Atento a los cambios; para terminar, Ctrl-C.")
    raise typer.Abort
