"""Uploads: the folder of the copies that were sent, and which of its files those are.

The folder may be the person's own, with files of theirs: only what its ledger names, with the bytes
that it names, was uploaded, and nothing else is ever deleted. A file is written beside its place,
under a hidden name that no index reads, and gets its own in one step.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.assistant.safe_name import numbered, safe_name
from rag.errors import LoadError, RagError, reason
from rag.index import file_sha256, fsync
from rag.load import format_of, open_file, refusal

_LEDGER: Final = ".subidos.jsonl"
_ARRIVING: Final = ".subiendo-"
_LEAVING: Final = ".quitando-"
_BLOCK_BYTES: Final = 1 << 20
_STALE_SECONDS: Final = 3600.0  # a copy being written is never this old
_MAX_NUMBER: Final = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be uploaded.

    Attributes
    ----------
    max_file_bytes, max_total_bytes
        Of one file; of all that the folder holds.
    max_files
        At once.
    min_free_bytes
        That are to be left on the disk.
    """

    max_file_bytes: int
    max_total_bytes: int
    max_files: int = 2000
    min_free_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of some files.

    Attributes
    ----------
    new
        Paths below the folder, with ``/``.
    known
        The same, of those that were there already with the same bytes.
    refused
        Pairs (name as it was given, reason in Spanish).
    """

    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All that are in the folder now."""
        return (*self.new, *self.known)


