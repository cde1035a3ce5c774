"""The commands: what a person types."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from rag.cli.output import (
    explained,
    one_line,
    print_json,
    printable,
    say,
    say_answer,
    say_evidence,
    say_passages,
)
from rag.cli.progress import counter, progress_bar
from rag.cli.spanish import Command, Group

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.schema import Answer, Retrieved

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
IndexDirOption = Annotated[
    Path | None,
    typer.Option("--index-dir", metavar="CARPETA", help="Dónde está el índice; si no, en index."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Muestra de dónde sale cada fuente, con sus puntuaciones.")
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
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUTAS",
            help="Archivos y carpetas; si no, las de la última vez.",
        ),
    ] = None,
    index_dir: IndexDirOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Vuelve a leer y a calcular todo.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Dice qué cambiaría, sin cambiar nada.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Pone el índice al día con tus archivos y carpetas."""
    assistant = _open(index_dir=index_dir)
    with progress_bar(visible=not as_json) as on_progress:
        report = assistant.index(
            paths or (), rebuild=rebuild, dry_run=dry_run, on_progress=on_progress
        )
    if as_json:
        print_json(report.as_dict())
        return
    for name, why in report.skipped:
        say(one_line(f"Omitido: {name}: {why}"))
    counts = report.as_dict()["counts"]
    names = ("Nuevos", "Cambiados", "Renombrados", "Borrados", "Sin cambios", "Omitidos")
    say(" · ".join(f"{name}: {n}" for n, name in zip(counts.values(), names, strict=True)))
    if dry_run:
        say("No se ha cambiado nada.")
    else:
        say(f"Documentos en el índice: {report.n_documents}. Fragmentos: {report.n_chunks}.")


@app.command("search", cls=Command)
def search_command(
    question: QuestionArgument,
    index_dir: IndexDirOption = None,
    top_k: Annotated[
        int | None,
        typer.Option("--top-k", metavar="N", min=1, max=50, help="Cuántas fuentes; si no, 5."),
    ] = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Busca las frases que hablan de algo, con su archivo y su línea."""
    retrieved = _open(index_dir=index_dir).search(question, top_k)
    if as_json:
        print_json(explained(retrieved.as_dict(), retrieved.passages, explain=explain))
        return
    if not retrieved.evidence:
        say("No hay nada parecido en los documentos.")
    say_evidence(retrieved.evidence)
    if explain:
        say_passages(retrieved.passages, retrieved.confidence)


@app.command("ask", cls=Command)
def ask_command(
    question: QuestionArgument,
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
    show_tokens = not as_json and not no_stream and sys.stdout.isatty()
    answer, retrieved, streamed = _answer(assistant, question, show_tokens=show_tokens)
    if as_json:
        print_json(explained(answer.as_dict(), answer.passages, explain=explain))
    else:
        say_answer(answer, streamed if show_tokens else None)
        if explain:
            say_passages(answer.passages, retrieved.confidence)
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
            help="Pide usuario y clave; hace falta si escucha fuera de este equipo.",
        ),
    ] = None,
) -> None:
    """Abre la página para conversar con tus documentos."""
    from rag.web import serve

    assistant = _open(index_dir=index_dir, model=model)
    serve(assistant, host=host, port=port, auth=auth, on_ready=lambda url: say(f"Abre {url}"))


@app.command("eval", cls=Command)
def eval_command(
    file: Annotated[
        Path, typer.Argument(metavar="ARCHIVO", help="Preguntas con respuesta, en JSONL.")
    ],
    index_dir: IndexDirOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mide el acierto con preguntas cuya respuesta se sabe."""
    from rag.evaluate import evaluate, load_questions

    assistant = _open(index_dir=index_dir, model=model)
    questions = load_questions(file)
    with counter("Preguntas", len(questions), visible=not as_json) as advance:
        metrics = evaluate(assistant, questions, advance)
    if as_json:
        print_json(metrics.as_dict())
        return
    rows = [
        *(
            (f"Línea correcta hasta la {top}.ª fuente", n, metrics.n_answerable)
            for top, n in metrics.evidence_hits.items()
        ),
        ("Respuesta correcta, o en la primera cita", metrics.n_answers_right, metrics.n_answerable),
        ("Contestadas, de las que tienen respuesta", metrics.n_answered, metrics.n_answerable),
        ("Rechazadas, de las que no la tienen", metrics.n_refused_rightly, metrics.n_unanswerable),
        ("Citas literales en sus líneas", metrics.n_verbatim, metrics.n_citations),
    ]
    for label, n, total in rows:
        say(f"{label:<46} {n:>4} de {total}")
    say(f"{'Mediana por pregunta':<46} {metrics.median_seconds:.2f} s")


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
    say(f"Tamaño         {status.n_bytes / 1e6:.1f} MB")
    say(f"Búsqueda       {status.embedding_model}, {status.dimension} dimensiones")


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


def _answer(
    assistant: Assistant, question: str, *, show_tokens: bool
) -> tuple[Answer, Retrieved, str]:
    """Follow the events of an answer, writing its words as they come if that is wanted."""
    from rag.schema import Answer, Token

    events = assistant.stream(question)
    retrieved = next(events)
    written = ""
    try:
        for event in events:
            match event:
                case Token():
                    written += event.text
                    if show_tokens:
                        print(printable(event.text), end="", flush=True)
                case Answer():
                    return event, cast("Retrieved", retrieved), written
    finally:
        if show_tokens and written:
            print()
    raise AssertionError("stream ends with an Answer")
