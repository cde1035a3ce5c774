"""Which claims are held back: are unsupported ones, and are supported ones let through.

``bench/claims.jsonl`` has sentences over the evidence of ``seeds/``: planted ones that it does not
say (another number, name, negation or subject, two roles changed, a clause added) and supported
ones, as a model writes them. What is ``held_out`` was written last, and nothing was chosen by it.

    python -m bench.claims [--show] [--words-only]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.cite import Judge, Similarity
from rag.config import Settings
from rag.embed import open_embedder
from rag.load import load
from rag.schema import Chunk, Evidence, Passage
from rag.split import split

ROOT = Path(__file__).parent.parent


def read_claims() -> list[dict[str, Any]]:
    """Read the set."""
    lines = (ROOT / "bench" / "claims.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def evidence_of(record: dict[str, Any]) -> tuple[Evidence, ...]:
    """Find a record's evidence in its files, as a search would give it."""
    return tuple(
        _evidence(marker, item["path"], item["text"])
        for marker, item in enumerate(record["evidence"], start=1)
    )


def judged(
    records: Sequence[dict[str, Any]], similarity: Similarity | None
) -> Iterator[tuple[dict[str, Any], str, float]]:
    """Judge each claim; yield it, why it is not supported (or nothing), and the seconds taken."""
    for record in records:
        evidence = evidence_of(record)
        judge = Judge(evidence, similarity=similarity)
        began = time.perf_counter()
        verdict = judge.judge(record["claim"], [item.marker for item in evidence])
        yield record, verdict.reason, time.perf_counter() - began


def bundled_similarity() -> Similarity:
    """Return the cosine by the bundled embedding model."""
    settings = Settings()
    embedder = open_embedder(settings.embedding_model, settings.cache_dir, "auto")

    def similarity(one: str, other: str) -> float:
        return float(embedder.embed_question(one) @ embedder.embed_question(other))

    return similarity


def _evidence(marker: int, path: str, text: str) -> Evidence:
    document = load(ROOT / path, path)
    start = document.text.index(text)
    chunk = next(
        chunk for chunk in _chunks(path) if chunk.start <= start and start + len(text) <= chunk.end
    )
    passage = Passage(marker, lambda _: chunk, 1.0, 1.0, 1.0, 1.0, 1.0, 1, 1, 1)
    return Evidence(marker, document.place(start, start + len(text)), start, text, 0.5, passage)


def _chunks(path: str) -> tuple[Chunk, ...]:
    return tuple(split(load(ROOT / path, path), lambda text: len(text.split()), 300))


def main() -> None:
    """Print the table."""
    similarity = None if "--words-only" in sys.argv else bundled_similarity()
    results = list(judged(read_claims(), similarity))
    if "--show" in sys.argv:
        for record, reason, _ in results:
            if bool(reason) == record["supported"]:
                half = "held out" if record["held_out"] else "tuned"
                print(f"{record['id']} {half} {record['kind']}: {record['claim']}")
                for item in record["evidence"]:
                    print(f"      {' '.join(item['text'].split())}")
                print(f"      {reason or 'let through'}")
    print("| kind | supported | let through, tuned half | let through, held out |")
    print("|---|---|---|---|")
    for kind in dict.fromkeys(record["kind"] for record, *_ in results):
        cells = []
        for held_out in (False, True):
            these = [
                reason
                for record, reason, _ in results
                if record["kind"] == kind and record["held_out"] == held_out
            ]
            cells.append(f"{sum(not reason for reason in these)} of {len(these)}")
        supported = next(r["supported"] for r, *_ in results if r["kind"] == kind)
        print(f"| {kind} | {'yes' if supported else 'no'} | {' | '.join(cells)} |")
    seconds = sorted(taken for *_, taken in results)
    print(f"\np50 {seconds[len(seconds) // 2] * 1000:.1f} ms, max {seconds[-1] * 1000:.1f} ms")


if __name__ == "__main__":
    main()
