"""The manifest: what made a generation, what it follows, and the checksum of its every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from rag.embed import VECTORS_VERSION, Embedder
from rag.errors import IndexDamagedError, IndexMismatchError
from rag.lexical import ANALYZER_VERSION
from rag.load import Patterns
from rag.load.extract import READERS_VERSION
from rag.split import SPLITTER_VERSION

REBUILD: Final = "Vuelve a crearlo con: rag index --rebuild"

_FORMAT_VERSION: Final = 5
_FILE: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or file that the index follows."""

    given: str  # as the user wrote it, with «/»: citations begin with it
    absolute: str

    def holds(self, path: str) -> bool:
        """Say whether a document is this file, or in this folder, by its path."""
        return self.given == "." or path == self.given or path.startswith(self.prefix)

    @property
    def prefix(self) -> str:
        """What the paths of the documents in it begin with."""
        return "" if self.given == "." else self.given.rstrip("/") + "/"


def source_of(path: str, roots: Iterable[Root]) -> Path:
    """Return where the file of a document is."""
    for root in roots:
        if path == root.given:
            return Path(root.absolute)
        if root.holds(path):
            return Path(root.absolute, path.removeprefix(root.prefix))
    return Path(path)


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment of a generation: the chunks of some documents, written once.

    Attributes
    ----------
    number
        Its name; no other segment of this index ever has it.
    lexical
        The parts of the lexical index that are this segment's.
    """

    number: int
    n_chunks: int
    n_sentences: int
    lexical: tuple[dict[str, Any], ...]

    @property
    def folder(self) -> str:
        """Where its files are, below the generation's folder."""
        return f"segments/{self.number:08d}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made a generation: another model, prefix, version or size makes another index.

    Attributes
    ----------
    embedding_fingerprint
        Of weights and prefixes.
    segments
        By number.
    next_segment
        The first number that no segment has had.
    fallback
        The name of the generation that may stand in for this one, having nothing that it has not;
        empty where there is none.
    created
        ISO 8601, UTC; set when it is written.
    files
        SHA-256 by path below the generation's folder.
    """

    embedding_model: str
    embedding_fingerprint: str
    dimension: int
    max_chunk_tokens: int
    roots: tuple[Root, ...]
    patterns: Patterns = field(default_factory=Patterns)
    segments: tuple[SegmentRecord, ...] = ()
    next_segment: int = 1
    format_version: int = _FORMAT_VERSION
    readers_version: int = READERS_VERSION
    splitter_version: int = SPLITTER_VERSION
    analyzer_version: int = ANALYZER_VERSION
    vectors_version: int = VECTORS_VERSION
    fallback: str = ""
    created: str = ""
    files: dict[str, str] = field(default_factory=dict)

    @property
    def n_chunks(self) -> int:
        """How many chunks are indexed."""
        return sum(segment.n_chunks for segment in self.segments)

    @property
    def n_sentences(self) -> int:
        """How many sentences are indexed."""
        return sum(segment.n_sentences for segment in self.segments)

    def files_of(self, segment: SegmentRecord) -> list[str]:
        """Return the paths of a segment's files, below the generation's folder."""
        parts = tuple("lexical/" + part["segment_id"].replace("-", "") for part in segment.lexical)
        own = (segment.folder + "/", *parts)
        return [name for name in self.files if name.startswith(own)]

    def check(self, embedding_model: str, max_chunk_tokens: int | None = None) -> None:
        """See to it that this program would make the same chunks, terms and vectors.

        Parameters
        ----------
        max_chunk_tokens
            Left out of the comparison where it is None: it matters to a writer only.

        Raises
        ------
        IndexMismatchError
            Naming what the index was made with and what is asked for now.
        """
        for what, before, now in (
            ("el modelo", f"«{self.embedding_model}»", f"«{embedding_model}»"),
            ("la lectura de archivos", self.readers_version, READERS_VERSION),
            ("el corte en frases", self.splitter_version, SPLITTER_VERSION),
            ("el análisis de palabras", self.analyzer_version, ANALYZER_VERSION),
            ("el cálculo de los vectores", self.vectors_version, VECTORS_VERSION),
            (
                "el tamaño máximo de fragmento",
                self.max_chunk_tokens,
                max_chunk_tokens or self.max_chunk_tokens,
            ),
        ):
            if before != now:
                is_name = isinstance(before, str)
                version = "" if is_name or what.startswith("el tamaño") else "versión "
                raise IndexMismatchError(
                    f"El índice se hizo con otros ajustes: {what} era {version}{before} y ahora es "
                    f"{version}{now}",
                    REBUILD,
                )

    def check_weights(self, embedder: Embedder) -> None:
        """See to it that an open model is the one that made the vectors, not just its namesake.

        Raises
        ------
        IndexMismatchError
            If its weights or its prefixes are others.
        """
        if self.embedding_fingerprint != embedder.fingerprint:
            raise IndexMismatchError(
                f"Los pesos de «{embedder.name}» no son los que hicieron el índice", REBUILD
            )

    def write(self, folder: Path) -> None:
        """Write the manifest of a folder whose files are all written: it vouches for them."""
        created = datetime.now(UTC).isoformat(timespec="seconds")
        record = asdict(replace(self, created=created))
        record["checksum"] = _checksum(record)
        text = json.dumps(record, ensure_ascii=False, indent=1)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a generation.

        Raises
        ------
        IndexMismatchError
            If another version of this program wrote it.
        IndexDamagedError
            If it is not there, or not what was written.
        """
        try:
            record: dict[str, Any] = json.loads((folder / _FILE).read_text("utf-8"))
            version = record["format_version"]
            if version == _FORMAT_VERSION and record.pop("checksum") == _checksum(record):
                segments = record.pop("segments")
                return cls(
                    roots=tuple(Root(**root) for root in record.pop("roots")),
                    patterns=Patterns(**{k: tuple(v) for k, v in record.pop("patterns").items()}),
                    segments=tuple(
                        SegmentRecord(lexical=tuple(each.pop("lexical")), **each)
                        for each in segments
                    ),
                    # What has no such number was written when there was but one.
                    **{"vectors_version": 1} | record,
                )
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise IndexDamagedError("No se puede leer la ficha del índice", REBUILD) from error
        if version == _FORMAT_VERSION:
            raise IndexDamagedError("La ficha del índice está dañada", REBUILD)
        raise IndexMismatchError(
            f"El índice tiene el formato {version} y este programa usa el {_FORMAT_VERSION}",
            REBUILD,
        )


def read_followed(folder: Path) -> tuple[tuple[Root, ...], Patterns] | None:
    """Return what a generation follows, whoever wrote it; None where that cannot be told."""
    try:
        record = json.loads((folder / _FILE).read_text("utf-8"))
        roots = tuple(Root(root["given"], root["absolute"]) for root in record["roots"])
        patterns = {name: tuple(given) for name, given in record.get("patterns", {}).items()}
        return roots, Patterns(**patterns)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _checksum(record: dict[str, Any]) -> str:
    text = json.dumps(record, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
