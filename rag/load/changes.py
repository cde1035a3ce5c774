"""Wait for files to change: the only file that knows watchfiles."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from rag.errors import RagError, reason

_QUIET_MS: Final = 1000  # an editor writes a file in several steps
_LOOK_MS: Final = 1000  # how long a request to stop may wait


def changes(
    roots: Sequence[Path], ignored: Path, stop: threading.Event | None = None
) -> Iterator[None]:
    """Yield once it is listening, and then whenever something below some roots has changed.

    It ends when a root is no longer the folder that it was: the system goes on watching that one.

    Parameters
    ----------
    roots
        Absolute files and folders.
    ignored
        An absolute folder whose changes are not told: the index, which may stand below a root.
    stop
        Ends the wait when it is set.

    Raises
    ------
    RagError
        If the system cannot watch that many folders.
    """
    from watchfiles import Change, watch

    def is_told(_change: Change, name: str) -> bool:
        path = Path(name)
        if path.is_relative_to(ignored):
            return False
        below = [path.relative_to(root) for root in roots if path.is_relative_to(root)]
        return bool(below) and not any(part.startswith(".") for part in below[0].parts)

    is_listening = False
    try:
        # Editors put a new file in the place of the old one: a file is watched from its folder.
        folders = {root if root.is_dir() else root.parent for root in roots}
        before = _identities(folders)
        for found in watch(
            *folders,
            watch_filter=is_told,
            debounce=_QUIET_MS,
            stop_event=stop,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
        ):
            if found or not is_listening:
                is_listening = True
                yield
            if _identities(folders) != before:
                return
    except OSError as error:
        raise RagError(
            f"No se puede vigilar lo indexado ({reason(error)})",
            "Comprueba que sigue ahí, o ejecuta «rag index» cuando cambie",
        ) from error


def _identities(folders: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Return what tells a folder from another of its name; without those that are gone."""
    found = {}
    for folder in folders:
        with suppress(OSError):
            status = folder.stat()
            found[folder] = (status.st_dev, status.st_ino)
    return found
