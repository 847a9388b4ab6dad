"""Traces: a scenario with what the reference model makes of it, as the files hold it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from protocol.playout.material import RANGES
from protocol.playout.model import Listener
from protocol.playout.scenarios import SCENARIOS
from protocol.playout.script import Script

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "playout"
FORMAT: Final = 1


def played(script: Script) -> dict[str, Any]:
    """Run the reference model over a scenario."""
    listener = Listener(rate=script.rate, fps=script.fps, lead_ms=script.lead_ms)
    steps: list[dict[str, Any]] = []
    at_once = False
    for step in script.schedule():
        if message := step.get("take"):
            listener.take(message, step["at"])
            at_once = (message["type"] == "welcome" and message["resumed"]) or at_once
            steps.append(step)
            continue
        if "stop" in step:
            steps.append({**step, "interrupt": listener.stop()})
            continue
        expected: dict[str, Any] = dict(step)
        if "pull" in step:
            heard = listener.pull(step["pull"])
            expected["air"] = [run if run[3:] != (1, 1) else run[:3] for run in joined(heard.air)]
            for name in ("words", "cues", "finals"):
                if value := getattr(heard, name):
                    expected[name] = value
            expected |= listener.seen(step["at"] + 1000 * step["pull"] / script.rate)
        expected["playhead"] = listener.playhead
        if at_once:
            expected["at_once"] = True
            at_once = False
        steps.append(expected)
    return {
        "format": FORMAT,
        "name": script.name,
        "about": script.about,
        "rate": script.rate,
        "fps": script.fps,
        "lead_ms": script.lead_ms,
        "ranges": RANGES,
        "steps": steps,
    }


def joined(air: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Write stretches that follow each other at an even gain as one; gains to 6 places."""
    whole: list[tuple[Any, ...]] = []
    for turn, first, count, before, after in air:
        gains = round(before, 6), round(after, 6)
        last = whole[-1] if whole else None
        if last and last[0] == turn and (not turn or last[1] + last[2] == first) and {*last[3:], *gains} == {gains[0]}:
            whole[-1] = (turn, last[1], last[2] + count, *gains)
        else:
            whole.append((turn, first, count, *gains))
    return whole


def written(trace: Mapping[str, Any]) -> bytes:
    """Write a trace with one step a line."""
    head = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in trace.items() if key != "steps"]
    steps = ",\n".join(" " + json.dumps(step, separators=(",", ":")) for step in trace["steps"])
    return ("{" + ",\n".join(head) + ',\n"steps": [\n' + steps + "\n]}\n").encode()


def expected() -> dict[str, bytes]:
    """The content of every trace file by its name."""
    return {f"{make.__name__}.json": written(played(make())) for make in SCENARIOS}
