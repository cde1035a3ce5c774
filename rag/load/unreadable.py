"""What a person can do with the files that nobody here reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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
