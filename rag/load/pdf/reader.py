"""The bytes of a PDF to its text: the file that knows pypdfium2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, chain, islice, pairwise
from typing import TYPE_CHECKING, Final

from rag.errors import LoadError
from rag.load.extract import MAX_CHARS, Extract, Transcript, too_much_text
from rag.load.pdf.furniture import find_furniture
from rag.load.pdf.glyphs import page_glyphs
from rag.load.pdf.lines import Line, page_lines
from rag.load.pdf.prose import goes_on, is_boundary, usual_leading, whole_words
from rag.load.pdf.titles import Entry, Title, find_titles, largest_line
from rag.load.title import real_title
from rag.load.unreadable import damaged, protected, too_large

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_MEDIA_TYPE: Final = "application/pdf"
_MAX_PAGES: Final = 50_000
_MAX_OUTLINE: Final = 20_000
_MAX_DEPTH: Final = 10
_MAX_NAMED: Final = 10  # pages in a note


def read(data: bytes) -> Extract:
    """Read a PDF; see ``read_pdf``."""
    try:
        document = _open(data)
        try:
            pages, pictured = _pages(document)
            outline, title = _outline(document), _title(document)
        finally:
            document.close()
    except LoadError:
        raise
    except Exception as error:  # what PDFium says of damage, and what pypdfium2 makes of it
        raise damaged("Ábrelo en un visor y guárdalo de nuevo o imprímelo como PDF") from error
    if not any(line.text for lines in pages for line in lines):
        raise LoadError(
            "es un PDF escaneado: solo tiene imágenes" if pictured else "no tiene texto",
            "Pásale un OCR, por ejemplo: ocrmypdf -l spa ORIGEN DESTINO",
        )
    return _extract(pages, outline, title, _notes(pictured))


def _open(data: bytes) -> PdfDocument:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if getattr(error, "err_code", None) == FPDF_ERR_PASSWORD:
            raise protected(
                "Quítasela, por ejemplo con: qpdf --password=CLAVE --decrypt ORIGEN DESTINO"
            ) from error
        raise


def _pages(document: PdfDocument) -> tuple[list[list[Line]], list[int]]:
    """Return the lines of each page, and the numbers of those that have images alone."""
    pages: list[list[Line]] = []
    pictured = []
    n_chars = 0
    if len(document) > _MAX_PAGES:
        raise too_large(f"tiene más de {_MAX_PAGES} páginas")
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        try:
            pages.append(page_lines(page_glyphs(page)))
            n_chars += sum(len(line.text) for line in pages[-1])
            if n_chars > MAX_CHARS:  # pages may share what is drawn on them
                raise too_much_text()
            if not pages[-1] and _has_image(page):
                pictured.append(number)
        finally:
            page.close()
    return pages, pictured


def _has_image(page: PdfPage) -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    images = page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_DEPTH)
    return next(iter(images), None) is not None


def _outline(document: PdfDocument) -> list[Entry]:
    entries = []
    for mark in islice(document.get_toc(max_depth=_MAX_DEPTH), _MAX_OUTLINE):
        target = mark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            entries.append(Entry(page, mark.level + 1, mark.get_title()))
    return entries


def _title(document: PdfDocument) -> str:
    return real_title(document.get_metadata_value("Title"))


def _extract(
    all_pages: Sequence[Sequence[Line]],
    outline: Iterable[Entry],
    title: str,
    notes: tuple[str, ...],
) -> Extract:
    body_size = _body_size(chain.from_iterable(all_pages))
    furniture = find_furniture(all_pages, body_size)
    pages = [
        [line for at, line in enumerate(lines) if at not in left_out]
        for lines, left_out in zip(all_pages, furniture, strict=True)
    ]
    titles = find_titles(pages, outline, body_size)
    transcript = Transcript("line", "wraps")
    _write(transcript, pages, titles)
    extract = transcript.extract(
        _MEDIA_TYPE,
        title or largest_line(pages[0], body_size),
        notes,
    )
    if len(titles) != len(extract.headings):
        return extract
    return replace(
        extract,
        headings=tuple(
            heading._replace(title=title.text)
            for heading, title in zip(extract.headings, titles, strict=True)
        ),
    )


def _body_size(lines: Iterable[Line]) -> float:
    """Return the size, in half points, of most of the letters."""
    n_chars: dict[float, int] = {}
    for line in lines:
        size = round(line.size * 2) / 2
        n_chars[size] = n_chars.get(size, 0) + len(line.text)
    return max(n_chars, key=lambda size: n_chars[size])


def _write(
    transcript: Transcript, pages: Sequence[Sequence[Line]], titles: Sequence[Title]
) -> None:
    """Write the lines down, with a blank one where a paragraph ends."""
    flow = [(page, line) for page, lines in enumerate(pages) for line in lines]
    starts = [0, *accumulate(map(len, pages))]
    levels = {starts[title.page] + title.at: title.level for title in titles}
    title_of = {  # of each line of a title, the first
        starts[title.page] + title.at + n: starts[title.page] + title.at
        for title in titles
        for n in range(title.n_lines)
    }
    leading = usual_leading(chain.from_iterable(pages))
    is_last = [True] * len(flow)
    for at, ((page, line), (page_after, after)) in enumerate(pairwise(flow)):
        if at in title_of or at + 1 in title_of:
            is_last[at] = title_of.get(at) != title_of.get(at + 1)
        elif page != page_after:
            is_last[at] = not goes_on(line, after)
        else:
            is_last[at] = is_boundary(line, after, leading)
    texts = whole_words([line.text for _, line in flow], [not last for last in is_last])
    page_before = -1
    for at, text in enumerate(texts):
        page, line = flow[at]
        if page != page_before:
            transcript.mark(page + 1, f"página {page + 1}")
            page_before = page
        if text.strip():
            transcript.write(text, line.number, levels.get(at))
        if is_last[at]:
            transcript.write("", line.number)


def _notes(pictured: Sequence[int]) -> tuple[str, ...]:
    """Name the pages that have images alone."""
    if not pictured:
        return ()
    named = ", ".join(map(str, pictured[:_MAX_NAMED]))
    if len(pictured) > _MAX_NAMED:
        named += f" y {len(pictured) - _MAX_NAMED} más"
    if len(pictured) == 1:
        return (f"la página {named} no se ha leído: solo tiene imágenes",)
    return (f"las páginas {named} no se han leído: solo tienen imágenes",)
