from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexical import LexicalIndex, analyze


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CANCIÓN", "canción"),
        ("árboles", "arbol"),
        ("10.000", "10000"),
        ("1.250.000", "1250000"),
        ("3.5", "3,5"),
        (unicodedata.normalize("NFD", "energía"), "energía"),
        ("¿Quién canta?", "canta"),
    ],
)
def test_alike(one: str, other: str) -> None:
    assert analyze(one) == analyze(other) != []


@pytest.mark.parametrize(("one", "other"), [("año", "ano"), ("3,5", "35"), ("H20", "H200")])
def test_not_alike(one: str, other: str) -> None:
    assert analyze(one) != analyze(other)


def test_stop_words_go() -> None:
    assert analyze("¿Cuál es el de la que no?") == []


@given(st.text())
def test_any_text_has_terms_without_spaces(text: str) -> None:
    assert all(term and not any(c.isspace() for c in term) for term in analyze(text))


def test_search_ranks_by_shared_rare_words(tmp_path: Path) -> None:
    texts = ["El gato duerme en casa.", "El perro ladra en casa.", "En casa, en casa y en casa."]
    LexicalIndex.build(tmp_path, texts)
    index = LexicalIndex.open(tmp_path)
    hits = index.search(analyze("¿Dónde ladra el perro en casa?"), 10)
    assert hits[0].row == 1
    assert {hit.row for hit in hits} == {0, 1, 2}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert index.document_frequency(*analyze("casas")) == 3
    assert index.document_frequency("inexistente") == 0


def test_nothing_shared_nothing_asked_nothing_indexed(tmp_path: Path) -> None:
    LexicalIndex.build(tmp_path, [])
    index = LexicalIndex.open(tmp_path)
    assert len(index) == 0
    assert index.search(["gato"], 5) == []
    assert index.search([], 5) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        LexicalIndex.build(tmp_path / "no" / "existe", ["uno"])
