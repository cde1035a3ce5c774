"""What Linux can take from a process for good, so that whoever takes it over has not got it.

Each of these is asked for, and what an older or a locked system refuses is done without.
"""

from __future__ import annotations

import os
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ctypes

_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000
_PR_SET_NO_NEW_PRIVS: Final = 38

# Landlock's calls have the same numbers on all machines.
_CREATE_RULESET: Final = 444
_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_N_FILE_RIGHTS: Final = (0, 13, 14, 15, 15, 16)  # by its version; no more since the fifth
_READING: Final = 0b1100  # to read a file, and to list a folder: modules are imported late
_TCP: Final = 0b11  # to bind, and to connect
_OUTSIDE: Final = 0b11  # abstract sockets, and signals


def confine() -> None:
    """Give up the network, and all that changes, removes or runs files.

    Files may still be read, and the rights and dates of the user's own changed.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        system = ctypes.CDLL(None)
        # A user of its own lets anybody have a network of its own. The administrator needs none,
        # and would lose the right to read what is another's: the libraries, perhaps.
        system.unshare(_CLONE_NEWNET | (_CLONE_NEWUSER if os.geteuid() else 0))
        system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _forbid_changes(system)


def _forbid_changes(system: ctypes.CDLL) -> None:
    """Let no file be written, made, removed or run, and no process outside be signalled."""
    import ctypes

    version = system.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return
    rights = (1 << _N_FILE_RIGHTS[min(version, len(_N_FILE_RIGHTS) - 1)]) - 1
    n_words = 1 if version < 4 else 2 if version < 6 else 3
    asked = struct.pack("=3Q", rights & ~_READING, _TCP, _OUTSIDE)[: n_words * 8]
    rules = system.syscall(_CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    if rules >= 0:
        system.syscall(_RESTRICT_SELF, rules, 0)
        os.close(rules)
