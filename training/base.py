"""Base: the weights of the embedded model, from GGUF to transformers.

The adapter is taught over the very numbers that the product runs on, four bits and all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rag.config import load_settings
from rag.generate.engine import assemble_weights


class Base(NamedTuple):
    """A causal language model of transformers, in bfloat16, and its tokenizer."""

    model: Any
    tokenizer: Any


def open_base(**otherwise: Any) -> Base:
    """Open the embedded model's weights, turned back into floating point.

    Parameters
    ----------
    otherwise
        What ``from_pretrained`` is to be told instead (bench/README.md, table 26).
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    path = assemble_weights(load_settings().cache_dir)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    # Left in blocks of four bits, the weights are unpacked for every product; and on a processor
    # the fused attention is the slower, backwards above all.
    options = {
        "quantization_config": GgufConfig(dequantize=True),
        "dtype": torch.bfloat16,
        "attn_implementation": "eager",
    }
    model = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, **(options | otherwise)
    )
    return Base(model, tokenizer)