class Uploads:
    """The folder of what is uploaded; may be shared by threads."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self._lock = threading.Lock()

    def store(self, files: Mapping[str, Path]) -> Stored:
        """Copy files into the folder; those that cannot be are refused, and the others go on.

        Parameters
        ----------
        files
            By the name that whoever sends them gives, which may be anything.

        Raises
        ------
        RagError
            If the folder cannot be written.
        """
        new: list[str] = []
        known: list[str] = []
        refused: list[tuple[str, str]] = []
        with self._lock:
            self._prepare()
            n_bytes = self._n_bytes()
            many = f"son más de {self.limits.max_files} archivos a la vez. Súbelo en otra tanda."
            for n_seen, (given, source) in enumerate(files.items()):
                if n_seen >= self.limits.max_files:
                    refused.append((given, many))
                    continue
                try:
                    name, n_stored = self._store_one(given, source, n_bytes)
                except LoadError as error:
                    refused.append((given, str(error)))
                except OSError as error:
                    refused.append((given, f"no se puede guardar ({reason(error)})."))
                else:
                    n_bytes += n_stored
                    (new if n_stored else known).append(name)
        return Stored(tuple(new), tuple(dict.fromkeys(known)), tuple(refused))

    def refusal(self, given: str, n_bytes: int) -> str:
        """Return why a file would be refused, told by its name and length alone; empty if not."""
        try:
            if format_of(name := safe_name(given)) is None:
                raise refusal(name)
            self._check_length(n_bytes)
        except LoadError as error:
            return str(error)
        return ""

    def recorded(self) -> frozenset[tuple[str, str]]:
        """Return pairs (absolute path, SHA-256) of the copies that were uploaded."""
        root = self.folder.resolve()
        return frozenset((str(root / name), digest) for name, digest in self._ledger().items())

    def is_own_copy(self, path: Path) -> bool:
        """Say whether a file is a copy that was uploaded, and still has the bytes that came."""
        try:
            return (str(path.resolve()), file_sha256(path)) in self.recorded()
        except OSError:
            return False

    @contextmanager
    def removing(self, path: Path) -> Iterator[None]:
        """Hide an uploaded copy meanwhile; delete it at the end, or bring it back if that fails.

        Raises
        ------
        RagError
            If it cannot be moved, or is no uploaded copy.
        """
        if not self.is_own_copy(path):
            raise RagError(
                f"«{path.name}» no es una copia subida", "Bórralo tú si ya no lo quieres"
            )
        hidden = path.with_name(f"{_LEAVING}{path.name}"[:200])
        try:
            path.replace(hidden)
        except OSError as error:
            raise RagError(
                f"No se puede quitar «{path.name}» ({reason(error)})",
                f"Comprueba los permisos de «{self.folder}»",
            ) from error
        try:
            yield
        except BaseException:
            hidden.replace(path)
            raise
        with suppress(OSError):
            hidden.unlink()
            root = self.folder.resolve()
            with self._lock:
                self._record(path.resolve().relative_to(root).as_posix(), "")
            for parent in path.resolve().relative_to(root).parents[:-1]:
                (root / parent).rmdir()  # refused unless it is empty

    def _store_one(self, given: str, source: Path, n_bytes: int) -> tuple[str, int]:
        """Store a file; return its name, and its length or 0 if it was there."""
        name = safe_name(given)
        if format_of(name) is None:
            raise refusal(name)
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        root = self.folder.resolve()
        if not target.parent.resolve().is_relative_to(root):  # through a link
            raise LoadError("su carpeta lleva fuera de la de documentos", "Súbelo en otra")
        descriptor, arriving = tempfile.mkstemp(prefix=_ARRIVING, dir=root)
        try:
            digest, n_copied = self._copy(source, descriptor, n_bytes)
            for number in range(1, _MAX_NUMBER):
                tried = name if number == 1 else numbered(name, number)
                place = self.folder / tried
                if _is_file(place) and file_sha256(place) == digest:
                    return tried, 0
                if _put(Path(arriving), place):
                    fsync(place.parent)
                    self._record(tried, digest)
                    return tried, max(1, n_copied)
            raise LoadError("hay demasiados con ese nombre", "Cámbiaselo y vuelve a subirlo")
        finally:
            Path(arriving).unlink(missing_ok=True)

    def _copy(self, source: Path, descriptor: int, n_bytes: int) -> tuple[str, int]:
        """Copy a file into one that is open, within the limits; return its hash and its length."""
        limits = self.limits
        digest = hashlib.sha256()
        n_copied = 0
        with os.fdopen(descriptor, "wb") as target, open_file(source) as file:
            expected = os.fstat(file.fileno()).st_size
            self._check_length(expected)
            if shutil.disk_usage(self.folder).free - expected < limits.min_free_bytes:
                raise LoadError("no queda sitio en el disco", "Libera espacio")
            while block := file.read(_BLOCK_BYTES):
                n_copied += len(block)
                self._check_length(max(expected, n_copied))
                if n_bytes + n_copied > limits.max_total_bytes:
                    raise LoadError(
                        f"lo subido ocuparía más de {limits.max_total_bytes >> 20} MB",
                        "Quita documentos, o pon otro límite en el ajuste max_uploads_mebibytes",
                    )
                digest.update(block)
                target.write(block)
            target.flush()
            os.fchmod(target.fileno(), 0o644)
            os.fsync(target.fileno())
        return digest.hexdigest(), n_copied

    def _check_length(self, n_bytes: int) -> None:
        if not n_bytes:
            raise LoadError("está vacío", "Sube uno que tenga algo")
        if n_bytes > self.limits.max_file_bytes:
            raise LoadError(
                f"ocupa más de {self.limits.max_file_bytes >> 20} MB",
                "Divídelo, o pon otro límite en el ajuste max_upload_mebibytes",
            )

    def _prepare(self) -> None:
        """Make the folder, and remove what interrupted uploads left in it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Stale only: another process may be writing there now.
            for path in (*self.folder.glob(f"{_ARRIVING}*"), *self.folder.rglob(f"{_LEAVING}*")):
                if time.time() - path.stat().st_ctime > _STALE_SECONDS:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise RagError(
                f"No se puede escribir en «{self.folder}» ({reason(error)})",
                "Comprueba sus permisos, o pon otra carpeta en el ajuste uploads_dir",
            ) from error

    def _n_bytes(self) -> int:
        """Return how much the folder holds."""
        n_bytes = 0
        for path in self.folder.rglob("*"):
            with suppress(OSError):
                n_bytes += path.lstat().st_size
        return n_bytes

    def _ledger(self) -> dict[str, str]:
        """Return the hash of each copy by its name; lines that make no sense are passed over."""
        names: dict[str, str] = {}
        try:
            lines = (self.folder / _LEDGER).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return {}
        for line in lines:
            with suppress(ValueError, TypeError, KeyError):
                record = json.loads(line)
                names[str(record["path"])] = str(record["sha256"])
        return {name: digest for name, digest in names.items() if digest}

    def _record(self, name: str, digest: str) -> None:
        """Take down that a file was uploaded, after it was; without hash, that it is no more."""
        with (self.folder / _LEDGER).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"path": name, "sha256": digest}, ensure_ascii=False) + "\n")


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _put(arriving: Path, place: Path) -> bool:
    """Give a file its own name unless another has it."""
    try:
        place.hardlink_to(arriving)
    except FileExistsError:
        return False
    except OSError:  # a disk without hard links
        if os.path.lexists(place):
            return False
        arriving.rename(place)
    return True
