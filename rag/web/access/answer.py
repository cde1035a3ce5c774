"""Answer: what is told to a request that goes no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response


def say(status: int, why: str) -> Response:
    """Return a refusal that a program and Gradio's own page read alike."""
    from starlette.responses import JSONResponse

    return JSONResponse({"detail": why}, status, headers={"Connection": "close"})
