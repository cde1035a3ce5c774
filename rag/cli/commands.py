"""The commands: what a person types."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from rag.cli.output import (
    one_line,
    print_json,
    printable,
    question_writer,
    say,
    say_answer,
    say_evidence,
    say_explanation,
    say_metrics,
    say_notices,
    say_report,
    say_understood,
)
from rag.cli.progress import counter, progress_bar
from rag.cli.spanish import Command, Group

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.evaluate import Judged, TestSet
    from rag.schema import Answer, Event, Turn

ABSTAINED_EXIT: Final = 3

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

QuestionArgument = Annotated[
    str, typer.Argument(metavar="PREGUNTA", help="Qué quieres saber, entre comillas.")
]
AfterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--after",
        metavar="PREGUNTA",
        help="Una pregunta anterior de la conversación; se puede repetir, la más antigua primero.",
    ),
]
IndexDirOption = Annotated[
    Path | None,
    typer.Option("--index-dir", metavar="CARPETA", help="Dónde está el índice; si no, en index."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Muestra de dónde sale cada fuente, con sus puntuaciones.")
]
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
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODELO",
        help="Quién escribe: auto (si no dices nada), embedded, extractive u ollama:NOMBRE.",
    ),
]


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


@app.command("index", cls=Command)
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
    assistant = _open(index_dir=index_dir)
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


@app.command("watch", cls=Command)
def watch_command(
    paths: PathsArgument = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    index_dir: IndexDirOption = None,
) -> None:
    """Pone el índice al día cada vez que cambia algo, hasta que lo pares con Ctrl-C."""
    from rag.errors import RagError

    assistant = _open(index_dir=index_dir)
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


@app.command("search", cls=Command)
def search_command(
    question: QuestionArgument,
    after: AfterOption = None,
    index_dir: IndexDirOption = None,
    top_k: Annotated[
        int | None,
        typer.Option("--top-k", metavar="N", min=1, max=50, help="Cuántas fuentes; si no, 5."),
    ] = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Busca las frases que hablan de algo, con su archivo y su línea."""
    from rag.schema import Turn

    assistant = _open(index_dir=index_dir)
    history: list[Turn] = []
    for earlier in after or ():
        history.append(Turn(assistant.understand(earlier, history)))
    retrieved = assistant.search(question, top_k, history=history)
    if as_json:
        print_json(retrieved.as_dict() | (retrieved.explanation.as_dict() if explain else {}))
        return
    say_understood(retrieved.standalone_question)
    if not retrieved.evidence:
        say("No hay nada parecido en los documentos.")
    say_evidence(retrieved.evidence)
    say_notices(retrieved.notices)
    if explain:
        say_explanation(retrieved.explanation)


@app.command("ask", cls=Command)
def ask_command(
    question: QuestionArgument,
    after: AfterOption = None,
    index_dir: IndexDirOption = None,
    model: ModelOption = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Escribe la respuesta de una vez.")
    ] = False,
) -> None:
    """Responde una pregunta y cita las líneas que lo dicen."""
    assistant = _open(index_dir=index_dir, model=model)
    history: list[Turn] = []
    for earlier in after or ():
        history.append(assistant.ask(earlier, history).turn)
    show_tokens = not as_json and not no_stream and sys.stdout.isatty()
    events = assistant.stream(question, history)
    answer, streamed = _answer(events, show_tokens=show_tokens, is_quiet=as_json)
    if as_json:
        print_json(answer.as_dict() | (answer.explanation.as_dict() if explain else {}))
    else:
        say_answer(answer, streamed if show_tokens else None)
        if explain:
            say_explanation(answer.explanation)
    if answer.abstained:
        raise typer.Exit(ABSTAINED_EXIT)


@app.command("web", cls=Command)
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
        _open(index_dir=index_dir, model=model),
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


@app.command("password", cls=Command)
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


