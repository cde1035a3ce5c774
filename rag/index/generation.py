"""A generation: an index on disk that is written once and never changed.

``CURRENT`` names the folder under ``generations/`` that readers open. It is replaced by one atomic
rename, after everything that it names is on disk, so a reader sees the whole of one generation.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from rag.dense import DenseIndex
from rag.errors import IndexDamagedError, NoIndexError, RagError, reason
from rag.lexical import ANALYZER_VERSION, LexicalIndex
from rag.load.text import NORMALIZER_VERSION
from rag.schema import Chunk, Sentence
from rag.split import SPLITTER_VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FORMAT_VERSION: Final = 1
_REBUILD: Final = "Vuelve a crearlo con: rag index --rebuild"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or file that the index follows."""

    given: str  # as the user wrote it, with «/»: citations begin with it
    absolute: str


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is remembered of a document beside its chunks."""

    path: str
    sha256: str
    media_type: str
    n_chars: int
    n_chunks: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made the index. Another value of any of these makes other vectors or other terms."""

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

    def same_making(self, other: Manifest) -> bool:
        """Say whether vectors and chunks of one index may be used in the other."""
        return self._making() == other._making()

    def _making(self) -> dict[str, Any]:
        values = asdict(self)
        for name in ("roots", "created", "embedding_model"):
            del values[name]
        return values


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a generation holds, in memory.

    Attributes
    ----------
    documents
        Sorted by path; each has ``n_chunks`` chunks, in the same order.
    chunk_vectors
        Shape (n_chunks, dimension), unit rows.
    sentence_vectors
        Shape (n_sentences, dimension), unit rows, the sentences of the chunks in order.
    """

    documents: Sequence[DocumentRecord]
    chunks: Sequence[Chunk]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]


def searchable_text(chunk: Chunk) -> str:
    """Return what of a chunk is searched: the titles above it, then its text.

    A paragraph seldom repeats the name of what its section is about.
    """
    return "\n".join([*chunk.headings, chunk.text])


class Generation:
    """A generation, open for reading. Its parts are read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest = _read_manifest(folder)
        self._files: dict[str, Any] = manifest.pop("files")
        roots = tuple(Root(**root) for root in manifest.pop("roots"))
        self.manifest = Manifest(roots=roots, **manifest)

    @classmethod
    def open_current(cls, index_dir: Path) -> Self:
        """Open the current generation of an index folder.

        Raises
        ------
        NoIndexError
            If nothing has been indexed there.
        IndexDamagedError
            If a file is missing or is not what was written.
        """
        name = current_name(index_dir)
        if name is None:
            raise NoIndexError(
                f"Todavía no hay ningún índice en «{index_dir}»",
                "Créalo con: rag index CARPETA",
            )
        return cls(index_dir / "generations" / name)

    @cached_property
    def documents(self) -> list[DocumentRecord]:
        """The documents, sorted by path."""
        return [DocumentRecord(**record) for record in self._records("documents.jsonl")]

    @cached_property
    def chunks(self) -> list[Chunk]:
        """The chunks; line n of the file is row n of both searches."""
        return [_chunk_from(record) for record in self._records("chunks.jsonl")]

    @cached_property
    def sentence_starts(self) -> list[int]:
        """The row of the first sentence vector of each chunk, and the total at the end."""
        starts = [0]
        for chunk in self.chunks:
            starts.append(starts[-1] + len(chunk.sentences))
        return starts

    @cached_property
    def dense(self) -> DenseIndex:
        """The chunks' vectors."""
        return DenseIndex.open(self._checked("chunks.faiss"))

    @cached_property
    def sentence_vectors(self) -> NDArray[np.float16]:
        """The sentences' vectors, shape (n_sentences, dimension), read from disk as needed."""
        import numpy as np

        path = self._checked("sentences.npy")
        vectors: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
        return vectors

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The chunks' terms."""
        for name in self._files:
            if name.startswith("lexical/"):
                self._checked(name)
        return LexicalIndex.open(self.folder / "lexical")

    def source(self, path: str) -> Path:
        """Return where the file of a document is."""
        for root in self.manifest.roots:
            if path == root.given:
                return Path(root.absolute)
            prefix = "" if root.given == "." else root.given.rstrip("/") + "/"
            if path.startswith(prefix):
                return Path(root.absolute, path.removeprefix(prefix))
        return Path(path)

    def _records(self, name: str) -> Iterator[dict[str, Any]]:
        with self._checked(name).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def _checked(self, name: str) -> Path:
        """Return the path of a file of ours, once its checksum has vouched for it."""
        path = self.folder / name
        try:
            digest = _sha256(path)
        except OSError as error:
            raise IndexDamagedError(
                f"Falta el archivo «{name}» del índice ({reason(error)})", _REBUILD
            ) from error
        if digest != self._files.get(name):
            raise IndexDamagedError(f"El archivo «{name}» del índice está dañado", _REBUILD)
        return path


