"""Adapter: low-rank matrices of peft to the GGUF file that llama.cpp lays over the base."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_NAMES: Final = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
MODULES: Final = tuple(name.partition(".")[2] for name in _NAMES)
_KEY: Final = re.compile(r"layers\.(\d+)\.([a-z_.]+)\.lora_([AB])(?:\.\w+)?\.weight$")


def write_gguf(matrices: Mapping[str, Any], alpha: float, target: Path) -> None:
    """Write an adapter in half precision.

    Parameters
    ----------
    matrices
        By peft's names: A of shape (rank, inputs), B of shape (outputs, rank).
    alpha
        What B A is multiplied by, times the rank.
    """
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(target, "gemma3")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for key, matrix in sorted(matrices.items()):
        found = _KEY.search(key)
        if found is None:
            raise ValueError(key)
        layer, module, which = found.groups()
        name = f"blk.{layer}.{_NAMES[module]}.weight.lora_{which.lower()}"
        writer.add_tensor(name, matrix.float().numpy().astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
