"""A segment: the chunks of some documents and their vectors, written once, read row by row."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from rag.dense import write_vectors
from rag.errors import IndexDamagedError
from rag.index.records import chunk_from, chunk_record, record_line
from rag.lexical import fingerprint
from rag.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPAIR: Final = "Repáralo con: rag index"

CHUNKS: Final = "chunks.jsonl"
ROWS: Final = "rows.npy"
VECTORS: Final = "chunks.faiss"
SENTENCES: Final = "sentences.bin"

# These two may be larger than memory, and a question needs little of them: each row is checked
# when it is read. The other files are checked whole, before they are opened.
CHECKED_BY_ROW: Final = frozenset((CHUNKS, SENTENCES))

# Where the record of each chunk and what is kept of its sentences begin, and their CRC-32; and the
# fingerprint of its words. The row after the last holds where both end.
_ROW: Final = [
    ("text", "<u8"),
    ("text_crc", "<u4"),
    ("sentence", "<u4"),
    ("sentences_crc", "<u4"),
    ("fingerprint", "<u8"),
]
_FINGERPRINT_BYTES: Final = 8


class StoredSentences(NamedTuple):
    """What is kept of a chunk's sentences.

    Attributes
    ----------
    fingerprints
        Of their words, shape (n_sentences,).
    vectors
        Unit rows, shape (n_sentences, dimension).
    """

    fingerprints: NDArray[np.uint64]
    vectors: NDArray[np.float16]


def write_segment(
    folder: Path, chunks: Sequence[Chunk], vectors: Sequence[NDArray[np.float16]]
) -> None:
    """Write chunks and their vectors into an empty folder.

    Parameters
    ----------
    vectors
        Of each chunk, unit rows, shape (1 + n_sentences, dimension): its own, then its sentences'.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    import numpy as np

    rows = np.zeros(len(chunks) + 1, dtype=_ROW)
    with (
        (folder / CHUNKS).open("wb") as texts,
        (folder / SENTENCES).open("wb") as sentences,
    ):
        n_sentences = 0
        for at, (chunk, own) in enumerate(zip(chunks, vectors, strict=True)):
            line = record_line(chunk_record(chunk)).encode()
            said = [fingerprint(sentence.text) for sentence in chunk.sentences]
            block = np.array(said, "<u8").tobytes() + np.asarray(own[1:], "<f2").tobytes()
            crcs = zlib.crc32(line), zlib.crc32(block)
            rows[at] = (texts.tell(), crcs[0], n_sentences, crcs[1], fingerprint(chunk.text))
            texts.write(line)
            sentences.write(block)
            n_sentences += len(own) - 1
        rows[-1] = (texts.tell(), 0, n_sentences, 0, 0)
    np.save(folder / ROWS, rows, allow_pickle=False)
    write_vectors(folder / VECTORS, np.stack([own[0] for own in vectors]))


class Segment:
    """A segment, open for reading; its files may go once it is open.

    Raises
    ------
    IndexDamagedError
        If a file is missing; when a row is read, if it is not what was written.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        import numpy as np

        self._dimension = dimension
        self._name = folder.name
        try:
            self._rows: NDArray[Any] = np.load(folder / ROWS, allow_pickle=False)
            self._texts = _Blocks(folder / CHUNKS)
            self._sentences = _Blocks(folder / SENTENCES)
        except (OSError, ValueError) as error:
            raise IndexDamagedError(
                f"El trozo {self._name} del índice no se puede leer", REPAIR
            ) from error

    def chunk(self, place: int, path: str) -> Chunk:
        """Return a chunk, of the document that is now at ``path``."""
        start, end = self._rows["text"][place : place + 2].tolist()
        line = self._texts.read(start, end)
        self._vouch(line, int(self._rows["text_crc"][place]), CHUNKS)
        return chunk_from(orjson.loads(line), path)

    def fingerprint(self, place: int) -> int:
        """Return the fingerprint of a chunk's words."""
        return int(self._rows["fingerprint"][place])

    def sentences(self, place: int) -> StoredSentences:
        """Return what is kept of a chunk's sentences."""
        import numpy as np

        n_bytes = _FINGERPRINT_BYTES + 2 * self._dimension
        start, end = self._rows["sentence"][place : place + 2].tolist()
        block = self._sentences.read(start * n_bytes, end * n_bytes)
        self._vouch(block, int(self._rows["sentences_crc"][place]), SENTENCES)
        n_sentences = end - start
        fingerprints: NDArray[np.uint64] = np.frombuffer(block, "<u8", n_sentences)
        vectors: NDArray[np.float16] = np.frombuffer(
            block, "<f2", offset=_FINGERPRINT_BYTES * n_sentences
        )
        return StoredSentences(fingerprints, vectors.reshape(n_sentences, self._dimension))

    def place_of_sentence(self, number: int) -> tuple[int, int]:
        """Return the chunk that holds the n-th sentence of the segment, and which of its it is."""
        import numpy as np

        firsts = self._rows["sentence"]
        place = int(np.searchsorted(firsts, number, side="right")) - 1
        return place, number - int(firsts[place])

    def _vouch(self, block: bytes, crc: int, name: str) -> None:
        if zlib.crc32(block) != crc:
            raise IndexDamagedError(
                f"El archivo «{name}» del trozo {self._name} del índice está dañado", REPAIR
            )


class _Blocks:
    """A file read in blocks, from any thread, without holding what was read."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def read(self, start: int, end: int) -> bytes:
        return os.pread(self._descriptor, end - start, start)
