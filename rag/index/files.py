"""Files that outlive a crash: checksummed, linked instead of copied, and on the disk for sure."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from rag.load import open_file

# What a file system answers that has no hard links, or will not make this one.
_CANNOT_LINK: Final = frozenset(
    (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EACCES)
)


def file_sha256(path: Path) -> str:
    """Return the checksum of a file, in hexadecimal."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def link(source: Path, target: Path) -> None:
    """Give a file that never changes a second name; copy it where the disk has no links."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        shutil.copyfile(source, target)


def replace_text(path: Path, text: str) -> None:
    """Put a text in the place of a file's in one step: a reader sees the one or the other."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    fsync(new)
    new.replace(path)
    fsync(path.parent)


def fsync_tree(folder: Path) -> None:
    """Put a folder and all that is below it on the disk."""
    for path in folder.rglob("*"):
        fsync(path)
    fsync(folder)


def fsync(path: Path) -> None:
    """Put a file, or the names that a folder holds, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
