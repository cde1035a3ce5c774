"""What gzip, bzip2 and xz have folded, unfolded: never more than a file may hold."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Final, Protocol

from rag.errors import LoadError
from rag.load.extract import MAX_CHARS
from rag.load.unreadable import damaged, too_large

SUFFIXES: Final = frozenset((".gz", ".bz2", ".xz"))

_FETCH_AGAIN: Final = "Vuelve a copiarlo o a descargarlo"
_STEP_BYTES: Final = 256 * 1024
_MAX_XZ_BYTES: Final = 256 * 1024 * 1024  # of memory: a file says how much unfolding it takes


class _Unfolding(Protocol):
    """What the three libraries have in common, once gzip's differences are taken away."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """gzip's, which keeps what it has not looked at yet apart, as the others keep it inside."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def unfold(data: bytes, suffix: str, max_bytes: int = MAX_CHARS) -> bytes:
    """Return what a compressed file holds.

    Parameters
    ----------
    suffix
        One of ``SUFFIXES``.
    max_bytes
        The most that it may hold.

    Raises
    ------
    LoadError
        If it is damaged, is cut short, or holds more.
    """
    parts: list[bytes] = []
    n_bytes = 0
    try:
        while data:  # several may stand one after another in a file
            unfolding = _begin(suffix)
            at = 0
            while not unfolding.eof:
                part = unfolding.decompress(data[at : at + _STEP_BYTES], _STEP_BYTES)
                at += _STEP_BYTES
                if not part and at >= len(data) + _STEP_BYTES and not unfolding.eof:
                    raise LoadError("está incompleto", _FETCH_AGAIN)
                parts.append(part)
                n_bytes += len(part)
                if n_bytes > max_bytes:
                    raise too_large(f"descomprimido ocupa más de {max_bytes // 2**20} MB")
            data = unfolding.unused_data + data[at:]
            if not data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")):  # padding
                break
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
        raise damaged(_FETCH_AGAIN) from error
    return b"".join(parts)


def _begin(suffix: str) -> _Unfolding:
    if suffix == ".gz":
        return _Gzip()
    if suffix == ".bz2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=_MAX_XZ_BYTES)
