"""Options: what several commands take, and the assistant that they open with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.assistant import Assistant

IndexDirOption = Annotated[
    Path | None,
    typer.Option("--index-dir", metavar="CARPETA", help="Dónde está el índice; si no, en index."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODELO",
        help="Quién escribe: auto (si no dices nada), embedded, extractive u ollama:NOMBRE.",
    ),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Muestra de dónde sale cada fuente, con sus puntuaciones.")
]


def open_assistant(**settings: Any) -> Assistant:
    """Open an assistant with the settings that were given; those that are None were not."""
    from rag.assistant import Assistant

    return Assistant.open(**settings)
