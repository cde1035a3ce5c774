"""A name that somebody sent, as one that any system can give to a file below a folder."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rag.errors import LoadError

_MAX_PART_BYTES: Final = 180  # of the 255 that most disks allow: « (12)» is still to come
_MAX_PARTS: Final = 12
_MAX_SUFFIX_CHARS: Final = 16

# Control, format (invisible and bidirectional), private, surrogate and unassigned characters, and
# the ends of line and paragraph.
_NOT_SHOWN: Final = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_NOT_ALLOWED: Final = re.compile(r'[<>:"|?*]')  # in Windows
_DRIVE: Final = re.compile(r"^[A-Za-z]:(?=[\\/]|$)")
_RESERVED: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)\s*(?=\.|$)", re.IGNORECASE)


def safe_name(given: str) -> str:
    """Return a relative path with ``/`` that stays below the folder that it is put in.

    The folders of the name are kept. What is safe already comes back as it is.

    Raises
    ------
    LoadError
        If nothing is left of it, it is hidden, or it is in too many folders.
    """
    parts = _DRIVE.sub("", given.strip()).replace("\\", "/").split("/")
    shown = [_shown(part) for part in parts]
    named = [part for part in shown if part.strip(". ")]
    if any(part.startswith(".") for part in named):
        raise LoadError("es un archivo oculto", "Cámbiale el nombre si quieres que se lea")
    safe = [part for part in map(_safe_part, named) if part]
    if not safe or not shown[-1].strip(". "):
        raise LoadError("no tiene nombre", "Cámbiaselo y vuelve a subirlo")
    if len(safe) > _MAX_PARTS:
        raise LoadError(
            f"está dentro de más de {_MAX_PARTS - 1} carpetas", "Súbelo desde una más cercana"
        )
    return "/".join(safe)


def numbered(name: str, number: int) -> str:
    """Return the name of another file of the same name: «acta (2).pdf»."""
    folder, separator, own = name.rpartition("/")
    stem, suffix = _split(own)
    return f"{folder}{separator}{stem} ({number}){suffix}"


def _shown(part: str) -> str:
    """Take out what cannot be seen, and compose the accents."""
    seen = "".join(" " if each in "\t\n" else each for each in part)
    seen = "".join(each for each in seen if unicodedata.category(each) not in _NOT_SHOWN)
    return unicodedata.normalize("NFC", seen).strip()


def _safe_part(part: str) -> str:
    part = " ".join(_NOT_ALLOWED.sub("_", part).split()).rstrip(". ")
    part = _RESERVED.sub(lambda found: f"{found[1]}_", part)
    stem, suffix = _split(part)
    room = _MAX_PART_BYTES - len(suffix.encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ")
    return unicodedata.normalize("NFC", stem + suffix)


def _split(own: str) -> tuple[str, str]:
    """Split off the suffix, which tells how the file is read; a long one is no suffix."""
    stem, dot, suffix = own.rpartition(".")
    if not stem or len(suffix) > _MAX_SUFFIX_CHARS or " " in suffix:
        return own, ""
    return stem, dot + suffix
