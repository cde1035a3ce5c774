"""Files of each format that is read: small ones made here, and real ones of this machine."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rag.load import suffixes

ROOT: Final = Path(__file__).parent.parent
SEEDS: Final = (ROOT / "seeds",)
# Where Debian's packages put documents.
DEBIAN: Final = tuple(
    Path("/usr") / folder
    for folder in ("share/doc", "share/man/es", "share/libreoffice", "lib/libreoffice/share")
)
_MAX_BYTES: Final = 200_000
_A_FORMAT: Final = 6  # real files of each

_MAN_PAGES: Final = (".1", ".5", ".7")

_TEXT: Final = (
    "El riego de la huerta empieza a las siete. Lo vigila Aurora Peña.\n\n"
    "El pleno aprobó 10.000 euros, según el acta n.º 3 (véase «Cosecha»).\n"
)
_ODF: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table")
) + ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'  # fmt: skip
_OOXML: Final = "http://schemas.openxmlformats.org"
_RELATED: Final = f"{_OOXML}/officeDocument/2006/relationships"
_TYPES: Final = "application/vnd.openxmlformats-officedocument"

_ROWS: Final = (("nombre", "cargo"), ("Aurora Peña", "riego"), ("Ramón Ferrer", "faro"))


def specimens(roots: Sequence[Path]) -> dict[str, list[bytes]]:
    """Return files for each reader, by its usual suffix: one made here, and some of the roots'."""
    found = {suffix: [_made(suffix)] for suffix in suffixes()}
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                some = found.get(Path(name.removesuffix(".gz")).suffix.lower())
                if some is None or len(some) > _A_FORMAT or path.is_symlink():
                    continue
                if path.is_file() and 0 < path.stat().st_size <= _MAX_BYTES:
                    data = path.read_bytes()
                    some.append(gzip.decompress(data) if name.endswith(".gz") else data)
    return found


def _made(suffix: str) -> bytes:
    make = {
        ".docx": _docx, ".epub": _epub, ".pdf": _pdf, ".pptx": _pptx, ".xlsx": _xlsx
    }.get(suffix)  # fmt: skip
    if make:
        return make()
    if kind := {".odt": "text", ".ods": "spreadsheet", ".odp": "presentation"}.get(suffix):
        return _open_document(kind)
    html = f"<h1>La huerta</h1><p>{_TEXT}</p><table><tr><td>uno<td>dos</table>"
    texts = {
        **dict.fromkeys(_MAN_PAGES, f".TH RIEGO 1\n.SH NOMBRE\nriego \\- regar\n.PP\n{_TEXT}"),
        ".csv": "".join(f"{name};{post}\n" for name, post in _ROWS),
        ".eml": f"From: a@b.es\nSubject: Riego\nContent-Type: text/plain\n\n{_TEXT}",
        ".htm": html,
        ".html": f"<!DOCTYPE html><html lang=es><head><title>Riego</title></head>{html}</html>",
        ".ipynb": '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": ["# Riego\\n"]}]}',
        ".json": '{"personas": [{"nombre": "Aurora", "años": 41}, {"nombre": null}]}',
        ".rtf": r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 El riego\par Pe\'f1a \u8364?\par}",
        ".srt": "1\n00:00:01,000 --> 00:00:02,500\nEl riego\n\n2\n00:01:00,000 --> 1:02,5\nAño\n",
        ".tex": f"\\begin{{document}}\\section{{Uno}}{_TEXT}\\end{{document}}",
        ".tsv": "".join(f"{name}\t{post}\n" for name, post in _ROWS),
        ".vtt": "WEBVTT\n\n00:01.000 --> 00:02.500\nEl riego\n",
        ".xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{_TEXT}</p></body></html>',
        ".xml": f"<?xml version='1.0'?><acta><p n='1'>{_TEXT}</p></acta>",
    }
    return texts.get(suffix, f"# La huerta\n\n{_TEXT}\n- uno\n- dos\n\n> cita\n").encode()


