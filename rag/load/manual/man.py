"""Manual pages: the macros of man(7) and mdoc(7) to the text they print, each line on its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rag.load.extract import Extract, Transcript
from rag.load.manual.escapes import STRINGS, unescaped
from rag.load.manual.mdoc import Mdoc
from rag.load.manual.tables import table_rows
from rag.load.text.encoding import decode

# Of a section, or of a part of one.
MAN_SUFFIX: Final = re.compile(
    r"\.[1-9](?:p|pm|perl|ssl|x|posix|type|const|head|t|tcl|tk|g|m|gcc|py|rb|java)?"
)

_IS_PAGE: Final = re.compile(
    r"^[.'][ \t]*(?:\\\"|TH|SH|Dd|Dt|Sh|so|PP|TP|de|ds)(?:[ \t]|$)", re.MULTILINE
)
_REQUEST: Final = re.compile(r"[.'][ \t]*([^\s\\\"]*)[ \t]*(.*)")
_COMMENT: Final = re.compile(r"(?<!\\)\\[\"#].*")
_ARGUMENT: Final = re.compile(r'"((?:[^"]|"")*)(?:"|$)|((?:\\.|[^\s\\])+|\\$)')
_MAX_CONDITIONS: Final = 20
_MAX_STRING_CHARS: Final = 500  # a string may be made of others: it must not double with each line

_BOUNDARIES: Final = frozenset("PP LP P HP RS RE Sp sp bp br in ti nf fi EX EE Vb Ve ad TQ".split())
_FONTS: Final = frozenset("B I SM SB R CW".split())
_ALTERNATING: Final = frozenset("BR RB BI IB IR RI".split())
_DEFINITIONS: Final = frozenset("de de1 am am1 ig dei ami".split())
_CONDITIONS: Final = frozenset("if ie el".split())


def read_man(data: bytes) -> Extract:
    """Read a manual page; a file without its macros, as plain text."""
    text, notes = decode(data)
    if not _IS_PAGE.search(text):
        return Extract(text, "text/plain", notes=notes)
    page = _Page(text.split("\n"))
    page.read()
    return page.transcript.extract("text/troff", page.title, notes)


@dataclass(slots=True)
class _Page:
    """A page as it is read, line by line, from the first to the last."""

    lines: list[str]
    transcript: Transcript = field(default_factory=lambda: Transcript("line", "wraps"))
    strings: dict[str, str] = field(default_factory=lambda: dict(STRINGS))
    macros: set[str] = field(default_factory=set)
    mdoc: Mdoc = field(default_factory=Mdoc)
    at: int = 0  # of the line after this one
    was_true: bool = True  # the last condition, for the «el» after it
    depth: int = 0  # of the braces that are open and read
    n_conditions: int = 0  # of those one after another on this line
    level: int | None = None  # of the title that the next line is
    prefix: str = ""  # the mark of the list item that the next line begins
    name: str = ""
    summary: list[str] = field(default_factory=list)  # lines of the first section
    n_sections: int = 0

    @property
    def title(self) -> str:
        """The name of the page and what its first section says of it."""
        what = re.split(r"\s[-–—]+\s", " ".join(self.summary), maxsplit=1)
        return f"{self.name} - {what[1]}" if self.name and len(what) > 1 else self.name

    def read(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            self.n_conditions = 0
            self._line(line, self.at)

    def _line(self, line: str, number: int) -> None:
        """Read one line, or what follows a condition on it."""
        if self.depth and line.rstrip().endswith("\\}"):
            line = line.rstrip().removesuffix("\\}")
            self.depth -= 1
        if line[:1] in (".", "'"):
            match = _REQUEST.match(line)
            if match is not None and match[1]:
                self._request(match[1], match[2], number)
        elif not line.strip():
            self.transcript.write("", number)
        else:
            self._write(unescaped(line, self.strings), number)

    def _request(self, name: str, rest: str, number: int) -> None:
        if name in _DEFINITIONS:
            self.macros.update(rest.split()[:1])
            end = [*rest.split(), "", ""][1] or "."
            self._skip_to(lambda line: line.rstrip() in ("." + end, "'" + end))
        elif name in _CONDITIONS:
            self._condition(name, rest, number)
        elif name == "ds":
            key, _, value = rest.partition(" ")
            value = unescaped(value.lstrip().removeprefix('"'), self.strings)
            self.strings[key] = value[:_MAX_STRING_CHARS]
        elif name == "TS":
            self._table(number)
        elif name in ("EQ", "PS"):
            end = {"EQ": ".EN", "PS": ".PE"}[name]
            self._skip_to(lambda line: line.startswith(end))
        else:
            self._macro(name, self._arguments(rest), number)

    def _macro(  # noqa: C901 - a case each kind of macro
        self, name: str, arguments: list[str], number: int
    ) -> None:
        """Print what a macro prints."""
        said = " ".join(arguments)
        if name in ("SH", "SS", "Sh", "Ss"):
            self.n_sections += name in ("SH", "Sh")
            self.level = 1 if name in ("SH", "Sh") else 2
            if said:
                self._write(said, number)
        elif name in ("TH", "Dt"):
            section = f"({arguments[1]})" if len(arguments) > 1 else ""
            self.name = f"{arguments[0].lower()}{section}" if arguments else ""
        elif name in ("TP", "IP"):
            self._boundary(number)
            if name == "IP" and arguments:
                self._item(arguments[0], number)
        elif name in _BOUNDARIES:
            self._boundary(number)
        elif name in _FONTS:
            self._write(said, number)
        elif name in _ALTERNATING:
            self._write("".join(arguments), number)
        elif name in ("OP", "SY", "UR", "MT", "URL", "so"):
            self._write(f"[{said}]" if name == "OP" else said, number)
        elif self.mdoc.knows(name):
            is_boundary, line = self.mdoc.printed(name, arguments)
            if is_boundary:
                self._boundary(number)
            self._write(line, number)
        elif name in self.macros:
            self._write(said, number)

    def _item(self, mark: str, number: int) -> None:
        """Begin a list item: «•» goes before its first line, words on a line of their own."""
        if any(sign.isalnum() for sign in mark) and len(mark) > 3:
            self._write(mark, number)
        else:
            self.prefix = f"{mark} " if mark.strip() else ""

    def _boundary(self, number: int) -> None:
        self.transcript.write("", number)
        self.prefix = ""

    def _write(self, line: str, number: int) -> None:
        if not line.strip():
            return
        if self.n_sections == 1 and self.level is None and len(self.summary) < 4:
            self.summary.append(line.strip())
        self.transcript.write(self.prefix + line, number, self.level)
        if self.level is not None:
            self.transcript.write("", number)
        self.prefix, self.level = "", None

    def _table(self, number: int) -> None:
        """Print a table, a row a block."""
        start = self.at
        self._skip_to(lambda line: re.match(r"[.'][ \t]*TE\b", line) is not None)
        self._boundary(number)
        for at, row in table_rows(self.lines[start : self.at - 1]):
            self._write(unescaped(row, self.strings), start + at + 1)
            self._boundary(start + at + 1)

    def _condition(self, name: str, rest: str, number: int) -> None:
        """Read what is conditional, as a terminal would show it, or pass over it."""
        if name == "el":
            is_true = not self.was_true
        else:
            is_true, rest = _judged(rest)
            self.was_true = is_true or name == "if"
        rest = rest.strip()
        self.n_conditions += 1
        if self.n_conditions > _MAX_CONDITIONS:  # no page has so many, and each calls the next
            return
        if not rest.startswith("\\{"):
            if is_true and rest:
                self._line(rest, number)
            return
        rest = rest[2:].removeprefix("\\").strip()
        if is_true:
            self.depth += 1
            if rest:
                self._line(rest, number)
            return
        depth = 1 + rest.count("\\{") - rest.count("\\}")
        while depth > 0 and self.at < len(self.lines):
            line = self.lines[self.at]
            depth += line.count("\\{") - line.count("\\}")
            self.at += 1

    def _skip_to(self, is_end: Callable[[str], bool]) -> None:
        """Pass over the lines up to one, and over that."""
        while self.at < len(self.lines):
            self.at += 1
            if is_end(self.lines[self.at - 1]):
                return

    def _arguments(self, rest: str) -> list[str]:
        found = _ARGUMENT.findall(_COMMENT.sub("", rest))
        return [
            unescaped(quoted.replace('""', '"') if quoted else plain, self.strings)
            for quoted, plain in found
        ]


def _judged(rest: str) -> tuple[bool, str]:
    """Judge a condition as a terminal's formatter does; return what follows it too."""
    rest = rest.lstrip()
    is_negated = rest.startswith("!")
    rest = rest.removeprefix("!")
    if compared := re.match(r"'([^']*)'([^']*)'", rest):
        is_true = compared[1] == compared[2]
        rest = rest[compared.end() :]
    elif called := re.match(r"([a-zA-Z])(?:\s+|(?=\\\{)|$)", rest):
        is_true = called[1] == "n"
        rest = rest[called.end() :]
    else:
        condition = re.match(r"(?:\\[^{]|[^\s\\])*", rest)
        is_true = rest.startswith(r"\n(.g")
        rest = rest[condition.end() :] if condition else rest
    return is_true != is_negated, rest
