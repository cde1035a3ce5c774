"""What is left of the index that is there, for the next one to be made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMismatchError
from rag.index.generation import Generation
from rag.index.store import current_name, finished, generations


@dataclass(frozen=True, slots=True)
class Previous:
    """An index that may be damaged.

    Attributes
    ----------
    generation
        Without its damaged segments.
    damaged
        The files that are not what was written.
    """

    generation: Generation
    damaged: Sequence[str] = ()


def open_previous(index_dir: Path, *, is_used: bool) -> Previous | None:
    """Open the current generation, or the newest whose manifest can be read.

    Parameters
    ----------
    is_used
        What it holds is wanted; otherwise just what it follows, and damage does no harm.

    Returns
    -------
    Previous or None
        None where nothing has been indexed, or nothing that is left is wanted.

    Raises
    ------
    IndexDamagedError
        If not even what it follows can be told, and it is used.
    IndexMismatchError
        If another version of this program wrote it, and it is used.
    """
    try:
        name = current_name(index_dir)
        if name is None:
            return None
    except IndexDamagedError:
        name = ""
    folders = [generations(index_dir) / name] if name else []
    folders += sorted((path for path in finished(index_dir) if path.name != name), reverse=True)
    for folder in folders:
        try:
            generation = Generation(folder)
        except IndexDamagedError:
            continue
        except IndexMismatchError:
            if is_used:
                raise
            continue
        if not is_used:
            return Previous(generation)
        damaged = generation.damaged_files()
        return Previous(generation.without(damaged), damaged)
    if not is_used:
        return None
    raise IndexDamagedError(
        f"El índice de «{index_dir}» está dañado y no dice qué carpetas tenía",
        "Indícalas: rag index --rebuild CARPETA",
    )
