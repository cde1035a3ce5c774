"""The names that people give to the formats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "application/epub+zip": "EPUB",
        "application/json": "JSON",
        "application/jsonl": "JSON Lines",
        "application/mbox": "Buzón de correo",
        "application/pdf": "PDF",
        "application/vnd.ms-excel": "Excel",
        f"{_OFFICE}spreadsheetml.sheet": "Excel",
        f"{_OFFICE}presentationml.presentation": "PowerPoint",
        f"{_OFFICE}wordprocessingml.document": "Word",
        f"{_OPEN_DOCUMENT}presentation": "OpenDocument, diapositivas",
        f"{_OPEN_DOCUMENT}spreadsheet": "OpenDocument, hoja",
        f"{_OPEN_DOCUMENT}text": "OpenDocument, texto",
        "application/toml": "TOML",
        "application/x-ipynb+json": "Cuaderno de Jupyter",
        "application/x-subrip": "Subtítulos",
        "application/yaml": "YAML",
        "message/rfc822": "Correo",
        "text/csv": "CSV",
        "text/html": "HTML",
        "text/markdown": "Markdown",
        "text/plain": "Texto",
        "text/tab-separated-values": "TSV",
        "text/troff": "Página de manual",
        "text/vtt": "Subtítulos",
        "text/x-rst": "reStructuredText",
        "text/x-tex": "LaTeX",
        "text/xml": "XML",
    }
)


def format_name(media_type: str) -> str:
    """Return the name of a format, in Spanish; of a program's, that it is one."""
    return _NAMES.get(media_type, "Programa o datos")
