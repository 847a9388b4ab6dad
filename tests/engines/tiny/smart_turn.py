"""A judge of intonation with Smart Turn's shape and without its weights: the louder the last tenth of a second, the
less likely the end."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def smart_turn() -> Path:
    """Build the .onnx file, once a run."""
    import onnx
    from onnx import TensorProto, helper

    from engines.hearing.smart_turn.features import FRAMES, MELS

    floats = TensorProto.FLOAT
    nodes = [
        helper.make_node("Slice", ["input_features", "from", "to", "axis"], ["last"]),
        helper.make_node("ReduceMean", ["last"], ["loud"], axes=[1, 2], keepdims=0),
        helper.make_node("Neg", ["loud"], ["quiet"]),
        helper.make_node("Sigmoid", ["quiet"], ["likely"]),
        helper.make_node("Unsqueeze", ["likely", "one"], ["logits"]),
    ]
    numbers = {"from": FRAMES - 10, "to": FRAMES, "axis": 2, "one": 1}
    graph = helper.make_graph(
        nodes,
        "smart_turn",
        [helper.make_tensor_value_info("input_features", floats, ["n", MELS, FRAMES])],
        [helper.make_tensor_value_info("logits", floats, ["n", 1])],
        [helper.make_tensor(name, TensorProto.INT64, [1], [number]) for name, number in numbers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    folder = Path(tempfile.mkdtemp(prefix="tiny-smart-turn-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "smart-turn.onnx"
    path.write_bytes(model.SerializeToString())
    return path
