from __future__ import annotations

from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.doctor import Check, examine
from tests.ollama_server import REAL_MODEL, OllamaServer


def test_all_that_is_needed_is_here(seeds_assistant: Assistant) -> None:
    checks = {check.name: check for check in examine(seeds_assistant)}
    assert all(check.ok is not False for check in checks.values())
    assert checks["Índice"].ok
    assert "documentos" in checks["Índice"].says
    assert checks["Ollama"].ok is None
    assert "ollama" in checks["Ollama"].says


def test_a_damaged_index_is_a_fault_and_a_missing_one_is_not(tmp_path: Path) -> None:
    assistant = Assistant.open(index_dir=tmp_path)
    checks = {check.name: check for check in examine(assistant)}
    assert checks["Índice"].ok is None
    (tmp_path / "CURRENT").write_text("nada")
    checks = {check.name: check for check in examine(assistant)}
    assert checks["Índice"].ok is False
    assert "--rebuild" in checks["Índice"].says


def test_a_model_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assistant = Assistant.open(
        index_dir=tmp_path, embedding_model="/no/existe", model="ollama:qwen3:8b"
    )
    checks = {check.name: check for check in examine(assistant)}
    assert checks["Modelo de búsqueda"].ok is False
    assert checks["Ollama"].ok is False


def test_ollama_is_described(tmp_path: Path, ollama: OllamaServer) -> None:
    def look(**settings: object) -> Check:
        assistant = Assistant.open(index_dir=tmp_path, ollama_host=ollama.url, **settings)
        return {check.name: check for check in examine(assistant)}["Ollama"]

    assert look(ollama_model="gemma-3-270m", context_tokens=5000) == Check(
        "Ollama", True, f"ollama:{REAL_MODEL} está listo, con una ventana de 5000 tokens"
    )
    lacking = look(ollama_model="qwen3:4b")
    assert lacking.ok is None
    assert "ollama pull qwen3:4b, o usa uno que sí tienes: --model ollama:gemma" in lacking.says
    assert look(model="qwen3:4b").ok is False


def test_ollama_that_is_off_is_told_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says() -> str:
        checks = {check.name: check for check in examine(Assistant.open(index_dir=tmp_path))}
        return checks["Ollama"].says

    monkeypatch.setenv("PATH", str(tmp_path))
    assert "No está instalado" in says()
    program = tmp_path / "ollama"
    program.touch()
    program.chmod(0o755)
    assert "ollama serve" in says()


def test_templates_of_the_persons_own_are_looked_at(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()

    def look() -> Check:
        assistant = Assistant.open(index_dir=tmp_path, prompts_dir=prompts)
        return {check.name: check for check in examine(assistant)}["Plantillas"]

    assert look().ok
    (prompts / "chat_system.md").write_text("Reglas.")
    assert look().ok is False
    assert "no usa $no_answer" in look().says


def test_a_reranker_is_looked_at_where_one_is_named(tmp_path: Path) -> None:
    for name, ok, says in ((None, None, "RAG_RERANKER"), ("nadie/nada", False, "hf download")):
        assistant = Assistant.open(index_dir=tmp_path, reranker=name)
        checks = {check.name: check for check in examine(assistant)}
        assert checks["Reordenador"].ok is ok
        assert says in checks["Reordenador"].says


def test_the_index_is_read_whole_and_tidied(tmp_path: Path, folder: Path) -> None:
    assistant = Assistant.open(index_dir=tmp_path / "i", model="extractive")
    assistant.index([folder])

    def says() -> tuple[bool | None, str]:
        check = {check.name: check for check in examine(assistant)}["Índice"]
        return check.ok, check.says

    assert says() == (True, "está íntegro (documentos: 3; fragmentos: 4)")
    (tmp_path / "i" / "generations" / ".building-x").mkdir()
    assert "se ha borrado" in says()[1]
    (tmp_path / "i" / "journal").write_bytes(b"huella 384\n" + bytes(100))
    assert "a medias" in says()[1]
    chunks = next((tmp_path / "i").rglob("chunks.jsonl"))
    chunks.write_bytes(chunks.read_bytes()[:-1])
    assert says()[0] is False
    assert "chunks.jsonl. Repáralo con: rag index" in says()[1]
