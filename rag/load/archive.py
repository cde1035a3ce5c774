"""The files that are an archive of others: opened with bounds on all that they unfold into."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from rag.errors import LoadError
from rag.load.unreadable import damaged, protected, too_large

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_ENTRIES: Final = 20_000
MAX_ENTRY_BYTES: Final = 128 * 1024 * 1024  # of one entry; its tree takes several times that
MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024  # of all that is read, unfolded

# Deflate folds up to a thousand to one. What people write folds less than a hundred to one, but
# for a sheet that repeats a row; what is small is let through.
_MAX_RATIO: Final = 400
_MIN_RATIO_BYTES: Final = 4 * 1024 * 1024

_COMPOUND_FILE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office's own, before 2007
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")  # what it has inside under a password
_ENTRY: Final = re.compile(rb"PK\x01\x02")


class Archive:
    """The entries of a ZIP archive, unfolded one by one as they are asked for.

    Attributes
    ----------
    names
        Of the files in it, with ``/``, in the archive's order.
    """

    def __init__(self, zip_file: ZipFile) -> None:
        self._zip_file = zip_file
        # Some programs write the separator of their system.
        self._entries = {each.filename.replace("\\", "/"): each for each in zip_file.infolist()}
        self._n_bytes_left = MAX_TOTAL_BYTES
        self.names = tuple(name for name in self._entries if not name.endswith("/"))

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """Unfold one entry.

        Raises
        ------
        LoadError
            If there is none of that name, it is damaged or under a password, or it or all that was
            read until now is too large.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise damaged()
        if entry.flag_bits & 1:
            raise protected()
        _check_size(entry, min(MAX_ENTRY_BYTES, self._n_bytes_left))
        try:
            data = self._zip_file.read(entry)  # never more than the size that was just checked
        except Exception as error:  # zlib, struct, zipfile: each has its own
            raise damaged() from error
        self._n_bytes_left -= len(data)
        return data

    def repacked(self) -> bytes:
        """Return the archive with its entries unfolded, for an engine that opens archives itself.

        What such an engine unfolds was counted here: an entry that lies about its size does not
        lie to it.

        Raises
        ------
        LoadError
            As ``read`` does.
        """
        from zipfile import ZIP_STORED, ZipFile

        packed = io.BytesIO()
        with ZipFile(packed, "w", ZIP_STORED) as target:
            for name in self.names:
                target.writestr(name, self.read(name))
        return packed.getvalue()


def open_archive(data: bytes) -> Archive:
    """Open the bytes of a ZIP archive, which a DOCX, XLSX, PPTX, ODT or EPUB is.

    Raises
    ------
    LoadError
        If it is not such an archive, is under a password, or has too many entries.
    """
    from zipfile import BadZipFile, ZipFile

    if data.startswith(_COMPOUND_FILE):
        if _ENCRYPTED in data:
            raise protected()
        raise LoadError(
            "es de una versión de Office anterior a 2007, con otra extensión",
            "Ábrelo y guárdalo en un formato actual: .docx, .xlsx o .pptx",
        )
    # Each is an object once it is opened: they are counted before.
    if sum(1 for _ in _ENTRY.finditer(data)) > MAX_ENTRIES:
        raise too_large(f"tiene dentro más de {MAX_ENTRIES} archivos")
    try:
        return Archive(ZipFile(io.BytesIO(data)))
    except (BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise damaged() from error


def _check_size(entry: ZipInfo, n_bytes_left: int) -> None:
    """Refuse an entry that unfolds into too much, by what it says of itself."""
    ratio = entry.file_size / max(1, entry.compress_size)
    if entry.file_size > n_bytes_left or (
        entry.file_size > _MIN_RATIO_BYTES and ratio > _MAX_RATIO
    ):
        raise too_large("descomprimido ocupa demasiado")
