"""Tokens: examples as the product writes them to the model, in batches."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rag.generate.reading import NOT_SAID
from rag.prompt import reading_prompt

_MAX_TOKENS: Final = 480  # of an example; a longer one is left out
_BATCH_TOKENS: Final = 2400


class Encoded(NamedTuple):
    """An example in tokens; the answer ends with a line end."""

    prompt: list[int]
    answer: list[int]
    is_said: bool

    @property
    def n_tokens(self) -> int:
        return len(self.prompt) + len(self.answer)


def encode(path: Path, tokenizer: Any) -> list[Encoded]:
    """Read examples, as the product writes them to the model."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        prompt = tokenizer(reading_prompt(record["question"], record["texts"])).input_ids
        said = record["answer"]
        written = f" {said or NOT_SAID}\n"
        answer = tokenizer(written, add_special_tokens=False).input_ids
        encoded = Encoded(prompt, answer, said is not None)
        if encoded.n_tokens <= _MAX_TOKENS:
            found.append(encoded)
    return found


def batches(examples: Sequence[Encoded], seed: int) -> list[list[Encoded]]:
    """Part examples into batches of about as many tokens, each of examples about as long."""
    chance = random.Random(seed)
    mixed = sorted(examples, key=lambda each: (each.n_tokens // 8, chance.random()))
    parted: list[list[Encoded]] = [[]]
    for example in mixed:
        if parted[-1] and (len(parted[-1]) + 1) * example.n_tokens > _BATCH_TOKENS:
            parted.append([])
        parted[-1].append(example)
    chance.shuffle(parted)
    return parted
