"""The files under deploy/: what they start is there, and they keep to what their page promises."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.command.arguments import parser
from bridge.setup.config import load
from tests.repository.pages import ROOT

DEPLOY = ROOT / "deploy"
HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, those that go on put together."""
    whole = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    lines = [line for line in whole.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def last(word: str) -> str:
    return [rest for name, rest in steps() if name == word][-1]


def test_what_is_copied_is_there_and_all_that_a_wheel_is_made_of() -> None:
    copied = [word for name, rest in steps() if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    assert all((ROOT / each).exists() for each in copied)
    packages = re.search(r"include = \[(.*)\]", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert packages is not None
    assert {each.strip('" *') for each in packages[1].split(",")} <= set(copied)


def test_the_container_is_nobody_special_and_says_how_it_is() -> None:
    users = [rest for name, rest in steps() if name == "USER"]
    assert users[-1] == "10001"
    assert "/healthz" in last("HEALTHCHECK")
    extras = re.search(r"ARG EXTRAS=(\S+)", DOCKERFILE)
    assert extras is not None
    known = (ROOT / "pyproject.toml").read_text("utf-8")
    assert all(re.search(rf"^{each} = \[", known, re.MULTILINE) for each in extras[1].split(","))


def test_what_it_starts_is_a_command_of_ours() -> None:
    for command in (json.loads(last("CMD")), COMPOSE["services"]["bridge"]["command"]):
        options = parser().parse_args(command)
        assert options.command == "serve"
        load(None, {"COMPANION_AUTH_SECRET": "x" * 32}, [*options.set, f"server.host={options.host}"])


def test_the_composed_bridge_may_write_nothing_but_its_state() -> None:
    bridge = COMPOSE["services"]["bridge"]
    assert bridge["read_only"] is True
    assert bridge["cap_drop"] == ["ALL"]
    assert all(place.startswith("127.0.0.1:") for place in bridge["ports"])
    assert set(json.loads(last("VOLUME"))) <= {volume.split(":")[1] for volume in bridge["volumes"]}
    settings = {name: "x" * 32 for name in bridge["environment"] if name.startswith("COMPANION_")}
    settings |= {"COMPANION_ENGINES_DIALOGUE": "openai", "COMPANION_LOG_FORMAT": "json"}
    settings["COMPANION_OPENAI_BASE_URL"] = "http://ollama:11434/v1"
    load(None, settings)
    for service in COMPOSE["services"].values():
        assert ":latest" not in service.get("image", "")
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_unit_starts_the_bridge_and_may_do_little() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # keys of systemd have capitals
    unit.read(DEPLOY / "companion-bridge.service", "utf-8")
    service = unit["Service"]
    options = parser().parse_args(service["ExecStart"].split()[1:])
    assert options.command == "serve"
    assert (service["DynamicUser"], service["ProtectSystem"], service["NoNewPrivileges"]) == ("yes", "strict", "yes")


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_a_linter_has_nothing_to_say() -> None:
    done = subprocess.run([HADOLINT or "", DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
