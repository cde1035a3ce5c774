"""A small server that speaks Ollama's REST API, with the embedded GGUF behind it.

Three kinds of models live in it: ``gemma-3-270m:latest``, which is real; the ones that a test adds
to ``scripts``, which say what they are told (what models do say: invented markers, loud thoughts),
or what a function makes of the request; and the ones in ``failures``, which answer with an error
of Ollama's.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from rag.generate.llama_cpp import assemble_weights, complete, open_server

REAL_MODEL = "gemma-3-270m:latest"


class OllamaServer:
    """The server, on a free port of the loopback address.

    Attributes
    ----------
    scripts
        By model, the pieces that it streams, or what returns them when given a chat request.
    rewrites
        By model of the scripts, what it writes when it is asked to rewrite a question.
    failures
        By model, a status and the error text that ``/api/chat`` gives.
    requests
        What was posted, in order: path and body.
    """

    def __init__(self, cache_dir: Path) -> None:
        self.engine = open_server(assemble_weights(cache_dir))
        self.scripts: dict[str, Sequence[str] | Callable[[dict[str, Any]], Iterable[str]]] = {}
        self.rewrites: dict[str, str] = {}
        self.failures: dict[str, tuple[int, str]] = {}
        self.context_length = 32768
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.n_cut_short = 0
        self.connections: list[socket.socket] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

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

    def write(self, body: dict[str, Any]) -> Iterator[str]:
        """Stream what a model says to a chat request."""
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
        turns = "\n\n".join(message["content"] for message in body["messages"])
        options = body.get("options", {})
        request = {
            "prompt": f"{turns}\nRespuesta:",
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
                info = {
                    "general.architecture": "gemma3",
                    "gemma3.context_length": server.context_length,
                }
                self._send(200, {"model_info": info, "capabilities": ["completion"]})
            elif self.path != "/api/chat":
                self._send(404, {"error": "404 page not found"})
            elif name in server.failures:
                status, text = server.failures[name]
                self._send(status, {"error": text})
            else:
                self._stream(body)

        def _stream(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            n_pieces = 0
            pieces = server.write(body)
            try:
                for piece in pieces:
                    n_pieces += 1
                    self._line(body["model"], piece, {"done": False})
                counts = {"prompt_eval_count": 100, "eval_count": n_pieces}
                self._line(body["model"], "", {"done": True, "done_reason": "stop", **counts})
                self.wfile.write(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):
                server.n_cut_short += 1
            finally:
                close = getattr(pieces, "close", None)
                if close:
                    close()

        def _line(self, model: str, content: str, rest: dict[str, Any]) -> None:
            record = {
                "model": model,
                "created_at": datetime.now(UTC).isoformat(),
                "message": {"role": "assistant", "content": content},
                **rest,
            }
            data = json.dumps(record).encode() + b"\n"
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
