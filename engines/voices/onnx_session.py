"""An ONNX model of a voice in a child process: loaded with bounded threads, refused with a sentence for people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime

from engines.process.loop import Refused

# What onnxruntime's own exceptions, and protobuf's, are derived from.
FAULTS = (RuntimeError, ValueError, OSError, TypeError)


def session(path: Path, device: str, threads: int, change: Callable[[Any], None] | None = None) -> Any:
    """Open the model in `path` on "cpu" or "cuda"; `change` may add outputs, where the package onnx is installed."""
    if not path.is_file() or path.stat().st_size == 0:
        raise Refused(f"There is no voice in {path}; download it again.")
    providers = ["CPUExecutionProvider"]
    if device == "cuda":
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise Refused("This onnxruntime has no CUDA: pip install onnxruntime-gpu, or set device to cpu.")
        providers.insert(0, "CUDAExecutionProvider")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model: str | bytes = str(path)
    if change is not None:
        try:
            import onnx
        except ImportError:
            pass
        else:
            try:
                graph = onnx.load(str(path))
            except (*FAULTS, onnx.checker.ValidationError) as error:
                raise _broken(path, error) from error
            except Exception as error:  # protobuf's DecodeError has no public name that all its builds share
                raise _broken(path, error) from error
            change(graph)
            model = graph.SerializeToString()
    try:
        return onnxruntime.InferenceSession(model, sess_options=options, providers=providers)
    except Exception as error:  # onnxruntime raises classes of its own, derived from Exception
        raise _broken(path, error) from error


def _broken(path: Path, error: BaseException) -> Refused:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return Refused(f"The voice in {path} cannot be loaded ({reason}); download it again.")
