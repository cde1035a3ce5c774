from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings, load_settings
from rag.errors import SettingsError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_arguments_win_over_environment_over_file_over_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load_settings().max_evidence == 5
    Path("rag.toml").write_text('max_evidence = 6\nmodel = "extractive"\n')
    assert load_settings().max_evidence == 6
    monkeypatch.setenv("RAG_MAX_EVIDENCE", "7")
    assert load_settings().max_evidence == 7
    assert load_settings(max_evidence=8, model=None).max_evidence == 8
    assert load_settings().model == "extractive"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().max_evidence = 3


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("max_evidence = 0", "«max_evidence» debe ser 1 o más"),
        ('max_evidence = "muchas"', "«max_evidence» debe ser un número entero"),
        ("min_confidence = 2", "«min_confidence» debe ser 1 o menos"),
        ("timeout_seconds = 0", "«timeout_seconds» debe ser mayor que 0"),
        ("inventado = 1", "«inventado» no existe"),
        ('embedding_precision = "int4"', "debe ser 'auto', 'float32' o 'bfloat16'"),
        ("min_confidence = nan", "debe ser un número"),
        ('reranker = ""', "«reranker» está vacío"),
        ('reranker = " "', "«reranker» está vacío"),
        ('model = ""', "«model» está vacío"),
        ('keep_alive = "pronto"', "«keep_alive» debe ser una duración como 90s"),
        ("esto no es toml", r"no es TOML válido \(línea 1\)"),
    ],
)
def test_what_is_wrong_is_said_in_spanish(toml: str, says: str) -> None:
    Path("rag.toml").write_text(toml)
    with pytest.raises(SettingsError, match=says) as raised:
        load_settings()
    assert raised.value.exit_code == 2


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("rag.toml").write_text("max_evidence = 6\n")
    for name in ("RAG_RERANKER", "RAG_MAX_EVIDENCE", "RAG_MODEL"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert (settings.reranker, settings.max_evidence, settings.model) == (None, 6, "auto")


@pytest.mark.parametrize("given", ["-1", '"-1"', '" 5m "', '"1h30m"', '"1.5h"', "300"])
def test_a_duration_is_as_ollama_reads_it(given: str) -> None:
    Path("rag.toml").write_text(f"keep_alive = {given}\n")
    assert load_settings().keep_alive == given.strip('" ')


def test_every_default_passes_its_own_bounds() -> None:
    settings = load_settings()
    assert Settings(**settings.model_dump()) == settings


def test_a_list_in_the_environment_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_DEFAULT_PATHS", "docs")
    with pytest.raises(SettingsError, match="JSON"):
        load_settings()
    monkeypatch.setenv("RAG_DEFAULT_PATHS", '["docs"]')
    assert load_settings().default_paths == (Path("docs"),)


def test_the_tilde_is_the_persons_folder() -> None:
    Path("rag.toml").write_text('index_dir = "~/indice"\n')
    assert load_settings().index_dir == Path.home() / "indice"
