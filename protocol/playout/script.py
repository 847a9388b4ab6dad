"""A schedule as its author writes it: what the server sends and when, and when the sound output pulls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from protocol.playout.material import TICKS

Step = dict[str, Any]


@dataclass(slots=True)
class Script:
    """One scenario. Times are ms of the client's clock, stretches of a turn are ms of its media clock."""

    name: str
    about: str
    rate: int = 24_000
    fps: int = 60
    lead_ms: int = 300
    steps: list[Step] = field(default_factory=list)
    seq: int = 0

    def take(self, at: float, type: str, /, *, numbered: bool = True, **fields: Any) -> Step:
        """Let a message arrive; those of a reply are numbered."""
        if numbered and "seq" not in fields:
            self.seq += 1
            fields["seq"] = self.seq
        message = {"type": type, **fields}
        self.steps.append({"at": at, "take": message})
        return message

    def again(self, at: float, message: Step) -> None:
        """Let a message arrive once more, with its old seq."""
        self.steps.append({"at": at, "take": message})

    def state(self, at: float, state: str, turn: int = 0) -> None:
        self.take(at, "state", numbered=False, state=state, turn=turn)

    def welcome(self, at: float, *, resumed: bool) -> None:
        """Let a new connection be welcomed: the old session taken up again, or a new one."""
        if not resumed:
            self.seq = 0
        self.take(at, "welcome", numbered=False, resumed=resumed)

    def start(self, at: float, turn: int) -> None:
        self.take(at, "reply_start", turn=turn)

    def word(self, at: float, turn: int, text: str, ms: float) -> Step:
        pts = round(ms * TICKS / 1000)
        return self.take(at, "text", turn=turn, text=text, pts=pts, end=pts + 4800)

    def cue(self, at: float, turn: int, name: str, ms: float) -> None:
        pts = round(ms * TICKS / 1000)
        self.take(at, "cue", turn=turn, pts=pts, kind="gesture", name=name)

    def media(self, at: float, turn: int, first: float, last: float, *, face: bool = True) -> Step:
        """Send the sound from `first` to `last` ms of a turn, and the frames that begin in it."""
        frames = [-(-round(ms * self.fps) // 1000) for ms in (first, last)]
        count = frames[1] - frames[0] if face else 0
        return self.take(
            at,
            "media",
            turn=turn,
            pts=round(first * TICKS / 1000),
            samples=round(last * self.rate / 1000) - round(first * self.rate / 1000),
            face_pts=frames[0] * TICKS // self.fps if count else 0,
            frames=count,
            source="exact" if count else "",
        )

    def speech(self, at: float, turn: int, first: float, last: float, *, chunk: float = 100, every: float = 0) -> None:
        """Send a stretch in chunks, one each `every` ms."""
        while first < last:
            self.media(at, turn, first, min(last, first + chunk))
            first, at = first + chunk, at + every

    def idle(self, at: float, frame: int, count: int = 6) -> None:
        """Send `count` frames of idle life."""
        pts = frame * TICKS // self.fps
        self.take(at, "media", numbered=False, turn=0, pts=0, samples=0, face_pts=pts, frames=count, source="")

    def end(self, at: float, turn: int, ms: float, *, reason: str = "complete") -> None:
        self.take(at, "reply_end", turn=turn, pts=round(ms * TICKS / 1000), text="", reason=reason)

    def interrupted(self, at: float, turn: int, ms: float = 0) -> None:
        self.take(at, "interrupted", turn=turn, pts=round(ms * TICKS / 1000))

    def stop(self, at: float) -> None:
        """Let the user press stop."""
        self.steps.append({"at": at, "stop": True})

    def pulls(self, first: float, last: float, *, samples: int = 0, every: float = 0) -> None:
        """Pull from `first` until `last`, `samples` (20 ms) at once, each `every` ms (as long as they last)."""
        samples = samples or self.rate // 50
        every = every or 1000 * samples / self.rate
        index = 0
        while first + index * every < last:
            self.steps.append({"at": round(first + index * every, 3), "pull": samples})
            index += 1

    def ticks(self, first: float, last: float, *, every: float = 50) -> None:
        """Let time pass without a pull."""
        index = 0
        while first + index * every < last:
            self.steps.append({"at": round(first + index * every, 3), "tick": True})
            index += 1

    def schedule(self) -> list[Step]:
        """All steps by their times; what arrives or is pressed at the moment of a pull is there before it."""
        return sorted(self.steps, key=lambda step: (step["at"], "pull" in step or "tick" in step))
