"""What a person reads on a terminal, or a program in JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rag.schema import Answer, Evidence, Passage


def say_answer(answer: Answer, streamed: str | None) -> None:
    """Say an answer, its sources and who wrote it.

    Parameters
    ----------
    streamed
        What of it has been shown already, before it was checked; None if nothing has.
    """
    if streamed is None or answer.abstained:
        say(answer.text)
    elif " ".join(streamed.split()) != " ".join(answer.text.split()):
        say(f"\nRespuesta revisada, sin las citas que no existen:\n{answer.text}")
    if answer.abstained:
        if answer.evidence:
            say("\nLo más cercano que hay:")
            say_evidence(answer.evidence[:3])
    else:
        say("\nFuentes:")
        for citation in answer.citations:
            status = _STATUSES[citation.status]
            heading = f"[{citation.marker}] {citation.place}{status}"
            if " ".join(citation.quote.split()) in answer.text:
                say(one_line(heading))  # the answer quotes it already
            else:
                _say_source(heading, citation.quote)
    for notice in answer.notices:
        say(f"Aviso: {notice}")
    seconds = answer.timings.total_seconds
    say(f"\n{answer.writer} · {seconds:.1f} s")


_STATUSES: Final = {
    "verified": "",
    "moved": " (el archivo ha cambiado; la cita está ahora en esta línea)",
    "stale": " (el archivo ha cambiado y ya no dice esto)",
    "missing": " (el archivo ya no está)",
}


def say_evidence(evidence: Sequence[Evidence]) -> None:
    """Say each sentence with its place."""
    for item in evidence:
        _say_source(f"[{item.marker}] {item.place}", item.text)


def _say_source(heading: str, quote: str) -> None:
    say(f"{one_line(heading)}\n    «{' '.join(quote.split())}»")


def say_passages(passages: Sequence[Passage], confidence: float) -> None:
    """Say why: the scores and ranks of the first passages."""
    say(f"\nConfianza en que la respuesta está aquí: {confidence:.0%}")
    say(f"{'':>3} {'total':>6} {'vectores':>14} {'palabras':>14}  lugar")
    for rank, passage in enumerate(passages[:10], start=1):
        dense = f"{passage.dense_score:.3f} (n.º {passage.dense_rank or '–'})"
        lexical = f"{passage.lexical_score:.1f} (n.º {passage.lexical_rank or '–'})"
        place = f"{passage.chunk.path}:{passage.chunk.line_start}-{passage.chunk.line_end}"
        say(f"{rank:>3} {passage.score:>6.2f} {dense:>14} {lexical:>14}  {place}")


def explained(
    record: dict[str, Any], passages: Sequence[Passage], *, explain: bool
) -> dict[str, Any]:
    """Add the passages to a record, if that is wanted."""
    return record | ({"passages": [passage.as_dict() for passage in passages]} if explain else {})


def say(text: str) -> None:
    """Write text that may come from a document."""
    print(printable(text))


def one_line(text: str) -> str:
    """Keep a file's name from looking like lines of our own."""
    return text.replace("\n", "\ufffd").replace("\t", "\ufffd")


def print_json(record: dict[str, Any]) -> None:
    """Write a record, for a program to read."""
    print(json.dumps(record, ensure_ascii=False, indent=2))


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
