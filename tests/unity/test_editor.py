"""The layer above the components: demo head, editor, Setup Doctor, samples, VRM and UniTask, compiled and executed."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from testkit.unity.toolchain import OUT, compile_all, compile_newer, run
from tests.unity import layer


@pytest.fixture(scope="module")
def layer_built(compilers: None) -> None:
    """The layer and its tests are compiled, without a warning."""
    result = compile_all(layer.tests())
    assert result.clean, result.told


def test_every_test_of_the_layer_passes(layer_built: None) -> None:
    done = run("layer.run.runner.exe", str(OUT / "layer.run.tests.dll"))
    lines = done.stdout.splitlines()
    assert done.returncode == 0, "\n".join(line for line in lines if not line.startswith("ok")) + done.stderr
    assert sum(line.startswith("ok HeadTests") for line in lines) > 25
    assert sum(line.startswith("ok ChecksTests") for line in lines) > 30
    assert sum(line.startswith("ok LayerTests") for line in lines) > 18
    assert sum(line.startswith("ok TalkTests") for line in lines) > 3
    assert sum(line.startswith("ok CharacterTests") for line in lines) > 3
    assert sum(line.startswith("ok SampleTests") for line in lines) > 5


def test_compiles_as_c_sharp_9(layer_built: None, newer_compiler: None) -> None:
    # What it stands on is compiled by both elsewhere; here it is taken as it was built.
    own = [job for job in layer.jobs("editor", name="layer.run") if job.out.removeprefix("layer.run.") in layer.OWN]
    result = compile_newer([replace(job, out=f"newer.{job.out}", language="9") for job in own])
    assert result.clean, result.told
    assert result.told.count("OK ") == len(layer.OWN), result.told


MISSPELT = [
    ("demo.dll", "AddBlendShapeFrame(", "AddBlendshapeFrame("),
    ("demo.dll", "renderer.localBounds", "renderer.localBound"),
    ("editor.dll", "forceInternetPermission", "forceInternetPermision"),
    ("editor.dll", "EditorGUILayout.HelpBox", "EditorGUILayout.HelpBoks"),
    ("demo.dll", "CommonUsages.primaryButton", "CommonUsages.primaryBotton"),
    ("samples.dll", "PlaneWithinPolygon", "PlaneWithinPolygons"),
    ("samples.dll", "isRightToLeftText", "isRightToLeft"),
    ("inputsystem.dll", "_followed.Enable(", "_followed.Enabel("),
    ("vrm.dll", "Expression.SetWeight", "Expression.SetWeigth"),
    ("unitask.dll", "TrySetCanceled", "TrySetCancelled"),
]


def test_a_misspelt_api_does_not_compile(layer_built: None, tmp_path: Path) -> None:
    known = {job.out.removeprefix("layer.run."): job for job in layer.jobs("editor", name="layer.run")}
    jobs = []
    for number, (out, good, bad) in enumerate(MISSPELT):
        folder = tmp_path / str(number)
        folder.mkdir()
        job = layer.misspelt(known[out], good, bad, folder)
        jobs.append(replace(job, out=f"bad{number}.dll"))
    result = compile_all(jobs)
    assert result.told.count("FAILED") == len(MISSPELT), result.told
    errors = [line for line in result.told.splitlines() if "error CS1061" in line or "error CS0117" in line]
    for _, _, bad in MISSPELT:
        word = bad.removesuffix("(").split(".")[-1]
        assert any(f"'{word}'" in line for line in errors), f"{bad}: {result.told}"


def test_the_setup_doctor_tries_servers(layer_built: None, bridge: tuple[int, int]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = nobody.getsockname()[1]
        urls = [f"ws://127.0.0.1:{port}" for port in (*bridge, dead)]
        done = run("layer.run.probe.exe", *urls, "no address", timeout=60)
    assert done.returncode == 0, done.stderr
    there, locked, gone, none = (line.split("|") for line in done.stdout.splitlines())
    assert there[0] in ("Good", "Note"), there
    assert there[1].endswith("is there")
    assert "companion-bridge/" in there[2]
    assert locked[0] == gone[0] == none[0] == "Error"
    assert "(unauthorized)" in locked[1]
    assert gone[1].startswith("No answer")
    assert "companion serve" in gone[2]
