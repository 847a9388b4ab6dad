"""The JavaScript client by Node, and the page in a real Chromium against the real server.

What these need may be missing on a developer's machine, where they are skipped with the reason; with CI=true in the
environment a test that cannot run fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE = shutil.which("node") or ""
CHROMIUM = os.environ.get("COMPANION_CHROMIUM") or shutil.which("chromium") or ""
THREE = HERE / "three" / "node_modules" / "three"
UNWANTED = os.environ.get("COMPANION_BROWSER_TESTS") == "0"
CI = os.environ.get("CI") == "true"


def _missing() -> str:
    """Why there can be no browser tests, or nothing."""
    if UNWANTED:
        return "COMPANION_BROWSER_TESTS is 0"
    if not NODE:
        return "node is not installed"
    if not CHROMIUM:
        return "chromium is not installed"
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        return "playwright-core is not installed: run tests/web/install.sh"
    if CI and not THREE.is_dir():
        return "three.js is not installed: run tests/web/install.sh"
    return ""


def _need(missing: str) -> None:
    if missing and CI:
        pytest.fail(f"{missing}, and CI leaves nothing out")
    if missing:
        pytest.skip(missing)


def _node(*tests: Path, **environment: str) -> None:
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", *map(str, tests)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=1800,  # a minute or two, but for a busy machine
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_client(name: str) -> None:
    _need("" if NODE else "node is not installed")
    _node(HERE / name)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    _need(_missing())
    question = tmp_path_factory.mktemp("stage") / "question.wav"
    command = [sys.executable, "-m", "tests.web.stage", str(question)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = process.stdout.readline()
        try:
            assert json.loads(facts)["open"]
            yield facts
        finally:
            process.terminate()


@pytest.mark.parametrize("name", sorted(path.name for path in (HERE / "browser").glob("*.test.mjs")))
def test_browser(stage: str, name: str) -> None:
    _node(HERE / "browser" / name, COMPANION_STAGE=stage, COMPANION_CHROMIUM=CHROMIUM)
