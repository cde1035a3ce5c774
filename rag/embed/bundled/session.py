"""A graph of the bundled model, opened by ONNX Runtime: the only file that knows how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed.bundled.token_table import TokenTable
from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class GraphSession:
    """A graph and the table of what its tokens begin as; for any number of threads at once.

    Parameters
    ----------
    graph
        A file, or what would be in one.
    n_threads
        For one run; 1 does the work on the caller's thread; 0 is one a core.

    Raises
    ------
    ImportError
        If ONNX Runtime is not installed, or does not run on this machine.
    FileNotFoundError
        If the folder was written without a graph.
    ModelError
        If the file is damaged.
    """

    def __init__(self, graph: Path | bytes, table: TokenTable, n_threads: int = 1) -> None:
        if isinstance(graph, Path) and not graph.is_file():
            raise FileNotFoundError(graph)
        try:
            self._session = _open(graph, n_threads)
        except ImportError:
            raise
        except Exception as error:  # ONNX Runtime's errors have no common class
            if isinstance(graph, bytes):
                raise
            raise ModelError(
                f"El modelo de búsqueda «{graph}» está dañado",
                f"Borra la carpeta «{graph.parent.parent}» y repite la orden: se vuelve a crear",
            ) from error
        self._table = table

    def run(self, ids: Sequence[int] | NDArray[np.integer]) -> list[NDArray[np.float32]]:
        """Return all that the graph gives of one text."""
        found: list[NDArray[np.float32]] = self._session.run(
            None, {"tokens": self._table.look_up(ids)}
        )
        return found


def _open(graph: Path | bytes, n_threads: int) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # only its builds for Windows have any
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Between two runs, and two products of one, threads sleep: spinning, they keep a core from
    # whoever has work for it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors
    # The graphs are written as they are to be run: what it would fuse further is slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
