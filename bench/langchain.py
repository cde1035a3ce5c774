"""Table 11: indexing, and a first answer in a new process, beside LangChain's FAISS store.

The peer runs in an environment of its own, which is made here, in the form that its documentation
begins with: RecursiveCharacterTextSplitter of 1,000 characters and 200 of overlap, FAISS, and
HuggingFaceEmbeddings, given the very same weights.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.corpora import Corpus, available
from rag.config import load_settings
from rag.embed import open_embedder, unpack_bundled_model
from rag.evaluate import TestSet
from rag.index import Making, sync

_PACKAGES = ("langchain-community", "langchain-huggingface", "langchain-text-splitters")
_TEXT_BYTES = 400_000
_N_TURNS = 3
_N_STARTS = 5
_QUESTION = "¿Quién era el campeón de la conferencia?"

_COMMON = """
import json, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings

model, folder, store = sys.argv[1:]
embeddings = HuggingFaceEmbeddings(
    model_name=model, model_kwargs={"device": "cpu"}, encode_kwargs={"normalize_embeddings": True}
)
"""
_INDEX = (
    _COMMON
    + """
from langchain_core.documents import Document
from langchain_text_splitters import RecursiveCharacterTextSplitter

embeddings.embed_query("hola")  # the model is open before the clock starts
for _ in sys.stdin:
    started = time.perf_counter()
    texts = [
        Document(path.read_text("utf-8"), metadata={"source": str(path)})
        for path in sorted(Path(folder).iterdir())
    ]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = splitter.split_documents(texts)
    FAISS.from_documents(chunks, embeddings).save_local(store)
    seconds = time.perf_counter() - started
    tokenizer = embeddings._client.tokenizer
    n_tokens = sum(map(len, tokenizer([chunk.page_content for chunk in chunks])["input_ids"]))
    print(json.dumps([seconds, n_tokens]), flush=True)
"""
)
_SEARCH = (
    _COMMON
    + f"""
found = FAISS.load_local(store, embeddings, allow_dangerous_deserialization=True)
print(found.similarity_search({_QUESTION!r}, k=5)[0].page_content)
"""
)


def main() -> None:
    """Print the table in Markdown."""
    corpus = available("squad-es-v1-dev")[0]
    with TemporaryDirectory() as folder:
        base = Path(folder)
        documents = base / "d"
        documents.mkdir()
        n_bytes = _write(corpus, documents)
        python = _environment(base / "peer")
        settings = load_settings()
        model = str(unpack_bundled_model(settings.cache_dir))
        peer_arguments = [model, str(documents), str(base / "store")]
        ours, theirs = _index_in_turns(
            documents, base, [str(python), "-c", _INDEX, *peer_arguments]
        )
        print(f"{n_bytes / 1000:.0f} KB of text; seconds, median of {_N_TURNS} turns\n")
        print("| what | LangChain | rag | times as fast |\n|---|---|---|---|")
        _row("index, the model open", theirs[0], ours[0])
        rates = [theirs[1] / theirs[0], ours[1] / ours[0]]
        print(f"| tokens that the model reads a second | {rates[0]:.0f} | {rates[1]:.0f} "
              f"| {rates[1] / rates[0]:.1f} |")  # fmt: skip
        command = [sys.executable, "-m", "rag", "search", _QUESTION]
        command += ["--index-dir", str(base / "index")]
        cold = (
            _starts(lambda: command),
            _starts(lambda: [str(python), "-c", _SEARCH, *peer_arguments]),
        )
        _row("a search in a new process", cold[1], cold[0])


def _write(corpus: Corpus, folder: Path) -> int:
    documents: dict[str, str] = {}
    for name, text in corpus.documents.items():
        if sum(map(len, documents.values())) < _TEXT_BYTES:
            documents[name] = text
    TestSet(corpus.questions, documents).write_documents(folder)
    return sum(path.stat().st_size for path in folder.iterdir())


def _environment(folder: Path) -> Path:
    """Make an environment that has the peer, and whatever it shares with us from ours."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *_PACKAGES], check=True)
    return python


def _index_in_turns(
    documents: Path, base: Path, peer: list[str]
) -> tuple[tuple[float, int], tuple[float, int]]:
    """Let both index the same documents by turns; return seconds and tokens of each, ours first."""
    settings = load_settings()
    embedder = open_embedder(settings.embedding_model, settings.cache_dir)
    embedder.embed_passages(["hola"])
    making = Making(lambda: embedder, embedder.name, settings.max_chunk_tokens)
    process = subprocess.Popen(
        peer, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    ours, theirs, n_tokens = [], [], 0
    for _ in range(_N_TURNS):
        print(file=process.stdin, flush=True)
        seconds, n_tokens = json.loads(process.stdout.readline())
        theirs.append(seconds)
        started = time.perf_counter()
        sync(base / "index", [documents], making, rebuild=True)
        ours.append(time.perf_counter() - started)
    process.stdin.close()
    process.wait()
    return (float(np.median(ours)), _our_tokens(base / "index")), (
        float(np.median(theirs)),
        n_tokens,
    )


def _our_tokens(index_dir: Path) -> int:
    """Return how many tokens the model read for an index: of its chunks, and of its sentences."""
    from rag.index import open_current, searchable_text

    settings = load_settings()
    embedder = open_embedder(settings.embedding_model, settings.cache_dir)
    chunks = list(open_current(index_dir).chunks())
    sentences = {each.text for chunk in chunks for each in chunk.sentences}
    return sum(map(embedder.count_tokens, [*map(searchable_text, chunks), *sentences]))


def _starts(command: Callable[[], list[str]]) -> float:
    """Return how long a command takes in a new process, its files read before."""
    times = []
    for _ in range(_N_STARTS + 1):
        started = time.perf_counter()
        subprocess.run(command(), check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return float(np.median(times[1:]))


def _row(what: str, theirs: float, ours: float) -> None:
    print(f"| {what} | {theirs:.2f} | {ours:.2f} | {theirs / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main()
