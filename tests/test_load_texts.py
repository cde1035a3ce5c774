from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import load
from rag.load.compressed import SUFFIXES, unfold
from rag.load.text.latex import read_latex
from rag.load.text.rst import read_rst
from rag.load.text.subtitles import read_srt, read_vtt

FOLD: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def test_underlined_titles() -> None:
    text = """=====
Todo
=====

Uno
===

Párrafo::

   No es título
   ------------

| lista
-----

Dos con tilde: año
~~~~~~~~~~~~~~~~~~

Tres
====
"""
    extract = read_rst(text.encode())
    assert extract.text == text
    assert [(each.level, each.title) for each in extract.headings] == [
        (1, "Todo"),
        (2, "Uno"),
        (3, "| lista"),
        (4, "Dos con tilde: año"),
        (2, "Tres"),
    ]
    assert text.startswith("Uno\n===", extract.headings[1].start)


def test_sections_of_latex() -> None:
    text = r"""\documentclass{article}
\title{El \emph{año} pasado}
\section{Introducci\'on \'\i ntima}
% \section{comentada}
\begin{verbatim}
\section{no}
\end{verbatim}
\subsection*{M\'{a}s ni\~nos}
Cost\'o 5\,\%.
"""
    extract = read_latex(text.encode())
    assert extract.title == "El año pasado"
    assert [(each.level, each.title) for each in extract.headings] == [
        (1, "Introducción íntima"),
        (2, "Más niños"),
    ]
    assert "Costó 5" in extract.text
    assert extract.text.count("\n") == text.count("\n")


def test_subtitles_have_their_line_and_their_moment() -> None:
    data = b"""\xef\xbb\xbf1
00:00:01,000 --> 00:00:03,500
<i>La reuni\xc3\xb3n</i> empieza
{\\an8}a las diez.

2
00:00:04,000 --> 00:00:05,000
25

3
00:01:02,900 --> 00:01:04,000
Tras una pausa.
"""
    extract = read_srt(data)
    assert extract.text == "La reunión empieza\na las diez.\n25\n\nTras una pausa."
    assert extract.layout.numbers == (3, 4, 8, 11, 12)
    assert [mark.label for mark in extract.layout.marks] == ["00:00:01", "00:00:04", "00:01:02"]


def test_web_subtitles() -> None:
    text = """WEBVTT - título

NOTE esto no
se dice

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.000 align:start
<v Ana Ruiz>Hola &amp; adiós</v>

10:00:02.000 --> 10:00:03.000
- ¿Qué?
"""
    extract = read_vtt(text.encode())
    assert extract.text == "Ana Ruiz: Hola & adiós\n\n- ¿Qué?"
    assert extract.layout.numbers == (11, 13, 14)
    assert [mark.label for mark in extract.layout.marks] == ["00:00:01", "10:00:02"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.PY", "text/x-python"), ("b.yaml", "application/yaml"), ("c.log", "text/x-log")],
)
def test_each_line_of_a_program_stands_alone(tmp_path: Path, name: str, media_type: str) -> None:
    (tmp_path / name).write_bytes("año = 1\ncasa = 2\n".encode("latin-1"))
    document = load(tmp_path / name, name)
    assert document.text == "año = 1\ncasa = 2\n"
    assert document.media_type == media_type
    assert document.layout.line_ends == "final"
    assert document.notes == ("leído como cp1252 (no es UTF-8)",)


@given(st.binary(max_size=2000), st.sampled_from(sorted(FOLD)))
def test_what_was_folded_is_unfolded(data: bytes, suffix: str) -> None:
    assert unfold(FOLD[suffix](data), suffix) == data
    assert unfold(FOLD[suffix](data) + FOLD[suffix](b"y esto"), suffix) == data + b"y esto"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_what_is_too_large_cut_or_damaged_is_not_unfolded(suffix: str) -> None:
    folded = FOLD[suffix](bytes(3_000_000))
    assert len(unfold(folded, suffix, 3_000_000)) == 3_000_000
    with pytest.raises(LoadError, match="ocupa más de"):
        unfold(folded, suffix, 2 * 2**20)
    with pytest.raises(LoadError, match="incompleto"):
        unfold(FOLD[suffix](bytes(range(256)) * 40)[:-20], suffix)
    with pytest.raises(LoadError, match="dañado"):
        unfold(b"esto no es", suffix)
