from __future__ import annotations

import gc
import os
import re
import tempfile
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import IndexDamagedError, RagError
from rag.lexical import LexicalIndex, analyze, asks_yes_or_no, fingerprint, fold
from rag.lexical.fingerprint import words_of


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
        ("art. 15.2", "artículo 15.2"),
        ("n.º 4", "número 4"),
        ("3 de marzo de 2024", "3/3/2024"),
        ("3 de setiembre de 2024", "2024-09-03"),
        ("03.03.2024", "03-03-2024"),
        ("1.º de abril de 2019", "1 de abril de 2019"),
        ("1.200,50", "1200,50"),
        ("0.125", "0,125"),
        ("nº 15.2", "n.º 15.2"),
        ("d'Artagnan", "d’Artagnan"),
    ],
)
def test_alike(one: str, other: str) -> None:
    assert analyze(one) == analyze(other) != []


# What dates, numbers, addresses and compounds are made of.
_PARTS = "a Ñ ſ . - ’/·_ ana@casa.es HTTP://casa.es/x?y WWW.casa.es/x?y 1 ٣ 3.5 º de marzo".split()


@given(st.text() | st.lists(st.sampled_from([*_PARTS, " "])).map("".join))
def test_what_stands_beside_a_text_changes_none_of_its_terms(text: str) -> None:
    # A text with a digit or an address is read by another pattern than one without.
    for beside in ("7", "ana@casa.es"):
        assert analyze(f"{text} {beside}") == [*analyze(text), *analyze(beside)]


@pytest.mark.parametrize(
    ("text", "whole", "parts"),
    [
        ("H20", "h20", ["20"]),
        ("GPT-4", "gpt4", ["gpt", "4"]),
        ("COVID-19", "covid19", ["cov", "19"]),
        ("art. 15.2", "15,2", ["articul", "15", "2"]),
        ("apartado 4.3.1", "4,3,1", ["apart", "4", "3", "1"]),
        ("la Ley 3/2018", "3/2018", ["ley", "3", "2018"]),
        ("franco-india", "francoindi", ["franc", "indi"]),
        ("ex-presidente", "expresident", ["president"]),
        ("l'Hospitalet", "lhospitalet", ["hospitalet"]),
        ("EE.UU.", "eeuu", ["ee", "uu"]),
        ("3 de marzo de 2024", "2024-03-03", ["marz", "2024"]),
        ("https://www.boe.es/ley.php?id=3.", "boe.es/ley.php?id=3", ["boe", "ley", "3"]),
        ("a ana@boe.es.", "ana@boe.es", ["ana", "boe"]),
    ],
)
def test_what_is_made_of_parts_is_there_whole_and_in_parts(
    text: str, whole: str, parts: list[str]
) -> None:
    terms = analyze(text)
    assert whole in terms
    assert set(parts) <= set(terms)


def test_a_number_is_one_term() -> None:
    assert analyze("3,5 y 10.000") == ["3,5", "10000"]
    assert analyze("El 5.º y la 5.ª") == ["5", "5"]


@pytest.mark.parametrize("piece", ["a", "a-", "1.", "3 de ", "a@", "-", "a.b@c", "3 "])
def test_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    short, long = piece * 20_000, piece * 200_000
    started = time.perf_counter()
    analyze(short)
    middle = time.perf_counter()
    analyze(long)
    assert time.perf_counter() - middle < 60 * max(middle - started, 0.01)


@pytest.mark.parametrize(("one", "other"), [("año", "ano"), ("3,5", "35"), ("H20", "H200")])
def test_not_alike(one: str, other: str) -> None:
    assert analyze(one) != analyze(other)


def test_stop_words_go() -> None:
    assert analyze("¿Cuál es el de la que no?") == []


@given(st.text())
def test_any_text_has_terms_without_spaces(text: str) -> None:
    assert all(term and not any(c.isspace() for c in term) for term in analyze(text))


def indexed(folder: Path, *texts: str) -> LexicalIndex:
    """An index of texts, the n-th under the number n."""
    LexicalIndex.join(folder, LexicalIndex.write(folder, enumerate(texts)))
    return LexicalIndex.open(folder)


def test_search_ranks_by_shared_rare_words(tmp_path: Path) -> None:
    index = indexed(
        tmp_path,
        "El gato duerme en casa.",
        "El perro ladra en casa.",
        "En casa, en casa y en casa.",
    )
    hits = index.search(dict.fromkeys(analyze("¿Dónde ladra el perro en casa?"), 1.0), 10)
    assert hits[0].row == 1
    assert {hit.row for hit in hits} == {0, 1, 2}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert index.document_frequency(*analyze("casas")) == 3
    assert index.document_frequency("inexistente") == 0


