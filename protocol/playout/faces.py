"""What the reference model's face shows: a turn's frames at the playhead, idle life between turns, or rest."""

from __future__ import annotations

from typing import Any

from protocol.playout.material import TICKS
from protocol.playout.turn import Choices, Turn


class Faces:
    """Knows what is shown, and since when it must be. Times are ms of the client's clock."""

    def __init__(self, rate: int, fps: int, choices: Choices) -> None:
        self.rate, self.fps, self.choices = rate, fps, choices
        self.shown = "rest"  # or "idle", "turn 1", ...
        self.settled = float("-inf")  # until then the face may be on its way
        self.begin_session()

    def begin_session(self) -> None:
        self.idle: list[tuple[float, int, int]] = []  # arrival, first and last frame that came then
        self.cut = True  # how the turn ended that was on air last

    def begin_turn(self) -> None:
        """A turn goes on air: idle life that waits is dropped."""
        self.idle.clear()
        self.cut = False

    def live(self, now: float, first: int, count: int) -> None:
        """Idle life came, `count` frames from `first` on."""
        if count:
            self.idle.append((now, first, first + count - 1))

    def seen(self, end: float, turn: Turn | None, *, fading: bool) -> dict[str, Any]:
        """Say what must be seen at `end` with `turn` on air, or nothing while the face may be on its way."""
        alive = bool(self.idle) and end - self.idle[-1][0] < 1000 * self.choices.idle_gone
        shows = f"turn {turn.number}" if turn else "idle" if alive else "rest"
        if shows != self.shown:
            self.settled = end + 1000 * self.way(shows)
            self.shown = shows
        if end < self.settled or (turn and fading):
            return {}
        if turn:
            return self.drawn(turn)
        return self.living(end) if alive else {"rest": True}

    def way(self, shows: str) -> float:
        """How long the face may take to what it is to show from now on, s."""
        if shows == "idle":
            return self.choices.idle_late + self.choices.settle
        if shows != "rest":
            return self.choices.settle
        if self.shown == "idle":
            return self.choices.rest_idle
        return self.choices.rest_cut if self.cut else self.choices.rest

    def living(self, end: float) -> dict[str, Any]:
        """Between which frames idle life is: none that should be over, none that has not come."""
        over = [first for at, first, _ in self.idle if end - at >= 1000 * self.choices.idle_late]
        return {"idle": [max(over, default=self.idle[0][1]), self.idle[-1][2]]}

    def drawn(self, turn: Turn) -> dict[str, Any]:
        """Find the last frame before the playhead, and the share of the way to the one after it."""
        position = (turn.heard * TICKS - self.rate / 2) * self.fps / (self.rate * TICKS)
        due = int(position)
        frame = max((each for each in turn.frames if each <= due), default=None)
        if frame is None:
            return {"rest": True}
        blends = frame == due and frame + 1 in turn.frames
        return {"face": [turn.number, frame, round(position - due, 4) if blends else 0]}
