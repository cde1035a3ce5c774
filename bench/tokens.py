"""Table 15: how far the tokens that are counted for Ollama are from those of real tokenizers."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.config import load_settings
from rag.generate import OllamaGenerator
from rag.generate.engine import assemble_weights, open_server

_ROOT = Path(__file__).parent.parent
_MAX_CHARS = 4000  # of each kind of text: the embedded model's window is 4096 tokens
_QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

Count = Callable[[str], int]


def texts() -> Iterator[tuple[str, str]]:
    """Yield kinds of text, and one of each."""
    draw = random.Random(1)
    seeds = [path.read_text("utf-8") for path in sorted((_ROOT / "seeds").rglob("*.md"))]
    prompts = [path.read_text("utf-8") for path in sorted((_ROOT / "prompts").glob("chat*.md"))]
    yield "Spanish prose", "".join(seeds)
    yield "the prompt's own rules", "".join(prompts)
    yield "Spanish in capitals", "".join(seeds).upper()
    yield "Python", (_ROOT / "rag" / "index" / "sync.py").read_text("utf-8")
    yield "numbers", " ".join(str(draw.randrange(10**9)) for _ in range(400))
    yield (
        "a table of figures",
        "\n".join(
            f"| {draw.randrange(9999)},{draw.randrange(10, 99)} | 20{draw.randrange(10, 30)}-11-"
            f"{draw.randrange(10, 30)} | sí |"
            for _ in range(200)
        ),
    )
    yield "hexadecimal", " ".join(f"{draw.getrandbits(128):032x}" for _ in range(120))
    yield (
        "invented names",
        " ".join(
            "".join(draw.choice("bcdfglmnprstvz") + draw.choice("aeiou") for _ in range(3))
            for _ in range(600)
        ),
    )


def tokenizers() -> Iterator[tuple[str, Count]]:
    """Yield the tokenizers that are installed: that of the embedded model always is."""
    server = open_server(assemble_weights(load_settings().cache_dir), None)

    def gemma(text: str) -> int:
        answers: list[dict[str, Any]] = []

        def keep(answer: dict[str, Any]) -> bool:
            answers.append(answer)
            return False

        server.handle_completions({"prompt": text, "max_tokens": 1}, keep)
        return int(answers[0]["usage"]["prompt_tokens"])

    yield "Gemma 3", gemma
    if find_spec("tiktoken") is None:
        return
    encoding = import_module("tiktoken").Encoding
    if folder := _folder_of("dashscope"):
        lines = (folder / "resources" / "qwen.tiktoken").read_bytes().splitlines()
        ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
        qwen = encoding("qwen", pat_str=_QWEN_PATTERN, mergeable_ranks=ranks, special_tokens={})
        yield "Qwen", lambda text: len(qwen.encode_ordinary(text))
    if folder := _folder_of("mistral_common"):
        tekken = json.loads((folder / "data" / "tekken_240911.json").read_bytes())
        config = tekken["config"]
        n_plain = config["default_vocab_size"] - config["default_num_special_tokens"]
        ranks = {
            base64.b64decode(entry["token_bytes"]): entry["rank"]
            for entry in tekken["vocab"][:n_plain]
        }
        mistral = encoding(
            "tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={}
        )
        yield "Mistral", lambda text: len(mistral.encode_ordinary(text))


def _folder_of(package: str) -> Path | None:
    """Return where an installed package is; importing it would wake all of it."""
    found = find_spec(package)
    return Path(next(iter(found.submodule_search_locations or []))) if found else None


def main() -> None:
    """Print the table in Markdown."""
    real = dict(tokenizers())
    counted = OllamaGenerator.__new__(OllamaGenerator).count_tokens  # it needs no server
    heads = " | ".join(f"counted / {name}" for name in real)
    print(f"| text | {heads} | bytes by three / the most | words / the fewest |")
    print(f"|---|{'---|' * (len(real) + 2)}")
    for kind, text in texts():
        shown = text[:_MAX_CHARS]
        n_real = [count(shown) for count in real.values()]
        ratios = [counted(shown) / n_tokens for n_tokens in n_real]
        ratios += [len(shown.encode()) / 3 / max(n_real), len(shown.split()) / min(n_real)]
        print(f"| {kind} | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |", flush=True)


if __name__ == "__main__":
    main()
