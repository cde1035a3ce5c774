"""How far a command has come: bars on stderr where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

_STAGES: Final = {
    "compare": ("Comparando", "archivos"),
    "read": ("Leyendo", "archivos"),
    "embed": ("Calculando", "fragmentos"),
}

if TYPE_CHECKING:
    from rich.progress import Task

    from rag.index import OnProgress
    from rag.schema import Progress


@contextmanager
def progress_bar(*, visible: bool) -> Iterator[OnProgress | None]:
    """Show a bar for each stage on stderr, when that is a terminal."""
    if not visible or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}{task.fields[pace]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {
            stage: bars.add_task(label, visible=False, unit=unit, pace="")
            for stage, (label, unit) in _STAGES.items()
        }

        def on_progress(progress: Progress) -> None:
            task = tasks[progress.stage]
            bars.update(
                task,
                completed=progress.n_done,
                total=progress.n_total,
                visible=True,
                pace="" if progress.n_done >= progress.n_total else _pace(bars.tasks[task]),
            )

        yield on_progress


def _pace(task: Task) -> str:
    """Say how fast a stage goes and how long it will take; nothing where that is not known."""
    seconds = task.time_remaining
    if task.speed is None or not seconds:
        return ""
    minutes, seconds = divmod(round(seconds), 60)
    return f", {task.speed:.0f} por segundo, faltan {minutes}:{seconds:02}"


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
