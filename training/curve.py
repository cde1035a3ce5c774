"""Curve: how right each adapter is that a run has left, by the examples that it had seen.

A hundred examples of the articles kept out, with the sentence that holds the answer and no other.

    python -m training.curve
"""

from __future__ import annotations

import json
import random
from typing import Final

import numpy as np

from rag.config import load_settings
from rag.evaluate import exact_match, f1
from rag.generate.engine import assemble_weights, open_server
from rag.generate.reading import read_together
from rag.generate.spans import Words
from rag.prompt import reading_prompt
from training.examples import BUILD

_N_READ: Final = 100
_SEED: Final = 4


def main() -> None:
    """Print the curve as a table in Markdown."""
    records = map(json.loads, (BUILD / "kept_out.jsonl").read_text("utf-8").splitlines())
    by_question = {
        record["question"]: record
        for record in records
        if record["answer"] is not None and len(record["texts"]) == 1
    }
    chosen = random.Random(_SEED).sample(sorted(by_question), _N_READ)
    steps = [json.loads(line) for line in (BUILD / "log.jsonl").read_text("utf-8").splitlines()]
    weights = assemble_weights(load_settings().cache_dir)
    print("| examples seen | F1 | identical |\n|---|---|---|")
    for step in steps:
        server = open_server(weights, BUILD / f"adapter-{step['step']:05d}.gguf")
        right: list[tuple[float, bool]] = []
        for question in chosen:
            texts = by_question[question]["texts"]
            prompt = reading_prompt(question, texts)
            found = read_together(server, prompt, [Words(texts[0])])
            answers = [by_question[question]["answer"]]
            right.append((f1(found.text, answers), exact_match(found.text, answers)))
        overlap, same = np.mean(right, axis=0)
        print(f"| {step['examples']:,} | {overlap:.3f} | {same:.3f} |", flush=True)


if __name__ == "__main__":
    main()
