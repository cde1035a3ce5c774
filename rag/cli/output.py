"""What a person reads on a terminal, or a program in JSON."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from rag.evaluate import Judged, Metrics
    from rag.index import SyncReport
    from rag.schema import Answer, Citation, Evidence, Explanation


def say_answer(answer: Answer, streamed: str | None) -> None:
    """Say an answer, its sources and who wrote it.

    Parameters
    ----------
    streamed
        What of it has been shown already, checked; None if nothing has.
    """
    if streamed is None or answer.abstained:
        say(answer.text)
    elif streamed != answer.text:
        say(f"\nRespuesta revisada:\n{answer.text}")
    if answer.abstained:
        if answer.evidence:
            say("\nLo más cercano que hay:")
            for item in answer.evidence[:3]:
                _say_source(item, _cut(item.text, _MAX_NEAREST_CHARS))
    elif answer.citations:
        say("\nFuentes:")
        for citation in answer.citations:
            is_quoted = " ".join(citation.quote.split()) in answer.text
            _say_source(citation, None if is_quoted else citation.quote)
    say_notices(answer.notices)
    seconds = answer.timings.total_seconds
    say(f"\n{answer.writer} · {seconds:.1f} s")


_STATUSES: Final = {
    "verified": "",
    "moved": " (el archivo ha cambiado; la cita está ahora en esta línea)",
    "stale": " (el archivo ha cambiado y ya no dice esto)",
    "missing": " (el archivo ya no está)",
}


def say_report(report: SyncReport) -> None:
    """Say what an indexing did, or would do."""
    _say_of_files("Omitido:", "Omitidos", report.skipped)
    _say_of_files("Nota sobre", "Nota sobre", report.notes)
    for label, patterns in (("Solo", report.include), ("Menos", report.exclude)):
        if patterns:
            say(one_line(f"{label}: {', '.join(patterns)}"))
    if report.left_out:
        n = len(report.left_out)
        which = "1 documento" if n == 1 else f"{n} documentos"
        say(one_line(f"Dejado fuera uno a uno: {which}, como {report.left_out[0]}"))
    if report.damaged:
        say(
            f"Había archivos del índice dañados ({len(report.damaged)}); sus documentos se leen de "
            "nuevo."
        )
    counts = report.as_dict()["counts"]
    labels = ("Nuevos", "Cambiados", "Renombrados", "Borrados", "Sin cambios", "Omitidos")
    say(" · ".join(f"{label}: {n}" for n, label in zip(counts.values(), labels, strict=True)))
    if report.copies:
        say(f"Iguales a otro, que se leen una vez y se citan todos: {len(report.copies)}.")
    if report.dry_run:
        say("No se ha cambiado nada.")
    else:
        say(f"Documentos en el índice: {report.n_documents}. Fragmentos: {report.n_chunks}.")


def _say_of_files(one: str, several: str, told: Iterable[tuple[str, str]]) -> None:
    """Say what there is to tell of files, of many that have the same at once."""
    by_what: dict[str, list[str]] = {}
    for name, what in told:
        by_what.setdefault(what, []).append(name)
    for what, names in by_what.items():
        if len(names) > _N_NAMED:
            say(one_line(f"{several} {len(names)} archivos, como {names[0]}: {what}"))
            continue
        for name in names:
            say(one_line(f"{one} {name}: {what}"))


_N_NAMED: Final = 10  # files left out for one reason; a folder of programs has thousands


def say_understood(standalone_question: str | None) -> None:
    """Say how a question was understood, where that is not as it was written."""
    if standalone_question is not None:
        say(f"He entendido: {standalone_question}\n")


def say_notices(notices: Sequence[str]) -> None:
    """Say what the reader should know beside what was asked."""
    for notice in notices:
        say(f"Aviso: {one_line(notice)}")


def say_evidence(evidence: Sequence[Evidence]) -> None:
    """Say each sentence with its place."""
    for item in evidence:
        _say_source(item, item.text)


def _say_source(source: Evidence | Citation, quote: str | None) -> None:
    _say_heading(source)
    if source.section:
        say(f"    {one_line(source.section)}")
    if quote is not None:
        say(f"    «{' '.join(quote.split())}»")
    for warning in source.warnings:
        say(f"    ⚠ {warning}")


def _say_heading(source: Evidence | Citation) -> None:
    places = printable(one_line(source.all_places))
    place = printable(one_line(source.place))
    link = _link(source.path)
    if link:
        places = places.replace(place, f"\x1b]8;;{link}\x1b\\{place}\x1b]8;;\x1b\\", 1)
    print(f"[{source.marker}] {places}{_STATUSES[source.status]}")


def _link(path: str) -> str | None:
    """Return the address of a file that is there, where the terminal makes links (OSC 8)."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return None
    from rich.console import Console

    console = Console()
    file = Path(path).absolute()
    if not console.is_terminal or console.is_dumb_terminal or not file.is_file():
        return None
    return file.as_uri()  # what is no letter is written %xx


