"""Indexing: one task at a time for the whole page, whoever asked for it, seen by everybody."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from rag.errors import IndexBusyError, RagError
from rag.index import OnProgress, SyncReport
from rag.schema import Progress

_log = logging.getLogger(__name__)

_MAX_WAITING: Final = 50
_STAGES: Final = {
    "compare": "Mirando qué ha cambiado",
    "read": "Leyendo",
    "embed": "Preparando la búsqueda",
}

Task = Callable[[OnProgress], SyncReport]


class IndexingJob:
    """Runs tasks one after another, in a thread of their own that no browser ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Task]] = deque()
        self._is_running = False
        self._what = ""
        self._started = 0.0  # monotonic seconds
        self._progress: Progress | None = None
        self._n_ended = 0
        self._outcome: dict[str, Any] | None = None

    def request(self, what: str, task: Task) -> None:
        """Have a task done after those that were asked for before.

        Parameters
        ----------
        what
            What it does, in Spanish, as a person reads it meanwhile.

        Raises
        ------
        IndexBusyError
            If too many are waiting.
        """
        with self._lock:
            if len(self._waiting) >= _MAX_WAITING:
                raise IndexBusyError(
                    "Hay demasiados cambios esperando", "Espera a que terminen y repite el tuyo"
                )
            self._waiting.append((what, task))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="indexing", daemon=True).start()

    def snapshot(self) -> dict[str, Any]:
        """Tell how far it has come, and what came of the last task."""
        with self._lock:
            progress = self._progress
            return {
                "is_running": self._is_running,
                "what": self._what,
                "stage": _STAGES[progress.stage] if progress else "Empezando",
                "done": progress.n_done if progress else 0,
                "total": progress.n_total if progress else 0,
                "seconds": round(time.monotonic() - self._started, 1) if self._is_running else 0,
                "waiting": len(self._waiting),
                "n_ended": self._n_ended,
                "outcome": self._outcome,
            }

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_running = False
                    return
                self._what, task = self._waiting.popleft()
                self._started, self._progress = time.monotonic(), None
            outcome = _carry_out(task, self._on_progress)
            with self._lock:
                self._n_ended += 1
                self._outcome = {"what": self._what, "number": self._n_ended, **outcome}

    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress


def _carry_out(task: Task, on_progress: OnProgress) -> dict[str, Any]:
    try:
        return {"says": told(task(on_progress)), "error": None}
    except RagError as error:
        return {"says": "", "error": {"message": error.message, "remedy": error.remedy}}
    except Exception:  # noqa: BLE001 - the thread that does it has nobody else to tell
        _log.exception("indexing failed")
        unexpected = {
            "message": "Ha fallado algo inesperado; el índice sigue como estaba",
            "remedy": "Vuelve a intentarlo",
        }
        return {"says": "", "error": unexpected}


def told(report: SyncReport) -> str:
    """Say in a sentence what an indexing did."""
    parts = [
        f"{len(paths)} {one if len(paths) == 1 else several}"
        for paths, one, several in (
            (report.new, "documento nuevo", "documentos nuevos"),
            (report.changed, "cambiado", "cambiados"),
            (report.renamed, "con otro nombre", "con otro nombre"),
            (report.deleted, "retirado", "retirados"),
        )
        if paths
    ]
    done = ", ".join(parts) if parts else "No había nada que cambiar"
    if not report.skipped:
        return f"{done}."
    if len(report.skipped) > 1:
        return f"{done}. Sin leer: {len(report.skipped)} archivos."
    ((name, why),) = report.skipped
    return f"{done}. Sin leer: {name} ({why.rstrip('.')})."
