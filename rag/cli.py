"""The commands, over an Assistant: what a person types and reads, in Spanish."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup

from rag.errors import RagError, UsageError

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.evaluate import Judged
    from rag.index import OnProgress
    from rag.schema import Answer, Evidence, Passage, Progress, Retrieved

ABSTAINED_EXIT: Final = 3

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
    (" <str>", ""),
    (" <path>", ""),
)


def _in_spanish(text: str) -> str:
    for english, spanish in _HELP_WORDS:
        text = text.replace(english, spanish)
    return text


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return _in_spanish(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return _in_spanish(super().get_help(ctx))


app = typer.Typer(
    cls=_Group,
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


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Muestra el detalle técnico de los errores.")
    ] = False,
) -> None:
    if debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)


@app.command("index", cls=_Command)
def index_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RUTAS]…",
            help="Archivos y carpetas. Sin ellas, las de la última vez; la primera vez, seeds.",
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
    with _progress_bar(visible=not as_json) as on_progress:
        report = assistant.index(
            paths or (), rebuild=rebuild, dry_run=dry_run, on_progress=on_progress
        )
    if as_json:
        _print_json(report.as_dict())
        return
    for name, why in report.skipped:
        _print(f"Omitido: {name}: {why}")
    counts = report.as_dict()["counts"]
    names = ("nuevos", "cambiados", "renombrados", "borrados", "sin cambios", "omitidos")
    _print(" · ".join(f"{n} {name}" for n, name in zip(counts.values(), names, strict=True)))
    if dry_run:
        _print("No se ha cambiado nada.")
    else:
        _print(f"El índice tiene {report.n_documents} documentos y {report.n_chunks} fragmentos.")


@app.command("search", cls=_Command)
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
        _print_json(_explained(retrieved.as_dict(), retrieved.passages, explain=explain))
        return
    if not retrieved.evidence:
        _print("No hay nada parecido en los documentos.")
    _print_evidence(retrieved.evidence)
    if explain:
        _print_passages(retrieved.passages, retrieved.confidence)


@app.command("ask", cls=_Command)
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
    streamed = not as_json and not no_stream and sys.stdout.isatty()
    answer, retrieved = _answer(assistant, question, show_tokens=streamed)
    if as_json:
        _print_json(_explained(answer.as_dict(), answer.passages, explain=explain))
    else:
        _print_answer(answer, streamed=streamed)
        if explain:
            _print_passages(answer.passages, retrieved.confidence)
    if answer.abstained:
        raise typer.Exit(ABSTAINED_EXIT)


@app.command("web", cls=_Command)
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
    serve(assistant, host=host, port=port, auth=auth, on_ready=lambda url: _print(f"Abre {url}"))


@app.command("eval", cls=_Command)
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
    with _counter("Preguntas", len(questions), visible=not as_json) as advance:
        metrics = evaluate(assistant, questions, advance)
    if as_json:
        _print_json(metrics.as_dict())
        return
    rows = [
        *(
            (f"Línea correcta entre las {top} primeras fuentes", n, metrics.n_answerable)
            for top, n in metrics.evidence_hits.items()
        ),
        ("Respuesta correcta, o en la primera cita", metrics.n_answers_right, metrics.n_answerable),
        ("Contestadas, de las que tienen respuesta", metrics.n_answered, metrics.n_answerable),
        ("Rechazadas, de las que no la tienen", metrics.n_refused_rightly, metrics.n_unanswerable),
        ("Citas literales en sus líneas", metrics.n_verbatim, metrics.n_citations),
    ]
    for label, n, total in rows:
        _print(f"{label:<46} {n:>4} de {total}")
    _print(f"{'Mediana por pregunta':<46} {metrics.median_seconds:.2f} s")


@app.command("status", cls=_Command)
def status_command(index_dir: IndexDirOption = None, as_json: JsonOption = False) -> None:
    """Dice qué hay en el índice y con qué se hizo."""
    status = _open(index_dir=index_dir).status()
    if as_json:
        _print_json(status.as_dict())
        return
    _print(f"Índice         {status.index_dir}, del {status.created}")
    _print(f"Carpetas       {', '.join(status.roots)}")
    _print(
        f"Contenido      {status.n_documents} documentos, {status.n_chunks} fragmentos, "
        f"{status.n_sentences} frases"
    )
    _print(f"Tamaño         {status.n_bytes / 1e6:.1f} MB")
    _print(f"Búsqueda       {status.embedding_model}, {status.dimension} dimensiones")


@app.command("doctor", cls=_Command)
def doctor_command(index_dir: IndexDirOption = None) -> None:
    """Mira si está todo lo necesario y cómo arreglar lo que falte."""
    from rag.doctor import examine

    signs = {True: "✓", None: "·", False: "✗"}
    healthy = True
    for check in examine(_open(index_dir=index_dir)):
        _print(f"{signs[check.ok]} {check.name}: {check.says}")
        healthy = healthy and check.ok is not False
    if not healthy:
        raise typer.Exit(1)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack «ñ»; that is no error
    try:
        code = typer.main.get_command(app).main(
            list(arguments), prog_name="rag", standalone_mode=False
        )
        sys.stdout.flush()
    except RagError as error:
        _fail(error, debug="--debug" in arguments)
    except typer.Abort:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, as in «rag ask … | head -1»
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if usage := _usage_error(error):
            _fail(usage, debug=False)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(_in_spanish(str(getattr(error, "message", error))))
            sys.exit(2)
        if "--debug" in arguments:
            raise
        _fail(
            RagError(
                f"Ha ocurrido un error inesperado ({type(error).__name__}: {error})",
                "Repite la orden como «rag --debug …» para ver el detalle",
            ),
            debug=False,
        )
    sys.exit(code or 0)


def _fail(error: RagError, *, debug: bool) -> NoReturn:
    if debug:
        logging.getLogger(__name__).error("failed", exc_info=error)
    print(f"Error: {_printable(str(error))}", file=sys.stderr)
    sys.exit(error.exit_code)


def _usage_error(error: Exception) -> UsageError | None:
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
            order = words.split(maxsplit=3)[3].strip(" .'\"")
            return UsageError(f"No existe la orden «{order}»", remedy)
        return UsageError("No entiendo la orden: sobra o falta algo", remedy)
    return None


def _open(**arguments: Any) -> Assistant:
    from rag.assistant import Assistant

    return Assistant.open(**arguments)


def _answer(assistant: Assistant, question: str, *, show_tokens: bool) -> tuple[Answer, Retrieved]:
    """Follow the events of an answer, writing its words as they come if that is wanted."""
    from rag.schema import Answer, Token

    events = assistant.stream(question)
    retrieved = next(events)
    for event in events:
        match event:
            case Token():
                if show_tokens:
                    print(_printable(event.text), end="", flush=True)
            case Answer():
                if show_tokens:
                    print()
                return event, cast("Retrieved", retrieved)
    raise AssertionError("stream ends with an Answer")


def _print_answer(answer: Answer, *, streamed: bool) -> None:
    if not streamed or answer.abstained:
        _print(answer.text)
    if answer.abstained:
        if answer.evidence:
            _print("\nLo más cercano que hay:")
            _print_evidence(answer.evidence[:3])
    else:
        _print("\nFuentes:")
        for citation in answer.citations:
            status = _STATUSES[citation.status]
            heading = f"[{citation.marker}] {citation.place}{status}"
            if " ".join(citation.quote.split()) in answer.text:
                _print(heading)  # the answer quotes it already
            else:
                _print_source(heading, citation.quote)
    for notice in answer.notices:
        _print(f"Aviso: {notice}")
    seconds = answer.timings.total_seconds
    _print(f"\n{_WRITERS.get(answer.model, answer.model)} · {seconds:.1f} s")


_WRITERS: Final = {
    "retrieval": "Sin modelo: la búsqueda no ha encontrado la respuesta",
    "extractive": "Sin modelo: citas literales",
}
_STATUSES: Final = {
    "verified": "",
    "moved": " (el archivo ha cambiado; la cita está ahora en esta línea)",
    "stale": " (el archivo ha cambiado y ya no dice esto)",
    "missing": " (el archivo ya no está)",
}


def _print_evidence(evidence: Sequence[Evidence]) -> None:
    for item in evidence:
        _print_source(f"[{item.marker}] {item.place}", item.text)


def _print_source(heading: str, quote: str) -> None:
    _print(f"{heading}\n    «{' '.join(quote.split())}»")


def _print_passages(passages: Sequence[Passage], confidence: float) -> None:
    _print(f"\nConfianza en que la respuesta está aquí: {confidence:.0%}")
    _print(f"{'':>3} {'total':>6} {'vectores':>14} {'palabras':>14}  lugar")
    for rank, passage in enumerate(passages[:10], start=1):
        dense = f"{passage.dense_score:.3f} (n.º {passage.dense_rank or '–'})"
        lexical = f"{passage.lexical_score:.1f} (n.º {passage.lexical_rank or '–'})"
        place = f"{passage.chunk.path}:{passage.chunk.line_start}-{passage.chunk.line_end}"
        _print(f"{rank:>3} {passage.score:>6.2f} {dense:>14} {lexical:>14}  {place}")


def _explained(
    record: dict[str, Any], passages: Sequence[Passage], *, explain: bool
) -> dict[str, Any]:
    return record | ({"passages": [passage.as_dict() for passage in passages]} if explain else {})


def _print(text: str) -> None:
    print(_printable(text))


def _print_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False, indent=2))


# Control and surrogate characters are shown as such; invisible ones, as bidirectional marks, go.
_SIGNS: Final = {"Cc": "\ufffd", "Cs": "\ufffd", "Cf": ""}


def _printable(text: str) -> str:
    """Take out what a document could use to command the terminal or to turn the text around."""
    return "".join(
        _SIGNS.get(unicodedata.category(character), character)
        if character not in "\n\t"
        else character
        for character in text
    )


@contextmanager
def _progress_bar(*, visible: bool) -> Iterator[OnProgress | None]:
    """Show a bar for each stage on stderr, when that is a terminal."""
    if not visible or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    labels = {"read": "Leyendo", "embed": "Calculando"}
    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks = {stage: bars.add_task(label, visible=False) for stage, label in labels.items()}

        def on_progress(progress: Progress) -> None:
            bars.update(
                tasks[progress.stage],
                completed=progress.n_done,
                total=progress.n_total,
                visible=True,
            )

        yield on_progress


@contextmanager
def _counter(label: str, total: int, *, visible: bool) -> Iterator[Callable[[Judged], None] | None]:
    if not visible or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(label, total=total)
        yield lambda _judged: bars.advance(task)
