"""Who answers: other settings over the same engines, the models there are, who would speak."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.assistant.voices import Voices
from rag.config import change_settings, load_settings
from rag.errors import ModelError, ModelMissingError, SettingsError
from rag.generate import LlamaCppGenerator
from tests.ollama_server import OllamaServer

PLAN = "¿Quién publicó la definición de inteligencia artificial de código abierto?"


@pytest.fixture
def silence() -> Iterator[str]:
    """An address where calls are taken and nobody says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_another_model_speaks_over_the_same_engines(
    seeds_index: Path, ollama: OllamaServer
) -> None:
    ollama.scripts["aplicado:1b"] = ["La Open Source Initiative [1]."]
    ours = Assistant.open(index_dir=seeds_index, model="extractive", ollama_host=ollama.url)
    first = ours.ask(PLAN)
    started = time.perf_counter()
    second = ours.using(model="ollama:aplicado:1b").ask(PLAN)
    assert time.perf_counter() - started < 3  # nothing was opened again
    assert [first.model, second.model] == ["extractive", "ollama:aplicado:1b"]
    assert ours.ask(PLAN).model == "extractive"


def test_settings_hold_for_the_questions_of_that_assistant(seeds_assistant: Assistant) -> None:
    few = seeds_assistant.using(max_evidence=2)
    assert len(few.search(PLAN).evidence) == 2
    assert len(seeds_assistant.search(PLAN).evidence) > 2
    strict = seeds_assistant.using(min_confidence=1.0)
    assert not strict.search(PLAN).explanation.is_enough
    assert strict.ask(PLAN).abstained
    assert few.using(min_confidence=0.5).settings.max_evidence == 2


