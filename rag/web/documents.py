"""Documents: the tab that shows what is indexed, takes in what is sent and takes away the rest.

Its view asks what it shows of the functions here, and what it changes is one task after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.assistant import Assistant
from rag.errors import NoIndexError, RagError, UsageError
from rag.index import Contents, IndexedDocument, OnProgress, SyncReport, named_current
from rag.web.indexing import IndexingJob

if TYPE_CHECKING:
    import gradio

_VIEW: Final = (
    "import('/recursos/documents.js').then((module) => "
    "module.open({ element, props, trigger, watch, server, upload }));"
)
_MAX_NAME_CHARS: Final = 4096  # of a path that a browser sends


def build_documents(assistant: Assistant, *, may_change: bool = True) -> gradio.HTML:
    """Build the tab inside the page that is being built.

    Parameters
    ----------
    may_change
        Whether whoever opens the page may add documents and take them out.

    Returns
    -------
    gradio.HTML
        Its ``select`` comes with ``{"path"}``, of a document that somebody wants to open. In the
        browser, ``rag:open-document`` says the same, with the path as its detail, and
        ``rag:documents-changed`` that another index is current.
    """
    import gradio
    from gradio.context import Context

    page = Context.root_block
    if page is None:
        raise RuntimeError("the tab is built inside a page")
    desk = DocumentsDesk(assistant, page.upload_file_set, may_change=may_change)
    return gradio.HTML(
        {"may_change": may_change},
        html_template="<div></div>",
        js_on_load=_VIEW,
        server_functions=desk.functions(),
        apply_default_css=False,
        elem_id="documents",
    )


class DocumentsDesk:
    """What the tab asks for. Every answer is JSON; one with ``error`` says why it was not done.

    Parameters
    ----------
    arrived
        The paths of the files that the page itself has received: no other is ever touched.
    """

    def __init__(self, assistant: Assistant, arrived: set[str], *, may_change: bool) -> None:
        self._assistant = assistant
        self._arrived = arrived
        self._may_change = may_change
        self._job = IndexingJob()

    def functions(self) -> list[Callable[[Any], dict[str, Any]]]:
        """Return what the view may call: where nothing may be changed, nothing that changes."""
        functions: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "look_documents": self.look
        }
        if self._may_change:
            functions |= {
                "check_documents": self.check,
                "add_documents": self.add,
                "remove_document": self.remove,
                "restore_document": self.restore,
                "update_documents": self.update,
            }
        return [_served(name, function) for name, function in functions.items()]

    def look(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what is indexed, unless it is known already, and what is being done."""
        settings = self._assistant.settings
        current = named_current(settings.index_dir)
        job = self._job.snapshot()
        if "known" in request and request["known"] == current:
            return {"job": job}
        contents: dict[str, Any] = {"current": current, "documents": [], "skipped": []}
        try:
            contents |= _as_dict(self._assistant.library.contents())
        except NoIndexError:
            contents["samples"] = self._samples()
        except RagError as error:
            contents["problem"] = {"message": error.message, "remedy": error.remedy}
        limits = self._assistant.library.uploads.limits
        contents["limits"] = {"file_bytes": limits.max_file_bytes, "files": limits.max_files}
        return {"job": job, "contents": contents}

    def check(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Tell which files would be refused, before anything of them is sent."""
        uploads = self._assistant.library.uploads
        refused: list[tuple[str, str]] = []
        for file in _files(request):
            size = file.get("size")
            why = uploads.refusal(_name(file), size if isinstance(size, int) else 0)
            if why:
                refused.append((_name(file), why))
        return {"refused": refused}

    def add(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take in what has arrived; whatever becomes of it, nothing is left where it came."""
        library = self._assistant.library
        refused: list[tuple[str, str]] = []
        rounds: list[dict[str, Path]] = []  # two files may have come under one name
        sources: set[str] = set()
        for file in _files(request):
            name, source = _name(file), str(file.get("path", ""))
            if source not in self._arrived and source not in sources:
                refused.append((name, "no ha llegado entero. Vuelve a subirlo."))
                continue
            self._arrived.discard(source)
            sources.add(source)
            free = next((each for each in rounds if name not in each), None)
            if free is None:
                rounds.append(free := {})
            free[name] = Path(source)
        paths: list[str] = []
        n_new = 0
        try:
            for files in rounds:
                stored = library.uploads.store(files)
                refused.extend(stored.refused)
                paths.extend(stored.paths)
                n_new += len(stored.new)
        finally:
            _clear(sources)
        if paths:
            self._job.request(
                "Añadiendo documentos", lambda on_progress: library.take_in(paths, on_progress)
            )
        return {"new": n_new, "known": len(paths) - n_new, "refused": refused}

    def remove(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take a document out."""
        path = str(request.get("path", ""))
        self._job.request("Quitando un documento", lambda on: self._assistant.remove(path, on))
        return {}

    def restore(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take back a document that was left out."""
        path = str(request.get("path", ""))
        self._job.request(
            "Volviendo a incluir un documento", lambda on: self._assistant.restore(path, on)
        )
        return {}

    def update(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the index in step with its files; where there is none, with the samples."""
        self._job.request("Poniendo al día los documentos", self._bring_in_step)
        return {}

    def _bring_in_step(self, on_progress: OnProgress) -> SyncReport:
        library = self._assistant.library
        if library.uploads.recorded():
            return library.take_in(on_progress=on_progress)
        return self._assistant.index(on_progress=on_progress)

    def _samples(self) -> list[str]:
        """Return what an empty index would begin with, if it is there."""
        paths = self._assistant.settings.default_paths
        return [path.as_posix() for path in paths] if all(map(Path.exists, paths)) else []


def _served(
    name: str, function: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Callable[[Any], dict[str, Any]]:
    """Return a function that a browser may call, which may send anything."""

    def served(request: Any) -> dict[str, Any]:
        try:
            return function(request if isinstance(request, dict) else {})
        except RagError as error:
            return {"error": {"message": error.message, "remedy": error.remedy}}

    served.__name__ = name
    return served


def _files(request: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    files = request.get("files")
    if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
        raise UsageError("No se ha entendido qué archivos son", "Vuelve a elegirlos")
    return files


def _name(file: Mapping[str, Any]) -> str:
    name = str(file.get("name", ""))[:_MAX_NAME_CHARS]
    return name.encode("utf-8", "replace").decode()  # half a character cannot be sent back


def _clear(sources: Iterable[str]) -> None:
    """Remove files that arrived, and the folder that each arrived in."""
    for source in map(Path, sources):
        with suppress(OSError):
            source.unlink(missing_ok=True)
            source.parent.rmdir()  # refused unless it is empty


def _as_dict(contents: Contents) -> dict[str, Any]:
    return {
        "documents": [_document(each) for each in contents.documents],
        "skipped": contents.skipped,
        "left_out": contents.left_out,
        "n_chunks": contents.n_chunks,
        "roots": [root.given for root in contents.roots],
        "model": contents.embedding_model,
        "created": contents.created,
        "notice": contents.notice,
    }


def _document(document: IndexedDocument) -> dict[str, Any]:
    return {
        "path": document.path,
        "format": document.format,
        "n_chunks": document.n_chunks,
        "language": document.language,
        "n_bytes": document.n_bytes,
        "modified": document.modified,
        "notes": document.notes,
        "copy_of": document.copy_of,
        "is_uploaded": document.is_uploaded,
    }
