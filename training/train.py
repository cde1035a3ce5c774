"""Train: teach the embedded model to read, on a processor, from where it was left.

python -m training.train [--epochs 2] [--max-steps 900] [--fresh]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from training.base import open_base
from training.examples import BUILD
from training.learner import Learner
from training.tokens import Encoded, batches, encode

_N_JUDGED: Final = 240  # examples of the articles kept out that are looked at on the way
_JUDGED_EVERY: Final = 150  # steps
_SEED: Final = 9


def learn(
    learner: Learner,
    todo: Sequence[Sequence[Encoded]],
    judged: Sequence[Encoded],
    folder: Path,
    every: int = _JUDGED_EVERY,
) -> None:
    """Learn from batches, in their order; those behind the last checkpoint are not repeated.

    Parameters
    ----------
    judged
        Examples to be looked at now and then, and not learnt from.
    folder
        Where the checkpoint, the log and the adapters are written.
    every
        Steps between two of each.

    Raises
    ------
    ValueError
        If the checkpoint is of other batches.
    """
    import torch

    checkpoint = folder / "checkpoint.pt"
    plan = hashlib.sha256(repr(todo).encode()).hexdigest()
    done = 0
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        if kept["plan"] != plan:
            raise ValueError("the checkpoint is of other examples or steps: begin with --fresh")
        learner.restore(kept)
        done = kept["done"]
    n_seen = sum(len(batch) for batch in todo[:done])
    started, n_tokens, losses = time.perf_counter(), 0, list[float]()
    for at, batch in enumerate(todo[done:], start=done):
        losses.append(learner.step(batch, at / len(todo)))
        n_seen += len(batch)
        n_tokens += sum(example.n_tokens for example in batch)
        if (at + 1) % every and at + 1 < len(todo):
            continue
        seconds = time.perf_counter() - started
        found = learner.judge(judged)
        line = {
            "step": at + 1,
            "examples": n_seen,
            "loss": round(sum(losses) / len(losses), 4),
            "kept_out_loss": round(found.loss, 4),
            "kept_out_identical": round(found.identical, 4),
            "kept_out_auroc": round(found.auroc, 4),
            "tokens_a_second": round(n_tokens / seconds),
        }
        with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), file=sys.stderr, flush=True)
        learner.write(folder / f"adapter-{at + 1:05d}.gguf")
        partial = checkpoint.with_suffix(".partial")
        torch.save(learner.state() | {"done": at + 1, "plan": plan}, partial)
        partial.replace(checkpoint)
        started, n_tokens, losses = time.perf_counter(), 0, []


def main() -> None:
    """Learn from the examples, and keep what was learnt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--max-steps", type=int, default=900)
    parser.add_argument("--fresh", action="store_true", help="forget what was learnt before")
    options = parser.parse_args()
    if options.fresh:
        for left in (*BUILD.glob("checkpoint.*"), *BUILD.glob("*.gguf"), BUILD / "log.jsonl"):
            left.unlink(missing_ok=True)
    base = open_base()
    train = encode(BUILD / "train.jsonl", base.tokenizer)
    kept_out = encode(BUILD / "kept_out.jsonl", base.tokenizer)
    judged = random.Random(_SEED).sample(kept_out, min(_N_JUDGED, len(kept_out)))
    order = [batch for epoch in range(options.epochs) for batch in batches(train, _SEED + epoch)]
    todo = order[: options.max_steps]
    print(f"{len(train)} examples, {len(todo)} steps", file=sys.stderr, flush=True)
    learn(Learner(base), todo, judged, BUILD)
    adapter = BUILD / f"adapter-{len(todo):05d}.gguf"
    print(adapter, hashlib.sha256(adapter.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