@app.command("eval", cls=Command)
def eval_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="ARCHIVO", help="Preguntas con respuesta, en JSONL o en JSON como el de SQuAD."
        ),
    ],
    index_dir: IndexDirOption = None,
    model: ModelOption = None,
    corpus_from_file: Annotated[
        bool,
        typer.Option(
            "--corpus-from-file", help="Pregunta a los textos del propio archivo (SQuAD)."
        ),
    ] = False,
    details: Annotated[
        Path | None,
        typer.Option("--details", metavar="SALIDA", help="Escribe aquí qué pasó en cada pregunta."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Mide el acierto con preguntas cuya respuesta se sabe."""
    from rag.errors import UsageError
    from rag.evaluate import evaluate, read_test_set

    test_set = read_test_set(file)
    if details is not None and details.resolve() == file.resolve():
        raise UsageError("--details escribiría sobre las preguntas", "Indica otro archivo")
    with (
        _assistant_for(test_set, corpus_from_file, index_dir, model) as assistant,
        question_writer(details) as write,
        counter("Preguntas", len(test_set.questions), visible=not as_json) as advance,
    ):

        def on_judged(judged: Judged) -> None:
            write(judged)
            advance()

        metrics = evaluate(assistant, test_set.questions, on_judged)
    if as_json:
        print_json(metrics.as_dict())
    else:
        say_metrics(metrics)


@contextmanager
def _assistant_for(
    test_set: TestSet, corpus_from_file: bool, index_dir: Path | None, model: str | None
) -> Iterator[Assistant]:
    """Open the index that a test set is about, making it for a while if it brings its own."""
    from rag.errors import UsageError

    if not test_set.documents:
        if corpus_from_file:
            raise UsageError(
                "El archivo no trae textos, solo preguntas", "Quita --corpus-from-file"
            )
        yield _open(index_dir=index_dir, model=model)
        return
    if not corpus_from_file:
        raise UsageError(
            "Las preguntas son sobre los textos del propio archivo", "Añade --corpus-from-file"
        )
    with TemporaryDirectory(prefix="rag-eval-") as folder:
        documents = Path(folder, "textos")
        documents.mkdir()
        test_set.write_documents(documents)
        assistant = _open(index_dir=Path(folder, "index"), model=model)
        with progress_bar(visible=True) as on_progress:
            assistant.index([documents], on_progress=on_progress)
        yield assistant


@app.command("status", cls=Command)
def status_command(index_dir: IndexDirOption = None, as_json: JsonOption = False) -> None:
    """Dice qué hay en el índice y con qué se hizo."""
    status = _open(index_dir=index_dir).status()
    if as_json:
        print_json(status.as_dict())
        return
    say(f"Índice         {status.index_dir}, del {status.created}")
    say(f"Carpetas       {', '.join(status.roots)}")
    say(
        f"Contenido      {status.n_documents} documentos, {status.n_chunks} fragmentos, "
        f"{status.n_sentences} frases"
    )
    if status.n_copies:
        which = (
            "1 documento, que se cita"
            if status.n_copies == 1
            else (f"{status.n_copies} documentos, que se citan")
        )
        say(f"Iguales        {which} con su original")
    if status.notes:
        say(f"Con notas      {len(status.notes)}; «rag status --json» las dice")
    if status.skipped:
        say(f"Sin leer       {len(status.skipped)} archivos; «rag status --json» dice por qué")
    say(f"Tamaño         {status.n_bytes / 1e6:.1f} MB")
    say(f"Búsqueda       {status.embedding_model}, {status.dimension} dimensiones")
    say_notices([status.notice] if status.notice else [])


@app.command("doctor", cls=Command)
def doctor_command(index_dir: IndexDirOption = None) -> None:
    """Mira si está todo lo necesario y cómo arreglar lo que falte."""
    from rag.doctor import examine

    signs = {True: "✓", None: "·", False: "✗"}
    healthy = True
    for check in examine(_open(index_dir=index_dir)):
        say(f"{signs[check.ok]} {check.name}: {check.says}")
        healthy = healthy and check.ok is not False
    if not healthy:
        raise typer.Exit(1)


def _open(**arguments: Any) -> Assistant:
    from rag.assistant import Assistant

    return Assistant.open(**arguments)


def _answer(events: Iterator[Event], *, show_tokens: bool, is_quiet: bool) -> tuple[Answer, str]:
    """Follow the events of an answer, writing its words as they come if that is wanted."""
    from rag.schema import Answer, Retrieved, Token

    written = ""
    try:
        for event in events:
            match event:
                case Retrieved() if not is_quiet:
                    say_understood(event.standalone_question)
                case Token():
                    written += event.text
                    if show_tokens:
                        print(printable(event.text), end="", flush=True)
                case Answer():
                    return event, written
    finally:
        if show_tokens and written:
            print()
    raise AssertionError("stream ends with an Answer")
