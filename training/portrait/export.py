"""Writes trained nets as ONNX for use without torch, with the card that says what they are."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from training.portrait.nets import Shape

OPSET: Final = 17
LARGE: Final = 4096  # numbers from which weights are kept as half floats


def export(
    folder: Path, shape: Shape, generator: nn.Module, reader: nn.Module | None, card: Mapping[str, object]
) -> None:
    """Write painter.onnx, reader.onnx and card.json, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    told, chance = torch.rand(2, shape.told), torch.randn(2, shape.chance)
    files = {"painter.onnx": _onnx(generator, (chance, told), ["chance", "told"], ["pictures"])}
    if reader is not None:
        files["reader.onnx"] = _onnx(
            reader, (torch.rand(2, 3, shape.size, shape.size),), ["pictures"], ["chance", "told", "features"]
        )
    whole = {"size": shape.size, "chance": shape.chance, "told": shape.told, **card}
    files["card.json"] = json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"
    for name, data in files.items():
        held = folder / f".{name}.part"
        held.write_bytes(data)
        held.replace(folder / name)


def halved(data: bytes) -> bytes:
    """Return a net whose large weights are kept as half floats and made whole when it is loaded."""
    import onnx
    from onnx import numpy_helper

    net = onnx.load_from_string(data)
    casts = []
    for weight in net.graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or np.prod(weight.dims) < LARGE:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{name} half"))
        casts.append(onnx.helper.make_node("Cast", [weight.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *net.graph.node]
    del net.graph.node[:]
    net.graph.node.extend(nodes)
    return bytes(net.SerializeToString())


def _onnx(net: nn.Module, given: tuple[Tensor, ...], names: list[str], gives: list[str]) -> bytes:
    whole = net.to("cpu", memory_format=torch.contiguous_format).eval()
    axes = {name: {0: "n"} for name in (*names, *gives)}
    file = io.BytesIO()
    with warnings.catch_warnings():
        # The newer exporter needs a package more, and these nets have nothing that it is better at.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            whole,
            given,
            file,
            input_names=names,
            output_names=gives,
            dynamic_axes=axes,
            opset_version=OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
    return halved(file.getvalue())
