"""The components in a simulated game, scene by scene."""

from __future__ import annotations

import json
from typing import Any

from testkit.unity.toolchain import run


def loop(*arguments: str) -> dict[str, Any]:
    """Play a scene of the program `Loop`; return what came of it. No component may have thrown."""
    done = run("Loop.exe", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["exceptions"] == []
    return told
