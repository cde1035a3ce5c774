"""How far a command has come: bars on stderr where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.index import OnProgress
    from rag.schema import Progress


@contextmanager
def progress_bar(*, visible: bool) -> Iterator[OnProgress | None]:
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
def counter(label: str, total: int, *, visible: bool) -> Iterator[Callable[[], None]]:
    """Show one bar that counts."""
    if not visible or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(label, total=total)
        yield lambda: bars.advance(task)
