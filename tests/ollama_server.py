"""A small server that speaks Ollama's REST API, with the embedded GGUF behind it.

Three kinds of models live in it: ``gemma-3-270m:latest``, which is real; the ones that a test adds
to ``scripts``, which say what they are told (what models do say: invented markers, loud thoughts),
or what a function makes of the request; and the ones in ``failures``, which answer with an error
of Ollama's.

It has a window, and does with a prompt that is longer what Ollama of a year does: in 2024 and 2025
the first four tokens stay and the tail fills the window; in 2026 the tail fills half of it, unless
the request says ``truncate: false``, which is answered with an error. The server of 2024 does not
tell what a model can do, and counts of a prompt only what it did not have in its cache.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, Literal, Self

from rag.generate.engine import assemble_weights, complete, open_server

REAL_MODEL = "gemma-3-270m:latest"

_DEFAULT_WINDOW: Final = 4096
_N_KEPT: Final = 4
# Words in fours and signs: near what the tokenizers of Qwen and Mistral make of Spanish.
_TOKEN: Final = re.compile(r"\w{1,4}|[^\w\s]")


class OllamaServer:
    """The server, on a port of the loopback address; 0 is a free one.

    Attributes
    ----------
    scripts
        By model, the pieces that it streams, or what returns them when given a chat request.
    rewrites
        By model of the scripts, what it writes when it is asked to rewrite a question.
    failures
        By model, a status and the error text that ``/api/chat`` gives.
    shown
        By model, what ``/api/show`` tells of it besides what it tells of all.
    thoughts
        By model, the pieces of ``message.thinking`` that it streams first when asked to think.
    refuses_think
        Models for which the very word ``think`` in a request is an error.
    drops
        By model, how many of its next answers end with a dropped connection, and after how many
        pieces.
    year
        Of the Ollama that it is like.
    max_window
        Of its machine, in tokens, whatever is asked for.
    read
        What was left of each prompt when the model read it.
    requests
        What was posted, in order: path and body.
    """

    def __init__(self, cache_dir: Path, port: int = 0) -> None:
        self.engine = open_server(assemble_weights(cache_dir), None)
        self.scripts: dict[str, Sequence[str] | Callable[[dict[str, Any]], Iterable[str]]] = {}
        self.rewrites: dict[str, str] = {}
        self.failures: dict[str, tuple[int, str]] = {}
        self.shown: dict[str, dict[str, Any]] = {}
        self.thoughts: dict[str, list[str]] = {}
        self.refuses_think: set[str] = set()
        self.drops: dict[str, tuple[int, int]] = {}
        self.year: Literal[2024, 2025, 2026] = 2026
        self.read: list[str] = []
        self.max_window = 1_000_000
        self.seconds_before_answering = 0.0
        self.seconds_before_listing = 0.0
        self.context_length = 32768
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.n_cut_short = 0
        self.connections: list[socket.socket] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        for connection in self.connections:  # a process that ends drops the idle ones too
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def models(self) -> list[str]:
        return [REAL_MODEL, *self.scripts, *self.failures]

    def chats(self) -> list[dict[str, Any]]:
        """The bodies of the chat requests so far."""
        return [body for path, body in self.requests if path == "/api/chat"]

    def describe(self, name: str) -> dict[str, Any]:
        """What ``/api/show`` tells of a model."""
        info = {
            "general.architecture": "gemma3",
            "gemma3.vision.context_length": 16,
            "gemma3.context_length": self.context_length,
        }
        told: dict[str, Any] = {"model_info": info, "template": "{{ .Prompt }}"}
        if self.year > 2024:
            told["capabilities"] = ["completion"]
        return told | self.shown.get(name, {})

    def fit(self, body: dict[str, Any]) -> str | None:
        """What the model reads of a prompt; None where that is an error."""
        prompt = "\n\n".join(message["content"] for message in body["messages"])
        window = min(body.get("options", {}).get("num_ctx", _DEFAULT_WINDOW), self.max_window)
        tokens = list(_TOKEN.finditer(prompt))
        if len(tokens) < window:
            return prompt
        if self.year < 2026:
            n_left = window
        elif body.get("truncate", True):
            n_left = window - (window - _N_KEPT) // 2
        else:
            return None
        return prompt[: tokens[_N_KEPT].start()] + prompt[tokens[_N_KEPT - n_left].start() :]

    def count(self, prompt: str) -> int:
        """The ``prompt_eval_count`` of a prompt."""
        n_tokens = len(_TOKEN.findall(prompt))
        if self.year == 2024 and self.read:
            pairs = zip(_TOKEN.findall(prompt), _TOKEN.findall(self.read[-1]), strict=False)
            n_tokens -= sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return n_tokens

    def write(self, body: dict[str, Any], prompt: str) -> Iterator[str]:
        """Stream what a model says to a prompt."""
        is_rewrite = body["messages"][-1]["content"].startswith("Reescribe")
        if is_rewrite and body["model"] in self.rewrites:
            yield self.rewrites[body["model"]]
            return
        if body["model"] in self.scripts:
            script = self.scripts[body["model"]]
            for piece in script(body) if callable(script) else script:
                time.sleep(0.01)
                yield piece
            return
        options = body.get("options", {})
        request = {
            "prompt": f"{prompt}\nRespuesta:",
            "max_tokens": min(24, options.get("num_predict", 24)),
            "temperature": options.get("temperature", 0.8),
            "stream": True,
        }
        yield from (piece.text for piece in complete(self.engine, request))


def _handler(server: OllamaServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            server.connections.append(self.connection)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            if self.path == "/api/version":
                self._send(200, {"version": "0.12.0"})
            elif self.path == "/api/tags":
                time.sleep(server.seconds_before_listing)
                self._send(200, {"models": [_described(name) for name in server.models]})
            else:
                self._send(404, {"error": "404 page not found"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append((self.path, body))
            name = body.get("model", "")
            if name not in server.models:
                self._send(404, {"error": f"model '{name}' not found"})
            elif self.path == "/api/show":
                self._send(200, server.describe(name))
            elif self.path != "/api/chat":
                self._send(404, {"error": "404 page not found"})
            elif name in server.failures:
                status, text = server.failures[name]
                self._send(status, {"error": text})
            elif "think" in body and name in server.refuses_think:
                self._send(400, {"error": f'"{name}" does not support thinking'})
            else:
                self._answer(body)

        def _answer(self, body: dict[str, Any]) -> None:
            prompt = server.fit(body)
            if prompt is None:
                text = "the prompt is longer than the context length currently available"
                self._send(400, {"error": f"{text} to the model; shorten the prompt"})
                return
            time.sleep(server.seconds_before_answering)
            n_read = server.count(prompt)
            server.read.append(prompt)
            n_drops, n_before = server.drops.get(body["model"], (0, 0))
            server.drops[body["model"]] = (max(0, n_drops - 1), n_before)
            if n_drops and not n_before:
                self._drop()
                return
            self._stream(body, prompt, n_read, n_before if n_drops else None)

        def _stream(
            self, body: dict[str, Any], prompt: str, n_read: int, drop_after: int | None
        ) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            name, n_pieces, why = body["model"], 0, "stop"
            pieces = server.write(body, prompt)
            try:
                if body.get("think"):
                    for thought in server.thoughts.get(name, []):
                        self._line(name, {"content": "", "thinking": thought}, {"done": False})
                for piece in pieces:
                    if n_pieces == body.get("options", {}).get("num_predict"):
                        why = "length"
                        break
                    n_pieces += 1
                    self._line(name, {"content": piece}, {"done": False})
                    if n_pieces == drop_after:
                        self._drop()
                        return
                counts = {"prompt_eval_count": n_read, "eval_count": n_pieces}
                self._line(name, {"content": ""}, {"done": True, "done_reason": why, **counts})
                self.wfile.write(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):
                server.n_cut_short += 1
            finally:
                close = getattr(pieces, "close", None)
                if close:
                    close()

        def _drop(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _line(self, model: str, said: dict[str, str], rest: dict[str, Any]) -> None:
            record = {
                "model": model,
                "created_at": datetime.now(UTC).isoformat(),
                "message": {"role": "assistant", **said},
                **rest,
            }
            data = json.dumps(record, ensure_ascii=False).encode() + b"\n"
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def _send(self, status: int, record: dict[str, Any]) -> None:
            data = json.dumps(record).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


def _described(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-01-01T00:00:00Z",
        "size": 253_000_000,
        "digest": "0" * 64,
        "details": {"format": "gguf", "family": "gemma3", "parameter_size": "268M"},
    }
