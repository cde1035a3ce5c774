"""The bundled model in 8 bits (how much faster, and what it costs: bench/README.md, table 8).

A product rounds all that it multiplies to 256 steps of one size, and a few columns hold numbers
many times as large as the rest, which the steps would be made for. So each column is divided by
a number of its own, and the weights that meet it are multiplied by the same («SmoothQuant»,
arXiv:2211.10438): the columns are evened out, and the product is what it was.

A question's rounding is in all that it finds, and it is short: it is rounded less. Its columns that
stand out are multiplied in float32 beside the rest («LLM.int8()», arXiv:2208.07339). The product
whose columns are least even has steps for every 32 of them, and its weights as they lie in the
packed file, in 4 bits, not rounded again; that takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rag.embed.bundled.graph import EncoderGraph
from rag.embed.bundled.packed import BLOCK, PackedModel
from rag.embed.bundled.session import GraphSession
from rag.embed.bundled.token_table import TokenTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Products by the part of their name that says which: their columns' magnitude counts to this
# power against that of the weights. What attention gives has no columns that stand out.
_SHARES: Final = {"qkv": 0.65, "fi": 0.55, "fo": 0.65}

# Of a question: how many columns are not rounded, and the shares of the others, more even then.
_N_EXACT: Final = 16
_QUESTION_SHARES: Final = {"qkv": 0.5, "fi": 0.4}
_IN_BLOCKS: Final = "fo"
_EIGHT_BITS: Final = 4  # MatMulNBits' accuracy level: of what it multiplies

# Of weights: 63 steps each way and not 127, or two products of 8 bits overflow the 16 in which
# processors without VNNI add them.
_MAX_WEIGHT: Final = 63

# What the columns are measured on: tokens drawn at random among the most frequent, which is no
# text of anybody's.
_N_SAMPLES: Final = 64
_SAMPLE_TOKENS: Final = 128
_FREQUENT_TOKENS: Final = 60_000

Magnitudes = dict[str, "NDArray[np.float32]"]  # by product, of each column of what it multiplies


def build_graphs(model: PackedModel, table: TokenTable) -> tuple[Any, Any]:
    """Return the graph of a question and that of a document.

    Both begin with tokens, shape (1, n_tokens, hidden_size). A question's gives its unit vector,
    shape (1, hidden_size); a document's its tokens' last states, of the shape of its tokens.

    Parameters
    ----------
    table
        The same model's.

    Raises
    ------
    ImportError
        If ``onnx`` or ONNX Runtime is not installed.
    """
    magnitudes = _measure(model, table)
    return _QuestionGraph(model, magnitudes).build(), _EightBitGraph(model, magnitudes).build()


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


class _ExactGraph(EncoderGraph):
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


class _EightBitGraph(EncoderGraph):
    """From a document's tokens to their last states."""

    def __init__(self, model: PackedModel, magnitudes: Magnitudes) -> None:
        super().__init__(model)
        self._magnitudes = magnitudes

    def outputs(self, state: str) -> list[str]:
        return [state]

    def product(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        share = _SHARES.get(_kind(name))
        if share is not None:
            factors = _factors(self._magnitudes[name], weights, share)
            inputs, weights = self.divide(inputs, name, factors), weights * factors
        return self.rounded(inputs, name, weights, bias)

    def divide(self, inputs: str, name: str, factors: NDArray[np.float32]) -> str:
        """Divide each column by a number of its own; by infinity, it is nought."""
        import numpy as np

        ratios = self.weight(f"{name}.even", np.reciprocal(factors))
        return self.node("Mul", [inputs, ratios], domain="")

    def rounded(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        """Multiply in 8 bits."""
        import numpy as np

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


class _QuestionGraph(_EightBitGraph):
    """From a question's tokens to its unit vector, more exactly."""

    def outputs(self, state: str) -> list[str]:
        import numpy as np

        axes = self.weight("axes", np.array([1], dtype=np.int64))
        mean = self.node("ReduceMean", [state, axes], domain="", keepdims=0)
        return [self.node("LpNormalization", [mean], domain="", axis=-1, p=2)]

    def linear(self, inputs: str, name: str, n_columns: int) -> str:
        if _kind(name) != _IN_BLOCKS:
            return super().linear(inputs, name, n_columns)
        nibbles, scales = self.model.blocks(f"{name}.w")
        # Two neighbours a byte, the first one low: the packed file pairs weights 16 apart.
        pairs = nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)
        n_blocks = n_columns // BLOCK
        n_rows = len(scales) // n_blocks
        weights = [
            self.weight(f"{name}.w", pairs.reshape(n_rows, n_blocks, BLOCK // 2)),
            self.weight(f"{name}.scales", scales.reshape(n_rows, n_blocks)),
        ]
        return self.node(
            "MatMulNBits",
            [inputs, *weights, "", "", self.vector(f"{name}.b")],
            K=n_columns,
            N=n_rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=_EIGHT_BITS,
        )

    def product(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        import numpy as np

        share = _QUESTION_SHARES.get(_kind(name))
        if share is None:
            return self.rounded(inputs, name, weights, bias)
        magnitudes = self._magnitudes[name]
        order = np.argsort(magnitudes * np.abs(weights).max(axis=0))
        others, exact = order[:-_N_EXACT], order[-_N_EXACT:]
        factors = np.full(len(order), np.inf, np.float32)
        factors[others] = _factors(magnitudes[others], weights[:, others], share)
        even = np.zeros_like(weights)
        even[:, others] = weights[:, others] * factors[others]
        rounded = self.rounded(self.divide(inputs, name, factors), name, even, bias)
        columns = self.weight(f"{name}.exact", exact)
        found = self.node("Gather", [inputs, columns], domain="", axis=2)
        beside = self.weight(f"{name}.beside", weights[:, exact].T)
        found = self.node("MatMul", [found, beside], domain="")
        return self.node("Add", [rounded, found], domain="")


def _kind(name: str) -> str:
    """Return which of a layer's products one is."""
    return name.split(".")[-1]


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
