"""Adapter: what the embedded model was taught, as the package carries it."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

from rag.errors import ModelError

# «make train» makes it and prints its checksum (training/README.md).
_FILE: Final = "gemma-3-270m-lector.gguf"
_SHA256: Final = "581ed234055e03f559c82da60dbcc16ae1b74fc31f94633aabfa914db48cee9f"

_REMEDY: Final = "Vuelve a instalar el programa; mientras tanto responderá peor"


ADAPTER: Final = Path(str(files("rag.generate") / _FILE))


def find_adapter(path: Path = ADAPTER) -> Path:
    """Return the adapter's file, once its checksum is right.

    Raises
    ------
    ModelError
        If it is not there or is not what it was.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError("Falta el adaptador del modelo incluido", _REMEDY) from error
    if found != _SHA256:
        raise ModelError("El adaptador del modelo incluido está dañado", _REMEDY)
    return path
