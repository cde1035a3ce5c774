from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load.extract import Extract
from rag.load.manual.escapes import unescaped
from rag.load.manual.man import read_man

PAGE = r"""
.\" un comentario
.TH GUARDA 1 "2023" "Prueba" "Órdenes"
.SH NOMBRE
guarda \- guarda una copia del año
.SH "SINOPSIS"
.B guarda
.RI [ opción "] " archivo
.SH DESCRIPCIÓN
La orden \fBguarda\fP hace una copia y la deja en
la carpeta que se le diga.
.PP
Otro párrafo, con \(aqcomillas\(aq y \[u00F1].
.TP
\fB\-a\fP, \fB\-\-todo\fP
lo guarda todo
.IP \(bu 2
Un punto.
.if t \{\
.ft CW
No se ve en la terminal.
\}
.ie n Se ve.
.el No se ve.
.de XX
no se ve
..
.SS Tabla
.TS
tab(@);
lb lb
l l.
Clave@Valor
uno@1
dos@T{
dos líneas
de texto
T}
.TE
""".lstrip("\n")


def words(extract: Extract) -> list[tuple[int, str]]:
    """Return the line and the text of each line that is not blank."""
    lines = zip(extract.layout.numbers, extract.text.split("\n"), strict=True)
    return [(number, line) for number, line in lines if line.strip()]


def test_a_page_reads_as_it_is_shown() -> None:
    extract = read_man(PAGE.encode())
    assert extract.title == "guarda(1) - guarda una copia del año"
    assert [(heading.level, heading.title) for heading in extract.headings] == [
        (1, "NOMBRE"),
        (1, "SINOPSIS"),
        (1, "DESCRIPCIÓN"),
        (2, "Tabla"),
    ]
    assert words(extract) == [
        (3, "NOMBRE"),
        (4, "guarda - guarda una copia del año"),
        (5, "SINOPSIS"),
        (6, "guarda"),
        (7, "[opción] archivo"),
        (8, "DESCRIPCIÓN"),
        (9, "La orden guarda hace una copia y la deja en"),
        (10, "la carpeta que se le diga."),
        (12, "Otro párrafo, con 'comillas' y ñ."),
        (14, "-a, --todo"),
        (15, "lo guarda todo"),
        (17, "• Un punto."),
        (22, "Se ve."),
        (27, "Tabla"),
        (32, "Clave | Valor"),
        (33, "Clave: uno; Valor: 1"),
        (35, "Clave: dos; Valor: dos líneas de texto"),
    ]
    assert extract.layout.line_ends == "wraps"


def test_words_marked_by_what_they_mean() -> None:
    page = r"""
.Dd Enero 1, 2023
.Dt COPIA 8
.Sh NOMBRE
.Nm copia
.Nd copia archivos
.Sh DESCRIPCIÓN
.Nm
.Op Fl a Ar nombre
usa
.Xr ssh 1 ,
véase
.Dq Pa /etc/copia .
.Bl -tag
.It Fl v
Dice más.
.El
""".lstrip("\n")
    extract = read_man(page.encode())
    assert extract.title == "copia(8) - copia archivos"
    assert [line for _, line in words(extract)][4:] == [
        "copia",
        "[-a nombre]",
        "usa",
        "ssh(1),",
        "véase",
        "“/etc/copia”.",
        "-v",
        "Dice más.",
    ]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (r"\fBa\fP\f[I]b\fR\f(CWc\fP", "abc"),
        (r"\-\-x \e \\ a\ b\~c\&d\|e", r"--x \ \ a b cde"),
        (r"\('a\[~n]\(:u \[u00E1] \[u0065_0301]", "áñü á é"),
        (r"\*(lqhola\*(rq \(Fosí\(Fc \*(Aq", "“hola” «sí» '"),
        (r"informaci\'on \o'a\'' \*'e", "información á é"),
        (r"\s-1AB\s0 \s+2c\s[+3]d \h'4'x\v'2'y\c", "AB cd  xy"),
        (r"\(<= \(>= \(!= \(== \(-> \(+- \(*a", "≤ ≥ ≠ ≡ → ± α"),
        (r"texto \" comentario", "texto "),
        ("\\", ""),
    ],
)
def test_escapes(written: str, printed: str) -> None:
    assert unescaped(written) == printed


def test_a_log_with_the_suffix_of_a_page_is_text() -> None:
    extract = read_man("10:00 empezó\n10:01 terminó\n".encode())
    assert extract.text == "10:00 empezó\n10:01 terminó\n"
    assert extract.media_type == "text/plain"


@pytest.mark.parametrize(
    "line",
    [
        ".if n " * 20_000,
        "\\[" * 20_000,
        ".el \\{\n" * 20_000,
        ".TS\nT{\n" * 5_000,
        ".ds a \\*a\\*a\n" * 5_000,
    ],
    ids=["conditions", "escapes", "braces", "tables", "strings"],
)
def test_hostile_pages_take_no_time(line: str) -> None:
    data = f".TH a 1\n{line}\n.SH B\n".encode()
    numbers = read_man(data).layout.numbers
    assert all(1 <= number <= data.count(b"\n") + 1 for number in numbers)


LINES = st.sampled_from([*PAGE.split("\n"), ".Op Fl a", ".It Fl", ".Nm", ".TS", ".el \\{", "\\}"])


@given(st.lists(LINES | st.text(max_size=10), max_size=30))
def test_each_line_is_of_the_file(lines: list[str]) -> None:
    text = ".TH a 1\n" + "\n".join(lines).replace("\0", "").replace("\r", "")
    numbers = read_man(text.encode("utf-8", "replace")).layout.numbers
    assert list(numbers) == sorted(numbers)
    assert all(1 <= number <= text.count("\n") + 1 for number in numbers)
