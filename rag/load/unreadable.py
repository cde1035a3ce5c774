"""Why a file is not read, and what a person can do about it: the same words for all formats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rag.errors import LoadError

_BY_REMEDY: Final = {
    "Guárdalo como .docx": ".doc .dot .gdoc .pages .rtf .wpd .wps",
    "Guárdalo como .xlsx": ".gsheet .numbers",
    "Guárdalo como .pptx": ".gslides .key .pps .ppt",
    "Conviértelo a .epub": ".azw .azw3 .fb2 .lit .mobi",
    "Conviértelo a .pdf": ".djvu .dvi .eps .oxps .ps .xps",
    "Guárdalo como .txt": ".msg .one .pst",
    "Descomprímelo": ".7z .bz2 .cab .gz .iso .lz .lzma .rar .tar .tbz2 .tgz .txz .xz .zip .zst",
    "Es una imagen: pásale un OCR": (
        ".avif .bmp .gif .heic .jpeg .jpg .jxl .png .svg .tif .tiff .webp"
    ),
    "Es sonido: transcríbelo a un archivo de texto": (
        ".aac .aiff .amr .flac .m4a .mid .mp3 .oga .ogg .opus .wav .wma"
    ),
    "Es un vídeo: transcríbelo a un archivo de texto": (
        ".3gp .avi .flv .m4v .mkv .mov .mp4 .mpeg .mpg .ogv .webm .wmv"
    ),
}

# By suffix, in lower case.
REMEDIES: Final[Mapping[str, str]] = MappingProxyType(
    {suffix: remedy for remedy, suffixes in _BY_REMEDY.items() for suffix in suffixes.split()}
)

_SAVE_AGAIN: Final = "Ábrelo con su programa y guárdalo de nuevo"


def damaged(remedy: str = _SAVE_AGAIN) -> LoadError:
    """Return the error of a file that is not what its suffix says, or not whole."""
    return LoadError("está dañado o no es de ese formato", remedy)


def seems_damaged() -> LoadError:
    """Return the error of a file that its reader failed on, for a reason that nobody foresaw."""
    return LoadError("parece dañado", _SAVE_AGAIN)


def protected(remedy: str = "Guarda una copia sin contraseña") -> LoadError:
    """Return the error of a file that only a password opens."""
    return LoadError("está protegido con contraseña", remedy)


def too_large(reason: str) -> LoadError:
    """Return the error of a file that is more than can be read at once."""
    return LoadError(reason, "Divídelo en archivos más pequeños")


def out_of_memory() -> LoadError:
    """Return the error of a file that takes more memory than there is for it."""
    return too_large("necesita demasiada memoria para leerse")
