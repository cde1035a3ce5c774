"""The bundled model as a graph of ONNX Runtime's own operators, from tokens to their last states.

The table of words stays outside: a text needs a few of its 250,000 rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rag.embed.bundled.packed import PackedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Versions of the format and of its operators: ONNX Runtime has read them since 1.17.
_IR_VERSION: Final = 9
_OPSET: Final = 18
_RUNTIME: Final = "com.microsoft"  # the operators that are ONNX Runtime's own


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

    def product(
        self, inputs: str, name: str, weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        """Multiply by a matrix of (n_rows, n_columns), transposed, and add the bias of its rows."""
        raise NotImplementedError

    def linear(self, inputs: str, name: str, n_columns: int) -> str:
        """Multiply by a matrix of the model, of so many columns, and add its bias."""
        import numpy as np

        weights = self.model.matrix(f"{name}.w", n_columns).astype(np.float32)
        return self.product(inputs, name, weights, self.model.vector(f"{name}.b"))

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
            heads = self._heads(state, layer)
            found = self.node("MultiHeadAttention", heads, num_heads=model.n_heads)
            found = self.linear(found, f"{layer}ao", model.hidden_size)
            state = self._add_and_normalize(found, state, f"{layer}aln")
            found = self.node("Gelu", [self.linear(state, f"{layer}fi", model.hidden_size)])
            found = self.linear(found, f"{layer}fo", model.intermediate_size)
            state = self._add_and_normalize(found, state, f"{layer}oln")
        return state

    def _heads(self, state: str, layer: str) -> list[str]:
        """Return queries, keys and values, which are one product."""
        import numpy as np

        hidden = self.model.hidden_size
        weights = np.vstack([self.model.matrix(f"{layer}{each}.w", hidden) for each in "qkv"])
        bias = np.concatenate([self.model.vector(f"{layer}{each}.b") for each in "qkv"])
        found = self.product(state, f"{layer}qkv", weights.astype(np.float32), bias)
        return self.nodes("Split", [found], 3, domain="", axis=-1, num_outputs=3)

    def _add_and_normalize(self, found: str, state: str, name: str) -> str:
        # Not SkipLayerNormalization, which is slower on processors than these two.
        return self._normalize(self.node("Add", [found, state], domain=""), name)

    def _normalize(self, state: str, name: str) -> str:
        inputs = [state, self.vector(f"{name}.w"), self.vector(f"{name}.b")]
        return self.node("LayerNormalization", inputs, domain="", epsilon=self.model.layer_norm_eps)
