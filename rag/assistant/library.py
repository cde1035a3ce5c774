"""The library: the documents of an assistant, what is added to them and what is taken away."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Final

from rag.assistant.uploads import Limits, Stored, Uploads
from rag.config import Settings
from rag.embed import Embedder
from rag.errors import RagError, UsageError
from rag.index import (
    Amendment,
    Contents,
    Languages,
    Making,
    OnProgress,
    SyncReport,
    list_contents,
    named_current,
    open_current,
    sync,
)
from rag.load import Skipped, changes

_RETRY_SECONDS: Final = 5.0


class Library:
    """The documents of an assistant; may be shared by threads.

    Parameters
    ----------
    open_embedder
        Called when there is something to embed.
    """

    def __init__(self, settings: Settings, open_embedder: Callable[[], Embedder]) -> None:
        mebibyte = 1 << 20
        limits = Limits(
            settings.max_upload_mebibytes * mebibyte, settings.max_uploads_mebibytes * mebibyte
        )
        self.uploads = Uploads(settings.uploads_dir, limits)
        self._settings = settings
        self._making = Making(open_embedder, settings.embedding_model, settings.max_chunk_tokens)
        self._lock = threading.Lock()
        self._languages: Languages = {}
        self._contents: tuple[str | None, frozenset[tuple[str, str]], Contents] | None = None

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
        """Make the index hold exactly what the paths hold."""
        if any(not os.fspath(path) for path in paths):  # «rag index "$NADA"» is not «rag index .»
            raise UsageError("Una de las rutas está vacía", "Escribe qué carpeta indexar")
        settings = self._settings
        chosen = [Path(path) for path in paths]
        if not chosen and named_current(settings.index_dir) is None:
            chosen = list(settings.default_paths)
        return sync(
            settings.index_dir,
            chosen,
            self._making,
            include=include,
            exclude=exclude,
            rebuild=rebuild,
            dry_run=dry_run,
            allow_empty=allow_empty,
            on_progress=on_progress,
        )

    def follow(
        self, stop: threading.Event, on_progress: OnProgress | None = None
    ) -> Iterator[SyncReport | RagError]:
        """Index again whenever what is indexed changes, until it is time to stop."""
        index_dir = self._settings.index_dir
        roots = [Path(root.absolute) for root in open_current(index_dir).manifest.roots]
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

    def contents(self) -> Contents:
        """Tell what is indexed, and what is not.

        Raises
        ------
        RagError
            NoIndexError, IndexDamagedError …
        """
        with self._lock:
            named = named_current(self._settings.index_dir)
            uploaded = self.uploads.recorded()
            kept = self._contents
            if kept is None or kept[:2] != (named, uploaded):
                generation = open_current(self._settings.index_dir)
                found = list_contents(generation, self._languages, uploaded)
                kept = (named, uploaded, found)
                self._contents = kept
            return kept[2]

    def add(
        self, files: Mapping[str, Path], on_progress: OnProgress | None = None
    ) -> tuple[Stored, SyncReport | None]:
        """Copy files into the uploads and index them."""
        stored = self.uploads.store(files)
        return stored, self.take_in(stored.paths, on_progress) if stored.paths else None

    def take_in(
        self, stored: Sequence[str] = (), on_progress: OnProgress | None = None
    ) -> SyncReport:
        """Index what has been uploaded, with the rest of the index.

        Parameters
        ----------
        stored
            Paths below the uploads that are wanted, though they may have been left out.
        """
        wanted = {self.uploads.folder.resolve() / name for name in stored}
        taken_back: list[str] = []
        if wanted and named_current(self._settings.index_dir) is not None:
            contents = self.contents()
            taken_back = [path for path in contents.left_out if contents.source(path) in wanted]
        amendment = Amendment(also=(self.uploads.folder,), take_back=taken_back)
        report = self._sync(amendment, on_progress)
        if report.include or report.exclude:
            contents = self.contents()
            told = [each.path for each in contents.documents] + [name for name, _ in report.skipped]
            why = "lo dejan fuera los patrones con los que se hizo el índice"
            lost = sorted(wanted - set(map(contents.source, told)))
            report.skipped.extend(Skipped(path.name, why) for path in lost)
        return report

    def remove(self, path: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Take a document out of the index, and delete it only if it is a copy that was uploaded.

        Raises
        ------
        UsageError
            If the index has no such document or file.
        """
        contents = self.contents()
        known = {each.path for each in contents.documents} | {name for name, _ in contents.skipped}
        if path not in known:
            raise UsageError(
                f"En el índice no hay ningún documento «{path}»", "Pon la lista al día"
            )
        source = contents.source(path)
        if not self.uploads.is_own_copy(source):
            return self._sync(Amendment(leave_out=(path,)), on_progress)
        with self.uploads.removing(source):
            return self._sync(Amendment(gone=(path,)), on_progress)

    def restore(self, path: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Take back a document that was left out.

        Raises
        ------
        UsageError
            If it was not.
        """
        if path not in self.contents().left_out:
            raise UsageError(f"«{path}» no se había dejado fuera", "Pon la lista al día")
        return self._sync(Amendment(take_back=(path,)), on_progress)

    def _sync(self, amendment: Amendment, on_progress: OnProgress | None) -> SyncReport:
        return sync(
            self._settings.index_dir, (), self._making, amendment=amendment, on_progress=on_progress
        )
