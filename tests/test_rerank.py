"""A tiny cross-encoder with random weights: what it says is noise, that it is asked is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.cli.output import say_explanation
from rag.errors import ModelError, ModelMissingError
from rag.index import Generation
from rag.rerank import CrossEncoderReranker
from rag.retrieve import Retriever
from tests.hashing_embedder import HashingEmbedder


def make_cross_encoder(folder: Path, n_labels: int, *, with_head: bool = True) -> Path:
    """Write a BERT of one layer, whose vocabulary is letters; without a head it only embeds."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        BertModel,
        BertTokenizerFast,
    )

    torch.manual_seed(7)
    letters = [*"abcdefghijklmnopqrstuvwxyzáéíóúüñ0123456789¿?.,"]
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    folder.mkdir()
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join([*marks, *letters, *("##" + a for a in letters)]), "utf-8")
    BertTokenizerFast(str(vocabulary), strip_accents=False).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(marks) + 2 * len(letters),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=n_labels,
        initializer_range=1.0,
    )
    model = BertForSequenceClassification if with_head else BertModel
    model(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("modelos") / "reordenador", 1)


def test_it_scores_each_text_against_the_question(cross_encoder: Path) -> None:
    reranker = CrossEncoderReranker(str(cross_encoder))
    texts = ["el faro mide 41 metros", "la huerta", "el pleno aprobó el presupuesto"]
    scores = reranker.score("¿Cuánto mide el faro?", texts)
    assert scores.shape == (3,)
    assert len(set(scores.tolist())) == 3
    alone = [reranker.score("¿Cuánto mide el faro?", [text])[0] for text in texts]
    assert np.allclose(scores, alone, atol=1e-5)
    assert not np.allclose(scores, reranker.score("¿Quién riega?", texts), atol=1e-5)


def test_its_order_is_the_order_of_the_passages_and_is_explained(
    generation: Generation, hashing: HashingEmbedder, cross_encoder: Path
) -> None:
    reranker = CrossEncoderReranker(str(cross_encoder))
    question = "¿Cuánto mide el faro del puerto?"
    plain = Retriever(generation, hashing).retrieve(question, 3)
    reranked = Retriever(generation, hashing, reranker=reranker).retrieve(question, 3)
    assert all(passage.rerank_rank is None for passage in plain.passages)
    scores = [passage.rerank_score for passage in reranked.passages]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    assert [passage.rerank_rank for passage in reranked.passages] == [1, 2, 3, 4]
    assert {p.row: p.fused_rank for p in reranked.passages} == {
        p.row: p.fused_rank for p in plain.passages
    }
    assert {p.row: p.fused_score for p in reranked.passages} == {
        p.row: p.fused_score for p in plain.passages
    }
    assert [p.row for p in reranked.passages] != [p.row for p in plain.passages]


def test_it_is_off_unless_a_setting_names_it(seeds_index: Path, cross_encoder: Path) -> None:
    question = "¿Qué puerto usa Ollama?"
    plain = Assistant.open(index_dir=seeds_index).search(question)
    assert all(passage.rerank_score is None for passage in plain.passages)
    named = Assistant.open(index_dir=seeds_index, reranker=str(cross_encoder)).search(question)
    first, rest = named.passages[:20], named.passages[20:]
    assert all(passage.rerank_score is not None for passage in first)
    assert all(passage.rerank_score is None for passage in rest)
    last = first[-1]
    assert all(passage.score < last.score for passage in rest)


def test_a_model_that_is_not_here_is_never_fetched() -> None:
    with pytest.raises(ModelMissingError, match="hf download nadie/reordenador"):
        CrossEncoderReranker("nadie/reordenador")


def test_a_folder_that_is_no_reranker(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="reordenador"):
        CrossEncoderReranker(str(tmp_path))
    several = make_cross_encoder(tmp_path / "tres", 3)
    with pytest.raises(ModelError, match="3 números"):
        CrossEncoderReranker(str(several))


def test_an_embedding_model_is_no_reranker(tmp_path: Path) -> None:
    embedding = make_cross_encoder(tmp_path / "vectores", 1, with_head=False)
    with pytest.raises(ModelError, match="no es un reordenador") as raised:
        CrossEncoderReranker(str(embedding))
    assert "RAG_RERANKER" in str(raised.value)


def test_a_person_sees_what_it_did(
    generation: Generation,
    hashing: HashingEmbedder,
    cross_encoder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reranker = CrossEncoderReranker(str(cross_encoder))
    question = "¿Cuánto mide el faro del puerto?"
    for chosen, is_shown in ((None, False), (reranker, True)):
        found = Retriever(generation, hashing, reranker=chosen).retrieve(question, 2)
        say_explanation(found.explanation)
        assert ("reordenador" in capsys.readouterr().out) is is_shown
