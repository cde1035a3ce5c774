"""A folder to the files in it that can be read, and the reasons for the others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rag.errors import NoDocumentsError, UsageError, reason
from rag.load.registry import is_known, refusal

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Stamp(NamedTuple):
    """What the system says of a file without opening it.

    A file that is written to gets another change time, which no program can set back.
    """

    n_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Stamp:
        """Take from a ``stat`` what tells one state of a file from another."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


class SourceFile(NamedTuple):
    """A file to read, what it is called in citations, and its stamp when it was listed."""

    path: Path
    name: str
    stamp: Stamp


class Skipped(NamedTuple):
    """A file left out, with the reason in Spanish."""

    name: str
    reason: str


class Closed(NamedTuple):
    """A folder that could not be opened, so that nobody knows what is in it now."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """Which files of a folder are wanted, in the language of ``.gitignore``.

    Attributes
    ----------
    include
        Only what one of these matches; empty: all.
    exclude
        Not what one of these matches.
    left_out
        Not the files of these names, whole and as they are cited: no pattern.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def choose(self) -> bool:
        """Whether there is any pattern."""
        return bool(self.include or self.exclude)

    def compiled(self) -> tuple[GitIgnoreSpec | None, GitIgnoreSpec | None]:
        """Return the two, ready to match paths below a root; None where there is no pattern."""
        return _compile(self.include), _compile(self.exclude)


def _compile(patterns: Sequence[str]) -> GitIgnoreSpec | None:
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    invalid = UsageError(
        f"El patrón no es válido: {', '.join(patterns)}",
        "Escríbelo como en .gitignore: *.md, borradores/, actas/**/2023*",
    )
    try:
        spec = GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise invalid from error
    if all(pattern.include is None for pattern in spec.patterns):  # nothing but comments
        raise invalid
    return spec


def scan(
    root: Path, name: str, exclude: Path | None = None, patterns: Patterns | None = None
) -> Iterator[SourceFile | Skipped | Closed]:
    """List a file, or a folder and all below it, in a stable order.

    Hidden files and folders, and what the patterns leave out, are passed over in silence; links
    below the root, and whatever is not an ordinary file of a known format, are reported.

    Parameters
    ----------
    root
        A file or a folder.
    name
        What the root is called, with ``/``: the names of its files begin with it.
    exclude
        An absolute folder to pass over: the index, which may stand below the root.
    patterns
        Of the files wanted below a folder; a root that is a file is always wanted.

    Raises
    ------
    NoDocumentsError
        If the path is neither a file nor a folder.
    UsageError
        If a pattern is not valid.
    """
    if not _is_utf8(name):
        raise NoDocumentsError(
            f"El nombre «{_shown(name)}» no está en UTF-8", "Cámbialo y vuelve a intentarlo"
        )
    try:
        found = root.stat()
    except OSError as error:
        raise NoDocumentsError(
            f"No se encuentra el archivo o la carpeta «{name}» ({root}: {reason(error)})",
            "Comprueba la ruta; si lo has movido, di dónde está ahora: rag index RUTA",
        ) from error
    if stat.S_ISDIR(found.st_mode):
        prefix = "" if name == "." else name.rstrip("/") + "/"
        yield from _Walk(root, prefix, exclude, patterns or Patterns()).files()
    else:
        yield _judge(root, name, found)


def _is_utf8(name: str) -> bool:
    return name == _shown(name)


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


class _Walk:
    """All that is below a folder. Links are not followed: no loops, nothing outside the root."""

    def __init__(self, root: Path, prefix: str, exclude: Path | None, patterns: Patterns) -> None:
        self._root = root
        self._prefix = prefix
        self._exclude = exclude
        self._include_spec, self._exclude_spec = patterns.compiled()

    def files(self) -> Iterator[SourceFile | Skipped | Closed]:
        """List the files, those of a folder before those of the folders in it."""
        folders = [""]  # by their path under the root, ended by «/»; the next one last
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(self._root / folder) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                name = _shown(self._prefix + folder.rstrip("/"))
                yield Closed(name, f"no se puede abrir ({reason(error)})")
                continue
            inner: list[str] = []
            for entry in entries:
                below = folder + entry.name
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if Path(entry.path) != self._exclude and not self._left_out(below + "/"):
                        inner.append(below + "/")
                elif not self._left_out(below) and self._is_wanted(below):
                    yield self._look(entry, self._prefix + below)
            folders.extend(reversed(inner))

    def _look(self, entry: os.DirEntry[str], name: str) -> SourceFile | Skipped:
        if entry.is_symlink():
            kind = "otra carpeta" if entry.is_dir() else "otro archivo"
            return Skipped(_shown(name), f"es un enlace a {kind}")
        try:
            return _judge(Path(entry.path), name, entry.stat(follow_symlinks=False))
        except OSError as error:  # gone since it was listed
            return Skipped(_shown(name), f"no se puede abrir ({reason(error)})")

    def _left_out(self, below: str) -> bool:
        return self._exclude_spec is not None and self._exclude_spec.match_file(below)

    def _is_wanted(self, below: str) -> bool:
        return self._include_spec is None or self._include_spec.match_file(below)


def _judge(path: Path, name: str, found: os.stat_result) -> SourceFile | Skipped:
    if not _is_utf8(name):
        # Two such names could not be told apart once they are shown, nor found again.
        return Skipped(_shown(name), "su nombre no está en UTF-8; cámbialo")
    if not is_known(name):
        return Skipped(name, str(refusal(name)))
    if not stat.S_ISREG(found.st_mode):
        return Skipped(name, "no es un archivo corriente")
    return SourceFile(path, name, Stamp.of(found))
