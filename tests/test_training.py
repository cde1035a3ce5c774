from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate import Question, Source
from rag.generate.reading import NOT_SAID
from rag.prompt import reading_prompt
from training.adapter import MODULES
from training.base import Base
from training.examples import right_answer, stands_whole
from training.learner import RANK, Learner
from training.tokens import Encoded, batches, encode
from training.train import learn

FACTS = [("El faro mide 41 metros", "41"), ("La torre mide 12 metros", "12"), ("No hay", None)]


def question(text: str, *answers: str) -> Question:
    return Question(text, answers, (Source("a.txt", 1),), answerable=True)


# --- examples ----------------------------------------------------------------------------------


def test_the_answer_that_most_people_gave_is_learnt() -> None:
    asked = question("¿Quién construyó el faro?", "Ramón Ferrer.", "Ferrer", "Ramón Ferrer")
    assert right_answer(asked) == "Ramón Ferrer"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("¿Cuántos metros mide el faro?", "el faro del puerto"),
        ("¿Qué mide el faro?", "la altura de la"),
        ("¿Qué mide el faro?", ", ."),
        ("What is the height of the lighthouse in the old harbour?", "41 metros"),
        ("¿Qué mide el faro?", "palabra " * 30),
    ],
)
def test_what_a_machine_translated_badly_is_not_learnt(text: str, answer: str) -> None:
    assert right_answer(question(text, answer)) is None


def test_an_answer_is_made_of_whole_words() -> None:
    assert stands_whole("faro", "El faro.")
    assert not stands_whole("faro", "Los faroles")


# --- tokens ------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 30)), max_size=60), st.integers())
def test_every_example_is_in_one_batch_and_none_is_too_large(
    sizes: list[tuple[int, int]], seed: int
) -> None:
    examples = [Encoded([1] * prompt, [2] * answer, True) for prompt, answer in sizes]
    parted = batches(examples, seed)
    assert sorted(map(id, examples)) == sorted(id(each) for batch in parted for each in batch)
    for batch in parted:
        # They are as long as each other, up to eight tokens.
        widest = max((each.n_tokens for each in batch), default=0)
        assert len(batch) * (widest // 8 * 8) <= 2400


@pytest.fixture(scope="module")
def tiny() -> Base:
    """Make a model of the same architecture, with random weights and a byte a token."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig, PreTrainedTokenizerFast

    pieces = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<pad>"]
    letters = Tokenizer(models.BPE({piece: at for at, piece in enumerate(pieces)}, []))
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=letters, pad_token="<pad>")
    torch.manual_seed(1)
    config = Gemma3TextConfig(
        vocab_size=len(pieces), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, sliding_window=64,
        layer_types=["sliding_attention", "full_attention"], attn_implementation="eager",
    )  # fmt: skip
    return Base(Gemma3ForCausalLM(config).to(torch.bfloat16), tokenizer)


@pytest.fixture
def examples(tmp_path: Path, tiny: Base) -> list[Encoded]:
    records = [{"question": "¿Qué?", "texts": [text], "answer": said} for text, said in FACTS]
    path = tmp_path / "examples.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return encode(path, tiny.tokenizer)


def test_an_example_is_what_the_product_writes(tiny: Base, examples: list[Encoded]) -> None:
    first, *_, last = examples
    assert tiny.tokenizer.decode(first.prompt) == reading_prompt("¿Qué?", [FACTS[0][0]])
    assert tiny.tokenizer.decode(first.answer) == " 41\n"
    assert tiny.tokenizer.decode(last.answer) == f" {NOT_SAID}\n"
    assert [each.is_said for each in examples] == [True, True, False]


# --- learning ----------------------------------------------------------------------------------


def fresh(tiny: Base) -> Learner:
    from copy import deepcopy

    return Learner(Base(deepcopy(tiny.model), tiny.tokenizer))


def test_what_is_learnt_is_written_the_same_whether_it_was_interrupted_or_not(
    tmp_path: Path, tiny: Base, examples: list[Encoded]
) -> None:
    todo = [examples] * 12
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    for folder in (whole, parted):
        folder.mkdir()
    learn(fresh(tiny), todo, examples, whole, every=4)
    interrupted = fresh(tiny)
    interrupted.step = stopping(interrupted.step, 9)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        learn(interrupted, todo, examples, parted, every=4)
    learn(fresh(tiny), todo, examples, parted, every=4)
    name = "adapter-00012.gguf"
    assert (parted / name).read_bytes() == (whole / name).read_bytes()
    with pytest.raises(ValueError, match="fresh"):
        learn(fresh(tiny), todo[1:], examples, whole, every=4)
    log = [json.loads(line) for line in (whole / "log.jsonl").read_text("utf-8").splitlines()]
    assert [line["step"] for line in log] == [4, 8, 12]
    assert log[-1]["kept_out_loss"] < log[0]["kept_out_loss"]


def stopping(step: Any, after: int) -> Any:
    """Make a step that is interrupted, as by a Ctrl-C, after some."""
    left = iter(range(after))

    def stopped(*given: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return step(*given)

    return stopped


def test_the_adapter_has_two_matrices_for_every_projection(tmp_path: Path, tiny: Base) -> None:
    import gguf

    target = tmp_path / "adapter.gguf"
    learner = fresh(tiny)
    learner.write(target)
    reader = gguf.GGUFReader(target)
    assert reader.fields["general.type"].contents() == "adapter"
    shapes = {tensor.name: tuple(map(int, tensor.shape)) for tensor in reader.tensors}
    assert len(shapes) == 2 * len(MODULES) * 2  # matrices, projections, layers
    # GGUF tells the fastest dimension first.
    assert shapes["blk.0.ffn_up.weight.lora_a"] == (32, RANK)
    assert shapes["blk.0.ffn_up.weight.lora_b"] == (RANK, 64)
