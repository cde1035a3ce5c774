"""The bundled model as a graph of ONNX Runtime's own operators, its weights still in 4 bits.

From vectors of tokens to the vector of a text. It opens in some 30 ms, being a tenth of what the
weights take in float32. What its products multiply is rounded to 8 bits: the vector keeps a cosine
above 0.999 with that of float32, which a test holds. The table of words stays outside: a
question needs a few of its 250,000 rows.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.embed.packed import BLOCK, PackedModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

GRAPH_NAME: Final = "graph.onnx"

# Versions of the format and of its operators: ONNX Runtime has read them since 1.17.
_IR_VERSION: Final = 9
_OPSET: Final = 18
_RUNTIME: Final = "com.microsoft"  # the operators that are ONNX Runtime's own
_EIGHT_BITS: Final = 4  # MatMulNBits' accuracy level: of the activations


def write_graph(model: PackedModel, path: Path) -> None:
    """Write the graph; without the package ``onnx`` there is none, and questions take longer."""
    try:
        graph = _Graph(model).build()
    except ImportError:
        logger.info("no graph for questions: onnx is not installed")
        return
    path.write_bytes(graph.SerializeToString())


class _Graph:
    """A BERT encoder, mean pooling and unit length, for one text.

    Its input ``tokens`` has shape (1, n_tokens, hidden_size), the sums of word, position and type
    embeddings; its output ``vector`` has shape (1, hidden_size).
    """

    def __init__(self, model: PackedModel) -> None:
        self._model = model
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def build(self) -> Any:
        import numpy as np
        from onnx import TensorProto, helper

        model = self._model
        hidden, intermediate = model.hidden_size, model.intermediate_size
        norm = [self._vector("emb.ln.w"), self._vector("emb.ln.b")]
        state = self._node(
            "LayerNormalization", ["tokens", *norm], domain="", epsilon=model.layer_norm_eps
        )
        for layer in range(model.n_layers):
            name = f"l{layer}."
            heads = [self._linear(state, name + each, hidden) for each in ("q", "k", "v")]
            found = self._node("MultiHeadAttention", heads, num_heads=model.n_heads)
            found = self._linear(found, name + "ao", hidden)
            state = self._add_and_normalize(found, state, name + "aln")
            found = self._node("Gelu", [self._linear(state, name + "fi", hidden)])
            found = self._linear(found, name + "fo", intermediate)
            state = self._add_and_normalize(found, state, name + "oln")
        axes = self._weight("axes", np.array([1], dtype=np.int64))
        mean = self._node("ReduceMean", [state, axes], domain="", keepdims=0)
        self._node("LpNormalization", [mean], output="vector", domain="", axis=-1, p=2)
        tokens = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, "n", hidden])
        vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, hidden])
        return helper.make_model(
            helper.make_graph(self._nodes, "encoder", [tokens], [vector], self._weights),
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
            ir_version=_IR_VERSION,
        )

    def _node(
        self,
        kind: str,
        inputs: list[str],
        output: str | None = None,
        domain: str = _RUNTIME,
        **attributes: Any,
    ) -> str:
        """Add an operation and return the name of its result."""
        from onnx import helper

        output = output or f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def _weight(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._weights.append(numpy_helper.from_array(values, name))
        return name

    def _vector(self, name: str) -> str:
        return self._weight(name, self._model.vector(name))

    def _linear(self, inputs: str, name: str, n_columns: int) -> str:
        """Multiply by a matrix of (n_rows, n_columns) and add its bias."""
        nibbles, scales = self._model.blocks(f"{name}.w")
        # Two neighbours a byte, the first one low: the packed file pairs weights 16 apart.
        pairs = nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)
        n_blocks = n_columns // BLOCK
        n_rows = len(scales) // n_blocks
        weights = [
            self._weight(f"{name}.w", pairs.reshape(n_rows, n_blocks, BLOCK // 2)),
            self._weight(f"{name}.scales", scales.reshape(n_rows, n_blocks)),
        ]
        return self._node(
            "MatMulNBits",
            [inputs, *weights, "", "", self._vector(f"{name}.b")],
            K=n_columns,
            N=n_rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=_EIGHT_BITS,
        )

    def _add_and_normalize(self, found: str, state: str, name: str) -> str:
        norm = [self._vector(f"{name}.w"), self._vector(f"{name}.b")]
        return self._node(
            "SkipLayerNormalization", [found, state, *norm], epsilon=self._model.layer_norm_eps
        )
