"""The errors a person can meet: each says in Spanish what happened and what to do next.

RagError                      exit code 1
├── UsageError                2   the request itself is not valid
│   └── SettingsError         2   a setting has a value it cannot have
├── NoIndexError              4   nothing has been indexed here yet
├── ModelError                5   no model can do the work
│   ├── UnknownModelError     5   the name means nothing to us
│   ├── ModelOfflineError     5   its server does not answer
│   ├── ModelMissingError     5   its weights are not on this machine
│   └── PromptTooLongError    5   what it would have to read does not fit its window
├── IndexMismatchError        1   the index was made in another way
├── IndexDamagedError         1   a file of the index is not what was written
├── IndexBusyError            1   another process is writing the index
├── NoDocumentsError          1   there is nothing to read in the paths
├── LoadError                 1   one file cannot be read; the rest goes on
├── TooManyWaitingError       1   too many questions wait to be answered
├── FeedbackError             1   what a person thinks of an answer cannot be kept
└── PortInUseError            1   the page's port is taken
"""

from __future__ import annotations

import errno
from typing import Final

_SYSTEM_REASONS: Final = {
    errno.EACCES: "permiso denegado",
    errno.EPERM: "permiso denegado",
    errno.EROFS: "el disco es de solo lectura",
    errno.ENOSPC: "el disco está lleno",
    errno.EDQUOT: "la cuota de disco está agotada",
    errno.ENOENT: "no existe",
    errno.ENOTDIR: "una parte de la ruta no es una carpeta",
    errno.EISDIR: "es una carpeta",
    errno.EEXIST: "ya hay un archivo con ese nombre",
    errno.ELOOP: "es un enlace",
    errno.ENXIO: "no es un archivo corriente",
    errno.ENOSYS: "el disco no admite bloqueos",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.EMFILE: "hay demasiados archivos abiertos",
    errno.EIO: "el disco da errores",
    errno.EADDRINUSE: "el puerto está ocupado",
    errno.EADDRNOTAVAIL: "esa dirección no es de este equipo",
}


class RagError(Exception):
    """Base of every error that this package raises on purpose.

    Parameters
    ----------
    message
        What happened, one Spanish sentence without the final full stop.
    remedy
        What the person can do about it, one Spanish sentence without the final full stop.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}."


class UsageError(RagError):
    """The request cannot be carried out as it was made."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting, from rag.toml, the environment or an argument, is not valid."""


class NoIndexError(RagError):
    """There is no index in the folder."""

    exit_code = 4


class ModelError(RagError):
    """No model is available for the work asked."""

    exit_code = 5


class UnknownModelError(ModelError):
    """A model's name is not one we can open."""


class ModelOfflineError(ModelError):
    """The server that runs the model does not answer."""


class ModelMissingError(ModelError):
    """The model's weights, or the package that runs them, are not on this machine."""


class PromptTooLongError(ModelError):
    """What a model would have to read does not fit its window."""


class IndexMismatchError(RagError):
    """The index was made with another model or another version of the analysis."""


class IndexDamagedError(RagError):
    """A file of the index is missing or does not match its checksum."""


class IndexBusyError(RagError):
    """Another process holds the index for writing."""


class NoDocumentsError(RagError):
    """The paths hold no document that can be read."""


class LoadError(RagError):
    """One file cannot be read; the message is the reason it is skipped."""


class TooManyWaitingError(RagError):
    """The line of those who wait for an answer is as long as it may be."""


class FeedbackError(RagError):
    """A rating cannot be written."""


class PortInUseError(RagError):
    """The port asked for the page is taken."""


def reason(error: OSError) -> str:
    """Say in Spanish why the system refused, as the end of a sentence in brackets."""
    return _SYSTEM_REASONS.get(error.errno or 0, error.strerror or str(error))
