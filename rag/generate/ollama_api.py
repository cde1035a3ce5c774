"""What Ollama is asked besides an answer: where it is, what models it has, what they can do."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from rag.errors import ModelError, ModelMissingError, ModelOfflineError, PromptTooLongError

logger = logging.getLogger(__name__)

_DEFAULT_ADDRESS: Final = "127.0.0.1:11434"
CONNECT_SECONDS: Final = 2.0
_METADATA_SECONDS: Final = 15.0
_MAX_LOOKED_AT: Final = 12  # models asked what they can do, to propose another
_MAX_PROPOSED: Final = 4
_MAX_REASON_CHARS: Final = 200

_DEFAULT_PLACES: Final = ("registry.ollama.ai/", "library/")
_TOO_LONG: Final = re.compile(r"exceed\w* (the )?.*context|longer than the context|exceed_context")
# What the templates of models that can be told not to think look at, in Go and in Jinja.
_THINK_SWITCH: Final = re.compile(r"\.(IsThinkSet|Think)\b|enable_thinking|\bif thinking\b")
_ALWAYS_THINK: Final = frozenset({"gptoss", "gpt-oss"})  # architectures deaf to «do not»
_REASONER: Final = re.compile(r"(?<![a-z0-9])(r1|qwq)(?![a-z0-9])|think|reason", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """What ``/api/show`` tells of a model.

    Attributes
    ----------
    architecture
        Of its network, as ``qwen3``.
    context_length
        Longest context that it was made for, in tokens; None where it is not told.
    capabilities
        As Ollama names them; None where the server is too old to tell.
    template
        What Ollama writes round the messages.
    """

    name: str
    architecture: str
    context_length: int | None
    capabilities: frozenset[str] | None
    template: str

    @property
    def can_chat(self) -> bool:
        """Whether it writes, and does not only embed."""
        return self.capabilities is None or "completion" in self.capabilities

    @property
    def can_think(self) -> bool:
        """Whether Ollama parts its thoughts from its answer when it is asked to think."""
        return self.capabilities is None or "thinking" in self.capabilities

    @property
    def always_thinks(self) -> bool:
        """Whether it thinks even when told not to, but Ollama can part its thoughts."""
        if "thinking" not in (self.capabilities or frozenset()):
            return False
        if self.architecture in _ALWAYS_THINK:
            return True
        return self._writes_tags and not _THINK_SWITCH.search(self.template)

    @property
    def may_think_aloud(self) -> bool:
        """Whether its thoughts may come as part of its answer."""
        if "thinking" in (self.capabilities or frozenset()):
            return False
        return self._writes_tags or _REASONER.search(self.name) is not None

    @property
    def _writes_tags(self) -> bool:
        return "<think>" in self.template


def open_client(host: str | None, longest_seconds: float = _METADATA_SECONDS) -> Any:
    """Return a client of the ``ollama`` package, quick to notice that nobody is there.

    Parameters
    ----------
    host
        None is ``OLLAMA_HOST``, or the local default.
    longest_seconds
        Of silence, before it is taken for absent.
    """
    import httpx
    from ollama import Client

    try:
        address = connectable(host or os.environ.get("OLLAMA_HOST", "")) or _DEFAULT_ADDRESS
        return Client(
            host=address,
            timeout=httpx.Timeout(longest_seconds, connect=min(CONNECT_SECONDS, longest_seconds)),
            # What stays on this machine must not go by way of a proxy.
            trust_env=not _is_loopback(address),
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise ModelError(
            "La dirección de Ollama no es válida",
            "Escríbela como http://127.0.0.1:11434 en RAG_OLLAMA_HOST o en OLLAMA_HOST",
        ) from error


def answers_here(host: str | None) -> bool:
    """Say whether the address of Ollama is one of this machine's own."""
    return _is_loopback(connectable(host or os.environ.get("OLLAMA_HOST", "")))


def connectable(host: str) -> str:
    """Return an address to call from one as people give it to Ollama to listen on."""
    host = host.strip().strip("\"'").strip()
    with suppress(ValueError):
        if ipaddress.ip_address(host).version == 6:
            host = f"[{host}]"
    scheme, separator, rest = host.rpartition("://")
    rest = re.sub(r"^0\.0\.0\.0(?=[:/]|$)", "127.0.0.1", rest)
    rest = re.sub(r"^\[::\](?=[:/]|$)", "[::1]", rest)
    return scheme + separator + rest


def list_models(client: Any) -> list[str]:
    """Return the names of the models that the server has.

    Raises
    ------
    ModelOfflineError
        If nothing answers.
    """
    with translated(client, ""):
        return [model.model for model in client.list().models if model.model]


def describe(client: Any, name: str) -> OllamaModel:
    """Return what the server tells of one of its models."""
    with translated(client, name):
        shown = client.show(name)
    details = shown.modelinfo or {}
    architecture = str(details.get("general.architecture", ""))
    lengths = [details.get(f"{architecture}.context_length")]
    lengths += [value for key, value in details.items() if key.endswith(".context_length")]
    known = [int(length) for length in lengths if isinstance(length, int | float) and length > 0]
    template = (shown.template or "") + str(details.get("tokenizer.chat_template") or "")
    return OllamaModel(
        name=name,
        architecture=architecture,
        context_length=known[0] if known else None,
        capabilities=None if shown.capabilities is None else frozenset(shown.capabilities),
        template=template,
    )


