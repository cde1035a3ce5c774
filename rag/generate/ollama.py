"""A model of the person's own, served by Ollama."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

from rag.errors import ModelError, ModelMissingError, ModelOfflineError
from rag.schema import Evidence, Message

logger = logging.getLogger(__name__)

_CONNECT_SECONDS: Final = 2.0
_MAX_ANSWER_TOKENS: Final = 1024
_FALLBACK_WINDOW: Final = 4096  # Ollama's own default on small machines


class OllamaGenerator:
    """A chat model behind Ollama's API.

    Parameters
    ----------
    model
        As ``ollama list`` shows it; ``:latest`` may be left out.
    host
        None is ``OLLAMA_HOST``, or the local default.
    context_tokens
        Window to ask for; the model's own limit holds if it is smaller.
    keep_alive
        How long the model stays loaded, as in ``5m``.
    timeout_seconds
        Longest silence accepted while it loads or writes.
    think
        Whether a reasoning model may reason first.

    Raises
    ------
    ModelOfflineError
        If nothing answers at the address.
    ModelMissingError
        If the server does not have the model.
    """

    prompt_style: Final[Literal["chat"]] = "chat"
    max_evidence: Final = 8

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
        self._client = open_client(host, timeout_seconds)
        installed = list_models(self._client)
        self._model = _match(model, installed)
        self._keep_alive = keep_alive
        self._think = think
        self._window = min(context_tokens, self._model_window() or _FALLBACK_WINDOW)

    @property
    def name(self) -> str:
        return f"ollama:{self._model}"

    @property
    def max_prompt_tokens(self) -> int:
        return self._window - min(_MAX_ANSWER_TOKENS, self._window // 4)

    def count_tokens(self, text: str) -> int:
        # Ollama has no tokenizer to ask. Spanish takes 3.5 to 4.5 bytes a token in the
        # vocabularies of Qwen, Mistral, Gemma and Llama: three is a bound for prose.
        return len(text.encode()) // 3 + 8

    def stream(self, messages: Sequence[Message], evidence: Sequence[Evidence]) -> Iterator[str]:
        with _translated(self._client, self._model):
            chunks = self._client.chat(
                model=self._model,
                messages=[
                    {"role": message.role, "content": message.content} for message in messages
                ],
                stream=True,
                think=self._think,
                keep_alive=self._keep_alive,
                options={
                    # Without num_ctx a long prompt is cut in silence, rules first.
                    "num_ctx": self._window,
                    "num_predict": _MAX_ANSWER_TOKENS,
                    "temperature": 0.0,
                },
            )
            yield from without_thinking(chunk.message.content or "" for chunk in chunks)

    def _model_window(self) -> int | None:
        """Return the longest context the model was made for, as ``/api/show`` tells it."""
        with _translated(self._client, self._model):
            details = self._client.show(self._model).modelinfo or {}
        lengths = [value for key, value in details.items() if key.endswith(".context_length")]
        return int(lengths[0]) if lengths else None


def open_client(host: str | None, timeout_seconds: float) -> Any:
    """Return a client of the ``ollama`` package, quick to notice that nobody is there."""
    import httpx
    from ollama import Client

    try:
        return Client(host=host, timeout=httpx.Timeout(timeout_seconds, connect=_CONNECT_SECONDS))
    except (ValueError, httpx.InvalidURL) as error:
        raise ModelError(
            "La dirección de Ollama no es válida",
            "Escríbela como http://127.0.0.1:11434 en RAG_OLLAMA_HOST o en OLLAMA_HOST",
        ) from error


def list_models(client: Any) -> list[str]:
    """Return the names of the models that the server has.

    Raises
    ------
    ModelOfflineError
        If nothing answers.
    """
    with _translated(client, ""):
        return [model.model for model in client.list().models if model.model]


def without_thinking(pieces: Iterator[str]) -> Iterator[str]:
    """Leave out what stands between ``<think>`` and ``</think>``, however it is cut up."""
    held, thinking = "", False
    for piece in pieces:
        held += piece
        while held:
            tag = "</think>" if thinking else "<think>"
            before, found, after = held.partition(tag)
            if found:
                if before and not thinking:
                    yield before
                held, thinking = after, not thinking
                continue
            # The end of what is held may be the beginning of a tag.
            keep = max((n for n in range(len(tag)) if held.endswith(tag[:n])), default=0)
            ready, held = held[: len(held) - keep], held[len(held) - keep :]
            if ready and not thinking:
                yield ready
            break
    if held and not thinking:
        yield held


def _match(model: str, installed: Sequence[str]) -> str:
    """Return the installed name that a person means by a shorter one."""
    for name in (model, f"{model}:latest"):
        if name in installed:
            return name
    have = f" (tiene: {', '.join(installed[:8])})" if installed else ""
    raise ModelMissingError(
        f"Ollama no tiene el modelo «{model}»{have}", f"Descárgalo con: ollama pull {model}"
    )


@contextmanager
def _translated(client: Any, model: str) -> Iterator[None]:
    """Turn the client's errors into ours."""
    import httpx
    from ollama import ResponseError

    address = str(client._client.base_url).rstrip("/")
    try:
        yield
    except ResponseError as error:
        logger.info("ollama answered %s: %s", error.status_code, error.error)
        if error.status_code == 404:
            raise ModelMissingError(
                f"Ollama no tiene el modelo «{model}»", f"Descárgalo con: ollama pull {model}"
            ) from error
        raise ModelError(
            f"Ollama no ha podido responder ({error.error.rstrip('.')})",
            "Prueba otro modelo con --model, o reinicia Ollama",
        ) from error
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ModelOfflineError(
            f"Ollama no responde en {address}", "Ábrelo con: ollama serve"
        ) from error
    except httpx.TimeoutException as error:
        raise ModelOfflineError(
            f"Ollama lleva demasiado tiempo callado en {address}",
            "Prueba un modelo más pequeño o amplía RAG_TIMEOUT_SECONDS",
        ) from error
    except httpx.TransportError as error:
        raise ModelOfflineError(
            f"Se ha cortado la conexión con Ollama en {address}", "Vuelve a intentarlo"
        ) from error
    except ValueError as error:  # what it sent is not JSON, or not the JSON of Ollama
        raise ModelError(
            f"La respuesta de {address} no es la de Ollama",
            "Comprueba la dirección en OLLAMA_HOST",
        ) from error
