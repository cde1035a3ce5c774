"""Write a generation, and make it the current one by a single rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rag.dense import DenseIndex
from rag.errors import RagError, reason
from rag.index.generation import Generation, file_sha256
from rag.index.manifest import Manifest
from rag.index.records import DocumentRecord, chunk_record, searchable_text, write_records
from rag.lexical import LexicalIndex
from rag.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
            manifest.write(building, _checksums(building))
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

    write_records(folder / "documents.jsonl", map(asdict, content.documents))
    write_records(folder / "chunks.jsonl", map(chunk_record, content.chunks))
    DenseIndex.build(content.chunk_vectors).save(folder / "chunks.faiss")
    np.save(folder / "sentences.npy", content.sentence_vectors.astype(np.float16))
    (folder / "lexical").mkdir()
    LexicalIndex.build(folder / "lexical", map(searchable_text, content.chunks))


def _checksums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"  # tantivy's, and empty
    }


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
