"""The package of parts that Word's, Excel's and PowerPoint's files are since 2007."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from rag.load.archive import open_archive
from rag.load.office.tree import attribute, child, parse_tree
from rag.load.title import real_title
from rag.load.unreadable import damaged

if TYPE_CHECKING:
    from lxml.etree import _Element


class Relation(NamedTuple):
    """What a part says of another.

    Attributes
    ----------
    kind
        As in ``slide``: the last word of its type.
    part
        The name of the other one in the archive.
    """

    kind: str
    part: str


class Package:
    """The parts of a file, each with its relations to others.

    Attributes
    ----------
    main
        The name of the part that all others hang from.
    """

    def __init__(self, data: bytes) -> None:
        self._archive = open_archive(data)
        roots = self.relations("").values()
        self.main = next((each.part for each in roots if each.kind == "officeDocument"), "")
        if not self.main:
            raise damaged()

    def read(self, part: str) -> bytes:
        """Return the bytes of a part; see ``Archive.read``."""
        return self._archive.read(part)

    def tree(self, part: str) -> _Element:
        """Return the tree of a part that the file cannot do without."""
        return parse_tree(self.read(part))

    def tree_of(self, kind: str, part: str) -> _Element | None:
        """Return the tree of the first part that another has of a kind; None if it has none."""
        name = self.part_of(kind, part)
        return self.tree(name) if name else None

    def part_of(self, kind: str, part: str) -> str:
        """Return the name of the first part that another has of a kind; empty if it has none."""
        parts = (each.part for each in self.relations(part).values() if each.kind == kind)
        return next((each for each in parts if each in self._archive), "")

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the relations of a part by their identifier; those of the package, of «»."""
        folder, _, name = part.rpartition("/")
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self._archive:
            return {}
        return {
            attribute(each, "Id"): Relation(
                attribute(each, "Type").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, attribute(each, "Target")))[1:],
            )
            for each in parse_tree(self.read(path))
            if attribute(each, "TargetMode") != "External"
        }

    def title(self) -> str:
        """Return the title among the file's properties; may be empty."""
        title = child(self.tree_of("core-properties", ""), "title")
        return "" if title is None else real_title(title.text or "")
