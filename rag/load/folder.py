"""A folder to the files in it that can be read, and the reasons for the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rag.errors import NoDocumentsError, reason
from rag.load.registry import SUFFIXES


class SourceFile(NamedTuple):
    """A file to read, and what it is called in citations."""

    path: Path
    name: str


class Skipped(NamedTuple):
    """A file left out, with the reason in Spanish."""

    name: str
    reason: str


def scan(root: Path, name: str) -> Iterator[SourceFile | Skipped]:
    """List a file, or a folder and all below it, in a stable order.

    Hidden files and folders are passed over in silence; links below the root, and whatever is not
    an ordinary file of a known suffix, are reported.

    Parameters
    ----------
    root
        A file or a folder.
    name
        What the root is called, with ``/``: the names of its files begin with it.

    Raises
    ------
    NoDocumentsError
        If the path is neither a file nor a folder.
    """
    if root.is_dir():
        yield from _walk(root, "" if name == "." else name.rstrip("/") + "/")
    elif root.is_file():
        yield _judge(root, name)
    else:
        raise NoDocumentsError(
            f"No existe el archivo o la carpeta «{name}»", "Comprueba la ruta y vuelve a intentarlo"
        )


def _walk(root: Path, prefix: str) -> Iterator[SourceFile | Skipped]:
    def name_of(path: Path) -> str:
        below = os.fsencode(path.relative_to(root).as_posix())
        return prefix + below.decode("utf-8", "replace")  # a name may be no UTF-8

    problems: list[Skipped] = []

    def report(error: OSError) -> None:
        where = Path(error.filename)
        problems.append(Skipped(name_of(where), f"no se puede abrir ({reason(error)})"))

    # os.walk does not follow links to folders: no loops, and nothing outside the root.
    for folder, folder_names, file_names in os.walk(root, onerror=report):
        folder_names[:] = sorted(name for name in folder_names if not name.startswith("."))
        links = [Path(folder, name) for name in folder_names if Path(folder, name).is_symlink()]
        yield from (Skipped(name_of(link), "es un enlace a otra carpeta") for link in links)
        for file_name in sorted(file_names):
            path = Path(folder, file_name)
            if file_name.startswith("."):
                continue
            if path.is_symlink():
                yield Skipped(name_of(path), "es un enlace a otro archivo")
            else:
                yield _judge(path, name_of(path))
        yield from problems
        problems.clear()


def _judge(path: Path, name: str) -> SourceFile | Skipped:
    if path.suffix.lower() not in SUFFIXES:
        return Skipped(name, f"formato no admitido ({path.suffix or 'sin extensión'})")
    if not path.is_file():
        return Skipped(name, "no es un archivo corriente")
    return SourceFile(path, name)
