"""Which reader reads which suffix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from rag.load.extract import Extract
from rag.load.json_file import read_json, read_json_lines
from rag.load.latex import read_latex
from rag.load.mail import read_mail, read_mailbox
from rag.load.man import MAN_SUFFIXES, read_man
from rag.load.markdown import read_markdown
from rag.load.rst import read_rst
from rag.load.source import SOURCE_READERS
from rag.load.subtitles import read_srt, read_vtt
from rag.load.text import read_text

Reader = Callable[[bytes], Extract]

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        **dict.fromkeys((".txt", ".text", ".adoc", ".asciidoc", ".org"), read_text),
        **dict.fromkeys((".md", ".markdown"), read_markdown),
        ".rst": read_rst,
        **dict.fromkeys((".tex", ".latex"), read_latex),
        **dict.fromkeys((".json", ".geojson", ".ipynb"), read_json),
        **dict.fromkeys((".jsonl", ".ndjson"), read_json_lines),
        ".eml": read_mail,
        ".mbox": read_mailbox,
        ".srt": read_srt,
        ".vtt": read_vtt,
        **dict.fromkeys(MAN_SUFFIXES, read_man),
        **SOURCE_READERS,
    }
)
