"""A reference model of a client's playback: SPEC sections 6.2, 6.3, 7 and 9, and nothing that makes it fast.

It holds numbers of samples and frames, never sound: what plays is told as stretches of a turn. Where SPEC leaves a
choice, `Choices` says what the traces take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from protocol.playout.faces import Faces
from protocol.playout.material import TICKS
from protocol.playout.turn import CHOICES, Choices, Turn

OF_A_REPLY: Final = frozenset({"reply_start", "text", "media", "cue", "tool_call", "reply_end"})

Run: TypeAlias = tuple[int, int, int, float, float]  # turn (0: silence), first sample, count, gains
Place: TypeAlias = tuple[int, int]  # turn, pts


@dataclass(slots=True)
class Heard:
    """What one pull brought."""

    air: list[Run] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    cues: list[str] = field(default_factory=list)
    finals: list[Place] = field(default_factory=list)  # turns that ended, and where


class Listener:
    """Plays one session. `now` is ms of the client's clock."""

    def __init__(self, *, rate: int, fps: int, lead_ms: int, choices: Choices = CHOICES) -> None:
        self.rate, self.fps, self.choices = rate, fps, choices
        self.most_prime = round(lead_ms / 1000 * choices.prime_most * rate)
        self.least_prime = min(round(choices.prime * rate), self.most_prime)
        self.faces = Faces(rate, fps, choices)
        self.begin_session()

    def begin_session(self) -> None:
        """Start anew: nothing of an older session counts, plays or is reported."""
        self.turns: list[Turn] = []
        self.seq = self.dropped = 0
        self.prime = self.least_prime
        self.playing = self.ducked = False
        self.still = 0  # samples of silence since media came
        self.gain = self.aim = 1.0
        self.fading = 0  # samples left of an interrupted turn
        self.finals: list[Place] = []  # told with the next pull
        self.faces.begin_session()

    # ------------------------------------------------------------------------------------------------ what comes

    def take(self, message: Mapping[str, Any], now: float) -> None:
        """Take a server's message (section 9: nothing twice, nothing of a turn that was cut)."""
        kind, turn, seq = message["type"], message.get("turn", 0), message.get("seq", 0)
        if kind == "welcome":
            if not message["resumed"]:
                self.begin_session()
            return
        if seq and seq <= self.seq:
            return
        self.seq = max(self.seq, seq)
        if kind == "state":
            self.duck(message["state"] == "overlap")
        elif kind == "interrupted":
            self.interrupt(turn)
        elif kind == "media" and turn == 0:
            self.faces.live(now, message["face_pts"] * self.fps // TICKS, message["frames"])
        elif kind in OF_A_REPLY and turn > self.dropped:
            self.take_reply(self.turn(turn), message)

    def turn(self, number: int) -> Turn:
        for turn in self.turns:
            if turn.number == number:
                return turn
        self.turns.append(Turn(number))
        return self.turns[-1]

    def take_reply(self, turn: Turn, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "reply_start":
                turn.placed = True
            case "media":
                self.take_media(turn, message)
            case "text":
                turn.marks.append((message["pts"], "word", message["text"]))
            case "cue":
                turn.marks.append((message["pts"], "cue", message["name"]))
            case "reply_end":
                turn.placed = True
                turn.reason = message["reason"]
        turn.marks.sort(key=lambda mark: mark[0])

    def take_media(self, turn: Turn, message: Mapping[str, Any]) -> None:
        self.still = 0
        first = message["pts"] * self.rate // TICKS
        if not turn.placed:  # a viewer who joins in the middle begins there
            turn.heard = turn.known = first
            turn.placed = True
        if first > turn.known:
            turn.gaps.append((turn.known, first))
        turn.known = max(turn.known, first + message["samples"])
        frame = message["face_pts"] * self.fps // TICKS
        turn.frames.update(range(frame, frame + message["frames"]))

    def duck(self, ducked: bool) -> None:
        self.ducked = ducked
        if self.playing and not self.fading:
            self.aim = self.choices.ducked if ducked else 1.0

    def interrupt(self, number: int) -> None:
        """Drop every turn up to `number`; the one being heard fades out."""
        self.dropped = max(self.dropped, number)
        for turn in [each for each in self.turns if each.number <= number]:
            turn.marks.clear()
            if turn is self.turns[0] and self.playing and turn.waiting:
                self.aim = 0.0
                self.fading = self.fading or round(self.choices.fade * self.rate)
            else:
                self.finish(turn, cut=True)

    def stop(self) -> Place:
        """Cut what is heard, as the user asks (section 8.6): the place that `interrupt` tells."""
        place = self.playhead
        self.interrupt(place[0])
        return place

    # ------------------------------------------------------------------------------------------- what goes to air

    def pull(self, count: int) -> Heard:
        """Play the next `count` samples."""
        heard = Heard()
        while True:
            turn = self.turns[0] if self.turns else None
            if turn and self.playing and not turn.waiting and turn.reason:
                self.finish(turn, cut=False, heard=heard)
            elif not count:
                break
            elif turn is None or not (self.playing or self.start(turn)):
                heard.air.append((0, 0, count, 1.0, 1.0))
                self.still += count
                count = 0
            elif turn.waiting:
                run = self.stretch(turn, count)
                self.play(turn, run, heard)
                count -= run
            elif not turn.reason:  # ran dry
                self.playing = False
                turn.starved = True
                self.prime = min(self.prime * 3 // 2, self.most_prime)
        self.tell(heard)
        return heard

    def start(self, turn: Turn) -> bool:
        enough = turn.waiting >= max(1, self.prime)
        stalled = turn.waiting > 0 and self.still > self.choices.stall * self.rate
        self.playing = enough or stalled or bool(turn.reason)
        if self.playing:
            self.gain = self.aim = self.choices.ducked if self.ducked else 1.0
            if not turn.begun:
                self.faces.begin_turn()
            turn.begun = True
        return self.playing

    def stretch(self, turn: Turn, count: int) -> int:
        """How many samples play in one manner: without a gap's edge, an end of a ramp or of the fade in them."""
        count = min(count, turn.waiting)
        if self.fading:
            count = min(count, self.fading)
        elif self.gain != self.aim:
            count = min(count, max(1, round(abs(self.aim - self.gain) / self.step)))
        for edge in (edge for gap in turn.gaps for edge in gap):
            if turn.heard < edge:
                count = min(count, edge - turn.heard)
        return count

    @property
    def step(self) -> float:
        return (1 - self.choices.ducked) / (self.choices.ramp * self.rate)

    def play(self, turn: Turn, count: int, heard: Heard) -> None:
        before = self.gain
        if self.fading:
            self.gain -= self.gain * count / self.fading
            self.fading -= count
        elif self.gain > self.aim:
            self.gain = max(self.aim, self.gain - count * self.step)
        elif self.gain < self.aim:
            self.gain = min(self.aim, self.gain + count * self.step)
        gap = any(first <= turn.heard < last for first, last in turn.gaps)
        heard.air.append((turn.number, turn.heard, count, *((0.0, 0.0) if gap else (before, self.gain))))
        turn.heard += count
        self.due(turn, turn.heard * TICKS // self.rate, heard)
        if self.aim == 0.0 and not (self.fading and turn.waiting):
            self.finish(turn, cut=True)

    def due(self, turn: Turn, pts: float, heard: Heard) -> None:
        """Tell what lies before `pts`: what lies at the playhead itself has not been heard yet."""
        while turn.marks and turn.marks[0][0] < pts:
            _, kind, shown = turn.marks.pop(0)
            (heard.words if kind == "word" else heard.cues).append(shown)

    def finish(self, turn: Turn, *, cut: bool, heard: Heard | None = None) -> None:
        if heard:
            self.due(turn, float("inf"), heard)
        self.finals.append((turn.number, turn.heard * TICKS // self.rate))
        if turn is self.turns[0]:
            self.playing = False
            self.fading = self.still = 0
            self.faces.cut = cut
            if not turn.starved:
                self.prime = max(self.prime * 9 // 10, self.least_prime)
        self.turns.remove(turn)
        self.dropped = max(self.dropped, turn.number)

    def tell(self, heard: Heard) -> None:
        if self.turns and self.turns[0].begun:  # also while it is held
            self.due(self.turns[0], self.turns[0].heard * TICKS // self.rate, heard)
        heard.finals, self.finals = self.finals, []

    # ------------------------------------------------------------------------------------------------ what is seen

    @property
    def playhead(self) -> Place:
        """The turn that is heard, also while it is held, and its position; turn 0 between turns."""
        turn = self.turns[0] if self.turns else None
        return (turn.number, turn.heard * TICKS // self.rate) if turn and turn.begun else (0, 0)

    def seen(self, end: float) -> dict[str, Any]:
        """Say what the face shows at `end`, or nothing while it may be on its way there."""
        turn = self.turns[0] if self.turns else None
        return self.faces.seen(end, turn if turn and turn.begun and turn.frames else None, fading=self.fading > 0)
