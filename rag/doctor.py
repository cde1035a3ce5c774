"""Doctor: what of all that is needed is on this machine, and how to mend what is not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from rag.assistant import Assistant
from rag.embed import open_embedder
from rag.errors import ModelError, ModelMissingError, ModelOfflineError, NoIndexError, RagError
from rag.generate import LlamaCppGenerator, OllamaGenerator, find_adapter
from rag.index import examine_index, is_interrupted
from rag.prompt import read_templates
from rag.rerank import CrossEncoderReranker

_PAGE_PARTS: Final = ("gradio", "mcp", "argon2-cffi")
_NEEDED_BYTES: Final = 1_000_000_000  # both unpacked models, and an index of thousands of pages


_UNFINISHED: Final = "Hay una indexación a medias: repite su orden y seguirá donde se quedó."


class Check(NamedTuple):
    """One thing looked at.

    Attributes
    ----------
    ok
        None: missing, and nothing depends on it.
    says
        In Spanish; with the remedy where there is one.
    """

    name: str
    ok: bool | None
    says: str


def examine(assistant: Assistant) -> Iterator[Check]:
    """Look at each thing in turn; nothing leaves the machine.

    All that is written is what a first use would: the models, unpacked. What interrupted writers
    left in the index is removed.
    """
    looks = (
        _python,
        _embedding_model,
        _reranker,
        _embedded_model,
        _ollama,
        _page,
        _prompts,
        _index,
        _disk,
    )
    for look in looks:
        yield look(assistant)


def _python(_assistant: Assistant) -> Check:
    says = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), says)


def _embedding_model(assistant: Assistant) -> Check:
    def describe() -> str:
        settings = assistant.settings
        embedder = open_embedder(settings.embedding_model, settings.cache_dir)
        embedder.embed_passages(["hola"])
        embedder.embed_question("¿Qué tal?")  # another engine, with the bundled model
        return f"{embedder.name}, {embedder.dimension} dimensiones"

    return _attempt("Modelo de búsqueda", describe)


def _reranker(assistant: Assistant) -> Check:
    name = assistant.settings.reranker
    if name is None:
        return Check("Reordenador", None, "no se usa ninguno; se elige con RAG_RERANKER")

    def describe() -> str:
        CrossEncoderReranker(name)
        return f"{name} está listo"

    return _attempt("Reordenador", describe)


def _embedded_model(assistant: Assistant) -> Check:
    def describe() -> str:
        adapter = find_adapter() if assistant.settings.adapter else None
        generator = LlamaCppGenerator(assistant.settings.cache_dir, adapter)
        return f"{generator.name} está listo{'' if adapter else ', sin su adaptador'}"

    return _attempt("Modelo incluido", describe, missing=ModelMissingError)


def _ollama(assistant: Assistant) -> Check:
    settings = assistant.settings
    is_needed = settings.model not in {"auto", "embedded", "extractive", LlamaCppGenerator.name}
    model = settings.model.removeprefix("ollama:") if is_needed else settings.ollama_model

    def describe() -> str:
        try:
            generator = OllamaGenerator(
                model, host=settings.ollama_host, context_tokens=settings.context_tokens
            )
        except ModelOfflineError as error:
            if not settings.ollama_host and shutil.which("ollama") is None:
                raise ModelOfflineError(
                    "No está instalado en este equipo",
                    "No hace falta; si quieres que redacte un modelo mayor, está en ollama.com",
                ) from error
            raise
        return f"{generator.name} está listo, con una ventana de {generator.window_tokens} tokens"

    return _attempt("Ollama", describe, missing=NoIndexError if is_needed else ModelError)


def _page(_assistant: Assistant) -> Check:
    missing = [name for name in _PAGE_PARTS if not _is_installed(name)]
    if missing:
        return Check(
            "Página",
            False,
            f"Falta {', '.join(missing)}. Instálalo con: pip install {' '.join(missing)}.",
        )
    return Check("Página", True, f"gradio {version('gradio')}, mcp {version('mcp')}")


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _prompts(assistant: Assistant) -> Check:
    folder = assistant.settings.prompts_dir
    if folder is None:
        return Check("Plantillas", True, "las incluidas; las tuyas, con RAG_PROMPTS_DIR")

    def describe() -> str:
        n_own = read_templates(folder).n_own
        return f"{n_own} de «{folder}»; las demás, las incluidas"

    return _attempt("Plantillas", describe)


def _index(assistant: Assistant) -> Check:
    name = "Índice"
    index_dir = assistant.settings.index_dir
    try:
        health = examine_index(index_dir)
        settings = assistant.settings
        health.manifest.check(settings.embedding_model, settings.max_chunk_tokens)
    except NoIndexError as error:
        return Check(name, None, _UNFINISHED if is_interrupted(index_dir) else str(error))
    except RagError as error:
        return Check(name, False, str(error))
    if health.notice:
        return Check(name, False, health.notice)
    if health.damaged:
        return Check(
            name, False, f"Está dañado: {', '.join(health.damaged)}. Repáralo con: rag index."
        )
    says = f"está íntegro (documentos: {health.n_documents}; fragmentos: {health.n_chunks})"
    if health.n_removed:
        says += f"; se ha borrado lo que quedaba de otras indexaciones ({health.n_removed})"
    if health.is_interrupted:
        says += f". {_UNFINISHED}"
    return Check(name, True, says)


def _disk(assistant: Assistant) -> Check:
    folder = assistant.settings.cache_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:.1f} GB libres en «{folder}»"
    if free < _NEEDED_BYTES:
        return Check("Disco", False, f"{says}; libera espacio o cambia RAG_CACHE_DIR")
    return Check("Disco", True, says)


def _attempt(
    name: str, describe: Callable[[], str], missing: type[RagError] = NoIndexError
) -> Check:
    """Describe what works; an error of the kind ``missing`` is no fault of the installation."""
    try:
        return Check(name, True, describe())
    except missing as error:
        return Check(name, None, str(error))
    except RagError as error:
        return Check(name, False, str(error))
