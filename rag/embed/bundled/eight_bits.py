"""The bundled model in 8 bits, for documents (how much faster: bench/README.md, table 8).

A product rounds all that it multiplies to 256 steps of one size, and a few columns hold numbers
many times as large as the rest, which the steps would be made for. So each column is divided by
a number of its own, and the weights that meet it are multiplied by the same («SmoothQuant»,
arXiv:2211.10438): the columns are evened out, and the product is what it was. What that costs in
exactness is in bench/README.md, table 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rag.embed.bundled.graph import EncoderGraph
from rag.embed.bundled.packed import PackedModel
from rag.embed.bundled.session import GraphSession
from rag.embed.bundled.token_table import TokenTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Products by the part of their name that says which: their columns' magnitude counts to this
# power against that of the weights. What attention gives has no columns that stand out.
_SHARE: Final = {"qkv": 0.65, "fi": 0.55, "fo": 0.65}

# Of weights: 63 steps each way and not 127, or two products of 8 bits overflow the 16 in which
# processors without VNNI add them.
_MAX_WEIGHT: Final = 63

# What the columns are measured on: tokens drawn at random among the most frequent, which is no
# text of anybody's.
_N_SAMPLES: Final = 64
_SAMPLE_TOKENS: Final = 128
_FREQUENT_TOKENS: Final = 60_000

Magnitudes = dict[str, "NDArray[np.float32]"]  # by product, of each column of what it multiplies


def build_document_graph(model: PackedModel, table: TokenTable) -> Any:
    """Return the graph, from tokens to their last states, both (1, n_tokens, hidden_size).

    Parameters
    ----------
    table
        The same model's.

    Raises
    ------
    ImportError
        If ``onnx`` or ONNX Runtime is not installed.
    """
    return _EightBitGraph(model, _measure(model, table)).build()


def _measure(model: PackedModel, table: TokenTable) -> Magnitudes:
    """Return how large each column is of what each product multiplies, over random tokens."""
    import numpy as np

    exact = _ExactGraph(model)
    session = GraphSession(exact.build().SerializeToString(), table, n_threads=0)
    generator = np.random.default_rng(0)
    sums: dict[str, NDArray[np.float32]] = {}
    for _ in range(_N_SAMPLES):
        ids = generator.integers(model.unk + 1, _FREQUENT_TOKENS, _SAMPLE_TOKENS)
        ids[0], ids[-1] = model.bos, model.eos
        for name, values in zip(exact.multiplied, session.run(ids), strict=True):
            # Of the fourth power: few large numbers decide.
            total = np.square(np.square(values[0])).sum(axis=0)
            sums[name] = sums.get(name, np.zeros_like(total)) + total
    n_tokens = _N_SAMPLES * _SAMPLE_TOKENS
    return {name: np.sqrt(np.sqrt(total / n_tokens)) for name, total in sums.items()}


class _WholeGraph(EncoderGraph):
    """One whose queries, keys and values are one product, and its weights not in blocks."""

    def heads(self, state: str, layer: str) -> list[str]:
        import numpy as np

        hidden = self.model.hidden_size
        weights = np.vstack([self.model.matrix(f"{layer}{each}.w", hidden) for each in "qkv"])
        bias = np.concatenate([self.model.vector(f"{layer}{each}.b") for each in "qkv"])
        found = self.product(state, f"{layer}qkv", weights.astype(np.float32), bias)
        return self.nodes("Split", [found], 3, domain="", axis=-1, num_outputs=3)

    def linear(self, inputs: str, name: str, n_columns: int) -> str:
        import numpy as np

        weights = self.model.matrix(f"{name}.w", n_columns).astype(np.float32)
        return self.product(inputs, name, weights, self.model.vector(f"{name}.b"))

    def product(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        raise NotImplementedError


class _ExactGraph(_WholeGraph):
    """In float32; it gives what its products multiply, in the order of their names."""

    def __init__(self, model: PackedModel) -> None:
        super().__init__(model)
        self.multiplied: dict[str, str] = {}

    def outputs(self, state: str) -> list[str]:
        return list(self.multiplied.values())

    def product(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        self.multiplied[name] = inputs
        found = self.node("MatMul", [inputs, self.weight(f"{name}.w", weights.T)], domain="")
        return self.node("Add", [found, self.weight(f"{name}.b", bias)], domain="")


class _EightBitGraph(_WholeGraph):
    def __init__(self, model: PackedModel, magnitudes: Magnitudes) -> None:
        super().__init__(model)
        self._magnitudes = magnitudes

    def outputs(self, state: str) -> list[str]:
        return [state]

    def product(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        import numpy as np

        share = _SHARE.get(name.split(".")[-1])
        if share is not None:
            factors = _factors(self._magnitudes[name], weights, share)
            weights = weights * factors
            divisor = self.weight(f"{name}.even", 1 / factors)
            inputs = self.node("Mul", [inputs, divisor], domain="")
        steps = np.abs(weights).max(axis=1) / _MAX_WEIGHT
        rounded = np.round(weights / steps[:, None]).astype(np.int8)
        return self.node(
            "DynamicQuantizeMatMul",
            [
                inputs,
                self.weight(f"{name}.w", rounded.T),
                self.weight(f"{name}.steps", steps),
                "",
                self.weight(f"{name}.b", bias),
            ],
        )


def _factors(
    magnitudes: NDArray[np.float32], weights: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    """Return what each column is divided by, shape (n_columns,); 1 is their geometric mean."""
    import numpy as np

    small = np.float32(1e-6)  # a column that is always nought may be divided by anything
    columns = np.maximum(magnitudes, small)
    rows = np.maximum(np.abs(weights).max(axis=0), small)
    factors = columns**share / rows ** (1 - share)
    evened: NDArray[np.float32] = factors / np.exp(np.log(factors).mean())
    return evened
