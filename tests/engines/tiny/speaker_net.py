"""A speaker embedding with the shape of the real ones: how much more each band varies than with other voices."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def speaker_net(bands: int = 80, frames: int | str = "frames", *, pooled: bool = True) -> Path:
    """Build the .onnx file, once a run; a net that is not `pooled` gives a row for each frame."""
    import onnx
    from onnx import TensorProto, helper

    from engines.hearing.apart.fbank import fbank
    from testkit.talkers import ADA, BEN

    floats = TensorProto.FLOAT
    usual = sum((fbank(each.says(3.0, 99)) ** 2).mean(axis=0) for each in (ADA, BEN)) / 2
    nodes = [helper.make_node("Mul", ["feats", "feats"], ["square"])]
    if pooled:
        nodes += [
            helper.make_node("ReduceMean", ["square"], ["power"], axes=[1], keepdims=0),
            helper.make_node("Sub", ["power", "usual"], ["embs"]),
        ]
    else:
        nodes += [helper.make_node("Identity", ["square"], ["embs"])]
    given = ["n", bands] if pooled else ["n", "frames", bands]
    graph = helper.make_graph(
        nodes,
        "speaker_net",
        [helper.make_tensor_value_info("feats", floats, ["n", frames, bands])],
        [helper.make_tensor_value_info("embs", floats, given)],
        [helper.make_tensor("usual", floats, [1, bands], usual[:bands].tolist())] if pooled else [],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    folder = Path(tempfile.mkdtemp(prefix="tiny-speaker-net-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "speaker-net.onnx"
    path.write_bytes(model.SerializeToString())
    return path
