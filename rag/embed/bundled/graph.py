"""The bundled model as a graph of ONNX Runtime's own operators, from tokens to a question's vector.

The weights stay in 4 bits, a tenth of what they take in float32, so that it opens in some 30 ms.
What its products multiply is rounded to 8 bits: the vector keeps a cosine above 0.999 with that of
float32, which a test holds. The table of words stays outside: a question needs a few of its
250,000 rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rag.embed.bundled.packed import BLOCK, PackedModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Versions of the format and of its operators: ONNX Runtime has read them since 1.17.
_IR_VERSION: Final = 9
_OPSET: Final = 18
_RUNTIME: Final = "com.microsoft"  # the operators that are ONNX Runtime's own
_EIGHT_BITS: Final = 4  # MatMulNBits' accuracy level: of the activations


class EncoderGraph:
    """A BERT encoder, whose products are for its heirs to write.

    Its input ``tokens`` has shape (n_texts, n_tokens, hidden_size), the sums of word, position and
    type embeddings of texts of one length.

    Raises
    ------
    ImportError
        If ``onnx`` is not installed.
    """

    def __init__(self, model: PackedModel) -> None:
        self.model = model
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def build(self) -> Any:
        """Return the graph, in ONNX's format."""
        from onnx import TensorProto, helper

        hidden = self.model.hidden_size
        tokens = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["b", "n", hidden])
        found = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in self.outputs(self._last_state())
        ]
        return helper.make_model(
            helper.make_graph(self._nodes, "encoder", [tokens], found, self._weights),
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
            ir_version=_IR_VERSION,
        )

    def outputs(self, state: str) -> list[str]:
        """Return the names of what the graph gives, from that of its tokens' last state."""
        raise NotImplementedError

    def linear(self, inputs: str, name: str, n_columns: int) -> str:
        """Multiply by a matrix of (n_rows, n_columns) and add its bias."""
        raise NotImplementedError

    def heads(self, state: str, layer: str) -> list[str]:
        """Return queries, keys and values."""
        return [self.linear(state, layer + each, self.model.hidden_size) for each in "qkv"]

    def node(self, kind: str, inputs: list[str], domain: str = _RUNTIME, **attributes: Any) -> str:
        """Add an operation and return the name of its result."""
        return self.nodes(kind, inputs, 1, domain, **attributes)[0]

    def nodes(
        self,
        kind: str,
        inputs: list[str],
        n_results: int,
        domain: str = _RUNTIME,
        **attributes: Any,
    ) -> list[str]:
        """Add an operation and return the names of its results."""
        from onnx import helper

        names = [f"{kind}.{len(self._nodes)}.{at}" for at in range(n_results)]
        self._nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names

    def weight(self, name: str, values: NDArray[Any]) -> str:
        """Add numbers that stay and return their name."""
        import numpy as np
        from onnx import numpy_helper

        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def vector(self, name: str) -> str:
        """Add a tensor of the model that is not quantised and return its name."""
        return self.weight(name, self.model.vector(name))

    def _last_state(self) -> str:
        model = self.model
        state = self._normalize("tokens", "emb.ln")
        for layer in (f"l{number}." for number in range(model.n_layers)):
            heads = self.heads(state, layer)
            found = self.node("MultiHeadAttention", heads, num_heads=model.n_heads)
            found = self.linear(found, f"{layer}ao", model.hidden_size)
            state = self._add_and_normalize(found, state, f"{layer}aln")
            found = self.node("Gelu", [self.linear(state, f"{layer}fi", model.hidden_size)])
            found = self.linear(found, f"{layer}fo", model.intermediate_size)
            state = self._add_and_normalize(found, state, f"{layer}oln")
        return state

    def _add_and_normalize(self, found: str, state: str, name: str) -> str:
        # Not SkipLayerNormalization, which is slower on processors than these two.
        return self._normalize(self.node("Add", [found, state], domain=""), name)

    def _normalize(self, state: str, name: str) -> str:
        inputs = [state, self.vector(f"{name}.w"), self.vector(f"{name}.b")]
        return self.node("LayerNormalization", inputs, domain="", epsilon=self.model.layer_norm_eps)


class QuestionGraph(EncoderGraph):
    """From one question to its unit vector, shape (1, hidden_size)."""

    def outputs(self, state: str) -> list[str]:
        import numpy as np

        axes = self.weight("axes", np.array([1], dtype=np.int64))
        mean = self.node("ReduceMean", [state, axes], domain="", keepdims=0)
        return [self.node("LpNormalization", [mean], domain="", axis=-1, p=2)]

    def linear(self, inputs: str, name: str, n_columns: int) -> str:
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
