"""Table 9: an index of a thousand chunks, and of a million: time to search, memory, recall.

A million chunks cannot be embedded in an afternoon. Real ones are, of Debian's manuals where they
are installed and of the SQuAD sets where they are at hand; the rest are made of those: a chunk is
sentences of two real ones, and its vectors are theirs, mixed and moved a little, so that what is
near what stays as it is among texts. The questions are real, and embedded.
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bench.corpora import available, index, open_embedder
from rag.dense import DenseIndex
from rag.index import Generation, open_current
from rag.index.manifest import Manifest
from rag.index.records import DocumentRecord
from rag.index.segment import VECTORS
from rag.index.store import building, publish
from rag.index.write import Content, GenerationWriter
from rag.lexical import analyze
from rag.retrieve.passages import PassageWeights, find_passages
from rag.retrieve.query import Query
from rag.schema import Chunk

_MANUALS = (
    "/usr/share/debian-reference/debian-reference.es.txt.gz",
    "/usr/share/doc/maint-guide-es/maint-guide.es.txt.gz",
)
_MANUAL_CHARS = 60_000  # of a manual, one document
_CHUNKS_A_DOCUMENT = 20
_SEGMENTS = 32
_SENTENCES = 4  # of a made chunk
_OTHER = 0.35  # how much the second real chunk counts in a vector
_NOISE = 0.15  # length of the move, a real vector's being 1
N_QUESTIONS = 300
_TOP = 50  # what retrieval takes from each search
_RECALL_AT = 10

Vectors = NDArray[np.float32]


def main() -> None:
    """Make an index of each size, and search it in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000, 1_000_000])
    sizes = parser.parse_args().sizes
    real, texts, vectors = real_texts()
    print(
        "| chunks | to write | MB on disk | to open | vectors, p50 and p95 | words | both "
        "| candidates ranked | recall@10 | peak memory |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for size in sizes:
        with TemporaryDirectory() as folder:
            started = time.perf_counter()
            write_index(Path(folder), real, size)
            seconds = time.perf_counter() - started
            n_bytes = bytes_of(Path(folder))
            # In a process of its own, so that its memory is all that searching needs.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                found = apart.submit(_search, Path(folder), texts, vectors).result()
            print(f"| {size} | {seconds:.0f} s | {n_bytes / 1e6:.0f} | {found} |", flush=True)


def real_texts() -> tuple[Generation, list[str], Vectors]:
    """Return an index of real texts, and real questions with their vectors."""
    embedder = open_embedder()
    corpora = available("squad-es-v1-dev")
    corpus = corpora[0]
    for name in _MANUALS:
        if Path(name).is_file():
            with gzip.open(name, "rt", encoding="utf-8") as file:
                text = file.read()
            for at in range(0, len(text), _MANUAL_CHARS):
                corpus.documents[f"{Path(name).stem}-{at}.txt"] = text[at : at + _MANUAL_CHARS]
    step = max(1, len(corpus.questions) // N_QUESTIONS)
    asked = [question.text for question in corpus.questions[::step]]
    vectors = np.stack([embedder.embed_question(text) for text in asked])
    return index(corpus, embedder), asked, vectors


def write_index(index_dir: Path, real: Generation, size: int) -> None:
    """Write an index of ``size`` made chunks."""
    maker = Maker(real)
    base = real.manifest
    manifest = Manifest(
        embedding_model=base.embedding_model,
        embedding_fingerprint=base.embedding_fingerprint,
        dimension=base.dimension,
        max_chunk_tokens=base.max_chunk_tokens,
        roots=base.roots,
    )
    with building(index_dir) as folder:
        writer = GenerationWriter(folder, manifest, None)
        n_left = size
        while n_left:
            n_now = min(n_left, max(2048, size // _SEGMENTS))
            writer.add(list(maker.documents(n_now)))
            n_left -= n_now
        writer.finish((), "")
        publish(index_dir, folder)


def bytes_of(folder: Path) -> int:
    """Return how much the files of a folder weigh."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _search(index_dir: Path, texts: Sequence[str], vectors: Vectors) -> str:
    """Tell how long searching takes, what of the exact result it finds, and the peak memory."""
    started = time.perf_counter()
    generation = open_current(index_dir)
    to_open = time.perf_counter() - started
    times: dict[str, list[float]] = {"dense": [], "lexical": [], "both": [], "ranked": []}
    for text, vector in zip(texts, vectors, strict=True):
        query = Query(text, text, dict.fromkeys(analyze(text), 1.0), {}, vector, None)
        started = time.perf_counter()
        generation.dense.search(query.vector, _TOP)
        middle = time.perf_counter()
        generation.lexical.search(query.weights, _TOP)
        end = time.perf_counter()
        find_passages(query, generation, PassageWeights())
        times["dense"].append(middle - started)
        times["lexical"].append(end - middle)
        times["both"].append(end - started)
        times["ranked"].append(time.perf_counter() - end)
    peak = _peak_bytes()
    shown = " | ".join("{:.1f} and {:.1f} ms".format(*_percentiles(own)) for own in times.values())
    return f"{to_open:.1f} s | {shown} | {_recall(generation, vectors):.3f} | {peak / 1e6:.0f} MB"


def _peak_bytes() -> int:
    """Return the most memory that this process ever held, shared files included."""
    # Not getrusage: its figure is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _percentiles(seconds: Sequence[float]) -> list[float]:
    return [float(each) * 1000 for each in np.percentile(seconds, (50, 95))]


def _recall(generation: Generation, questions: Vectors) -> float:
    """Return what share of the nearest chunks the search finds, against comparing them all."""
    parts = {
        segment.number: generation.folder / segment.folder / VECTORS
        for segment in generation.manifest.segments
    }
    exact = DenseIndex.open(parts)
    shares = []
    for vector in questions:
        best = {hit.row for hit in exact.search(vector, _RECALL_AT)}
        found = {hit.row for hit in generation.dense.search(vector, _TOP)[:_RECALL_AT]}
        shares.append(len(best & found) / len(best))
    return float(np.mean(shares))


class Maker:
    """Makes chunks of those of a real index."""

    def __init__(self, real: Generation) -> None:
        self._random = np.random.default_rng(0)
        rows = [
            row for row, chunk in zip(real.rows(), real.chunks(), strict=True) if chunk.sentences
        ]
        self._chunks = [real.chunk(row) for row in rows]
        self._own = real.dense.vectors(rows)
        self._sentences = [real.sentences(row).vectors.astype(np.float32) for row in rows]
        self._n_documents = 0

    def documents(self, n_chunks: int) -> Iterator[Content]:
        while n_chunks:
            n_now = min(n_chunks, _CHUNKS_A_DOCUMENT)
            n_chunks -= n_now
            self._n_documents += 1
            path = f"d/{self._n_documents:07d}.txt"
            made = [self._chunk(path, n) for n in range(n_now)]
            record = DocumentRecord(
                path, f"{self._n_documents:064x}", "text/plain", None, 0, 0, n_now
            )
            yield Content([record], [chunk for chunk, _ in made], [rows for _, rows in made])

    def _chunk(self, path: str, line: int) -> tuple[Chunk, NDArray[np.float16]]:
        one, other = self._random.integers(len(self._chunks), size=2)
        picked = [
            (each, self._random.integers(len(self._chunks[each].sentences)))
            for each in [one] * (_SENTENCES - 1) + [other]
        ]
        text, spans = "", []
        for each, at in picked:
            said = " ".join(self._chunks[each].sentences[at].text.split())
            spans.append((len(text), len(text) + len(said), line, line))
            text += said + " "
        own = self._own[one] + _OTHER * self._own[other]
        vectors = np.vstack([own, *(self._sentences[each][at] for each, at in picked)])
        vectors += self._random.normal(size=vectors.shape) * (_NOISE / np.sqrt(vectors.shape[1]))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        chunk = Chunk(path, 0, len(text.rstrip()), line, line, text.rstrip(), (), tuple(spans))
        return chunk, vectors.astype(np.float16)


if __name__ == "__main__":
    main()
