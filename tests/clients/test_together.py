"""Devices of a room that play through the Godot sample: in step, whatever their lines and clocks do."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

from testkit import together
from testkit.clients import GODOT, godot
from tests.unity.conftest import need

DEVICES, SECONDS, RATE = 2, 8.5, 8000  # a low rate: GDScript moves each sample by itself


def test_devices_of_a_room_play_the_same_at_the_same_instant(tmp_path: Path) -> None:
    need("" if shutil.which(GODOT) else f"{GODOT} is not installed")
    pieces = together.replies(1.0, 3.0, 4.0, SECONDS, RATE)
    scenarios = [
        together.scenario(together.Device(random.Random(each)), pieces, SECONDS, RATE) for each in range(DEVICES)
    ]
    command = [GODOT, "--path", str(godot()), "-s", "device.gd", *together.written(tmp_path, scenarios)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    heard = together.heard(done.stdout, pieces)
    spreads, errors = together.offsets(heard)
    assert [len(device) for device in heard] == [60] * DEVICES, "two replies of 3 s, every tenth of them"
    assert max(spreads) < 20, "what the contract promises"
    assert max(errors) < 14
