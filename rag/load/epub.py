"""Electronic books: an EPUB is an archive of pages, and a package that says their order."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from rag.errors import LoadError
from rag.load.archive import Archive, open_archive
from rag.load.extract import Extract, Transcript
from rag.load.html import Block, decode_page, read_page
from rag.load.office.tree import mended_tree
from rag.load.table import one_line
from rag.load.unreadable import damaged

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_MAX_PACKAGE_BYTES: Final = 16 * 1024 * 1024
# A font that is scrambled so that it is not copied hides no text.
_FONT_METHODS: Final = frozenset(
    ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
)
_COVER_NAMES: Final = frozenset(("cover", "coverpage", "cover-page", "cover_page", "cubierta"))
_MAX_COVER_WORDS: Final = 30  # on a page with more there is something to read
_MAX_MISSING_NAMES: Final = 3  # that the person is told


@dataclass(frozen=True, slots=True)
class _Package:
    """What the package of a book says of it.

    Attributes
    ----------
    pages
        The paths in the archive, in the order they are read.
    covers
        The ones of them that may only be a cover.
    names
        Of the pages, as the table of contents has them.
    """

    title: str
    pages: tuple[str, ...]
    covers: frozenset[str]
    names: Mapping[str, str]


def read_epub(data: bytes) -> Extract:
    """Read a book: a line of text is a paragraph, counted from the beginning of its chapter.

    Raises
    ------
    LoadError
        If it is no book, it is protected, or it has no text.
    """
    archive = open_archive(data)
    if _is_protected(archive):
        raise LoadError(
            "está protegido contra la copia (DRM)",
            "Pide a quien te lo vendió una copia sin protección",
        )
    package = _read_package(archive)
    transcript = Transcript("paragraph")
    missing: list[str] = []
    n_chapters = 0
    for path in package.pages:
        if path not in archive:
            missing.append(path)
            continue
        page = archive.read(path)
        try:
            blocks = read_page(decode_page(page)).blocks
        except LoadError:  # it is no text
            missing.append(path)
            continue
        numbered = _content(blocks)
        is_cover = path in package.covers and _n_words(blocks) <= _MAX_COVER_WORDS
        if numbered and not is_cover:
            n_chapters += 1
            transcript.mark(n_chapters, f"capítulo {n_chapters}")
            _write(transcript, numbered, package.names.get(path, ""))
    if not n_chapters:
        raise LoadError("no tiene texto", "Si sus páginas son imágenes, pásale un OCR")
    return transcript.extract("application/epub+zip", package.title, _notes(missing))


def _content(blocks: tuple[Block, ...]) -> list[tuple[int, Block]]:
    """Return the blocks with their numbers, without those that only lead elsewhere.

    A book has no footer nor aside that is not of its text: those are its notes; and its menu may
    be a cook's.
    """
    leads = any(block.region == "menu" and block.n_link_chars for block in blocks)
    left_out = ("menu", "contents") if leads else ("contents",)
    return [
        (number, block) for number, block in enumerate(blocks, 1) if block.region not in left_out
    ]


def _write(transcript: Transcript, numbered: list[tuple[int, Block]], name: str) -> None:
    """Write a chapter down, below its name in the table of contents if it has no title."""
    titles = {_plain(block.text) for _, block in numbered if block.level is not None}
    is_titled = any(block.level == 1 for _, block in numbered)
    if name and not is_titled and _plain(name) not in titles:
        transcript.write(name, numbered[0][0], 1)
    for number, block in numbered:
        for text in block.texts if block.are_apart else (block.text,):
            transcript.write(text, number, block.level)


def _notes(missing: list[str]) -> tuple[str, ...]:
    """Tell the person which pages could not be read."""
    if not missing:
        return ()
    names = ", ".join(posixpath.basename(path) for path in missing[:_MAX_MISSING_NAMES])
    more = "…" if len(missing) > _MAX_MISSING_NAMES else ""
    if len(missing) == 1:
        return (f"falta en el libro una página, o no se puede leer: {names}",)
    return (f"faltan en el libro {len(missing)} páginas, o no se pueden leer: {names}{more}",)


def _is_protected(archive: Archive) -> bool:
    """Say whether anything but fonts is encrypted."""
    if _ENCRYPTION not in archive:
        return False
    root = _parse(archive.read(_ENCRYPTION))
    methods = {method.get("Algorithm") for method in root.iter("{*}EncryptionMethod")}
    return not methods <= _FONT_METHODS


def _read_package(archive: Archive) -> _Package:
    path = _package_path(archive)
    root = _parse(archive.read(path))
    folder = posixpath.dirname(path)
    items = {item.get("id"): item for item in root.iter("{*}item")}
    named = (items.get(each.get("idref")) for each in root.iter("{*}itemref"))
    spine = [item for item in named if item is not None]
    references = [each for each in root.iter("{*}reference") if each.get("type") == "cover"]
    covers = [each for each in spine if str(each.get("id")).lower() in _COVER_NAMES]
    pages = (
        _path(folder, item.get("href"))
        for item in spine
        if _is_page(item) and "nav" not in str(item.get("properties")).split()
    )
    return _Package(
        title=next((text for each in root.iter("{*}title") if (text := _text(each))), ""),
        pages=tuple(dict.fromkeys(pages)),
        covers=frozenset(_path(folder, each.get("href")) for each in (*covers, *references)),
        names=_names(archive, folder, list(items.values())),
    )


def _package_path(archive: Archive) -> str:
    """Return where the package is: where the container says, or else the only place it can be."""
    if _CONTAINER in archive:
        for each in _parse(archive.read(_CONTAINER)).iter("{*}rootfile"):
            path = _path("", each.get("full-path"))
            if path in archive:
                return path
    for name in archive.names:
        if name.lower().endswith(".opf"):
            return name
    raise damaged()


def _is_page(item: _Element) -> bool:
    media_type = str(item.get("media-type")).lower()
    return "html" in media_type or "oeb1-document" in media_type


def _names(archive: Archive, folder: str, items: list[_Element]) -> dict[str, str]:
    """Return the names of pages in the table of contents, in its older form or its newer one."""
    names: dict[str, str] = {}
    for item in items:
        path = _path(folder, item.get("href"))
        is_older = item.get("media-type") == "application/x-dtbncx+xml"
        if not (is_older or "nav" in str(item.get("properties")).split()) or path not in archive:
            continue
        root = _parse(archive.read(path))
        below = posixpath.dirname(path)
        for href, name in _older_entries(root) if is_older else _entries(root):
            if name:
                names.setdefault(_path(below, href), name)
    return names


def _older_entries(root: _Element) -> Iterator[tuple[str | None, str]]:
    for content in root.iter("{*}content"):
        label = content.getparent().find("{*}navLabel")
        yield content.get("src"), "" if label is None else _text(label)


def _entries(root: _Element) -> Iterator[tuple[str | None, str]]:
    for nav in root.iter("{*}nav"):
        if any(str(key).endswith("}type") and "toc" in value for key, value in nav.items()):
            for link in nav.iter("{*}a"):
                yield link.get("href"), _text(link)
            return


def _parse(data: bytes) -> _Element:
    if len(data) > _MAX_PACKAGE_BYTES:
        raise damaged()
    return mended_tree(data)


def _path(folder: str, href: str | None) -> str:
    """Return where in the archive something is that a file in a folder of it names."""
    name = unquote((href or "").partition("#")[0])
    return posixpath.normpath(posixpath.join(folder, name)).lstrip("/")


def _text(element: _Element) -> str:
    return one_line("".join(element.itertext()))


def _plain(text: str) -> str:
    return one_line(text.casefold())


def _n_words(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text.split()) for block in blocks)
