"""Table 7: how often the embedded model points right, by how sure it is."""

from __future__ import annotations

import random

import numpy as np

from bench.corpora import available, index, open_embedder
from rag.config import load_settings
from rag.evaluate import f1
from rag.generate import LlamaCppGenerator
from rag.generate.llama_cpp import point
from rag.prompt import build_prompt
from rag.retrieve import Retriever

_N_QUESTIONS = 300  # of each set, drawn once
_LIMITS = (-0.5, -0.75, -1.0, -1.5, -2.5, -float("inf"))


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    generator = LlamaCppGenerator(load_settings().cache_dir)
    header = " | ".join(f"≥ {limit:g}" for limit in _LIMITS)
    print(f"| set | shown, and right of those, at {header} |\n|---|{'---|' * len(_LIMITS)}")
    for corpus in available("xquad-es-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(1).sample(questions, min(_N_QUESTIONS, len(questions)))
        retriever = Retriever(index(corpus, embedder), embedder)
        sure, right = [], []
        for question in questions:
            evidence = retriever.retrieve(question.text, 1).evidence
            prompt = build_prompt(
                generator.prompt_style,
                question.text,
                evidence,
                generator.max_prompt_tokens,
                generator.count_tokens,
            )
            pointed = point(generator.server, prompt.messages[-1].content, evidence[0].shown)
            sure.append(pointed.log_probability)
            right.append(f1(pointed.text, question.answers) > 0.5)
        known, good = np.array(sure), np.array(right)
        cells = " | ".join(
            f"{(known >= limit).mean():.2f}, {good[known >= limit].mean():.2f}" for limit in _LIMITS
        )
        print(f"| {corpus.name} ({len(questions)}) | {cells} |", flush=True)


if __name__ == "__main__":
    main()
