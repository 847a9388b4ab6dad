"""Devices of a room that play through the real C# client: in step, whatever their lines, clocks and sound cards do."""

from __future__ import annotations

import random
from pathlib import Path

from testkit import together
from testkit.unity.toolchain import run

DEVICES, SECONDS = 4, 22.0


def test_devices_of_a_room_play_the_same_at_the_same_instant(built: None, tmp_path: Path) -> None:
    pieces = together.replies(1.0, 8.0, 10.0, SECONDS)
    scenarios = [together.scenario(together.Device(random.Random(each)), pieces, SECONDS) for each in range(DEVICES)]
    done = run("Device.exe", *together.written(tmp_path, scenarios))
    assert done.returncode == 0, done.stderr
    heard = together.heard(done.stdout, pieces)
    spreads, errors = together.offsets(heard)
    assert [len(device) for device in heard] == [160] * DEVICES, "two replies of 8 s, every tenth of them"
    assert len(spreads) == 160
    assert max(spreads) < 20, "what the contract promises"
    assert max(errors) < 12
