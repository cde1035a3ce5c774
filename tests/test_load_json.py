from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import load
from rag.load.extract import Extract
from rag.load.registry import as_document
from rag.load.text.json_file import leaves, pointer, read_json, read_json_lines
from rag.load.text.notebook import read_notebook
from rag.split import sentence_spans, split
from tests.json_values import json_values

VALUES = json_values(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
)  # fmt: skip


def rows(extract: Extract) -> list[tuple[int, str, str]]:
    """Return the number, the label and the text of each line that is not blank."""
    found, start = [], 0
    for number, line in zip(extract.layout.numbers, extract.text.split("\n"), strict=True):
        marks = [mark.label for mark in extract.layout.marks if mark.start <= start]
        if line:
            found.append((number, marks[-1] if marks else "", line))
        start += len(line) + 1
    return found


def walked(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walked(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from walked(inner, (*path, str(at)))
    else:
        yield path, value


def test_each_value_has_its_line_and_its_pointer() -> None:
    data = b"""{
  "nombre": "Ana Ru\\u00edz",
  "tel/fono": ["600 100", "600 200"],
  "jefa": {"nombre": "Eva", "edad": 51, "nada": null},
  "nota": "una\\ndos", "activa": true
}
"""
    extract = read_json(data)
    assert rows(extract) == [
        (2, "/nombre", "nombre: Ana Ruíz"),
        (3, "/tel~1fono", "tel/fono: 600 100; tel/fono: 600 200"),
        (4, "/jefa", "nombre: Eva; edad: 51"),
        (5, "/nota", "nota: una"),
        (5, "/nota", "dos"),
        (5, "/activa", "activa: true"),
    ]
    assert extract.layout.line_ends == "wraps"


@given(VALUES, st.sampled_from([None, 1]))
def test_the_values_are_those_of_json(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=indent is None)
    found = {leaf.path: leaf for leaf in leaves(text)}
    expected = dict(walked(json.loads(text)))
    assert list(found) == list(expected)
    for path, inner in expected.items():
        leaf = found[path]
        if isinstance(inner, str):
            assert leaf.text == inner
            assert text[leaf.at] == '"'
        elif inner is not None:
            assert json.loads(leaf.text) == inner
            assert text.startswith(leaf.text, leaf.at)


@given(VALUES)
def test_no_line_is_out_of_the_file(value: Any) -> None:
    data = json.dumps(value, indent=2, ensure_ascii=False).encode()
    numbers = read_json(data).layout.numbers
    assert all(1 <= number <= data.count(b"\n") + 1 for number in numbers)
    assert list(numbers) == sorted(numbers)


def test_what_is_said_of_one_thing_is_one_sentence() -> None:
    data = """[
  {
    "nombre": "Camión",
    "matrícula": "4471 KXD"
  },
  {"nombre": "Barredora"}
]
""".encode()
    document = as_document("a.json", data, read_json(data))
    (chunk,) = split(document, len, 1000)
    assert [
        (sentence.text, str(chunk.place(sentence.start, sentence.end)))
        for sentence in chunk.sentences
    ] == [
        ("nombre: Camión;\nmatrícula: 4471 KXD", "a.json:3-4 (/0)"),
        ("nombre: Barredora", "a.json:6 (/1/nombre)"),
    ]


def test_a_test_set_is_no_document() -> None:
    asked = {"question": "¿Quién?", "answers": ["Ana"], "sources": []}
    with pytest.raises(LoadError, match="rag eval"):
        read_json_lines(json.dumps(asked).encode())
    del asked["sources"]
    assert "Ana" in read_json_lines(json.dumps(asked).encode()).text


def test_depth_does_not_matter() -> None:
    deep = read_json(b"[" * 100_000 + b'"hondo"' + b"]" * 100_000)
    assert deep.text.strip() == "hondo"
    assert "no es JSON válido" in read_json(b'{"a":[' * 100_000).notes[0]


def test_what_is_broken_is_read_as_text() -> None:
    extract = read_json('{"a": 1,\n "año": }'.encode())
    assert extract.text == '{"a": 1,\n "año": }'
    assert extract.notes == ("no es JSON válido (línea 2); se lee como texto",)


def test_a_record_a_line() -> None:
    extract = read_json_lines(b'{"a": 1, "b": "dos"}\n\n{mal}\n["x", {"c": "y"}]\n')
    assert extract.text == "a: 1; b: dos\n\n{mal}\nx; c: y\n"
    assert extract.layout.numbers == (1, 2, 3, 4, 5)
    assert extract.notes == ("la línea 3 no es JSON válido y se lee como texto",)


def test_a_pointer_escapes_its_signs() -> None:
    assert pointer(("a/b", "m~n", "0")) == "/a~1b/m~0n/0"


def test_a_notebook_is_read_cell_by_cell(tmp_path: Path) -> None:
    notebook = {
        "cells": [
            {
                "cell_type": "markdown",
                "source": ["# Edades\n", "\n", "La media es de 34 años,\n", "y la moda de 30."],
            },
            {
                "cell_type": "code",
                "outputs": [
                    {"text": ["34.2\n"], "name": "stdout"},
                    {"data": {"image/png": "iVBORw0KGgo", "text/plain": "Eje"}},
                ],
                "source": "# media\nprint(m)",
            },
        ],
        "metadata": {"kernelspec": {"name": "python3"}},
        "nbformat": 4,
    }
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook, indent=1, ensure_ascii=False))
    read = load(tmp_path / "a.ipynb", "a.ipynb")
    found = [
        (str(read.place(*span)), read.text[slice(*span)])
        for span in sentence_spans(read.text, line_ends=read.layout.line_ends)
    ]
    assert found == [
        ("a.ipynb:6 (celda 1)", "Edades"),
        ("a.ipynb:8-9 (celda 1)", "La media es de 34 años,\ny la moda de 30."),
        ("a.ipynb:28 (celda 2)", "media"),
        ("a.ipynb:28 (celda 2)", "print(m)"),
        ("a.ipynb:17 (celda 2)", "34.2"),
        ("a.ipynb:24 (celda 2)", "Eje"),
    ]
    assert [(each.level, each.title) for each in read.headings] == [(1, "Edades")]


@pytest.mark.parametrize("data", [b'{"a": 1}', b'{"cells": [', b'{"cells": [{}, 3, {"a": 1}]}'])
def test_what_is_no_notebook_is_json(data: bytes) -> None:
    assert read_notebook(data) == read_json(data)
