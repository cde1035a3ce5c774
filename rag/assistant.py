"""Assistant: the one facade. Command line, page and program hear the same events from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final, Self

from rag.cite import cite
from rag.config import Settings, load_settings
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.errors import (
    IndexDamagedError,
    LoadError,
    ModelOfflineError,
    RagError,
    UsageError,
)
from rag.generate import (
    ExtractiveGenerator,
    Generator,
    GeneratorOptions,
    Opened,
    open_generator,
)
from rag.index import Generation, Making, OnProgress, SyncReport, current_name, sync
from rag.load import load
from rag.prompt import NO_ANSWER, build_prompt
from rag.retrieve import Retriever
from rag.schema import Answer, Document, Event, Retrieved, Timings, Token

ABSTAINED: Final = "No he encontrado la respuesta en los documentos."


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is indexed, and with what.

    Attributes
    ----------
    n_bytes
        On disk.
    created
        ISO 8601, UTC.
    """

    index_dir: Path
    roots: tuple[str, ...]
    embedding_model: str
    dimension: int
    created: str
    n_documents: int
    n_chunks: int
    n_sentences: int
    n_bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the contract of ``rag status``."""
        return {
            "index_dir": str(self.index_dir),
            "roots": list(self.roots),
            "embedding_model": self.embedding_model,
            "dimension": self.dimension,
            "created": self.created,
            "n_documents": self.n_documents,
            "n_chunks": self.n_chunks,
            "n_sentences": self.n_sentences,
            "n_bytes": self.n_bytes,
        }


class Assistant:
    r"""Answers questions about documents, with the lines that say so.

    Nothing is opened until it is needed: the index and the embedding model with the first
    question, the language model with the first answer. One assistant may be shared by threads.

    Examples
    --------
    ::

        assistant = Assistant.open()
        assistant.index(["documentos/"])
        answer = assistant.ask("¿Quién promueve el Plan ATOM?")
        print(answer.text, *answer.citations, sep="\n")
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._embedder: Embedder | None = None
        self._retriever: tuple[str, Retriever, Generation] | None = None
        self._opened: Opened | None = None

    @classmethod
    def open(cls, **settings: Any) -> Self:
        """Make an assistant; the arguments are fields of ``Settings`` and win over the rest.

        Raises
        ------
        SettingsError
            If a setting is not valid.
        """
        return cls(load_settings(**settings))

    def index(
        self,
        paths: Sequence[str | PathLike[str]] = (),
        *,
        rebuild: bool = False,
        dry_run: bool = False,
        on_progress: OnProgress | None = None,
    ) -> SyncReport:
        """Make the index hold exactly what the paths hold.

        Parameters
        ----------
        paths
            Files and folders. Empty: those of last time, or the default ones.
        rebuild
            Read and embed everything again.
        dry_run
            Say what would change, and change nothing.
        on_progress
            Called now and then, from this thread.

        Raises
        ------
        RagError
            NoDocumentsError, IndexMismatchError, IndexBusyError, ModelError …
        """
        settings = self.settings
        chosen = [Path(path) for path in paths]
        if not chosen and current_name(settings.index_dir) is None:
            chosen = list(settings.default_paths)
        making = Making(self._open_embedder, settings.embedding_model, settings.max_chunk_tokens)
        return sync(
            settings.index_dir,
            chosen,
            making,
            rebuild=rebuild,
            dry_run=dry_run,
            on_progress=on_progress,
        )

    def search(self, question: str, max_evidence: int | None = None) -> Retrieved:
        """Find the sentences that speak of what is asked; no language model is needed.

        Raises
        ------
        UsageError
            If the question is empty or too long.
        NoIndexError
            If nothing has been indexed.
        """
        question = self._valid(question)
        retriever, _ = self._open_retriever()
        return retriever.retrieve(question, max_evidence or self.settings.max_evidence)

    def stream(self, question: str) -> Iterator[Event]:
        """Answer a question: yield ``Retrieved``, then each ``Token``, then the ``Answer``.

        The tokens are the answer as it is written; the answer's own text is what remains of it
        once its markers have been checked. Closing the iterator stops the model.

        Raises
        ------
        RagError
            UsageError, NoIndexError, ModelError …
        """
        started = time.perf_counter()
        retrieved = self.search(question)
        yield retrieved
        answer = _Writing(self, retrieved, started)
        if not retrieved.evidence or retrieved.confidence < self.settings.min_confidence:
            yield answer.abstain("retrieval")
            return
        generator, notices = self._open_generator()
        text = ""
        try:
            for piece in self._write(generator, retrieved, answer):
                text += piece
                yield Token(piece)
        except ModelOfflineError as error:
            if self.settings.model != "auto" or text:
                raise
            # It answered when it was chosen and has gone since: choose again.
            self._opened = None
            answer.notices.append(str(error))
            generator, notices = self._open_generator()
            for piece in self._write(generator, retrieved, answer):
                text += piece
                yield Token(piece)
        answer.notices.extend(notices)
        if not text.strip():
            answer.notices.append("El modelo no ha escrito nada; estas son las citas más cercanas.")
            generator = ExtractiveGenerator()
            for piece in self._write(generator, retrieved, answer):
                text += piece
                yield Token(piece)
        if _says_no_answer(text):
            yield answer.abstain(generator.name)
        else:
            yield answer.finish(text, generator.name)

    def ask(self, question: str) -> Answer:
        """Answer a question; the last event of ``stream``."""
        for event in self.stream(question):
            if isinstance(event, Answer):
                return event
        raise AssertionError("stream ends with an Answer")

    def warm_up(self) -> None:
        """Open index and models now, so that the first question does not wait for them.

        What cannot be opened is left for the question to report.
        """
        with suppress(RagError):
            self._open_retriever()
        with suppress(RagError):
            self._open_generator()

    def status(self) -> IndexStatus:
        """Tell what is indexed.

        Raises
        ------
        NoIndexError
            If nothing has been indexed.
        """
        generation = Generation.open_current(self.settings.index_dir)
        manifest = generation.manifest
        return IndexStatus(
            index_dir=self.settings.index_dir,
            roots=tuple(root.given for root in manifest.roots),
            embedding_model=manifest.embedding_model,
            dimension=manifest.dimension,
            created=manifest.created,
            n_documents=len(generation.documents),
            n_chunks=len(generation.chunks),
            n_sentences=generation.sentence_starts[-1],
            n_bytes=sum(p.stat().st_size for p in generation.folder.rglob("*") if p.is_file()),
        )

    def read_source(self, path: str) -> Document | None:
        """Return a cited document as it is now, or None where it cannot be read."""
        _, generation = self._open_retriever()
        try:
            return load(generation.source(path), path)
        except LoadError:
            return None

    def _write(self, generator: Generator, retrieved: Retrieved, answer: _Writing) -> Iterator[str]:
        """Stream what a generator writes, and note what of the evidence it was not shown."""
        prompt = build_prompt(
            generator.prompt_style,
            retrieved.question,
            retrieved.evidence[: generator.max_evidence],
            generator.max_prompt_tokens,
            generator.count_tokens,
        )
        if prompt.n_left_out:
            answer.notices.append(
                f"El modelo no ha visto {prompt.n_left_out} de las fuentes: no caben en su ventana."
            )
        yield from generator.stream(prompt.messages, prompt.evidence)

    def _valid(self, question: str) -> str:
        question = question.strip()
        if not any(character.isalnum() for character in question):
            raise UsageError("La pregunta está vacía", "Escribe qué quieres saber")
        limit = self.settings.max_question_chars
        if len(question) > limit:
            raise UsageError(
                f"La pregunta tiene {len(question)} caracteres y el máximo es {limit}",
                "Acórtala y deja lo que quieres saber",
            )
        return question

    def _open_embedder(self) -> Embedder:
        if self._embedder is None:
            settings = self.settings
            self._embedder = SentenceTransformerEmbedder(
                settings.embedding_model, settings.cache_dir, settings.embedding_precision
            )
        return self._embedder

    def _open_retriever(self) -> tuple[Retriever, Generation]:
        """Open the current generation, again if another has become current."""
        index_dir = self.settings.index_dir
        with self._lock:
            while self._retriever is None or self._retriever[0] != current_name(index_dir):
                name = current_name(index_dir) or ""
                try:
                    generation = Generation.open_current(index_dir).open_all()
                except IndexDamagedError:
                    if current_name(index_dir) == name:
                        raise
                    continue  # a writer replaced and removed it while we opened it
                retriever = Retriever(generation, self._open_embedder())
                self._retriever = (generation.folder.name, retriever, generation)
            return self._retriever[1], self._retriever[2]

    def _open_generator(self) -> Opened:
        with self._lock:
            if self._opened is None:
                settings = self.settings
                options = GeneratorOptions(
                    cache_dir=settings.cache_dir,
                    ollama_model=settings.ollama_model,
                    ollama_host=settings.ollama_host,
                    context_tokens=settings.context_tokens,
                    keep_alive=settings.keep_alive,
                    timeout_seconds=settings.timeout_seconds,
                    think=settings.think,
                )
                self._opened = open_generator(settings.model, options)
            return self._opened


