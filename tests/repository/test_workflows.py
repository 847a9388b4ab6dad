"""The workflow runs what it promises, where it promises, and takes nothing that can change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

from tests.repository.pages import ROOT

FOLDER = ROOT / ".github" / "workflows"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml")}
JOBS: dict[str, Any] = yaml.safe_load(TEXTS["checks.yml"])["jobs"]


def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is() -> None:
    for name, text in TEXTS.items():
        used = re.findall(r"uses: (.+)", text)
        assert used, name
        assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


def test_the_quick_tests_run_on_every_system_and_every_python() -> None:
    matrix = JOBS["quick"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "windows-latest", "macos-latest"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["requires-python"] == ">=" + matrix["python"][0]


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_what_is_quick_is_the_same_here_and_there() -> None:
    outer = {"MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MFLAGS", "WORKERS"}  # of a make that runs this test
    alone = {name: value for name, value in os.environ.items() if name not in outer}
    done = subprocess.run(
        ["make", "--dry-run", "quick"], cwd=ROOT, capture_output=True, text=True, check=True, env=alone
    )
    (here,) = (line.split("/bin/")[1] for line in done.stdout.splitlines() if "-m pytest" in line)
    assert f"{here} tests/repository" in [step.get("run", "") for step in JOBS["quick"]["steps"]]


def test_everything_runs_as_a_developer_runs_it() -> None:
    commands = [step.get("run", "") for step in JOBS["whole"]["steps"]]
    assert ".ci/run" in commands
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^make ([\w-]+)", script, re.MULTILINE) == ["locked", "docs-check", "test"]


def test_what_needs_a_licence_is_asked_for() -> None:
    with_secrets = [name for name, job in JOBS.items() if "secrets." in yaml.safe_dump(job)]
    assert with_secrets == ["unity"]
    assert JOBS["unity"]["if"] == "vars.UNITY_TESTS == 'true'"


def test_no_job_may_write_to_the_repository() -> None:
    for name, job in JOBS.items():
        assert job["permissions"] == {"contents": "read"}, name