@pytest.mark.parametrize(
    "changes",
    [{"max_evidence": 0}, {"max_evidence": "muchas"}, {"min_confidence": float("nan")},
     {"min_confidence": 7}, {"unsupported": "shout"}, {"model": " "}, {"model": "x" * 5000}],
)  # fmt: skip
def test_settings_are_checked(seeds_assistant: Assistant, changes: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as caught:
        seeds_assistant.using(**changes)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 300


def test_a_change_reads_neither_file_nor_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(index_dir=tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("rag.toml").write_text("max_evidence = [", encoding="utf-8")
    monkeypatch.setenv("RAG_MODEL", "extractive")
    changed = change_settings(settings, max_evidence=3)
    assert (changed.max_evidence, changed.model) == (3, "auto")
    assert dict(changed) == dict(settings) | {"max_evidence": 3}


def test_the_embedded_model_is_one_by_whatever_name_it_comes(tmp_path: Path) -> None:
    settings = load_settings(index_dir=tmp_path)
    voices, others = Voices(settings), Voices(settings)
    names = ["auto", "embedded", "llama.cpp", LlamaCppGenerator.name] * 3
    with ThreadPoolExecutor(len(names)) as pool:
        opened = [*pool.map(voices.open, names), others.open("auto")]
    assert {each.generator.name for each in opened} == {LlamaCppGenerator.name}
    assert len({id(each.generator) for each in opened}) == 1


def test_names_that_mean_nothing_leave_no_trace(tmp_path: Path, ollama: OllamaServer) -> None:
    voices = Voices(load_settings(index_dir=tmp_path, ollama_host=ollama.url))
    for number in range(4):
        with pytest.raises(ModelMissingError, match="ollama pull"):
            voices.open(f"ollama:inventado:{number}b")
    assert not voices._voices
    ollama.scripts |= {f"igual:{number}b": ["Nada."] for number in range(18)}
    for number in range(18):
        voices.open(f"igual:{number}b")
    assert len(voices._voices) < 18
    assert voices.open("igual:17b").generator is voices.open("igual:17b").generator
    for number in range(18):
        del ollama.scripts[f"igual:{number}b"]


def test_the_models_there_are(seeds_index: Path, ollama: OllamaServer) -> None:
    ollama.scripts |= {"llama3.2:3b": ["Sí."], "nomic-embed-text:latest": [], "solo-vectores": []}
    ollama.scripts["gpt-oss:120b-cloud"] = []
    ollama.shown["solo-vectores"] = {"capabilities": ["embedding"]}
    assistant = Assistant.open(
        index_dir=seeds_index, ollama_host=ollama.url, ollama_model="llama3.2:3b"
    )
    choices = {choice.name: choice for choice in assistant.models()}
    assert choices["auto"].label == "Automático: llama3.2:3b por Ollama"
    assert choices["embedded"].label == "Incluido (gemma-3-270m)"
    assert choices["extractive"].label == "Sin modelo: citas literales"
    assert choices["ollama:llama3.2:3b"].label == "Ollama: llama3.2:3b"
    assert not choices["ollama:gpt-oss:120b-cloud"].is_available
    assert "saldrían" in choices["ollama:gpt-oss:120b-cloud"].why_not
    assert "ollama:gemma-3-270m" in choices
    assert not {"ollama:nomic-embed-text", "ollama:solo-vectores"} & set(choices)
    for name in ("llama3.2:3b", "nomic-embed-text:latest", "solo-vectores", "gpt-oss:120b-cloud"):
        del ollama.scripts[name]
    assert assistant.models()[0].label == "Automático: incluido (gemma-3-270m)"


def test_without_ollama_the_models_of_this_machine_remain(tmp_path: Path, silence: str) -> None:
    for host in ("http://127.0.0.1:9", silence, "http://["):
        started = time.monotonic()
        choices = Assistant.open(index_dir=tmp_path, ollama_host=host).models()
        assert time.monotonic() - started < 2.5
        assert [choice.name for choice in choices] == ["auto", "embedded", "extractive"]
        assert choices[0].label == "Automático: incluido (gemma-3-270m)"


def test_who_would_speak(seeds_index: Path, ollama: OllamaServer) -> None:
    ollama.scripts["qwen3:4b"] = ["La Open Source Initiative [1]."]
    assistant = Assistant.open(index_dir=seeds_index, ollama_host=ollama.url)
    before = assistant.speaker()
    assert (before.name, before.label) == ("ollama:qwen3:4b", "Ollama: qwen3:4b")
    assert not before.is_ready
    assistant.warm_up()
    assert assistant.speaker().is_ready
    literal = assistant.using(model="extractive")
    assert literal.speaker().label == "Sin modelo: citas literales"
    assert assistant.using(model="ollama:nadie:9b").speaker().label == "Ollama: nadie:9b"
    assert not assistant.using(model="ollama:nadie:9b").speaker().is_ready
    del ollama.scripts["qwen3:4b"]


def test_the_reader_is_told_that_ollama_is_off(tmp_path: Path) -> None:
    assistant = Assistant.open(index_dir=tmp_path, ollama_host="http://127.0.0.1:9")
    for _ in range(2):  # before and after it has been opened
        speaker = assistant.speaker()
        assert speaker.label == "Incluido (gemma-3-270m)"
        assert "Ollama no responde" in speaker.notices[0]
        assistant.warm_up()
    assert assistant.speaker().is_ready
    assert assistant.using(model="embedded").speaker().notices == ()


def test_ollama_that_stops_is_noticed_before_a_question(tmp_path: Path, cache_dir: Path) -> None:
    with OllamaServer(cache_dir) as server:
        server.scripts["qwen3:4b"] = ["Sí."]
        voices = Voices(load_settings(index_dir=tmp_path, ollama_host=server.url))
        voices.open("auto")
        voices.open("qwen3:4b")
        assert voices.speaker("auto").is_ready
    voices._glanced = None  # a moment later
    speaker = voices.speaker("auto")
    assert (speaker.name, speaker.is_ready) == (LlamaCppGenerator.name, False)
    assert "Ollama no responde" in speaker.notices[0]
    named = voices.speaker("qwen3:4b")
    assert (named.label, named.is_ready) == ("Ollama: qwen3:4b", False)


def test_a_model_that_cannot_write_is_not_announced_again(
    seeds_index: Path, ollama: OllamaServer
) -> None:
    ollama.failures["pesado:70b"] = (500, "model requires more system memory")
    assistant = Assistant.open(
        index_dir=seeds_index, ollama_host=ollama.url, ollama_model="pesado:70b"
    )
    assistant.ask(PLAN)
    assert assistant.speaker().name == LlamaCppGenerator.name
    assert "memory" in assistant.speaker().notices[0]
    del ollama.failures["pesado:70b"]


def test_nobody_waits_for_a_model_that_is_being_opened(tmp_path: Path, silence: str) -> None:
    assistant = Assistant.open(index_dir=tmp_path, model="ollama:lento", ollama_host=silence)

    def open_it() -> None:
        with suppress(ModelError):
            assistant._voice()

    threading.Thread(target=open_it, daemon=True).start()
    time.sleep(0.1)
    for model in ("ollama:lento", "auto", "extractive"):
        started = time.monotonic()
        assistant.using(model=model).speaker()
        assert time.monotonic() - started < 1.5
    assert assistant.using(model="extractive")._voice().generator.name == "extractive"
