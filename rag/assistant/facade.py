"""The facade. Command line, page and program hear the same events from it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Final, Self

from rag.assistant.conversation import courteous, understand
from rag.assistant.draft import Draft
from rag.assistant.engines import Engines
from rag.assistant.feedback import keep_rating
from rag.assistant.library import Library
from rag.assistant.sources import IndexedSources, Shelf
from rag.assistant.uploads import Stored
from rag.cite import verify
from rag.config import Settings, change_settings, load_settings
from rag.errors import IndexDamagedError, ModelError, RagError, UsageError
from rag.generate import ExtractiveGenerator, LlamaCppGenerator, OllamaGenerator, Opened
from rag.index import (
    IndexedDocument,
    IndexStatus,
    Making,
    OnProgress,
    SyncReport,
    named_current,
    open_current,
    read_status,
    sync,
)
from rag.load import changes
from rag.retrieve import ONLY_ORDERS
from rag.schema import (
    Answer,
    Chunk,
    Document,
    Event,
    Evidence,
    Explanation,
    ModelChoice,
    Rating,
    Retrieved,
    Speaker,
    Token,
    Turn,
)

_RETRY_SECONDS: Final = 5.0

_OUT_OF_STEP: Final = (
    "Hay archivos que han cambiado desde que se indexaron: ponte al día con «rag index»."
)


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
        self._engines = Engines(settings)
        self._shelf = Shelf()
        self.library = Library(settings, self._engines.embedder)

    @classmethod
    def open(cls, **settings: Any) -> Self:
        """Make an assistant; the arguments are fields of ``Settings`` and win over the rest.

        Raises
        ------
        SettingsError
            If a setting is not valid.
        """
        return cls(load_settings(**settings))

    def using(
        self,
        *,
        model: str | None = None,
        max_evidence: int | None = None,
        min_confidence: float | None = None,
        unsupported: str | None = None,
    ) -> Self:
        """Return another assistant with other settings, over the same index and engines.

        Nothing is opened or read again, so that every question may have its own.

        Parameters
        ----------
        model, max_evidence, min_confidence, unsupported
            As in ``Settings``; None keeps what this one has.

        Raises
        ------
        SettingsError
            If a setting is not valid.
        """
        other = copy(self)
        other.settings = change_settings(
            self.settings,
            model=model,
            max_evidence=max_evidence,
            min_confidence=min_confidence,
            unsupported=unsupported,
        )
        return other

    def models(self) -> tuple[ModelChoice, ...]:
        """Tell which models can be asked for now: at most two seconds, where Ollama is slow."""
        return self._engines.voices.choices()

    def speaker(self) -> Speaker:
        """Tell who would write now, without waiting for a model to be opened."""
        return self._engines.voices.speaker(self.settings.model)

    def index(
        self,
        paths: Sequence[str | PathLike[str]] = (),
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        rebuild: bool = False,
        dry_run: bool = False,
        allow_empty: bool = False,
        on_progress: OnProgress | None = None,
    ) -> SyncReport:
        """Make the index hold exactly what the paths hold.

        Parameters
        ----------
        paths
            Files and folders. Empty: those of last time, or the default ones.
        include, exclude
            Patterns as in ``.gitignore``: only files that match one of these, and none that
            match one of those. None: the ones of last time; blank: none.
        rebuild
            Read and embed everything again.
        dry_run
            Say what would change, and change nothing.
        allow_empty
            Believe a folder of many documents that now has none.
        on_progress
            Called now and then, from this thread.

        Raises
        ------
        RagError
            NoDocumentsError, IndexMismatchError, IndexBusyError, ModelError …
        """
        settings = self.settings
        if any(not os.fspath(path) for path in paths):  # «rag index "$NADA"» is not «rag index .»
            raise UsageError("Una de las rutas está vacía", "Escribe qué carpeta indexar")
        chosen = [Path(path) for path in paths]
        if not chosen and named_current(settings.index_dir) is None:
            chosen = list(settings.default_paths)
        making = Making(self._engines.embedder, settings.embedding_model, settings.max_chunk_tokens)
        return sync(
            settings.index_dir,
            chosen,
            making,
            include=include,
            exclude=exclude,
            rebuild=rebuild,
            dry_run=dry_run,
            allow_empty=allow_empty,
            on_progress=on_progress,
        )

    def watch(
        self,
        paths: Sequence[str | PathLike[str]] = (),
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        stop: threading.Event | None = None,
        on_progress: OnProgress | None = None,
    ) -> Iterator[SyncReport | RagError]:
        """Index the paths, as ``index`` does, and again whenever something in them changes.

        Parameters
        ----------
        stop
            Ends the wait when it is set.

        Yields
        ------
        SyncReport or RagError
            What each indexing did, or why it could not be done: it is tried again after a while,
            and the same reason is given once.

        Raises
        ------
        RagError
            If the first indexing fails.
        """
        yield self.index(paths, include=include, exclude=exclude, on_progress=on_progress)
        index_dir = self.settings.index_dir
        roots = [Path(root.absolute) for root in open_current(index_dir).manifest.roots]
        stop = stop or threading.Event()
        said = ""
        while not stop.is_set():
            try:
                for _ in changes(roots, index_dir.resolve(), stop):
                    report = self.index(on_progress=on_progress)
                    said = ""
                    yield report
            except RagError as error:
                if str(error) != said:
                    said = str(error)
                    yield error
                stop.wait(_RETRY_SECONDS)

    def search(
        self, question: str, max_evidence: int | None = None, *, history: Sequence[Turn] = ()
    ) -> Retrieved:
        """Find the sentences that speak of what is asked; no language model is needed.

        Parameters
        ----------
        history
            The conversation so far, oldest first, from which the question is understood by rule.

        Raises
        ------
        UsageError
            If the question is empty or too long.
        NoIndexError
            If nothing has been indexed.
        """
        question = self._valid(question)
        understood = understand(question, history, None)
        return self._search(question, understood, max_evidence)[0]

    def understand(self, question: str, history: Sequence[Turn] = ()) -> str:
        """Return a question as the rule understands it from the conversation.

        Raises
        ------
        UsageError
            If the question is empty or too long.
        """
        question = self._valid(question)
        return understand(question, history, None) or question

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """Answer a question: yield ``Retrieved``, then each ``Token``, then the ``Answer``.

        A token is a sentence or more, checked against the evidence as soon as it was written: all
        of them together are the answer's text, unless it abstains. Closing the iterator stops the
        model.

        Parameters
        ----------
        history
            The conversation so far, oldest first: the ``turn`` of each answer. The last few tell
            what a question such as «¿y en 2023?» means.

        Raises
        ------
        RagError
            UsageError, NoIndexError, ModelError …
        """
        started = time.perf_counter()
        question = self._valid(question)
        reply = courteous(question, history, self.settings.embedding_model)
        if reply is not None:
            yield Retrieved(question, (), Explanation(), 0.0)
            yield Token(reply.text)
            yield reply
            return
        understood = understand(question, history, self._voice, self.settings.prompts_dir)
        retrieved, sources = self._search(question, understood)
        yield retrieved
        settings = self.settings
        draft = Draft(
            retrieved,
            settings.embedding_model,
            started,
            prompts_dir=settings.prompts_dir,
            unsupported=settings.unsupported,
            similarity=self._engines.similarity,
        )
        if not retrieved.explanation.is_enough:
            yield draft.abstain()
            return
        if not any(item.is_admissible for item in retrieved.evidence):
            yield draft.abstain(ONLY_ORDERS)
            return
        yield from self._write(draft)
        yield draft.finish(sources)

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question; the last event of ``stream``."""
        for event in self.stream(question, history):
            if isinstance(event, Answer):
                return event
        raise AssertionError("stream ends with an Answer")

    def suggest(self, n_wanted: int = 4) -> tuple[str, ...]:
        """Return questions that the documents answer, to begin with: fewer rather than bad ones.

        Made once for an index, in a second or two.

        Raises
        ------
        NoIndexError
            If nothing has been indexed.
        """
        retriever, generation = self._engines.retriever()
        try:
            return self._engines.examples.of(retriever, generation, n_wanted)
        except IndexDamagedError as damage:
            retriever, generation = self._engines.fall_back(damage)
            return self._engines.examples.of(retriever, generation, n_wanted)

    def rate(self, rating: Rating) -> None:
        """Keep what a person thinks of an answer, in ``feedback.jsonl`` beside the index.

        Raises
        ------
        FeedbackError
            If the file is full, or cannot be written.
        """
        keep_rating(self.settings.index_dir, rating)

    def warm_up(self) -> None:
        """Open index and models now, so that the first question does not wait for them.

        What cannot be opened is left for the question to report.
        """
        with suppress(RagError):
            self.suggest()  # the first search, too, opens what the next ones find open
        with suppress(RagError):
            self._voice()

    @property
    def is_served(self) -> bool:
        """Whether a server writes the answers, as far as is known without asking it."""
        return self._engines.voices.is_served(self.settings.model)

    def status(self) -> IndexStatus:
        """Tell what is indexed.

        Raises
        ------
        NoIndexError
            If nothing has been indexed.
        """
        return read_status(self.settings.index_dir)

    def documents(self) -> tuple[IndexedDocument, ...]:
        """Tell each document that is indexed, sorted by path.

        Raises
        ------
        NoIndexError
            If nothing has been indexed.
        """
        return self.library.contents().documents

    def add(
        self, files: Mapping[str, Path], on_progress: OnProgress | None = None
    ) -> tuple[Stored, SyncReport | None]:
        """Copy files into the folder of uploads and index them, with all that is indexed.

        Parameters
        ----------
        files
            By the name that they are to have: a safe one is made of it, with its folders.

        Returns
        -------
        tuple
            What was stored and what was refused, and what the indexing did: None where nothing
            was stored.

        Raises
        ------
        RagError
            As ``index``.
        """
        return self.library.add(files, on_progress)

    def remove(self, path: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Take a document out of the index.

        A copy that was uploaded is deleted. A person's own file is not: it is left out of the
        index from now on, until it is restored or named.

        Raises
        ------
        RagError
            UsageError if there is no such document; otherwise as ``index``.
        """
        return self.library.remove(path, on_progress)

    def restore(self, path: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Take back a document that was left out.

        Raises
        ------
        RagError
            UsageError if it was not left out; otherwise as ``index``.
        """
        return self.library.restore(path, on_progress)

    def left_out(self) -> tuple[str, ...]:
        """Tell the paths of the documents that were left out, sorted.

        Raises
        ------
        NoIndexError
            If nothing has been indexed.
        """
        return self.library.contents().left_out

    def read_source(self, path: str) -> Document | None:
        """Return a cited document as it is now; None where it cannot be read or is not indexed."""
        return self._sources().read(path)

    def open_source(self, path: str) -> Document:
        """Return an indexed document as it is now.

        Raises
        ------
        UsageError
            If it is not in the index.
        LoadError
            If it cannot be read.
        """
        return self._sources().open(path)

    def is_current(self, path: str) -> bool:
        """Say whether the file of a document is still the one that was indexed."""
        return self._sources().is_unchanged(path)

    def around(self, evidence: Evidence, n_lines: int) -> Chunk:
        """Return a stretch of a document, as it is now, with evidence in it and lines around it.

        Of a file that is gone or does not say it any more, as it was when it was indexed.

        Parameters
        ----------
        n_lines
            On each side, where there are so many.
        """
        return self._sources().around(evidence, n_lines)

    def _sources(self) -> IndexedSources:
        _, generation = self._engines.retriever()
        return IndexedSources(generation, self._shelf)

    def _search(
        self, question: str, understood: str | None, max_evidence: int | None = None
    ) -> tuple[Retrieved, IndexedSources]:
        """Find evidence, and look each piece of it up in its file as it is now."""
        asked = understood or question
        retriever, generation = self._engines.retriever()
        settings = self.settings
        wanted = max_evidence or settings.max_evidence
        try:
            retrieved = retriever.retrieve(asked, wanted, settings.min_confidence)
        except IndexDamagedError as damage:  # of a row, which is looked at when it is read
            retriever, generation = self._engines.fall_back(damage)
            retrieved = retriever.retrieve(asked, wanted, settings.min_confidence)
        sources = IndexedSources(generation, self._shelf)
        evidence = verify(retrieved.evidence, sources)
        notices = [generation.notice] if generation.notice else []
        if any(item.status != "verified" for item in evidence):
            notices.append(_OUT_OF_STEP)
        found = replace(
            retrieved,
            question=question,
            standalone_question=understood,
            evidence=evidence,
            notices=tuple(notices),
        )
        return found, sources

    def _write(self, draft: Draft) -> Iterator[Token]:
        """Let the chosen generator write, and see to it that something is written."""
        opened = self._voice()
        # A model that only points always finds something to point at.
        may_point = not (draft.is_doubtful and isinstance(opened.generator, LlamaCppGenerator))
        try:
            yield from draft.write(opened.generator if may_point else ExtractiveGenerator())
        except ModelError as error:
            if self.settings.model != "auto" or not isinstance(opened.generator, OllamaGenerator):
                raise
            # It was there when it was chosen, and cannot do it now.
            opened = self._engines.voices.do_without_ollama(error)
            yield from draft.write(opened.generator)
        draft.notices.extend(opened.notices)
        if not draft.text.strip():
            draft.notices.append("El modelo no ha escrito nada; estas son las citas más cercanas.")
            yield from draft.write(ExtractiveGenerator())

    def _voice(self) -> Opened:
        """Open whoever writes for this assistant."""
        return self._engines.voices.open(self.settings.model)

    def _valid(self, question: str) -> str:
        # A terminal in another encoding sends bytes that are no text.
        question = question.encode("utf-8", "replace").decode().strip()
        if not any(character.isalnum() for character in question):
            raise UsageError("La pregunta está vacía", "Escribe qué quieres saber")
        limit = self.settings.max_question_chars
        if len(question) > limit:
            raise UsageError(
                f"La pregunta tiene {len(question)} caracteres y el máximo es {limit}",
                "Acórtala y deja lo que quieres saber",
            )
        return question
