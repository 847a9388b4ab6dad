"""Opens a small network for hearing, on a CPU, with no thread that spins while nothing is heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from engines.api import EngineError

CODE: Final = "stt_failed"


def opened(path: Path, threads: int, *, missing: str, damaged: str, repair: str, unloaded: str = ".") -> Any:
    """Return an onnxruntime session of the .onnx in `path`.

    EngineError with the sentence `missing` where there is no file; with `damaged`, the kind of fault in brackets and
    `repair` where it cannot be read; and with `unloaded` at its end where onnxruntime itself cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineError(CODE, f"The package onnxruntime cannot be loaded ({error}){unloaded}") from error
    if not path.is_file():
        raise EngineError(CODE, missing)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen classes without a common one
        raise EngineError(CODE, f"{damaged} ({type(error).__name__}){repair}") from error
