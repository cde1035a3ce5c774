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


def scan(root: Path, name: str, exclude: Path | None = None) -> Iterator[SourceFile | Skipped]:
    """List a file, or a folder and all below it, in a stable order.

    Hidden files and folders are passed over in silence; links below the root, and whatever is not
    an ordinary file of a known suffix, are reported.

    Parameters
    ----------
    root
        A file or a folder.
    name
        What the root is called, with ``/``: the names of its files begin with it.
    exclude
        An absolute folder to pass over: the index, which may stand below the root.

    Raises
    ------
    NoDocumentsError
        If the path is neither a file nor a folder.
    """
    if not _is_utf8(name):
        raise NoDocumentsError(
            f"El nombre «{_shown(name)}» no está en UTF-8", "Cámbialo y vuelve a intentarlo"
        )
    if root.is_dir():
        yield from _walk(root, "" if name == "." else name.rstrip("/") + "/", exclude)
    elif root.is_file():
        yield _judge(root, name)
    else:
        raise NoDocumentsError(
            f"No existe el archivo o la carpeta «{name}»", "Comprueba la ruta y vuelve a intentarlo"
        )


def _is_utf8(name: str) -> bool:
    return name == _shown(name)


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


def _walk(root: Path, prefix: str, exclude: Path | None) -> Iterator[SourceFile | Skipped]:
    def name_of(path: Path) -> str:
        return prefix + path.relative_to(root).as_posix()

    problems: list[Skipped] = []

    def report(error: OSError) -> None:
        where = Path(error.filename)
        problems.append(Skipped(_shown(name_of(where)), f"no se puede abrir ({reason(error)})"))

    # os.walk does not follow links to folders: no loops, and nothing outside the root.
    for folder, folder_names, file_names in os.walk(root, onerror=report):
        folder_names[:] = sorted(
            name
            for name in folder_names
            if not name.startswith(".") and Path(folder, name) != exclude
        )
        links = [Path(folder, name) for name in folder_names if Path(folder, name).is_symlink()]
        yield from (Skipped(_shown(name_of(link)), "es un enlace a otra carpeta") for link in links)
        for file_name in sorted(file_names):
            path = Path(folder, file_name)
            if file_name.startswith("."):
                continue
            if path.is_symlink():
                yield Skipped(_shown(name_of(path)), "es un enlace a otro archivo")
            else:
                yield _judge(path, name_of(path))
        yield from problems
        problems.clear()


def _judge(path: Path, name: str) -> SourceFile | Skipped:
    if not _is_utf8(name):
        # Two such names could not be told apart once they are shown, nor found again.
        return Skipped(_shown(name), "su nombre no está en UTF-8; cámbialo")
    if path.suffix.lower() not in SUFFIXES:
        return Skipped(name, f"formato no admitido ({path.suffix or 'sin extensión'})")
    if not path.is_file():
        return Skipped(name, "no es un archivo corriente")
    return SourceFile(path, name)
