"""Uploads: how much the page takes in, and the folder where it stays until it is closed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.web.access.answer import say

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

UPLOAD_PATH: Final = "/gradio_api/upload"
_AROUND_BYTES: Final = 1024 * 1024  # of a request, around the file that it brings
_MAX_TOTAL_BYTES: Final = 2 * 1024 * 1024 * 1024
_MAX_BODY_BYTES: Final = 8 * 1024 * 1024  # of whatever else is sent: questions and conversations


class UploadFolder:
    """A folder of this process alone, that goes with it.

    Attributes
    ----------
    max_file_bytes
        Of each file that arrives; 0 where none may.
    """

    def __init__(self, max_file_bytes: int) -> None:
        self.max_file_bytes = max_file_bytes
        self._folder = tempfile.TemporaryDirectory(prefix="rag-web-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)
        self._n_arriving = 0

    def use(self) -> None:
        """Have the page that is built next keep there what it keeps in files."""
        os.environ["GRADIO_TEMP_DIR"] = str(self.path)
        os.environ["GRADIO_EXAMPLES_CACHE"] = str(self.path / "examples")

    def remove(self) -> None:
        """Remove it, and all that there is in it."""
        self._folder.cleanup()

    def n_bytes_free(self) -> int:
        """Return how much more fits, less what is on its way."""
        n_bytes = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                try:
                    n_bytes += Path(folder, name).lstat().st_size
                except OSError:  # moved meanwhile
                    continue
        return _MAX_TOTAL_BYTES - n_bytes - self._n_arriving

    def arrive(self, n_bytes: int) -> None:
        """Take note of bytes that arrive, or, below zero, that have a file."""
        self._n_arriving += n_bytes


class BodyLimits:
    """Middleware: refuse what is too long when it is announced, or as soon as it is."""

    def __init__(self, app: ASGIApp, folder: UploadFolder) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"].rstrip("/") == UPLOAD_PATH
        limit = self._folder.max_file_bytes + _AROUND_BYTES if is_upload else _MAX_BODY_BYTES
        status = 413
        if is_upload:
            free = self._folder.n_bytes_free()
            if free < limit:
                limit, status = max(0, free), 507
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            await say(status, _TOO_LARGE[status])(scope, receive, send)
            return
        await self._count(scope, receive, send, limit, status)

    async def _count(
        self, scope: Scope, receive: Receive, send: Send, limit: int, status: int
    ) -> None:
        n_bytes = 0
        has_begun = is_refused = False

        async def counted() -> Any:
            nonlocal n_bytes, is_refused
            message = await receive()
            if message["type"] != "http.request":
                return message
            n_bytes += len(message.get("body", b""))
            self._folder.arrive(len(message.get("body", b"")))
            if n_bytes <= limit:
                return message
            is_refused = True
            if not has_begun:
                await say(status, _TOO_LARGE[status])(scope, receive, send)
            return {"type": "http.disconnect"}  # for the page it is as if the sender had gone

        async def noted(message: Any) -> None:
            nonlocal has_begun
            has_begun = True
            if not is_refused:
                await send(message)

        try:
            await self._app(scope, counted, noted)
        except Exception:
            if not is_refused:
                raise
        finally:
            self._folder.arrive(-n_bytes)


_TOO_LARGE: Final = {
    413: "Lo enviado es demasiado grande. Súbelo en partes más pequeñas.",
    507: "No cabe nada más de lo subido. Vuelve a arrancar la página para vaciarlo.",
}
