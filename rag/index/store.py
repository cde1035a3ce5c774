"""The index folder: which generation is current, and what else lies there.

``CURRENT`` names the folder under ``generations/`` that readers open. It is replaced by one atomic
rename, after everything that it names is on disk, so a reader sees the whole of one generation. A
reader opens all that it needs at once; the system keeps an open file while somebody reads it, so
an old generation is removed as soon as another is current and goes when its last reader does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from rag.errors import IndexDamagedError, IndexMismatchError, NoIndexError
from rag.index.files import fsync, fsync_tree, replace_text
from rag.index.generation import Generation
from rag.index.manifest import REBUILD
from rag.index.segment import REPAIR

T = TypeVar("T")

_CURRENT: Final = "CURRENT"
_BUILDING: Final = ".building-"


def current_name(index_dir: Path) -> str | None:
    """Return the name of the current generation, or None where there is none.

    Raises
    ------
    IndexDamagedError
        If it cannot be told.
    """
    try:
        name = (index_dir / _CURRENT).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(f"No se puede leer el índice de «{index_dir}»", REBUILD) from error
    if not name or Path(name).name != name:
        raise _unnamed(index_dir)
    return name


def named_current(index_dir: Path) -> str | None:
    """Return the name of the current generation: None where there is none, empty if damaged."""
    try:
        return current_name(index_dir)
    except IndexDamagedError:
        return ""


def _unnamed(index_dir: Path) -> IndexDamagedError:
    return IndexDamagedError(f"El índice de «{index_dir}» no dice cuál es el actual", REPAIR)


def open_current(index_dir: Path) -> Generation:
    """Open the current generation, or the last one before it that is whole.

    Raises
    ------
    NoIndexError
        If nothing has been indexed there.
    IndexDamagedError
        If the current generation is damaged and there is no other.
    IndexMismatchError
        If another version of this program wrote it.
    """
    while True:
        try:
            name = current_name(index_dir)
        except IndexDamagedError as error:
            return open_fallback(index_dir, error, except_for="")
        if name is None:
            missing = NoIndexError(
                f"Todavía no hay ningún índice en «{index_dir}»",
                "Créalo con: rag index CARPETA",
            )
            if not finished(index_dir):
                raise missing
            return open_fallback(index_dir, _unnamed(index_dir), except_for="")
        try:
            return Generation(generations(index_dir) / name).open_all()
        except IndexDamagedError as error:
            if named_current(index_dir) in {name, ""}:
                return open_fallback(index_dir, error, except_for=name)
            # A writer replaced and removed it while it was being opened.


def look_at_current(index_dir: Path, look: Callable[[Generation], T]) -> T:
    """Return what a look at the files of the current generation gives.

    A writer may remove them meanwhile; then another generation is current, and is looked at.

    Raises
    ------
    RagError
        As ``open_current``.
    """
    while True:
        generation = open_current(index_dir)
        with suppress(FileNotFoundError):
            found = look(generation)
            if generation.folder.exists():
                return found


def open_fallback(index_dir: Path, damage: IndexDamagedError, *, except_for: str) -> Generation:
    """Open the newest generation that can be read, which says what is wrong with the current.

    Parameters
    ----------
    except_for
        The name of the one that is damaged.

    Raises
    ------
    IndexDamagedError
        The damage itself, if there is no other.
    """
    for folder in sorted(finished(index_dir), reverse=True):
        if folder.name == except_for:
            continue
        try:
            generation = Generation(folder).open_all()
        except (IndexDamagedError, IndexMismatchError):
            continue
        generation.notice = (
            f"{damage.message}: se usa el índice anterior, del {generation.manifest.created}. "
            f"{damage.remedy}."
        )
        return generation
    raise damage


def generations(index_dir: Path) -> Path:
    """Return the folder that holds the generations."""
    return index_dir / "generations"


def finished(index_dir: Path) -> list[Path]:
    """Return the folders of the generations that were written to the end."""
    folder = generations(index_dir)
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def leftovers(index_dir: Path) -> list[Path]:
    """Return what interrupted writers left behind; nobody reads it."""
    folder = generations(index_dir)
    if not folder.is_dir():
        return []
    return [*folder.glob(f"{_BUILDING}*"), *index_dir.glob(f"{_CURRENT}.new")]


@contextmanager
def building(index_dir: Path) -> Iterator[Path]:
    """Give a folder of its own to write in; whatever is left of it afterwards is removed.

    Only for who holds the lock: what others left is removed first.
    """
    remove_leftovers(index_dir)
    generations(index_dir).mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    folder = Path(tempfile.mkdtemp(prefix=f"{_BUILDING}{stamp}-", dir=generations(index_dir)))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(index_dir: Path, folder: Path) -> Path:
    """Make the generation written in a folder of ``building`` the current one.

    Returns
    -------
    Path
        Where it is now.
    """
    fsync_tree(folder)
    final = folder.with_name(folder.name.removeprefix(_BUILDING))
    folder.rename(final)
    fsync(final.parent)
    make_current(index_dir, final.name)
    return final


def make_current(index_dir: Path, name: str) -> None:
    """Let readers open a generation that is on the disk, from now on."""
    replace_text(index_dir / _CURRENT, name + "\n")


def remove_others(index_dir: Path, *kept: str) -> None:
    """Remove every generation but some. Only with the lock held."""
    for folder in finished(index_dir):
        if folder.name not in kept:
            with suppress(OSError):  # it is tried again by the next writer
                _remove(folder)


def remove_leftovers(index_dir: Path) -> list[Path]:
    """Remove what interrupted writers left behind, and return it. Only with the lock held."""
    left = leftovers(index_dir)
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    return left


def _remove(folder: Path) -> None:
    """Remove a generation; interrupted half-way, what is left is a leftover and no generation."""
    doomed = folder.with_name(_BUILDING + folder.name)
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
