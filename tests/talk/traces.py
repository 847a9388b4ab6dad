"""The reference client over a playout trace: what it makes of it, as `protocol.playout.judge` takes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.playout.material import face, pcm
from talk.client import DEFAULTS, Admission
from talk.heard import Cued, Said, Shown
from talk.playout import TICKS, Playout
from talk.report import Reporter


def message(taken: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a message of a trace into one as the client yields it."""
    whole = {**DEFAULTS.get(taken["type"], {}), **taken}
    if whole["type"] == "media":
        first = whole["pts"] * whole["rate"] // TICKS
        frame = whole["face_pts"] * whole["fps"] // TICKS
        whole["pcm"] = pcm(whole["turn"], first, whole["samples"])
        whole["face"] = face(whole["turn"], frame, whole["frames"])
    return whole


@dataclass(frozen=True, slots=True)
class Parts:
    """What a client is made of."""

    admission: type[Admission] = Admission
    playout: type[Playout] = Playout
    reporter: type[Reporter] = Reporter


class Player:
    """The reference client, less its socket."""

    def __init__(self, trace: Mapping[str, Any], parts: Parts) -> None:
        self.trace = trace
        self.playout = parts.playout(
            rate=trace["rate"], fps=trace["fps"], ranges=trace["ranges"], lead=trace["lead_ms"] / 1000
        )
        self.reporter = parts.reporter()
        self.admission = parts.admission()
        self.interrupts: list[tuple[int, int]] = []
        self.face: tuple[float, ...] = (0.0,) * len(trace["ranges"])

    def take(self, taken: Mapping[str, Any]) -> None:
        if taken["type"] == "welcome" and taken["resumed"]:
            self.reporter.resumed()
        elif taken["type"] == "welcome":
            self.admission.begin(0)
            self.playout.reset()
        elif self.admission.admits(taken):
            self.playout.push(message({**taken, "rate": self.trace["rate"], "fps": self.trace["fps"]}))

    def stop(self) -> None:
        turn, pts = self.playout.turn, self.playout.pts
        self.playout.interrupt(turn)
        self.admission.forget(turn)
        self.interrupts.append((turn, pts))

    def pull(self, at: float, samples: int) -> dict[str, Any]:
        """Read samples, 0 for none; what was heard, seen and reported."""
        air, events = self.playout.read(samples) if samples else (b"", [])
        for event in events:
            if isinstance(event, Shown):
                self.face = event.weights
        places = self.reporter.due(events, self.playout.turn, self.playout.pts, at / 1000)
        interrupts, self.interrupts = self.interrupts, []
        return {
            "interrupts": interrupts,
            "air": base64.b64encode(air).decode(),
            "words": [event.text for event in events if isinstance(event, Said)],
            "cues": [event.name for event in events if isinstance(event, Cued)],
            "face": self.face,
            "reports": [(*place, self.admission.seq) for place in places],
        }


def observe(path: Path, parts: Parts = Parts()) -> Iterator[str]:
    """Run a trace; a line for the judge with its name, then one for each pull and tick."""
    trace = json.loads(path.read_text(encoding="utf-8"))
    yield json.dumps({"trace": trace["name"], "blends": False})
    player = Player(trace, parts)
    for step in trace["steps"]:
        if "take" in step:
            player.take(step["take"])
        elif "stop" in step:
            player.stop()
        else:
            yield json.dumps(player.pull(step["at"], step.get("pull", 0)))
