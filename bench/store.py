"""Table 10: an index that follows a folder of 10,000 files: the time that each kind of sync takes.

What the model needs is left out, so that the rest can be seen: texts get vectors of the model's
size from their hash.
"""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bench.corpora import available
from rag.config import load_settings
from rag.embed import OnEmbedded
from rag.embed.spans import cut_out
from rag.index import Making, SyncReport, open_current, sync

_N_FILES = 10_000
_FILE_CHARS = 1500
_N_REPEATS = 5
_SETTLE_SECONDS = 2.5  # files younger than two seconds are read, to be sure

Vectors = NDArray[np.float32]


def main() -> None:
    """Print the table in Markdown."""
    with TemporaryDirectory() as folder:
        documents, index_dir = Path(folder, "d"), Path(folder, "index")
        documents.mkdir()
        files = _write_files(documents)
        time.sleep(_SETTLE_SECONDS)
        settings = load_settings()
        embedder = _Hashed(settings.embedding_model)
        making = Making(lambda: embedder, embedder.name, settings.max_chunk_tokens)

        def timed() -> tuple[float, SyncReport]:
            embedder.seconds = 0.0
            started = time.perf_counter()
            report = sync(index_dir, [documents], making)
            return time.perf_counter() - started - embedder.seconds, report

        seconds, report = timed()
        generation = open_current(index_dir)
        print(
            f"{report.n_documents} files, {report.n_chunks} chunks, {generation.n_sentences} "
            f"sentences, {len(generation.manifest.segments)} segments\n"
        )
        print("| what | seconds without the model |\n|---|---|")
        print(f"| the first time | {seconds:.1f} |")
        print(f"| nothing has changed | {_median([timed()[0] for _ in range(_N_REPEATS)]):.2f} |")
        print(f"| the same, «rag index» in a new process | {_command(index_dir, documents):.2f} |")
        kinds = {"one file changed": [], "one file deleted": [], "one file renamed": []}  # type: dict[str, list[float]]
        for n in range(_N_REPEATS):
            changed, deleted, renamed = files[n * 300 : n * 300 + 3]
            changed.write_text(f"{changed.read_text('utf-8')}\nUna frase más, la {n}.\n", "utf-8")
            kinds["one file changed"].append(timed()[0])
            deleted.unlink()
            kinds["one file deleted"].append(timed()[0])
            renamed.rename(renamed.with_name(f"renombrado-{n}.txt"))
            kinds["one file renamed"].append(timed()[0])
        for kind, times in kinds.items():
            print(f"| {kind} | {_median(times):.2f} |")


def _write_files(folder: Path) -> list[Path]:
    """Write files of real text, no two the same."""
    corpus = available("squad-es-v1-dev")[0]
    text = " ".join(" ".join(corpus.documents.values()).split())
    files = []
    for n in range(_N_FILES):
        at = n * 997 % (len(text) - _FILE_CHARS)
        path = folder / f"{n % 100:02d}" / f"{n:05d}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Documento {n}.\n\n{text[at : at + _FILE_CHARS]}\n", encoding="utf-8")
        files.append(path)
    return files


def _command(index_dir: Path, documents: Path) -> float:
    times = []
    for _ in range(_N_REPEATS):
        started = time.perf_counter()
        command = [sys.executable, "-m", "rag", "index", str(documents)]
        command += ["--index-dir", str(index_dir)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        times.append(time.perf_counter() - started)
        if f"Sin cambios: {_N_FILES}" not in done.stdout:
            raise AssertionError(done.stdout)
    return _median(times)


def _median(times: Sequence[float]) -> float:
    return float(np.median(times))


class _Hashed:
    """Gives any text a vector of its own, and keeps the time that this takes."""

    fingerprint = "hashed"
    dimension = 384
    max_tokens = 512

    def __init__(self, name: str) -> None:
        self.name = name
        self.seconds = 0.0

    def count_tokens(self, text: str) -> int:
        return len(text) // 4 + 2

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed_passages([question])[0]
        return vector

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> Vectors:
        started = time.perf_counter()
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            seed = zlib.crc32(text.encode())
            vectors[row] = np.random.default_rng(seed).normal(size=self.dimension)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self.seconds += time.perf_counter() - started
        return vectors

    def embed_in_context(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[Vectors, Vectors]:
        return self.embed_passages(texts), self.embed_passages(cut_out(texts, spans))


if __name__ == "__main__":
    main()
