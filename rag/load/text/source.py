"""Programs, settings and logs: text whose every line stands by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from rag.load.extract import Extract
from rag.load.text.encoding import decode
from rag.schema import Layout

_MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text/x-python": ".py .pyi",
        "text/javascript": ".js .mjs .cjs .jsx",
        "text/x-typescript": ".ts .tsx",
        "text/x-java": ".java",
        "text/x-kotlin": ".kt .kts",
        "text/x-scala": ".scala",
        "text/x-swift": ".swift",
        "text/x-c": ".c .h",
        "text/x-c++": ".cpp .cc .cxx .hpp .hh",
        "text/x-csharp": ".cs",
        "text/x-go": ".go",
        "text/x-rust": ".rs",
        "text/x-ruby": ".rb",
        "text/x-php": ".php",
        "text/x-perl": ".pl .pm",
        "text/x-lua": ".lua",
        "text/x-pascal": ".pas",
        "text/x-fortran": ".f90 .for",
        "text/x-vb": ".vb .bas .vbs",
        "text/x-shellscript": ".sh .bash .zsh .fish",
        "text/x-powershell": ".ps1",
        "text/x-msdos-batch": ".bat .cmd",
        "text/x-sql": ".sql",
        "text/x-r": ".r",
        "text/x-matlab": ".m",
        "text/css": ".css .scss .less",
        "text/xml": ".xml .xsd .xsl",
        "application/yaml": ".yaml .yml",
        "application/toml": ".toml",
        "text/x-ini": ".ini .cfg .conf .properties .desktop .service",
        "text/x-bibtex": ".bib",
        "text/x-gettext": ".po .pot",
        "text/x-diff": ".diff .patch",
        "text/x-log": ".log",
        "text/x-cmake": ".cmake",
        "text/x-makefile": ".mk",
        "application/graphql": ".graphql",
        "text/x-protobuf": ".proto",
    }
)


def read_source(data: bytes, media_type: str = "text/plain") -> Extract:
    """Read a file in which a line is a whole."""
    text, notes = decode(data)
    return Extract(text, media_type, layout=Layout(line_ends="final"), notes=notes)


SOURCE_READERS: Final[Mapping[str, Callable[[bytes], Extract]]] = MappingProxyType(
    {
        suffix: partial(read_source, media_type=media_type)
        for media_type, suffixes in _MEDIA_TYPES.items()
        for suffix in suffixes.split()
    }
)

# Of files without suffix, by their name in lower case; any other that is text is prose.
SOURCE_NAMES: Final = frozenset(
    """
    makefile gnumakefile dockerfile containerfile jenkinsfile vagrantfile gemfile rakefile procfile
    brewfile justfile caddyfile pipfile crontab fstab hosts
    """.split()
)
