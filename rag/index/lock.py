"""One writer at a time: a lock that says who holds it, and dies with the process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from rag.errors import IndexBusyError, RagError, reason

_LOCK: Final = ".lock"
_HOLDER: Final = ".writer"


@contextmanager
def writing(index_dir: Path) -> Iterator[None]:
    """Hold an index folder for writing, making it if need be.

    Raises
    ------
    IndexBusyError
        If another process holds it, or another thread of this one.
    RagError
        If the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        # Of this call alone: two threads of a process are two writers.
        lock = FileLock(index_dir / _LOCK, timeout=0, is_singleton=False, fallback_to_soft=False)
        lock.acquire()
    except Timeout as error:
        raise IndexBusyError(
            f"{_holder(index_dir)} está escribiendo el índice de «{index_dir}»",
            "Espera a que termine y vuelve a intentarlo",
        ) from error
    except OSError as error:
        raise RagError(
            f"No se puede escribir el índice en «{index_dir}» ({reason(error)})",
            "Comprueba sus permisos o indica otra carpeta con --index-dir",
        ) from error
    try:
        with suppress(OSError):  # a full disk: the lock holds without a name
            holder = {"pid": os.getpid(), "since": datetime.now().astimezone().isoformat()}
            (index_dir / _HOLDER).write_text(json.dumps(holder), encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            (index_dir / _HOLDER).unlink(missing_ok=True)
        lock.release()


def _holder(index_dir: Path) -> str:
    """Name the process that holds the lock, as the subject of a sentence."""
    try:
        holder = json.loads((index_dir / _HOLDER).read_text("ascii"))
        since = datetime.fromisoformat(holder["since"])
        return f"El proceso {holder['pid']}, desde las {since:%H:%M:%S},"
    except (OSError, ValueError, KeyError, TypeError):
        return "Otro proceso"
