"""Entry: who may open the page, from what was asked on the command line."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from rag.errors import UsageError
from rag.web.access.passwords import Passwords

RANDOM: Final = ""  # a token to be made up
_MIN_TOKEN_CHARS: Final = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """What opens the door; with neither, whoever is on this machine enters.

    Attributes
    ----------
    passwords
        Of people, who write theirs on the page.
    token
        Of programs, and of whoever has the address that carries it.
    """

    passwords: Passwords | None = None
    token: str | None = None

    @property
    def is_guarded(self) -> bool:
        """Whether anything is asked of who enters."""
        return self.passwords is not None or self.token is not None


def may_enter(
    host: str,
    auth: str | None = None,
    auth_file: Path | None = None,
    token: str | None = None,
) -> Entry:
    """Return who may enter.

    Parameters
    ----------
    auth
        ``user:password``.
    auth_file
        Hashed passwords, as ``write_password`` leaves them.
    token
        ``RANDOM`` makes one up.

    Raises
    ------
    UsageError
        If other machines reach the address and nothing is asked of them, or what is asked is not
        valid.
    """
    if auth is not None and auth_file is not None:
        raise UsageError("--auth y --auth-file no van juntos", "Quita uno de los dos")
    passwords = None
    if auth is not None:
        user, separator, password = auth.partition(":")
        if not (user and separator and password):
            raise UsageError(
                "--auth no tiene usuario y clave", "Escríbelo así: --auth USUARIO:CLAVE"
            )
        passwords = Passwords.of_one(user, password)
    elif auth_file is not None:
        passwords = Passwords.in_file(auth_file)
    if token == RANDOM:
        token = secrets.token_urlsafe(32)
    if token is not None and (len(token) < _MIN_TOKEN_CHARS or not token.isascii()):
        raise UsageError(
            f"El token ha de tener {_MIN_TOKEN_CHARS} caracteres o más, sin tildes",
            "Quita RAG_WEB_TOKEN y usa --token, que inventa uno",
        )
    if passwords is None and token is None and not _is_loopback(host):
        raise UsageError(
            f"La dirección {host} se ve desde otros equipos",
            "Pide clave con --auth-file ARCHIVO o --auth USUARIO:CLAVE, o un token con --token, o "
            "quita --host",
        )
    return Entry(passwords, token)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_hosts(host: str) -> list[str]:
    """Return the names under which the page may be asked for.

    Off loopback, any: a machine has names that it does not know. A foreign page that has its own
    name resolve to this machine comes without the cookie, which belongs to another name, and stops
    at the door.
    """
    return ["127.0.0.1", "localhost", host] if _is_loopback(host) else ["*"]
