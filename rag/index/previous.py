"""What is left of the index that is there, for the next one to be made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexDamagedError
from rag.index.generation import Generation
from rag.index.manifest import Root, read_followed
from rag.index.store import finished, generations, named_current
from rag.load import Patterns


@dataclass(frozen=True, slots=True)
class Previous:
    """An index that may be damaged, or of another version of this program.

    Attributes
    ----------
    generation
        Without its damaged segments; None where nothing of it is to be used.
    damaged
        The files that are not what was written.
    """

    roots: tuple[Root, ...]
    patterns: Patterns
    generation: Generation | None = None
    damaged: Sequence[str] = ()


def open_previous(index_dir: Path, *, is_used: bool) -> Previous | None:
    """Open the current generation, or the newest whose manifest can be read.

    Parameters
    ----------
    is_used
        What it holds is wanted; otherwise just what it follows.

    Returns
    -------
    Previous or None
        None where nothing has been indexed, or nothing is left of it and nothing is wanted.

    Raises
    ------
    IndexDamagedError
        If not even what it follows can be told, and it is used.
    IndexMismatchError
        If another version of this program wrote it, and it is used.
    """
    name = named_current(index_dir) or ""
    folders = [generations(index_dir) / name] if name else []
    folders += sorted((path for path in finished(index_dir) if path.name != name), reverse=True)
    for folder in folders:
        previous = _open(folder) if is_used else _look(folder)
        if previous is not None:
            return previous
    if not is_used or not folders:
        return None
    raise IndexDamagedError(
        f"El índice de «{index_dir}» está dañado y no dice qué carpetas tenía",
        "Indícalas: rag index --rebuild CARPETA",
    )


def _open(folder: Path) -> Previous | None:
    try:
        generation = Generation(folder)
    except IndexDamagedError:
        return None
    damaged = generation.damaged_files()
    manifest = generation.manifest
    return Previous(manifest.roots, manifest.patterns, generation.without(damaged), damaged)


def _look(folder: Path) -> Previous | None:
    followed = read_followed(folder)
    return Previous(*followed) if followed else None
