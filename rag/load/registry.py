"""How the file of a name is read."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from rag.errors import LoadError, reason
from rag.load.compressed import SUFFIXES as COMPRESSED
from rag.load.compressed import unfold
from rag.load.extract import MAX_LINES, Extract, Reader
from rag.load.opening import open_file
from rag.load.signature import suffix_by_content
from rag.load.text.markdown import read_markdown
from rag.load.text.plain import read_text
from rag.load.text.source import SOURCE_NAMES, read_source
from rag.load.unreadable import REMEDIES, out_of_memory, seems_damaged, too_large
from rag.schema import Document

_PLAIN: Final = (read_markdown, read_text)

# Files whose text is a small part of them, or is packed. The others are text through and through.
_CONTAINERS: Final = frozenset(
    ".docm .docx .epub .mbox .odp .ods .odt .pdf .ppsx .pptm .pptx .xls .xlsb .xlsm .xlsx".split()
)
_MAX_CONTAINER_BYTES: Final = 256 * 1024 * 1024
_MAX_TEXT_BYTES: Final = 64 * 1024 * 1024  # some 10 million words

_SUFFIX: Final = re.compile(r"(?<=[^/])\.[^./\s]+$")  # «3.5 años» has none


class Format(NamedTuple):
    """How the files of a suffix are read.

    Attributes
    ----------
    reader
        Takes their bytes, uncompressed.
    max_bytes
        Of a file that is read at all, before and after it is uncompressed.
    compression
        The suffix that tells how they are compressed; empty where they are not.
    is_plain
        Whether no document can do harm to its reader, which takes the time that its length takes.
    """

    reader: Reader
    max_bytes: int
    compression: str = ""
    is_plain: bool = False


def format_of(name: str) -> Format | None:
    """Return how a file is read, told by its name alone; None where nobody reads it."""
    from rag.load.formats import reader_of  # all the readers: a question needs none of them

    suffix = suffix_of(name)
    if suffix in COMPRESSED:
        inner = format_of(name[: -len(suffix)])
        if inner is None or inner.compression:
            return None
        return inner._replace(compression=suffix, is_plain=False)
    # README, LICENSE, Makefile: whether what has no suffix is text is told by its bytes.
    reader = reader_of(suffix) if suffix else _reader_of_bare(name)
    if reader is None:
        return None
    max_bytes = _MAX_CONTAINER_BYTES if suffix in _CONTAINERS else _MAX_TEXT_BYTES
    return Format(reader, max_bytes, is_plain=reader in _PLAIN)


def _reader_of_bare(name: str) -> Reader:
    """Return the reader of a file without suffix."""
    return read_source if name.rpartition("/")[2].lower() in SOURCE_NAMES else read_text


def is_known(name: str) -> bool:
    """Say whether the files of such a name are read."""
    return format_of(name) is not None


def suffixes() -> tuple[str, ...]:
    """Return the usual suffix of each reader, sorted; some read others too."""
    from rag.load.formats import READERS

    usual: dict[object, str] = {}
    for suffix, reader in READERS.items():
        usual.setdefault(getattr(reader, "func", reader), suffix)
    return tuple(sorted(usual.values()))


def suffix_of(name: str) -> str:
    """Return the last suffix of a file's name, with its dot and in lower case; may be empty."""
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ""


def refusal(name: str) -> LoadError:
    """Return why the files of such a name are not read, and what to do about it."""
    suffix = suffix_of(name)
    return LoadError(
        f"formato no admitido ({suffix})",
        REMEDIES.get(suffix, "Si es un documento, guárdalo como .pdf o .txt"),
    )


def load(path: Path, name: str) -> Document:
    """Read one file, here and now.

    Parameters
    ----------
    path
        Where the file is.
    name
        What the document is called in citations.

    Raises
    ------
    LoadError
        If the file cannot be read; the message says why. Where the system refused it, its cause
        is an OSError.
    """
    data = read_bytes(path)
    return as_document(name, data, extract(data, path.name))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file that may be read, no more of them than its format allows.

    Raises
    ------
    LoadError
        As ``load`` does.
    """
    found = format_of(path.name)
    if found is None:
        raise refusal(path.name)
    try:
        with open_file(path) as file:
            _check_size(os.fstat(file.fileno()).st_size, found.max_bytes)
            data = file.read(found.max_bytes + 1)
    except OSError as error:
        remedy = "Comprueba que sigue ahí y sus permisos"
        raise LoadError(f"no se puede leer ({reason(error)})", remedy) from error
    _check_size(len(data), found.max_bytes)  # it may grow meanwhile
    return data


def extract(data: bytes, name: str) -> Extract:
    """Take from the bytes of a file what its reader finds in them.

    Parameters
    ----------
    name
        The file's own: its suffixes tell the reader.

    Raises
    ------
    LoadError
        Whatever goes wrong: a document can make a library raise anything.
    """
    found = format_of(name)
    if found is None:
        raise refusal(name)
    try:
        if found.compression:
            data = unfold(data, found.compression, found.max_bytes)
        extracted = _read(data, name, found)
        n_lines = extracted.text.count("\n") + 1
    except LoadError:
        raise
    except MemoryError as error:
        raise out_of_memory() from error
    except (Exception, SystemExit) as error:
        raise seems_damaged() from error
    if n_lines > MAX_LINES:
        raise too_large(f"tiene más de {MAX_LINES // 2**20} millones de líneas")
    return extracted


def _read(data: bytes, name: str, found: Format) -> Extract:
    """Read a file as what its name says it is or, if it is no such thing, as what it is."""
    if not data:
        return Extract("", "text/plain")
    try:
        return found.reader(data)
    except LoadError as error:
        from rag.load.formats import READERS

        suffix = suffix_of(name[: len(name) - len(found.compression)])
        own = suffix_by_content(data, suffix) if suffix in _CONTAINERS else ""
        if not own or READERS[own] is found.reader:
            raise
        try:
            extracted = READERS[own](data)
        except LoadError:
            raise error from None
    told = f"no es un archivo {suffix}: se ha leído como {own}"
    return replace(extracted, notes=(*extracted.notes, told))


def as_document(name: str, data: bytes, extracted: Extract) -> Document:
    """Return the document that was taken from some bytes."""
    return Document(
        path=name,
        text=extracted.text,
        media_type=extracted.media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        headings=extracted.headings,
        layout=extracted.layout,
        title=extracted.title,
        notes=extracted.notes,
    )


def _check_size(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        n_mib = max(n_bytes, max_bytes + 2**20) // 2**20
        raise too_large(f"ocupa {n_mib} MB y el máximo es {max_bytes // 2**20} MB")
