"""Evaluating: the command that measures answers against those that are known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import IndexDirOption, JsonOption, ModelOption, open_assistant
from rag.cli.output import print_json, question_writer, say_metrics
from rag.cli.progress import counter, progress_bar

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.evaluate import Judged, TestSet


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
        yield open_assistant(index_dir=index_dir, model=model)
        return
    if not corpus_from_file:
        raise UsageError(
            "Las preguntas son sobre los textos del propio archivo", "Añade --corpus-from-file"
        )
    with TemporaryDirectory(prefix="rag-eval-") as folder:
        documents = Path(folder, "textos")
        documents.mkdir()
        test_set.write_documents(documents)
        assistant = open_assistant(index_dir=Path(folder, "index"), model=model)
        with progress_bar(visible=True) as on_progress:
            assistant.index([documents], on_progress=on_progress)
        yield assistant