def say_explanation(explanation: Explanation) -> None:
    """Say why: the ranks of the first passages, what became of their sentences, and the verdict."""
    passages = explanation.passages[:_N_EXPLAINED]
    reranked = any(passage.rerank_rank for passage in passages)
    table = _table("Pasajes", ["lugar", "vectores", "palabras", "mejor frase", "suma"])
    if reranked:
        table.add_column("reordenador", justify="right")
    for passage in passages:
        chunk = passage.chunk
        cells = [
            str(chunk.at),
            _ranked(passage.dense_score, passage.dense_rank),
            _ranked(passage.lexical_score, passage.lexical_rank),
            f"{passage.sentence_score:.3f}",
            _ranked(passage.fused_score, passage.fused_rank),
        ]
        if reranked:
            cells.append(_ranked(passage.rerank_score, passage.rerank_rank))
        table.add_row(*map(_cell, cells))
    _say_table(table)
    table = _table("Frases", ["puntos", "coseno", "palabras", "qué fue de ella", "frase"])
    for candidate in explanation.candidates[:_N_EXPLAINED]:
        signals = candidate.signals
        fate = _FATES[candidate.fate].format(candidate.marker)
        cells = [
            f"{candidate.score:.2f}",
            f"{signals.cosine:.3f}",
            f"{signals.coverage:.0%}",
            fate,
            _cut(candidate.sentence.text, _MAX_CELL_CHARS),
        ]
        table.add_row(*map(_cell, cells))
    _say_table(table)
    verdict = "se responde" if explanation.is_enough else "no se responde"
    say(
        f"Confianza en que la respuesta está aquí: {explanation.confidence:.0%}; "
        f"hace falta un {explanation.min_confidence:.0%}: {verdict}."
    )
    for doubt in explanation.doubts:
        say(f"- {doubt}")


def _cut(text: str, max_chars: int) -> str:
    """Return a text on one line, its end left out where it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= max_chars else text[: max_chars - 1] + "…"


_MAX_NEAREST_CHARS: Final = (
    300  # of what does not answer: its place is told, to read the rest there
)
_N_EXPLAINED: Final = 10
_MAX_CELL_CHARS: Final = 90
_FATES: Final = {
    "evidence": "fuente [{}]",
    "neighbour": "dentro de [{}]",
    "duplicate": "repetida en [{}]",
    "cut": "fuera",
}


def say_metrics(metrics: Metrics) -> None:
    """Say the figures of an evaluation as a table."""
    record = metrics.as_dict()
    n, n_without = metrics.n_answerable, metrics.n_unanswerable
    table = _table("", ["qué", "cuánto"], left=1)

    def count(label: str, value: int, total: int) -> None:
        if total:
            table.add_row(label, f"{value} de {total} ({value / total:.1%})")

    def share(label: str, value: float | None) -> None:
        if value is not None:
            table.add_row(label, f"{value:.3f}")

    for name, value in (record["passages"] or {}).items():
        share(f"Pasajes, {name}", value)
    for top, hits in metrics.evidence_hits.items():
        count(f"Fuente correcta hasta la {top}.ª", hits, n)
    for top, hits in metrics.sentence_hits.items():
        count(f"Frase sola correcta hasta la {top}.ª", hits, n)
    count("Contestadas, de las que tienen respuesta", metrics.n_answered, n)
    count("Respuesta correcta, o en la primera cita", metrics.n_answers_right, n)
    if n:
        share("Respuesta, F1", metrics.f1)
        share("Respuesta, idéntica", metrics.exact_match)
    share("Citas en un lugar correcto (precisión)", record["citation_precision"])
    share("Preguntas con una cita correcta (exhaustividad)", record["citation_recall"])
    count("Citas literales en sus líneas", metrics.n_verbatim, metrics.n_citations)
    count("Rechazadas, de las que no tienen respuesta", record["n_refused_rightly"], n_without)
    share("Rechazos justos (precisión)", record["abstention_precision"])
    share("Confianza: distingue las que tienen respuesta (AUROC)", record["abstention_auroc"])
    for label, seconds in (
        ("Búsqueda", metrics.retrieve_seconds),
        ("Pregunta entera", metrics.total_seconds),
    ):
        table.add_row(f"{label}, p50 y p95", f"{seconds[0]:.3f} s y {seconds[1]:.3f} s")
    _say_table(table)


def _ranked(score: float | None, rank: int | None) -> str:
    return "–" if score is None else f"{score:.3f} (n.º {rank or '–'})"


def _table(title: str, columns: Sequence[str], left: int = 0) -> Table:
    """Make a table; the first columns and the last may hold text, the others hold figures."""
    from rich import box
    from rich.table import Table

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for at, name in enumerate(columns):
        is_text = at <= left - 1 or at in {0, len(columns) - 1}
        table.add_column(name, justify="left" if is_text else "right", overflow="fold")
    return table


def _cell(text: str) -> Text:
    """Make a cell of text that may come from a document: rich reads no markup in it."""
    from rich.text import Text

    return Text(printable(one_line(text)))


def _say_table(table: Table) -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(table)


def say(text: str) -> None:
    """Write text that may come from a document."""
    print(printable(text))


def one_line(text: str) -> str:
    """Keep a file's name from looking like lines of our own."""
    return text.replace("\n", "\ufffd").replace("\t", "\ufffd")


def print_json(record: dict[str, Any]) -> None:
    """Write a record, for a program to read."""
    print(json.dumps(record, ensure_ascii=False, indent=2))


@contextmanager
def question_writer(path: Path | None) -> Iterator[Callable[[Judged], None]]:
    """Write what came of each question, one JSON object a line, as it comes."""
    if path is None:
        yield lambda _judged: None
        return
    from rag.errors import UsageError, reason

    try:
        file = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"No se puede escribir «{path}» ({reason(error)})", "Indica otro archivo con --details"
        ) from error
    with file:
        yield lambda judged: print(json.dumps(judged.as_dict(), ensure_ascii=False), file=file)


# Control and surrogate characters are shown as such; invisible ones, as bidirectional marks, go.
_SIGNS: Final = {"Cc": "\ufffd", "Cs": "\ufffd", "Cf": ""}


def printable(text: str) -> str:
    """Take out what a document could use to command the terminal or to turn the text around."""
    return "".join(
        _SIGNS.get(unicodedata.category(character), character)
        if character not in "\n\t"
        else character
        for character in text
    )