def find_model(client: Any, asked: str) -> OllamaModel:
    """Return the installed model that a person means.

    Parameters
    ----------
    asked
        As ``ollama list`` shows it, or shorter: without ``:latest``, without the tag if only one
        is installed, in capitals, with ``library/`` in front.

    Raises
    ------
    ModelMissingError
        If the server does not have it; says which of the ones it has could be used.
    ModelError
        If it cannot answer, or would do so on another machine.
    """
    installed = list_models(client)
    name = match(asked, installed)
    if name is None:
        remedy = f"Descárgalo con: ollama pull {asked}"
        if chat_models := _chat_models(client, _alike(asked, installed) or installed):
            listed = ", ".join(f"--model ollama:{model}" for model in chat_models)
            remedy = f"{remedy}, o usa uno que sí tienes: {listed}"
        raise ModelMissingError(f"Ollama no tiene el modelo «{asked}»", remedy)
    if runs_elsewhere(name):
        raise ModelError(
            f"El modelo «{name}» no está en tu equipo: Ollama lo ejecuta en sus servidores, "
            "y tus documentos saldrían de aquí",
            "Elige uno que se descargue, como qwen3:4b",
        )
    model = describe(client, name)
    if not model.can_chat:
        others = _chat_models(client, [other for other in installed if other != name])
        raise ModelError(
            f"El modelo «{name}» no sabe responder: solo calcula vectores",
            f"Usa otro, como {others[0] if others else 'qwen3:4b'}",
        )
    return model


def match(asked: str, installed: Sequence[str]) -> str | None:
    """Return the one of the installed models that a person means, or None."""
    base, tag = _parts(asked)
    for name in installed:
        if _parts(name) == (base, tag or "latest"):
            return name
    family = _alike(asked, installed)
    return family[0] if not tag and len(family) == 1 else None


def _alike(asked: str, installed: Sequence[str]) -> list[str]:
    """Return the installed models of the same family."""
    base, _ = _parts(asked)
    return [name for name in installed if _parts(name)[0] == base]


def _parts(name: str) -> tuple[str, str]:
    """Return family and tag, as two names are compared; the tag is empty where there is none."""
    plain = name.strip().lower().rpartition("://")[2]
    for place in _DEFAULT_PLACES:
        plain = plain.removeprefix(place)
    folder, slash, last = plain.rpartition("/")
    base, _, tag = last.partition(":")
    return folder + slash + base, tag


def _chat_models(client: Any, names: Sequence[str]) -> list[str]:
    """Return some of the models that can answer on this machine, as a person would type them."""
    found: list[str] = []
    for name in names[:_MAX_LOOKED_AT]:
        with suppress(ModelError):
            if not runs_elsewhere(name) and describe(client, name).can_chat:
                found.append(name.removesuffix(":latest"))
        if len(found) == _MAX_PROPOSED:
            break
    return found


def runs_elsewhere(name: str) -> bool:
    """Say whether Ollama runs a model on its own servers, by its name."""
    return _parts(name)[1].split("-")[-1] == "cloud"


def _is_loopback(address: str) -> bool:
    host = urlsplit(address if "://" in address else f"http://{address}").hostname
    if host in {None, "localhost"}:
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(str(host)).is_loopback
    return False


@contextmanager
def translated(client: Any, model: str) -> Iterator[None]:
    """Turn the client's errors into ours."""
    import httpx
    from ollama import ResponseError

    address = str(client._client.base_url).rstrip("/")
    try:
        yield
    except ResponseError as error:
        logger.info("ollama answered %s: %s", error.status_code, error.error)
        raise _refusal(error.status_code, str(error.error), model) from error
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
        remedy = "Ábrelo con: ollama serve"
        if urlsplit(address).port is None:  # the port of the web, which is hardly ever Ollama's
            remedy += f"; si usa su puerto de siempre, escribe {address}:11434"
        raise ModelOfflineError(f"Ollama no responde en {address}", remedy) from error
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


def _refusal(status: int, text: str, model: str) -> ModelError:
    """Return what an error of Ollama's means."""
    text = " ".join(text.split()).rstrip(".")[:_MAX_REASON_CHARS]
    plain = text.lower()
    if status == 404:
        return ModelMissingError(
            f"Ollama no tiene el modelo «{model}»", f"Descárgalo con: ollama pull {model}"
        )
    if _TOO_LONG.search(plain):
        return PromptTooLongError(
            f"La pregunta y sus fuentes no caben en la ventana de «{model}»",
            "Pide menos fuentes con RAG_MAX_EVIDENCE o amplía RAG_CONTEXT_TOKENS",
        )
    remedy = "Prueba otro modelo con --model, o reinicia Ollama"
    if "memory" in plain:
        remedy = "Prueba un modelo más pequeño con --model, o reduce RAG_CONTEXT_TOKENS"
    return ModelError(f"Ollama no ha podido responder ({text})", remedy)
