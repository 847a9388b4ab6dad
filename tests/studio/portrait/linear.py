"""Makes nets that paint by one matrix, so that what they paint and what is found again can be reckoned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from studio.portrait.words import TOLD

SIZE, CHANCE = 16, 6
OPSET = 17


def matrix(seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return what (chance, told) is multiplied by: (CHANCE + TOLD, 3 * SIZE * SIZE)."""
    random = np.random.default_rng(seed)
    # Smooth patterns, so that halving pictures loses little of them.
    coarse = random.normal(0, 0.12, (CHANCE + TOLD, 3, SIZE // 2, SIZE // 2))
    return np.repeat(np.repeat(coarse, 2, 2), 2, 3).reshape(CHANCE + TOLD, -1).astype(np.float32)


def write(folder: Path, *, reader: bool = True, **card: object) -> Path:
    """Write painter.onnx, reader.onnx and card.json."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = matrix()
    _save(
        folder / "painter.onnx",
        [
            helper.make_node("Concat", ["chance", "told"], ["row"], axis=1),
            helper.make_node("MatMul", ["row", "weights"], ["flat"]),
            helper.make_node("Reshape", ["flat", "shape"], ["pictures"]),
        ],
        {"chance": CHANCE, "told": TOLD},
        {"pictures": (3, SIZE, SIZE)},
        {"weights": weights, "shape": np.array([-1, 3, SIZE, SIZE], np.int64)},
    )
    if reader:
        back = np.linalg.pinv(weights.astype(np.float64)).astype(np.float32)
        _save(
            folder / "reader.onnx",
            [
                helper.make_node("Reshape", ["pictures", "shape"], ["flat"]),
                helper.make_node("MatMul", ["flat", "weights"], ["row"]),
                helper.make_node("Split", ["row", "parts"], ["chance", "told"], axis=1),
                helper.make_node("Identity", ["row"], ["features"]),
            ],
            {"pictures": (3, SIZE, SIZE)},
            {"chance": (CHANCE,), "told": (TOLD,), "features": (CHANCE + TOLD,)},
            {
                "weights": back,
                "shape": np.array([-1, 3 * SIZE * SIZE], np.int64),
                "parts": np.array([CHANCE, TOLD], np.int64),
            },
        )
    facts = {"size": SIZE, "chance": CHANCE, "told": TOLD, **card}
    (folder / "card.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def _save(path: Path, nodes, given, gives, constants) -> None:  # type: ignore[no-untyped-def]
    def value(name: str, shape: object) -> onnx.ValueInfoProto:
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)  # type: ignore[arg-type]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *sizes])

    graph = helper.make_graph(
        nodes,
        "net",
        [value(name, shape) for name, shape in given.items()],
        [value(name, shape) for name, shape in gives.items()],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9), path)
