"""Models of transformers are made one at a time, wherever one is made."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("engines", "studio", "training", "bridge", "testkit", "tests", "bench", "tools")


def unguarded(source: str) -> list[int]:
    """Return the lines on which a model is made without the lock around it."""
    found: list[int] = []

    def made(call: ast.Call) -> bool:
        told = ast.unparse(call.func)
        model = ("AutoModel" in told and told.endswith((".from_pretrained", ".from_config"))) or told == "Xtts"
        return model or told.split(".")[-1].endswith(("ForCausalLM", "ForMaskedLM", "ForTokenClassification"))

    def walk(node: ast.AST, held: bool) -> None:
        if isinstance(node, ast.With):
            held = held or any(ast.unparse(item.context_expr).split(".")[-1] == "MAKING" for item in node.items)
        if isinstance(node, ast.Call) and made(node) and not held:
            found.append(node.lineno)
        for child in ast.iter_child_nodes(node):
            walk(child, held)

    walk(ast.parse(source), False)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_model_is_made_under_the_lock(room: str) -> None:
    for path in sorted((ROOT / room).rglob("*.py")):
        assert not unguarded(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    "offender",
    [
        "model = AutoModelForCausalLM.from_pretrained(name)",
        "with device:\n    model = hub.AutoModel.from_config(config)",
        "with MAKING:\n    pass\nmodel = hub.LlamaForCausalLM(config)",
        "def load():\n    return Xtts(config)",
    ],
)
def test_an_offender_is_found(offender: str) -> None:
    assert unguarded(offender)


def test_the_lock_is_seen() -> None:
    assert not unguarded("with MAKING, device:\n    model = AutoModelForCausalLM.from_pretrained(name)")
