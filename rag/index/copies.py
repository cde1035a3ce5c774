"""Copies: files that are the same to the last byte are read once, and cited at every place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from rag.index.plan import Unread, sha256_of
from rag.index.records import DocumentRecord
from rag.index.report import SyncReport
from rag.load import format_of

_N_ALIKE: Final = 2


def join_copies(
    unread: Sequence[Unread], known: Mapping[str, DocumentRecord], report: SyncReport
) -> tuple[list[Unread], dict[str, DocumentRecord]]:
    """Tell the files that have to be read from those that are copies of another.

    Only files of the same length are compared, by their hashes.

    Parameters
    ----------
    known
        By path: the documents whose chunks stand.
    report
        Receives the copies of what is known; those of what is to be read, once it has been.

    Returns
    -------
    tuple
        What to read, each with its copies, and the copies of what is known.
    """
    lengths = Counter(each.file.stamp.n_bytes for each in unread)
    lengths.update(record.stamp.n_bytes for record in known.values() if record.stamp)
    are_known = all(record.stamp for record in known.values())
    standing = {(record.sha256, format_of(record.path)): record for record in known.values()}
    first: dict[tuple[str, object], str] = {}
    digests: dict[str, str] = {}
    copies: dict[str, list[Unread]] = {}
    joined: dict[str, DocumentRecord] = {}
    for each in unread:
        name = each.file.name
        is_alone = are_known and lengths[each.file.stamp.n_bytes] < _N_ALIKE
        digest = "" if is_alone else sha256_of(each.file.path)
        if not digest:
            copies[name] = []
            continue
        key = (digest, format_of(name))  # the same bytes read otherwise are no copy
        if key in standing:
            joined[name] = replace(standing[key], path=name, stamp=each.stamp)
            report.note_copy(name, each.before_path, standing[key].path)
        elif key in first:
            copies[first[key]].append(each)
        else:
            first[key] = name
            copies[name], digests[name] = [], digest
    originals = [each for each in unread if each.file.name in copies]
    return [_with_copies(each, copies[each.file.name], digests) for each in originals], joined


def _with_copies(unread: Unread, copies: Sequence[Unread], digests: Mapping[str, str]) -> Unread:
    return (
        replace(unread, copies=tuple(copies), sha256=digests[unread.file.name])
        if copies
        else unread
    )
