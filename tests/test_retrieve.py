from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import IndexMismatchError
from rag.index import Generation, Making, sync
from rag.retrieve import Retriever
from tests.hashing_embedder import HashingEmbedder


@pytest.fixture
def retriever(generation: Generation, hashing: HashingEmbedder) -> Retriever:
    return Retriever(generation, hashing)


@pytest.mark.parametrize(
    ("question", "text", "line"),
    [
        ("¿Quién vigila la huerta?", "Lo vigila Aurora Peña.", 4),
        ("¿Cuándo se recogen los tomates?", "Los tomates se recogen en agosto.", 8),
        ("¿Cuánto mide el faro?", "El faro del puerto mide 41 metros.", 1),
        ("presupuesto de 10000 euros", "El pleno aprobó un presupuesto", 1),
    ],
)
def test_the_best_evidence_is_the_sentence_and_its_line(
    retriever: Retriever, question: str, text: str, line: int
) -> None:
    best = retriever.retrieve(question, 3).evidence[0]
    assert best.text.startswith(text)
    assert best.line_start == line


def test_evidence_is_numbered_scored_and_sorted(retriever: Retriever) -> None:
    found = retriever.retrieve("¿Qué se cosecha en octubre?", 4)
    assert [item.marker for item in found.evidence] == [1, 2, 3, 4]
    scores = [item.score for item in found.evidence]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert 0 <= found.confidence <= 1
    fused = [passage.score for passage in found.passages]
    assert fused == sorted(fused, reverse=True)
    assert {passage.dense_rank for passage in found.passages} >= {1}


def test_confidence_tells_what_is_there_from_what_is_not(retriever: Retriever) -> None:
    there = retriever.retrieve("¿Quién construyó el faro del puerto?", 3)
    elsewhere = retriever.retrieve("¿Cuántos planetas orbitan alrededor del Sol?", 3)
    assert there.confidence > elsewhere.confidence


def test_the_same_words_twice_are_evidence_once(
    tmp_path: Path, making: Making, hashing: HashingEmbedder
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(
            "El molino viejo muele trigo.\n\nOtra frase que nada tiene que ver.\n"
        )
    sync(tmp_path / "i", [tmp_path / "a.txt", tmp_path / "b.txt"], making)
    retriever = Retriever(Generation.open_current(tmp_path / "i"), hashing)
    texts = [item.text for item in retriever.retrieve("¿Qué muele el molino?", 5).evidence]
    assert sorted(texts) == sorted(set(texts))


def test_a_question_without_a_word_of_ours(retriever: Retriever) -> None:
    assert retriever.retrieve("¿?¡! xyzzy", 3).confidence < 0.5


def test_an_empty_index_finds_nothing(
    tmp_path: Path, making: Making, hashing: HashingEmbedder
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Algo que luego se borra del todo.")
    folder = tmp_path / "d"
    folder.mkdir()
    sync(tmp_path / "i", [file, folder], making)
    sync(tmp_path / "i", [folder], making)
    found = Retriever(Generation.open_current(tmp_path / "i"), hashing).retrieve("¿Algo?", 3)
    assert (found.evidence, found.passages, found.confidence) == ((), (), 0.0)


def test_an_index_of_another_model_is_refused(
    generation: Generation, hashing: HashingEmbedder
) -> None:
    hashing.fingerprint = "otro"
    with pytest.raises(IndexMismatchError):
        Retriever(generation, hashing)
