"""Which reader reads which suffix."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rag.load.epub import read_epub
from rag.load.extract import Reader
from rag.load.html import read_html
from rag.load.mail import read_mail, read_mailbox
from rag.load.manual.man import MAN_SUFFIX, read_man
from rag.load.office.old_workbook import read_binary_workbook, read_old_workbook
from rag.load.office.open_document import read_open_document
from rag.load.office.open_sheet import read_open_sheet
from rag.load.office.open_slides import read_open_slides
from rag.load.office.slides import read_slides
from rag.load.office.word_document import read_word_document
from rag.load.office.workbook import read_workbook
from rag.load.pdf import read_pdf
from rag.load.text.delimited import read_delimited
from rag.load.text.json_file import read_json, read_json_lines
from rag.load.text.latex import read_latex
from rag.load.text.markdown import read_markdown
from rag.load.text.notebook import read_notebook
from rag.load.text.plain import read_text
from rag.load.text.rst import read_rst
from rag.load.text.source import SOURCE_READERS
from rag.load.text.subtitles import read_srt, read_vtt

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        **dict.fromkeys((".txt", ".text", ".adoc", ".asciidoc", ".org"), read_text),
        **dict.fromkeys((".md", ".markdown"), read_markdown),
        **dict.fromkeys((".html", ".htm", ".xhtml"), read_html),
        ".pdf": read_pdf,
        ".epub": read_epub,
        **dict.fromkeys((".docx", ".docm"), read_word_document),
        ".odt": read_open_document,
        **dict.fromkeys((".pptx", ".pptm", ".ppsx"), read_slides),
        ".odp": read_open_slides,
        **dict.fromkeys((".xlsx", ".xlsm"), read_workbook),
        ".xlsb": read_binary_workbook,
        ".xls": read_old_workbook,
        ".ods": read_open_sheet,
        **dict.fromkeys((".csv", ".tsv"), read_delimited),
        ".rst": read_rst,
        **dict.fromkeys((".tex", ".latex"), read_latex),
        **dict.fromkeys((".json", ".geojson"), read_json),
        ".ipynb": read_notebook,
        **dict.fromkeys((".jsonl", ".ndjson"), read_json_lines),
        ".eml": read_mail,
        ".mbox": read_mailbox,
        ".srt": read_srt,
        ".vtt": read_vtt,
        **{f".{section}": read_man for section in range(1, 10)},
        **SOURCE_READERS,
    }
)


def reader_of(suffix: str) -> Reader | None:
    """Return the reader of a suffix in lower case, or None."""
    return READERS.get(suffix) or (read_man if MAN_SUFFIX.fullmatch(suffix) else None)
