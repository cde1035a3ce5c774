"""Compressed files: the bytes within, never more of them than can be read."""

from __future__ import annotations

import io
from typing import IO

from rag.errors import LoadError


def unfold(data: bytes, suffix: str, max_bytes: int) -> bytes:
    """Return what a file of a suffix (``.gz``, ``.bz2``, ``.xz``) holds.

    Raises
    ------
    LoadError
        If it is damaged, or holds more than ``max_bytes``.
    """
    import lzma
    import zlib

    try:
        with _open(io.BytesIO(data), suffix) as file:
            inner = file.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise LoadError("el archivo está dañado", "Descomprímelo para ver qué le pasa") from error
    if len(inner) > max_bytes:
        raise LoadError(
            f"descomprimido pasa de {max_bytes // 2**20} MB", "Descomprímelo y divídelo"
        )
    return inner


def _open(file: IO[bytes], suffix: str) -> io.BufferedIOBase:
    import bz2
    import gzip
    import lzma

    if suffix == ".gz":
        return gzip.GzipFile(fileobj=file)
    return bz2.BZ2File(file) if suffix == ".bz2" else lzma.LZMAFile(file)
