"""Feedback: what people think of the answers, kept beside the index and sent to nobody."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rag.errors import FeedbackError, UsageError, reason
from rag.schema import Rating

FEEDBACK: Final = "feedback.jsonl"

_LOCK: Final = ".feedback.lock"
_LOCK_SECONDS: Final = 5.0
_MAX_BYTES: Final = 50_000_000


def keep_rating(index_dir: Path, rating: Rating) -> None:
    """Add a line to the file of ratings; may be called by many threads and processes.

    Raises
    ------
    UsageError
        If it is neither good nor bad.
    FeedbackError
        If the file is full, or cannot be written.
    """
    from filelock import FileLock, Timeout

    if rating.opinion not in ("good", "bad"):
        raise UsageError("La valoración no es ni buena ni mala", "Elige una de las dos")
    record = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **rating.as_dict()}
    # What a browser sends may hold half a character, which has no place in UTF-8.
    line = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    path = index_dir / FEEDBACK
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(index_dir / _LOCK, timeout=_LOCK_SECONDS, is_singleton=False):
            _append(path, line)
    except Timeout as error:
        raise FeedbackError(
            f"Otro programa tiene ocupado «{path}»", "Vuelve a intentarlo dentro de un momento"
        ) from error
    except OSError as error:
        raise FeedbackError(
            f"No se puede guardar la valoración en «{path}» ({reason(error)})",
            "Comprueba el espacio y los permisos de esa carpeta",
        ) from error


def _append(path: Path, line: bytes) -> None:
    """Write a line at the end, after whatever a writer that was interrupted left there."""
    with path.open("a+b") as file:
        n_bytes = file.seek(0, os.SEEK_END)
        if n_bytes:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        if n_bytes + len(line) > _MAX_BYTES:
            raise FeedbackError(
                f"El archivo de valoraciones ha llegado a {_MAX_BYTES // 1_000_000} MB",
                f"Guárdalo en otra parte o bórralo: «{path}»",
            )
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