def test_a_word_counts_as_much_as_is_said(tmp_path: Path) -> None:
    index = indexed(tmp_path, "gato pardo", "perro ladrador")
    assert index.search({"gat": 1.0, "perr": 0.2}, 2)[0].row == 0
    assert index.search({"gat": 0.2, "perr": 1.0}, 2)[0].row == 1


def test_nothing_shared_nothing_asked_nothing_indexed(tmp_path: Path) -> None:
    index = indexed(tmp_path)
    assert len(index) == 0
    assert index.search({"gato": 1.0}, 5) == []
    assert index.search({}, 5) == []


def test_parts_written_apart_score_as_if_written_together(tmp_path: Path) -> None:
    texts = ["un gato pardo y otro gato", "el perro y el gato", "un canario", "gato solo", "el pez"]
    folders = {name: tmp_path / name for name in ("all", "one", "two", "joined")}
    for folder in folders.values():
        folder.mkdir()
    together = indexed(folders["all"], *texts)
    rows = [(2**33 + n, text) for n, text in enumerate(texts)]  # more than 32 bits
    parts = [
        *LexicalIndex.write(folders["one"], rows[:2]),
        *LexicalIndex.write(folders["two"], rows[2:]),
    ]
    for name in ("one", "two"):
        for path in LexicalIndex.files(folders[name], parts):
            (folders["joined"] / path.name).hardlink_to(path)
    LexicalIndex.join(folders["joined"], parts)
    joined = LexicalIndex.open(folders["joined"])
    expected = together.search({"gat": 1.0, "perr": 1.0}, 10)
    found = joined.search({"gat": 1.0, "perr": 1.0}, 10)
    assert {hit.row - 2**33: hit.score for hit in found} == pytest.approx(dict(expected))
    assert joined.document_frequency("gat") == 3


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        LexicalIndex.write(tmp_path / "no" / "existe", [(0, "uno")])
    with pytest.raises(OSError, match=r"."):
        LexicalIndex.join(tmp_path / "no" / "existe", [])


def test_what_is_made_beside_an_index_that_cannot_be_written_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "index"
    made.mkdir()
    indexed(made, "el faro mide 41 metros")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    index = LexicalIndex.open(made)
    (links,) = temporary.iterdir()
    (links / "lock").touch()  # as tantivy's thread does, when it likes
    assert index.search({"far": 1.0}, 3)[0].row == 0
    del index
    gc.collect()
    assert not list(temporary.iterdir())
    (made / "meta.json").unlink()
    with pytest.raises(IndexDamagedError):
        LexicalIndex.open(made)
    assert not list(temporary.iterdir())


def test_an_index_is_not_damaged_because_nothing_can_be_written_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(tmp_path, "el faro mide 41 metros")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no"))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(RagError, match="TMPDIR") as caught:
        LexicalIndex.open(tmp_path)
    assert not isinstance(caught.value, IndexDamagedError)


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("otra cosa")
    with pytest.raises(IndexDamagedError, match="rag index"):
        LexicalIndex.open(tmp_path)


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("¿Se permiten animales en la vivienda?", True),
        ("En Basic, ¿devuelve algo una Sub a quien la llama?", True),
        ("si pago tarde, me ponen recargo?", True),
        ("¿Es obligatorio que el inquilino avise cuando se va?", True),
        ("Según la ley, ¿qué plazo hay?", False),
        ("¿Y para cuándo?", False),
        ("que plazo hay para recurrir?", False),
        ("oye, cómo recurro una multa?", False),
        ("El faro mide cuanto?", False),
        ("¿Cuya es la firma?", False),
        ("plazo de recurso", False),
        ("Dime si se permiten animales", False),
        ("¿Me puede echar el casero?", True),
        ("se le puede decir a tail que pinte en rojo?", True),
        ("¿me puedes decir la renta mensual?", False),
        ("¿Sabes quien paga la comunidad?", False),
        ("¿Podrías indicarme el plazo?", False),
    ],
)
def test_whether_a_question_asks_yes_or_no_is_told_by_its_form(question: str, is_one: bool) -> None:
    assert asks_yes_or_no(question) is is_one


@given(st.text())
def test_the_words_of_a_text_are_its_runs_of_letters_and_digits(text: str) -> None:
    words = re.findall(r"[^\W_]+", fold(text.casefold()))
    assert words_of(text) == " ".join(words)


@given(st.text("aAá .b", max_size=6), st.text("aAá .b", max_size=6))
def test_texts_share_a_fingerprint_where_they_share_their_words(one: str, other: str) -> None:
    assert 0 <= fingerprint(one) < 2**64
    assert (fingerprint(one) == fingerprint(other)) == (words_of(one) == words_of(other))
