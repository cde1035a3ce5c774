"""The facade. Command line, page and program hear the same events from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from os import PathLike
from pathlib import Path
from typing import Any, Self

from rag.assistant.answering import Answering
from rag.assistant.engines import Engines
from rag.assistant.feedback import keep_rating
from rag.assistant.library import Library
from rag.assistant.sources import IndexedSources, Shelf
from rag.assistant.uploads import Stored
from rag.config import Settings, change_settings, load_settings
from rag.errors import RagError
from rag.generate import Opened
from rag.index import IndexedDocument, IndexStatus, OnProgress, SyncReport, read_status
from rag.schema import (
    Answer,
    Chunk,
    Document,
    Event,
    Evidence,
    ModelChoice,
    Rating,
    Retrieved,
    Speaker,
    Turn,
)


class Assistant:
    r"""Answers questions about documents, with the lines that say so.

    Nothing is opened until it is needed: the index and the embedding model with the first
    question, the language model with the first answer. One assistant may be shared by threads.

    Every error is a ``RagError``, which says what to do; where nothing has been indexed, whatever
    asks the index raises ``NoIndexError``.

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

        Nothing is opened or read again, so that every question may have its own. What is None
        stays as it is; what is not valid raises SettingsError.
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
        """
        return self._answering.search(question, history, max_evidence)

    def understand(self, question: str, history: Sequence[Turn] = ()) -> str:
        """Return a question as the rule understands it from the conversation; as ``search``."""
        return self._answering.understand(question, history)

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
        """
        return self._answering.stream(question, history)

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question; the last event of ``stream``."""
        for event in self.stream(question, history):
            if isinstance(event, Answer):
                return event
        raise AssertionError("stream ends with an Answer")

    def suggest(self, n_wanted: int = 4) -> tuple[str, ...]:
        """Return questions that the documents answer, to begin with: fewer rather than bad ones.

        Made once for an index, in a second or two.
        """
        return self._engines.suggest(n_wanted)

    def rate(self, rating: Rating) -> None:
        """Keep what a person thinks of an answer, in ``feedback.jsonl`` beside the index.

        FeedbackError if the file is full, or cannot be written.
        """
        keep_rating(self.settings.index_dir, rating)

    def models(self) -> tuple[ModelChoice, ...]:
        """Tell which models can be asked for now: at most two seconds, where Ollama is slow."""
        return self._engines.voices.choices()

    def speaker(self) -> Speaker:
        """Tell who would write now, without waiting for a model to be opened."""
        return self._engines.voices.speaker(self.settings.model)

    @property
    def is_served(self) -> bool:
        """Whether a server writes the answers, as far as is known without asking it."""
        return self._engines.voices.is_served(self.settings.model)

    def warm_up(self) -> None:
        """Open index and models before the first question, which tells what cannot be opened."""
        with suppress(RagError):
            self.suggest()  # the first search, too, opens what the next ones find open
        with suppress(RagError):
            self._voice()

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
        return self.library.index(
            paths,
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

        What the first indexing raises is raised. Of the others, what they did is yielded, or why
        they could not: they are tried again after a while, and the same reason is given once.
        ``stop`` ends the wait when it is set.
        """
        yield self.index(paths, include=include, exclude=exclude, on_progress=on_progress)
        yield from self.library.follow(stop or threading.Event(), on_progress)

    def status(self) -> IndexStatus:
        """Tell what is indexed, and with what."""
        return read_status(self.settings.index_dir)

    def documents(self) -> tuple[IndexedDocument, ...]:
        """Tell each document that is indexed, sorted by path."""
        return self.library.contents().documents

    def left_out(self) -> tuple[str, ...]:
        """Tell the paths of the documents that were left out, sorted."""
        return self.library.contents().left_out

    def add(
        self, files: Mapping[str, Path], on_progress: OnProgress | None = None
    ) -> tuple[Stored, SyncReport | None]:
        """Copy files into the folder of uploads and index them, with all that is indexed.

        Each comes by the name that it is to have, of which a safe one is made, with its folders.
        Return what was stored and what was refused, and what the indexing did: None where nothing
        was stored.
        """
        return self.library.add(files, on_progress)

    def remove(self, path: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Take a document out of the index; UsageError if there is no such document.

        A copy that was uploaded is deleted. A person's own file is not: it is left out of the
        index from now on, until it is restored or named.
        """
        return self.library.remove(path, on_progress)

    def restore(self, path: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Take back a document that was left out; UsageError if it was not."""
        return self.library.restore(path, on_progress)

    def read_source(self, path: str) -> Document | None:
        """Return a cited document as it is now; None where it cannot be read or is not indexed."""
        return self._sources().read(path)

    def open_source(self, path: str) -> Document:
        """Return an indexed document as it is now.

        UsageError if it is not in the index, LoadError if it cannot be read.
        """
        return self._sources().open(path)

    def is_current(self, path: str) -> bool:
        """Say whether the file of a document is still the one that was indexed."""
        return self._sources().is_unchanged(path)

    def around(self, evidence: Evidence, n_lines: int) -> Chunk:
        """Return a stretch of a document, as it is now, with evidence and lines on each side of it.

        Of a file that is gone or does not say it any more, as it was when it was indexed.
        """
        return self._sources().around(evidence, n_lines)

    @property
    def _answering(self) -> Answering:
        return Answering(self.settings, self._engines, self._shelf)

    def _voice(self) -> Opened:
        return self._answering.open_voice()

    def _sources(self) -> IndexedSources:
        return IndexedSources(self._engines.retriever()[1], self._shelf)
