from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.embed import Embedder
from rag.errors import NoIndexError


def test_the_documents_answer_what_is_suggested(seeds_assistant: Assistant) -> None:
    seeds_assistant.search("¿Qué es el Plan ATOM?")  # what opens the index is not counted
    started = time.monotonic()
    questions = seeds_assistant.suggest(6)
    assert time.monotonic() - started < 8
    assert len(set(questions)) == len(questions) >= 4
    for question in questions:
        found = seeds_assistant.search(question)
        assert found.confidence >= 0.5
        assert not seeds_assistant.using(model="extractive").ask(question).abstained


def test_what_was_suggested_is_not_made_again(seeds_assistant: Assistant) -> None:
    first = seeds_assistant.suggest()
    started = time.monotonic()
    assert seeds_assistant.using(model="extractive").suggest() == first
    assert time.monotonic() - started < 0.1
    assert seeds_assistant.suggest(0) == seeds_assistant.suggest(-1) == ()


def test_another_index_has_other_questions(tmp_path: Path, bundled: Embedder) -> None:
    documents = tmp_path / "documentos"
    documents.mkdir()
    assistant = Assistant.open(index_dir=tmp_path / "index", model="extractive")
    assistant._engines._embedder = bundled
    with pytest.raises(NoIndexError):
        assistant.suggest()
    (documents / "a.txt").write_text("El faro del puerto mide 41 metros de altura.\n", "utf-8")
    assistant.index([documents])
    assert assistant.suggest() == ("¿Cuánto mide el faro del puerto?",)
    (documents / "a.txt").write_text("El molino del río abrió en 1887 con dos ruedas.\n", "utf-8")
    assistant.index([documents])
    assert assistant.suggest() == ("¿Cuándo abrió el molino del río?",)
