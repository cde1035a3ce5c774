"""A model of the person's own, served by Ollama."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, Final, Literal

from rag.generate.ollama_api import CONNECT_SECONDS, find_model, open_client, translated
from rag.generate.protocol import OnNotice, OnUnsaid, answer_anyway, ignore
from rag.generate.thoughts import without_thinking
from rag.schema import Evidence, Message

logger = logging.getLogger(__name__)

_MAX_ANSWER_TOKENS: Final = 1024
_MAX_THOUGHT_TOKENS: Final = 3072
_FALLBACK_WINDOW: Final = 4096  # Ollama's own default on small machines
_TEMPLATE_TOKENS: Final = 64  # what a model's template puts round two messages

# What a tokenizer makes at least one token of, or, of words, one of every few bytes.
_PIECE: Final = re.compile(r"([^\W\d_]+)|(\d+)|\s\s+|[^\w\s]|_")
_BYTES_A_TOKEN: Final = 3
_BYTES_A_CAPITAL_TOKEN: Final = 2


class OllamaGenerator:
    """A chat model behind Ollama's API; may be shared by threads.

    Parameters
    ----------
    model
        As ``ollama list`` shows it, or what is enough of it to know it by.
    host
        None is ``OLLAMA_HOST``, or the local default.
    context_tokens
        Window to ask for; the model's own limit holds if it is smaller.
    keep_alive
        How long the model stays loaded, as in ``5m``; ``-1`` is for ever.
    timeout_seconds
        Longest silence accepted while it loads or writes.
    think
        Whether a reasoning model may reason first. What it reasons is never shown.

    Raises
    ------
    ModelOfflineError
        If nothing answers at the address.
    ModelMissingError
        If the server does not have the model.
    ModelError
        If the model cannot answer, or not on this machine.
    """

    prompt_style: Final[Literal["chat"]] = "chat"
    max_evidence: Final = 50  # as much as can be asked for: the window decides

    def __init__(
        self,
        model: str,
        *,
        host: str | None = None,
        context_tokens: int = 8192,
        keep_alive: str = "5m",
        timeout_seconds: float = 300.0,
        think: bool = False,
    ) -> None:
        self._client = open_client(host)
        self._model = find_model(self._client, model)
        self._keep_alive = int(keep_alive) if _is_integer(keep_alive) else keep_alive
        self._timeout_seconds = timeout_seconds
        self._think = (think and self._model.can_think) or self._model.always_thinks
        self.window_tokens = min(context_tokens, self._model.context_length or _FALLBACK_WINDOW)
        if self._think or self._model.may_think_aloud:
            wanted, share = _MAX_ANSWER_TOKENS + _MAX_THOUGHT_TOKENS, 2
        else:
            wanted, share = _MAX_ANSWER_TOKENS, 4
        self._max_answer_tokens = min(wanted, self.window_tokens // share)

    @property
    def name(self) -> str:
        return f"ollama:{self._model.name}"

    @property
    def max_prompt_tokens(self) -> int:
        return self.window_tokens - self._max_answer_tokens - _TEMPLATE_TOKENS

    def count_tokens(self, text: str) -> int:
        # Ollama has no tokenizer to ask. Bytes by three would see a third of the tokens of a table
        # of figures. bench/README.md, table 15.
        n_tokens = 0
        for found in _PIECE.finditer(text):
            word, digits = found.groups()
            if word:
                each = _BYTES_A_CAPITAL_TOKEN if word.isupper() else _BYTES_A_TOKEN
                n_tokens += -(-len(word.encode()) // each)
            else:
                n_tokens += len(digits) + 1 if digits else 1
        return n_tokens

    def stream(
        self,
        messages: Sequence[Message],
        evidence: Sequence[Evidence],
        on_notice: OnNotice = ignore,
        *,
        question: str = "",
        on_unsaid: OnUnsaid = answer_anyway,
    ) -> Iterator[str]:
        last: dict[str, Any] = {}
        with (
            translated(self._client, self._model.name),
            closing(self._persevere(self._request(messages), last)) as pieces,
        ):
            yield from without_thinking(
                pieces, begins_thinking=self._model.may_think_aloud and not self._think
            )
        for notice in self._shortcomings(messages, last):
            on_notice(notice)

    def _request(self, messages: Sequence[Message]) -> dict[str, Any]:
        return {
            "model": self._model.name,
            "messages": [
                {"role": message.role, "content": message.content} for message in messages
            ],
            "stream": True,
            "think": self._think,
            "keep_alive": self._keep_alive,
            # An error in the place of a prompt that is cut in silence, rules first, or that
            # slides out of the window while the answer grows. Older servers know neither.
            "truncate": False,
            "shift": False,
            "options": {
                "num_ctx": self.window_tokens,
                "num_predict": self._max_answer_tokens,
                # A model that reasons goes round in circles when it may not choose: it keeps the
                # temperature that it came with, and the same question the same answer.
                **({"seed": 0} if self._think else {"temperature": 0.0}),
            },
        }

    def _persevere(self, request: dict[str, Any], last: dict[str, Any]) -> Generator[str]:
        """Stream what the model says; ask again where that helps and nothing was said yet.

        Parameters
        ----------
        last
            Is filled with the last record, the one with the counts.
        """
        import httpx
        from ollama import ResponseError

        may_reconnect = True
        while True:
            has_spoken = False
            try:
                with closing(self._records(request)) as records:
                    for record in records:
                        text = record.get("message", {}).get("content") or ""
                        has_spoken = has_spoken or bool(text)
                        if record.get("done"):
                            last.update(record)
                        yield text  # empty while it thinks: the reader may stop it
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # An idle connection that the server has closed meanwhile, or a restart.
                if has_spoken or not may_reconnect:
                    raise
                may_reconnect = False
                logger.info("ollama dropped the connection; asking once more")
            except ResponseError as error:
                if "think" not in request or "support thinking" not in str(error.error):
                    raise
                request = {key: value for key, value in request.items() if key != "think"}
            else:
                return

    def _records(self, request: dict[str, Any]) -> Generator[dict[str, Any]]:
        """Post a chat request and yield the records of the answer; closing stops the server.

        The client's own ``chat`` cannot say ``truncate`` nor wait otherwise than for its lists.
        """
        import httpx
        from ollama import ResponseError

        timeout = httpx.Timeout(self._timeout_seconds, connect=CONNECT_SECONDS)
        http = self._client._client
        with http.stream("POST", "/api/chat", json=request, timeout=timeout) as response:
            if response.is_error:
                response.read()
                raise ResponseError(response.text, response.status_code)
            for line in _lines(response.iter_bytes()):
                record = json.loads(line)
                if not (isinstance(record, dict) and isinstance(record.get("message", {}), dict)):
                    raise ValueError(line)  # noqa: TRY004 - of the text, not of a type of ours
                if record.get("error"):
                    raise ResponseError(str(record["error"]), response.status_code)
                yield record

    def _shortcomings(self, messages: Sequence[Message], last: dict[str, Any]) -> Iterator[str]:
        """Tell in Spanish what the last record says against the answer."""
        if not last:
            yield "Ollama ha dejado de escribir a medias: la respuesta puede estar incompleta."
        elif last.get("done_reason") == "length":
            yield (
                f"La respuesta ha llegado a su máximo de {self._max_answer_tokens} tokens y se ha "
                "cortado: puede estar incompleta."
            )
        n_read = last.get("prompt_eval_count")
        if isinstance(n_read, int) and self._was_cut(messages, n_read):
            yield (
                f"Ollama ha recortado lo que tenía que leer (ha leído {n_read} tokens): quizá no "
                "haya visto las reglas ni todas las fuentes. Actualízalo, o pide menos fuentes "
                "con RAG_MAX_EVIDENCE."
            )

    def _was_cut(self, messages: Sequence[Message], n_read: int) -> bool:
        """Say whether the model cannot have read the messages whole.

        No tokenizer puts two words into one token, and a prompt that leaves no room in its window
        was cut to it: older servers keep a window full, newer ones the half. Servers too old to
        tell what a model can do leave out of the count what they had in their cache.
        """
        if n_read >= self.window_tokens - 1:
            return True
        if self._model.capabilities is None:
            return False
        return n_read < sum(len(message.content.split()) for message in messages)


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Part a stream at its line ends; not, as httpx does, at each sign that ends one in Unicode."""
    held = b""
    for piece in pieces:
        *lines, held = (held + piece).split(b"\n")
        yield from filter(None, lines)
    if held:
        yield held


def _is_integer(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", text.strip()) is not None
