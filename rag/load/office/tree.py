"""XML that nobody vouches for: parsed without its entities, without the network, without bombs."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from rag.load.unreadable import damaged

if TYPE_CHECKING:
    from lxml.etree import _Element


_WARILY: Final = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parse_tree(data: bytes) -> _Element:
    """Parse a document of an office archive; these have no document type, nor entities.

    Elements deeper than libxml2's limit of 256 are refused, so that a tree is never deep.

    Raises
    ------
    LoadError
        If it is not well formed, or it declares a document type.
    """
    root = _parsed(data, is_mended=False)
    if root.getroottree().docinfo.doctype:
        raise damaged()
    return root


def mended_tree(data: bytes) -> _Element:
    """Parse as much of a document as can be; it may declare a type, whose entities are left out.

    Raises
    ------
    LoadError
        If nothing of it is XML.
    """
    return _parsed(data, is_mended=True)


def _parsed(data: bytes, *, is_mended: bool) -> _Element:
    from lxml import etree

    try:
        root: Any = etree.fromstring(data, etree.XMLParser(recover=is_mended, **_WARILY))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged() from error
    if root is None:  # there was nothing to mend
        raise damaged()
    return root


def iterate_tree(data: bytes, names: Collection[str]) -> Iterator[tuple[str, _Element]]:
    """Yield the local name and the element of each of some names, once it is whole.

    Only what is inside of it is kept; an element is emptied when the next one is asked for.

    Raises
    ------
    LoadError
        As ``parse_tree`` does.
    """
    from lxml import etree

    tags = [f"{{*}}{name}" for name in names]
    try:
        for _, element in etree.iterparse(io.BytesIO(data), events=("end",), tag=tags, **_WARILY):
            if element.getroottree().docinfo.doctype:
                raise damaged()
            yield local_name(element), element
            element.clear()
            while element.getprevious() is not None:  # what stands before it is done with
                del element.getparent()[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged() from error


def local_name(element: _Element) -> str:
    """Return the name of an element without its namespace, which has an older and a newer form."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: _Element | None, name: str, default: str = "") -> str:
    """Return an attribute by its name without the namespace."""
    if element is not None:
        for key, value in element.attrib.items():
            if str(key).rpartition("}")[2] == name:
                return str(value)
    return default


def child(element: _Element | None, *path: str) -> _Element | None:
    """Return the first child of a name, and of that one the first of the next name; or None."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if local_name(each) == name), None)
    return element


def children(element: _Element | None, *path: str) -> list[_Element]:
    """Return what is in the element that ``child`` finds; nothing if it finds none."""
    found = child(element, *path)
    return [] if found is None else list(found)