def current_name(index_dir: Path) -> str | None:
    """Return the name of the current generation, or None where there is none."""
    try:
        name = (index_dir / "CURRENT").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(f"No se puede leer el índice de «{index_dir}»", _REBUILD) from error
    if not name or Path(name).name != name:
        raise IndexDamagedError(f"El índice de «{index_dir}» está dañado", _REBUILD)
    return name


def write_generation(index_dir: Path, manifest: Manifest, content: Content) -> Generation:
    """Write a generation and make it the current one; remove the ones before it.

    Raises
    ------
    RagError
        If the disk refuses; what was current still is.
    """
    generations = index_dir / "generations"
    try:
        generations.mkdir(parents=True, exist_ok=True)
        with _building(generations) as building:
            _write_content(building, content)
            _write_manifest(building, manifest)
            folder = generations / building.name.removeprefix(".building-")
            _fsync_tree(building)
            building.rename(folder)
        _fsync(generations)
        _point_to(index_dir, folder.name)
    except OSError as error:
        raise RagError(
            f"No se puede escribir el índice en «{index_dir}» ({reason(error)})",
            "Libera espacio o usa --index-dir con otra carpeta; el índice anterior sigue intacto",
        ) from error
    for old in generations.iterdir():
        if old.name != folder.name:
            shutil.rmtree(old, ignore_errors=True)
    return Generation(folder)


@contextmanager
def _building(generations: Path) -> Iterator[Path]:
    """Give a folder of its own to write in; whatever is left of it afterwards is removed."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    building = Path(tempfile.mkdtemp(prefix=f".building-{stamp}-", dir=generations))
    building.chmod(0o755)
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_content(folder: Path, content: Content) -> None:
    import numpy as np

    _write_records(folder / "documents.jsonl", map(asdict, content.documents))
    _write_records(folder / "chunks.jsonl", map(_chunk_record, content.chunks))
    DenseIndex.build(content.chunk_vectors).save(folder / "chunks.faiss")
    np.save(folder / "sentences.npy", content.sentence_vectors.astype(np.float16))
    (folder / "lexical").mkdir()
    LexicalIndex.build(folder / "lexical", map(searchable_text, content.chunks))


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest last: it vouches for every other file."""
    record = asdict(manifest) | {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {
            path.relative_to(folder).as_posix(): _sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.endswith(".lock")
        },
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IndexDamagedError("No se puede leer la ficha del índice", _REBUILD) from error
    if manifest.get("format_version") != _FORMAT_VERSION:
        raise IndexDamagedError(
            f"El índice tiene el formato {manifest.get('format_version')} y este programa usa el "
            f"{_FORMAT_VERSION}",
            _REBUILD,
        )
    return manifest


def _write_records(path: Path, records: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _chunk_record(chunk: Chunk) -> dict[str, Any]:
    """Return a chunk as one line of JSON; a sentence is told by its span and lines alone."""
    return {
        "path": chunk.path,
        "start": chunk.start,
        "end": chunk.end,
        "line_start": chunk.line_start,
        "line_end": chunk.line_end,
        "headings": chunk.headings,
        "text": chunk.text,
        "sentences": [(s.start, s.end, s.line_start, s.line_end) for s in chunk.sentences],
    }


def _chunk_from(record: dict[str, Any]) -> Chunk:
    offset, text = record["start"], record["text"]
    sentences = tuple(
        Sentence(start, end, line_start, line_end, text[start - offset : end - offset])
        for start, end, line_start, line_end in record.pop("sentences")
    )
    return Chunk(sentences=sentences, headings=tuple(record.pop("headings")), **record)


def _point_to(index_dir: Path, name: str) -> None:
    pointer = index_dir / "CURRENT.new"
    pointer.write_text(name + "\n", encoding="ascii")
    _fsync(pointer)
    pointer.replace(index_dir / "CURRENT")
    _fsync(index_dir)


def _fsync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _fsync(path)
    _fsync(folder)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
