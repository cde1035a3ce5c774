"""What an index is to hold: what it followed, and what a person wants changed in that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rag.errors import UsageError
from rag.index.manifest import Root
from rag.index.previous import Previous
from rag.load import Patterns


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be different from last time, beside the roots and the patterns.

    Attributes
    ----------
    also
        Files and folders to follow besides the ones of last time.
    leave_out
        Paths of documents that are to stay where they are and out of the index.
    take_back
        Paths that were left out, and are so no longer.
    gone
        Paths of documents known to be deleted: that they are missing is no lost disk.
    """

    also: Sequence[Path] = ()
    leave_out: Collection[str] = ()
    take_back: Collection[str] = ()
    gone: Collection[str] = ()


class Followed(NamedTuple):
    """What an index is to hold."""

    roots: tuple[Root, ...]
    patterns: Patterns


def what_to_follow(
    before: Previous | None,
    paths: Sequence[Path],
    include: Sequence[str] | None,
    exclude: Sequence[str] | None,
    amendment: Amendment,
) -> Followed:
    """Return what to follow: what is given, and for the rest what the index follows already.

    A file that is named is wanted, even if it had been left out.

    Raises
    ------
    UsageError
        If nothing says which folders.
    """
    known = before.patterns if before else Patterns()
    patterns = Patterns(
        known.include if include is None else tuple(filter(str.strip, include)),
        known.exclude if exclude is None else tuple(filter(str.strip, exclude)),
    )
    forgets = exclude is not None and not patterns.exclude
    left_out = set() if forgets else set(known.left_out)
    left_out |= set(amendment.leave_out)
    left_out -= {*amendment.take_back, *amendment.gone, *(path.as_posix() for path in paths)}
    patterns = replace(patterns, left_out=tuple(sorted(left_out)))
    if paths:
        roots = {path.resolve(): _root(path) for path in paths}
    elif before is not None:
        roots = {Path(root.absolute): root for root in before.roots}
    else:
        roots = {}
    for path in amendment.also:
        if not any(path.resolve().is_relative_to(root) for root in roots):
            roots[path.resolve()] = _root(path)
    if not roots:
        raise UsageError(
            "El índice no dice qué carpetas tenía", "Indícalas: rag index --rebuild CARPETA"
        )
    return Followed(tuple(roots.values()), patterns)


def _root(path: Path) -> Root:
    return Root(path.as_posix(), str(path.resolve()))
