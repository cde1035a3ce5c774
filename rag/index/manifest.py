"""The manifest: what made a generation, what it follows, and the checksum of its every file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from rag.errors import IndexDamagedError
from rag.lexical import ANALYZER_VERSION
from rag.load.text import NORMALIZER_VERSION
from rag.split import SPLITTER_VERSION

REBUILD: Final = "Vuelve a crearlo con: rag index --rebuild"

_FORMAT_VERSION: Final = 2
_FILE: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or file that the index follows."""

    given: str  # as the user wrote it, with «/»: citations begin with it
    absolute: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made a generation: another model, prefix, version or size makes another index.

    Attributes
    ----------
    embedding_fingerprint
        Of weights and prefixes.
    created
        ISO 8601, UTC; set when it is written.
    files
        SHA-256 by path below the generation's folder; set when it is written.
    """

    embedding_model: str
    embedding_fingerprint: str
    dimension: int
    max_chunk_tokens: int
    roots: tuple[Root, ...]
    format_version: int = _FORMAT_VERSION
    normalizer_version: int = NORMALIZER_VERSION
    splitter_version: int = SPLITTER_VERSION
    analyzer_version: int = ANALYZER_VERSION
    created: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def matches(self, max_chunk_tokens: int | None = None) -> bool:
        """Say whether this program would make the same chunks and terms of the same files.

        Parameters
        ----------
        max_chunk_tokens
            Left out of the comparison where it is None: it matters to a writer only.
        """
        return (
            self.normalizer_version == NORMALIZER_VERSION
            and self.splitter_version == SPLITTER_VERSION
            and self.analyzer_version == ANALYZER_VERSION
            and max_chunk_tokens in {None, self.max_chunk_tokens}
        )

    def write(self, folder: Path, files: dict[str, str]) -> None:
        """Write the manifest of a folder whose files are all written: it vouches for them."""
        created = datetime.now(UTC).isoformat(timespec="seconds")
        record = asdict(replace(self, created=created, files=files))
        text = json.dumps(record, ensure_ascii=False, indent=1)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a generation.

        Raises
        ------
        IndexDamagedError
            If it is not there, or not one that this program understands.
        """
        try:
            record: dict[str, Any] = json.loads((folder / _FILE).read_text("utf-8"))
            version = record.get("format_version")
            if version == _FORMAT_VERSION:
                roots = tuple(Root(**root) for root in record.pop("roots"))
                return cls(roots=roots, **record)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise IndexDamagedError("No se puede leer la ficha del índice", REBUILD) from error
        raise IndexDamagedError(
            f"El índice tiene el formato {version} y este programa usa el {_FORMAT_VERSION}",
            REBUILD,
        )
