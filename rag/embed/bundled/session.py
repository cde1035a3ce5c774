"""ONNX Runtime, opened: the only file that knows how."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_session(graph: Path | bytes, n_threads: int = 1) -> Any:
    """Open a graph, a file or what would be in one.

    Parameters
    ----------
    n_threads
        For one run; 1 does the work on the caller's thread, since for a short text others would
        only spin, and cost other processes; 0 is one a core.

    Raises
    ------
    ImportError
        If ONNX Runtime is not installed, or does not run on this machine.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # only its builds for Windows have any
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    # The graphs are written as they are to be run: what it would fuse further is slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
