"""Generate: messages to text, by Ollama, by the embedded model, or by quoting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rag.errors import ModelError, ModelMissingError, ModelOfflineError, UnknownModelError
from rag.generate.adapter import find_adapter
from rag.generate.choices import (
    EMBEDDED_NAMES,
    label_of,
    look_for_models,
    model_choices,
    who_is_automatic,
)
from rag.generate.extractive import ExtractiveGenerator
from rag.generate.llama_cpp import LlamaCppGenerator, open_embedded
from rag.generate.ollama import OllamaGenerator
from rag.generate.ollama_api import answers_here
from rag.generate.protocol import Generator
from rag.generate.thoughts import spoken

__all__ = [
    "ExtractiveGenerator",
    "Generator",
    "GeneratorOptions",
    "LlamaCppGenerator",
    "OllamaGenerator",
    "Opened",
    "answers_here",
    "find_adapter",
    "label_of",
    "look_for_models",
    "model_choices",
    "open_generator",
    "open_without_server",
    "plain_name",
    "spoken",
    "who_is_automatic",
]


@dataclass(frozen=True, slots=True)
class GeneratorOptions:
    """What opening a generator needs to know.

    Attributes
    ----------
    ollama_model
        What ``auto`` looks for in Ollama.
    ollama_host
        None is ``OLLAMA_HOST``, or the local default.
    use_adapter
        Whether the embedded model reads with what it was taught.
    """

    cache_dir: Path
    ollama_model: str
    ollama_host: str | None = None
    context_tokens: int = 8192
    keep_alive: str = "5m"
    timeout_seconds: float = 300.0
    think: bool = False
    use_adapter: bool = True


class Opened(NamedTuple):
    """A generator, and what the reader should know of the choice, in Spanish."""

    generator: Generator
    notices: Sequence[str]


def plain_name(model: str) -> str:
    """Return the one name of what may be asked for by several."""
    return "embedded" if model in EMBEDDED_NAMES else model


def open_generator(model: str, options: GeneratorOptions) -> Opened:
    """Open whoever will write.

    Parameters
    ----------
    model
        ``auto``: Ollama when it answers and has the model, else the embedded model, else quoting.
        ``embedded``, ``extractive``, ``ollama:NAME``, or the bare name of a model of Ollama's.

    Raises
    ------
    UnknownModelError
        If the name names no engine.
    ModelError
        If the one asked for by name cannot be opened.
    """
    engine, _, name = model.partition(":")
    if model == "auto":
        return _open_best(options)
    if model in EMBEDDED_NAMES:
        return _open_embedded(options)
    if model == ExtractiveGenerator.name:
        return Opened(ExtractiveGenerator(), ())
    if not model.strip() or (engine == "ollama" and not name) or engine == "llama.cpp":
        raise UnknownModelError(
            f"No conozco el modelo «{model}»",
            "Usa auto, embedded, extractive u ollama:NOMBRE",
        )
    return Opened(_open_ollama(name if engine == "ollama" else model, options), ())


def _open_best(options: GeneratorOptions) -> Opened:
    notices: list[str] = []
    try:
        return Opened(_open_ollama(options.ollama_model, options), ())
    except ModelOfflineError as error:
        if options.ollama_host:  # the person expects it to be there
            notices.append(str(error))
    except ModelError as error:
        notices.append(str(error))
    return open_without_server(options, notices)


def open_without_server(options: GeneratorOptions, notices: Sequence[str] = ()) -> Opened:
    """Open the best that needs nobody else: the embedded model, else quoting.

    Parameters
    ----------
    notices
        Why, in Spanish.
    """
    try:
        opened = _open_embedded(options)
    except ModelMissingError as error:
        return Opened(ExtractiveGenerator(), (*notices, str(error)))
    return Opened(opened.generator, (*notices, *opened.notices))


def _open_embedded(options: GeneratorOptions) -> Opened:
    """Open the embedded model; where its adapter cannot be, it still points."""
    if options.use_adapter:
        try:
            return Opened(open_embedded(options.cache_dir, find_adapter()), ())
        except ModelMissingError:
            raise
        except ModelError as error:
            return Opened(open_embedded(options.cache_dir, None), (str(error),))
    return Opened(open_embedded(options.cache_dir, None), ())


def _open_ollama(name: str, options: GeneratorOptions) -> OllamaGenerator:
    return OllamaGenerator(
        name,
        host=options.ollama_host,
        context_tokens=options.context_tokens,
        keep_alive=options.keep_alive,
        timeout_seconds=options.timeout_seconds,
        think=options.think,
    )