def zipped(members: dict[str, bytes]) -> bytes:
    """Return the archive of some files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _office(main: str, kind: str, parts: dict[str, str], related: dict[str, str]) -> bytes:
    """Return a package of Office Open XML with one main part, and those that it refers to."""
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{_TYPES}.{kind_of}+xml"/>'
        for name, kind_of in {main: kind, **related}.items()
    )
    folder, name = main.split("/")

    def relations(targets: dict[str, str]) -> str:
        inner = "".join(
            f'<Relationship Id="rId{n}" Type="{_RELATED}/{kind_of}" Target="{target}"/>'
            for n, (target, kind_of) in enumerate(targets.items(), start=1)
        )
        return f'<Relationships xmlns="{_OOXML}/package/2006/relationships">{inner}</Relationships>'

    members = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_OOXML}/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
        ),
        "_rels/.rels": relations({main: "officeDocument"}),
        f"{folder}/_rels/{name}.rels": relations(
            {
                target.removeprefix(f"{folder}/"): kind_of.split(".")[1].split("+")[0]
                for target, kind_of in related.items()
            }
        ),
        **parts,
    }
    return zipped({name: text.encode() for name, text in members.items()})


def _docx() -> bytes:
    ns = f'xmlns:w="{_OOXML}/wordprocessingml/2006/main"'
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row)
        + "</w:tr>"
        for row in _ROWS
    )  # fmt: skip
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>La huerta</w:t></w:r></w:p>'
        f"<w:p><w:r><w:t>{_TEXT}</w:t></w:r></w:p><w:tbl>{cells}</w:tbl>"
    )
    document = f"<w:document {ns}><w:body>{body}</w:body></w:document>"
    parts = {"word/document.xml": document}
    return _office("word/document.xml", "wordprocessingml.document.main", parts, {})


def _xlsx() -> bytes:
    ns = f'xmlns="{_OOXML}/spreadsheetml/2006/main" xmlns:r="{_RELATED}"'
    rows = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{column}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in zip("AB", row, strict=True)
        )
        + "</row>"
        for n, row in enumerate(_ROWS, start=1)
    )
    sheets = '<sheets><sheet name="Hoja" sheetId="1" r:id="rId1"/></sheets>'
    parts = {
        "xl/workbook.xml": f"<workbook {ns}>{sheets}</workbook>",
        "xl/worksheets/sheet1.xml": f"<worksheet {ns}><sheetData>{rows}</sheetData></worksheet>",
    }
    related = {"xl/worksheets/sheet1.xml": "spreadsheetml.worksheet"}
    return _office("xl/workbook.xml", "spreadsheetml.sheet.main", parts, related)


def _pptx() -> bytes:
    ns = (
        f'xmlns:p="{_OOXML}/presentationml/2006/main" xmlns:r="{_RELATED}" '
        f'xmlns:a="{_OOXML}/drawingml/2006/main"'
    )
    shape = f"<p:sp><p:txBody><a:p><a:r><a:t>{_TEXT}</a:t></a:r></a:p></p:txBody></p:sp>"
    listed = '<p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst>'
    slide = f"<p:cSld><p:spTree>{shape}</p:spTree></p:cSld>"
    parts = {
        "ppt/presentation.xml": f"<p:presentation {ns}>{listed}</p:presentation>",
        "ppt/slides/slide1.xml": f"<p:sld {ns}>{slide}</p:sld>",
    }
    related = {"ppt/slides/slide1.xml": "presentationml.slide"}
    return _office("ppt/presentation.xml", "presentationml.presentation.main", parts, related)


def _open_document(kind: str) -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in _ROWS
    )
    table = f'<table:table table:name="Hoja">{rows}</table:table>'
    paragraphs = f'<text:h text:outline-level="1">La huerta</text:h><text:p>{_TEXT}</text:p>'
    inner = {
        "text": paragraphs + table,
        "spreadsheet": table,
        "presentation": (
            '<draw:page draw:name="uno"><draw:frame><draw:text-box>'
            f"<text:p>{_TEXT}</text:p></draw:text-box></draw:frame></draw:page>"
        ),
    }[kind]
    body = f"<office:body><office:{kind}>{inner}</office:{kind}></office:body>"
    content = f"<office:document-content {_ODF}>{body}</office:document-content>"
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return zipped({"mimetype": mimetype.encode(), "content.xml": content.encode()})


def _epub() -> bytes:
    container = (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>"
    )
    package = (
        '<package version="3.0" xmlns="http://www.idpf.org/2007/opf"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Riego</dc:title></metadata>'
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    chapter = (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>I</h1><p>{_TEXT}</p></body></html>'
    )
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "c.opf": package.encode(),
            "a.xhtml": chapter.encode(),
        }
    )


def _pdf() -> bytes:
    stream = b"BT /F1 12 Tf 72 720 Td (El riego de la huerta) Tj 0 -14 Td (a las siete.) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    written, offsets = b"%PDF-1.4\n", []
    for n, each in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj%s endobj\n" % (n, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        written
        + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\n" % table
        + (b"startxref\n%d\n%%%%EOF\n" % len(written))
    )
