"""A document, opened: never what somebody may have put in its place."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

_FLAGS: Final = ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
_WARILY: Final = sum(getattr(os, flag, 0) for flag in _FLAGS)


def open_file(path: Path) -> BufferedReader:
    """Open an ordinary file for reading.

    Since its folder was listed, something else may stand there: a link is not followed, and a pipe
    or a device, which may never begin or never end, is not waited for.

    Raises
    ------
    OSError
        If the system refuses, or it is no ordinary file.
    """
    descriptor = os.open(path, os.O_RDONLY | _WARILY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.ENXIO, os.strerror(errno.ENXIO), str(path))
