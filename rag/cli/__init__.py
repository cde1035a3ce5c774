"""The command line, over an Assistant: in Spanish, with an exit code for each outcome."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from rag.cli.commands import app
from rag.cli.output import printable
from rag.cli.spanish import in_spanish, usage_error
from rag.errors import RagError, UsageError

__all__ = ["main"]

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack «ñ»; that is no error
    try:
        code = typer.main.get_command(app).main(
            list(arguments), prog_name="rag", standalone_mode=False
        )
        sys.stdout.flush()
        if code == _INTERRUPTED:
            _stop()
    except RagError as error:
        _fail(error, debug="--debug" in arguments)
    except typer.Abort:
        _stop()
    except BrokenPipeError:  # the reader of our output has gone, as in «rag ask … | head -1»
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(in_spanish(str(getattr(error, "message", error))))
            sys.exit(UsageError.exit_code)
        usage = usage_error(error)
        if usage is None and "--debug" in arguments:
            raise
        _fail(usage or _unexpected(error), debug=False)
    sys.exit(code or 0)


def _stop() -> NoReturn:
    print("Interrumpido.", file=sys.stderr, flush=True)
    os._exit(_INTERRUPTED)  # at once: an engine may be at work in another thread


def _unexpected(error: Exception) -> RagError:
    return RagError(
        f"Ha ocurrido un error inesperado ({type(error).__name__}: {error})",
        "Repite la orden como «rag --debug …» para ver el detalle",
    )


def _fail(error: RagError, *, debug: bool) -> NoReturn:
    if debug:
        logging.getLogger(__name__).error("failed", exc_info=error)
    print(f"Error: {printable(str(error))}", file=sys.stderr)
    sys.exit(error.exit_code)
