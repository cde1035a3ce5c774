"""Which reader reads which suffix."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rag.errors import LoadError, reason
from rag.load.epub import read_epub
from rag.load.extract import Extract
from rag.load.html import read_html
from rag.load.markdown import read_markdown
from rag.load.text import read_text
from rag.schema import Document

Reader = Callable[[bytes], Extract]

_READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        ".txt": read_text,
        ".text": read_text,
        ".md": read_markdown,
        ".markdown": read_markdown,
        ".html": read_html,
        ".htm": read_html,
        ".xhtml": read_html,
        ".epub": read_epub,
    }
)

SUFFIXES: Final = frozenset(_READERS)
_MAX_FILE_BYTES: Final = 64 * 1024 * 1024  # of text: some 10 million words


def load(path: Path, name: str) -> Document:
    """Read one file.

    Parameters
    ----------
    path
        Where the file is.
    name
        What the document is called in citations.

    Raises
    ------
    LoadError
        If the file cannot be read; the message says why.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise LoadError(
            f"formato no admitido ({path.suffix or 'sin extensión'})",
            f"Conviértelo a uno de estos: {', '.join(sorted(SUFFIXES))}",
        )
    try:
        n_bytes = path.stat().st_size
        if n_bytes > _MAX_FILE_BYTES:
            raise LoadError(
                f"ocupa {n_bytes // 2**20} MB y el máximo es {_MAX_FILE_BYTES // 2**20} MB",
                "Divídelo en archivos más pequeños",
            )
        data = path.read_bytes()
    except OSError as error:
        remedy = "Comprueba que sigue ahí y sus permisos"
        raise LoadError(f"no se puede leer ({reason(error)})", remedy) from error
    extract = reader(data)
    return Document(
        path=name,
        text=extract.text,
        media_type=extract.media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        headings=extract.headings,
        layout=extract.layout,
        title=extract.title,
        notes=extract.notes,
    )
