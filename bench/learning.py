"""Table 26: what makes teaching the embedded model slow, or quick, on a processor.

One batch of sixteen examples of 144 tokens, eight of them the answer, learnt from again and again,
each time with one thing otherwise than «make train» does it; the median of three. With the
vocabulary for every token, the optimiser's own step, which is small, is left out.

    python -m bench.learning
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from training.base import open_base
from training.learner import Learner
from training.tokens import Encoded

_N_EXAMPLES: Final = 16
_N_PROMPT: Final = 136
_N_ANSWER: Final = 8
_N_TURNS: Final = 3


def batch() -> list[Encoded]:
    """Make examples of tokens at random."""
    chance = random.Random(1)

    def tokens(n: int) -> list[int]:
        return [chance.randrange(5, 200_000) for _ in range(n)]

    return [Encoded(tokens(_N_PROMPT), tokens(_N_ANSWER), True) for _ in range(_N_EXAMPLES)]


def with_all_logits(learner: Learner, examples: list[Encoded]) -> None:
    """Learn as most programs do: the vocabulary is compared with every token."""
    import torch

    ids = torch.tensor([example.prompt + example.answer for example in examples])
    labels = ids.clone()
    labels[:, :_N_PROMPT] = -100
    loss = learner.wrapped(input_ids=ids, labels=labels).loss
    torch.autograd.backward(loss)
    for working in learner.working:
        working.grad = None


def ways() -> dict[str, tuple[dict[str, Any], Callable[[Learner, list[Encoded]], Any]]]:
    """Return each way to learn: what is otherwise when the base is opened, and a step."""
    import torch

    def step(learner: Learner, examples: list[Encoded]) -> float:
        return learner.step(examples, 0.5)

    return {
        "as «make train» does": ({}, step),
        "the vocabulary for every token": ({}, with_all_logits),
        "fused attention": ({"attn_implementation": "sdpa"}, step),
        "single precision": ({"dtype": torch.float32}, step),
        "weights left in four bits": ({"quantization_config": None}, step),
    }


def main() -> None:
    """Print the table in Markdown."""
    examples = batch()
    n_tokens = sum(example.n_tokens for example in examples)
    print("| how | tokens a second | of it |\n|---|---|---|")
    whole = 0.0
    for how, (otherwise, step) in ways().items():
        learner = Learner(open_base(**otherwise))
        step(learner, examples)
        seconds = []
        for _ in range(_N_TURNS):
            started = time.perf_counter()
            step(learner, examples)
            seconds.append(time.perf_counter() - started)
        speed = n_tokens / float(np.median(seconds))
        whole = whole or speed
        print(f"| {how} | {speed:.0f} | {speed / whole:.2f} |", flush=True)


if __name__ == "__main__":
    main()