class _Writing:
    """An answer in the making: what is known of it before its last word."""

    def __init__(self, assistant: Assistant, retrieved: Retrieved, started: float) -> None:
        self._assistant = assistant
        self._retrieved = retrieved
        self._started = started
        self.notices: list[str] = []

    def abstain(self, model: str) -> Answer:
        return self._answer(ABSTAINED, (), model, abstained=True)

    def finish(self, text: str, model: str) -> Answer:
        cited = cite(text, self._retrieved.evidence, self._assistant.read_source)
        if not cited.citations:
            self.notices.append("La respuesta no cita ninguna fuente: compruébala en los pasajes.")
        return self._answer(cited.text, cited.citations, model, abstained=False)

    def _answer(
        self, text: str, citations: tuple[Any, ...], model: str, *, abstained: bool
    ) -> Answer:
        retrieved = self._retrieved
        total = time.perf_counter() - self._started
        return Answer(
            question=retrieved.question,
            text=text,
            abstained=abstained,
            citations=citations,
            evidence=retrieved.evidence,
            passages=retrieved.passages,
            model=model,
            embedding_model=self._assistant.settings.embedding_model,
            timings=Timings(
                retrieve_seconds=retrieved.retrieve_seconds,
                generate_seconds=max(0.0, total - retrieved.retrieve_seconds),
                total_seconds=total,
            ),
            notices=tuple(dict.fromkeys(self.notices)),
        )


def _says_no_answer(text: str) -> bool:
    """Say whether a model wrote the sentence it was told to write when nothing answers."""
    return text.strip().strip("«»\"'*").casefold().startswith(NO_ANSWER.casefold().rstrip("."))
