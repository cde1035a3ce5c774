"""Passwords: of people, hashed in a file that only its owner reads."""

from __future__ import annotations

import logging
import os
import secrets
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from rag.errors import RagError, UsageError, reason

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_LOG = logging.getLogger(__name__)
MAX_PASSWORD_CHARS: Final = 1024
_MIN_PASSWORD_CHARS: Final = 8
_MAX_USER_CHARS: Final = 64
_MAX_FILE_BYTES: Final = 1_000_000


class Passwords:
    """Users and the hashes of their passwords; a file that changes is read again.

    Parameters
    ----------
    read
        Returns the hash of each user.
    stamp
        Tells one state of what is read from another.
    """

    def __init__(self, read: Callable[[], dict[str, str]], stamp: Callable[[], object]) -> None:
        self._read = read
        self._stamp = stamp
        self._seen = stamp()
        self._hashes = read()
        self._lock = threading.Lock()
        self._hasher = _hasher()
        # Verified for who is not known, so that the time taken does not tell who is.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    @classmethod
    def of_one(cls, user: str, password: str) -> Self:
        """Hold one password, that is in no file."""
        hashes = {user: _hasher().hash(password)}
        return cls(lambda: hashes, lambda: None)

    @classmethod
    def in_file(cls, path: Path) -> Self:
        """Hold those of a file, one ``user:hash`` a line.

        Raises
        ------
        UsageError
            If it cannot be read, others may read it, or it holds something else.
        """
        return cls(lambda: _read(path), lambda: _stamp(path))

    def hash_of(self, user: str) -> str | None:
        """Return the hash of a user's password, as the file has it now."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                try:
                    self._hashes = self._read()
                except RagError as error:
                    _LOG.warning("nobody enters: %s", error)
                    self._hashes = {}
                self._seen = stamp
            return self._hashes.get(user)

    def verify(self, user: str, password: str) -> bool:
        """Tell whether a password is the user's, in the same time where there is no such user."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if len(password) > MAX_PASSWORD_CHARS:
            return False
        known = self.hash_of(user)
        try:
            self._hasher.verify(known or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return known is not None


def write_password(path: Path, user: str, password: str) -> bool:
    """Write a user's password in the file, in place of the one there was.

    Returns
    -------
    bool
        Whether there was one.

    Raises
    ------
    UsageError
        If the user or the password is not valid, or the file cannot be read or written.
    """
    if not user or len(user) > _MAX_USER_CHARS or not user.isprintable() or set(user) & set(": #"):
        raise UsageError(
            f"«{user}» no sirve de usuario",
            f"Usa hasta {_MAX_USER_CHARS} letras y cifras, sin espacios ni dos puntos",
        )
    if not _MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise UsageError(
            f"La clave tiene {len(password)} caracteres",
            f"Escribe una de {_MIN_PASSWORD_CHARS} a {MAX_PASSWORD_CHARS}",
        )
    hashes = _read(path) if path.exists() and path.stat().st_size else {}
    replaced = user in hashes
    hashes[user] = _hasher().hash(password)
    lines = "".join(f"{name}:{value}\n" for name, value in hashes.items())
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(
            descriptor, "w", encoding="utf-8"
        ) as file:  # mkstemp makes it its owner's only
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise _unwritten(path, error) from error
    return replaced


def _unwritten(path: Path, error: OSError) -> UsageError:
    return UsageError(f"No se puede escribir «{path}» ({reason(error)})", "Indica otro archivo")


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode


def _read(path: Path) -> dict[str, str]:
    from argon2 import extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MAX_FILE_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise UsageError(
            f"No se puede leer «{path}» ({reason(error)})",
            f"Créalo con: rag password USUARIO --auth-file {path}",
        ) from error
    except UnicodeDecodeError as error:
        raise _foreign(path, 1) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            f"Otros usuarios del equipo pueden abrir «{path}»", f"Ciérralo con: chmod 600 {path}"
        )
    if len(data) > _MAX_FILE_BYTES:
        raise _foreign(path, 1)
    hashes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        user, _, value = line.strip().partition(":")
        try:
            extract_parameters(value)
        except InvalidHashError as error:
            raise _foreign(path, number) from error
        hashes[user] = value
    if not hashes:
        raise UsageError(
            f"«{path}» no tiene ningún usuario",
            f"Añade uno con: rag password USUARIO --auth-file {path}",
        )
    return hashes


def _foreign(path: Path, line: int) -> UsageError:
    return UsageError(
        f"La línea {line} de «{path}» no es un usuario con su clave cifrada",
        f"Escríbela con: rag password USUARIO --auth-file {path}",
    )
