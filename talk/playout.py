"""The client's half of smooth playback: a jitter buffer on the media clock that says what is heard and seen, and when.

Push the server's messages in, read samples out; what falls due with those samples comes along as events. Whoever
reads drives the clock: a sound card's callback, or `wall.Wall` where there is none. It knows no socket, no device and
no time of its own.

Not thread-safe: where a device reads in its own thread, one lock goes around `push` and `read`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from talk.heard import Began, Cued, Ended, Heard, Said, Shown, Sound, Voiced, Weights
from talk.resting import Resting

TICKS = 48_000  # per second of the media clock
PRIME_S = 0.08  # buffered before a turn starts; half as much again after an underrun, a tenth less after a clean turn
PRIME_MOST = 2 / 3  # of the server's lead: it sends no more until the playhead moves
STALL_S = 0.25  # whatever is buffered starts when nothing has come for this long
FADE_S = 0.06  # voice, when interrupted
RAMP_S = 0.02  # voice, to and from ducked
DUCKED = 0.3
MOST_S = 300.0  # buffered at most
LOST = "lost"  # reason of a turn's end: its session is over


Mark: TypeAlias = Said | Voiced | Cued


@dataclass(slots=True)
class _Turn:
    number: int
    pcm: bytearray = field(default_factory=bytearray)  # not heard yet
    heard: int = 0  # samples
    shown: int = 0  # frames
    framed: int = 0  # frames that came
    row: bytes = b""  # the frame on the face
    source: str = ""
    frames: deque[tuple[int, bytes, str]] = field(default_factory=deque)
    marks: deque[Mark] = field(default_factory=deque)
    placed: bool = False  # where it begins is settled
    begun: bool = False
    starved: bool = False
    reason: str = ""  # of the end, once everything has come

    @property
    def waiting(self) -> int:
        return len(self.pcm) // 2


class Playout:
    """Plays one companion's turns in order.

    `rate` is samples per second (it divides 48000), `fps` and `ranges` are those of `welcome.face` (no ranges: no
    face), `lead` the seconds that the server keeps ahead.
    """

    def __init__(
        self, *, rate: int = 24_000, fps: int = 60, ranges: Sequence[Sequence[float]] = (), lead: float = 0.3
    ) -> None:
        if rate <= 0 or TICKS % rate:
            raise ValueError(f"{rate} samples a second do not divide the media clock's {TICKS}")
        self.rate = rate
        self.fps = fps
        self.underruns = 0
        self._ranges = np.asarray(ranges, dtype=np.float64).reshape(-1, 2)
        self._most_prime = round(lead * PRIME_MOST * rate)
        self._least_prime = min(round(PRIME_S * rate), self._most_prime)
        self._prime = self._least_prime
        self._turns: deque[_Turn] = deque()
        self._running = False  # False: between turns, priming, or held by an underrun
        self._dropped = 0  # turns up to this one are over
        self._stalled = 0  # samples since something came
        self._gain, self._aim, self._step = 1.0, 1.0, 0.0  # now, where to, and how much a sample
        self._fading = 0  # samples left of an interrupted turn
        self._ducked = False
        self._resting = Resting(rate, fps)
        self._later: list[Heard] = []

    # ------------------------------------------------------------------------------------------------- what comes

    def push(self, message: Mapping[str, Any]) -> None:
        """Take a server message as the client yields it; those that are not about playing are ignored.

        Raises OverflowError when more than `MOST_S` of a turn wait: the server does not pace.
        """
        match message["type"]:
            case "media" if message["turn"] == 0:
                self._resting.live(map(self._weights, self._rows(message["face"])))
            case "media":
                self._media(message)
            case "reply_start":
                if turn := self._turn(message["turn"]):
                    turn.placed = True
            case "text":
                pts, end = message["pts"], message["end"]
                self._mark(Said(message["turn"], pts, end, message["text"], message["gap"]))
            case "cue":
                pts, kind, name = message["pts"], message["kind"], message["name"]
                self._mark(Cued(message["turn"], pts, kind, name, message["intensity"]))
            case "reply_end":
                if turn := self._turn(message["turn"]):
                    turn.placed = True
                    turn.reason = message["reason"]
            case "interrupted":
                self.interrupt(message["turn"])
            case "state":
                self._duck(message["state"] == "overlap")
            case _:
                pass

    def interrupt(self, turn: int) -> None:
        """Drop every turn up to `turn`; the one being heard fades out."""
        self._dropped = max(self._dropped, turn)
        while self._turns and self._turns[0].number <= self._dropped:
            self._turns[0].marks.clear()
            if self._running and self._turns[0].waiting:
                if not self._fading:
                    self._fading = round(FADE_S * self.rate)
                    self._aim, self._step = 0.0, self._gain / self._fading
                break
            self._finish(self._later, cut=True)
        while len(self._turns) > 1 and self._turns[1].number <= self._dropped:
            gone = self._turns[1]
            del self._turns[1]
            self._later.append(Ended(gone.number, 0, True, "interrupted"))

    def reset(self) -> None:
        """Drop everything at once: the session is a new one, and turns count from 1 again."""
        for turn in self._turns:
            self._later.append(Ended(turn.number, turn.heard * TICKS // self.rate, True, LOST))
        if self._turns and (row := self._turns[0].row):
            turn = self._turns[0]
            self._resting.ease(turn.number, turn.heard, turn.shown, self._weights(row), cut=True)
        self._turns.clear()
        self._running = self._ducked = False
        self._dropped = self._fading = self._stalled = 0

    def _turn(self, number: int) -> _Turn | None:
        if number <= self._dropped:
            return None
        for turn in self._turns:
            if turn.number == number:
                return turn
        self._turns.append(_Turn(number))
        return self._turns[-1]

    def _media(self, message: Mapping[str, Any]) -> None:
        turn = self._turn(message["turn"])
        if turn is None:
            return
        self._stalled = 0
        at = message["pts"] * self.rate // TICKS
        if not turn.placed:  # a viewer who joins in the middle of a turn begins there
            turn.placed, turn.heard, turn.shown = True, at, at * self.fps // self.rate
        due = turn.heard + turn.waiting
        if at - due > MOST_S * self.rate or turn.waiting > MOST_S * self.rate:
            raise OverflowError(f"turn {turn.number}: the server sent more than {MOST_S:.0f} s ahead")
        turn.pcm += bytes(2 * max(0, at - due)) + message["pcm"][2 * max(0, due - at) :]
        first = round(message["face_pts"] * self.fps / TICKS)
        for index, row in enumerate(self._rows(message["face"]), first):
            if index >= turn.framed:  # else it came already
                turn.frames.append((index, row, message["source"]))
                turn.framed = index + 1
        for phone in message.get("phones", ()):
            self._mark(Voiced(turn.number, phone["pts"], phone["end"], phone["ipa"]))

    def _mark(self, mark: Mark) -> None:
        """Put a word, a cue or a speech sound where it belongs among the others."""
        if turn := self._turn(mark.turn):
            turn.marks.insert(bisect_right(turn.marks, mark.pts, key=attrgetter("pts")), mark)

    def _rows(self, face: bytes) -> list[bytes]:
        width = len(self._ranges)
        return [face[at : at + width] for at in range(0, len(face) // width * width, width)] if width else []

    def _duck(self, ducked: bool) -> None:
        self._ducked = ducked
        if self._running and not self._fading:
            self._aim, self._step = DUCKED if ducked else 1.0, (1 - DUCKED) / (RAMP_S * self.rate)

    # -------------------------------------------------------------------------------------------- what goes to air

    @property
    def dry(self) -> bool:
        """Whether nothing is being played now."""
        return not self._running

    @property
    def turn(self) -> int:
        """The turn at the playhead, also while it is held by an underrun; 0 between turns."""
        return self._turns[0].number if self._turns and self._turns[0].begun else 0

    @property
    def pts(self) -> int:
        """The playhead in ticks of that turn."""
        return self._turns[0].heard * TICKS // self.rate if self.turn else 0

    @property
    def quiet(self) -> bool:
        """Whether nothing is playing and nothing waits to be played."""
        return not self._turns and not self._later

    def read(self, samples: int) -> tuple[bytes, list[Heard]]:
        """Return the next `samples` of sound, silence where there is none, and what falls due in them, in order."""
        air, events = bytearray(), self._later
        self._later = []
        while left := samples - len(air) // 2:
            turn = self._turns[0] if self._turns else None
            if turn is None or not (self._running or self._start(turn, events)):
                self._rest(left, events)
                air += bytes(2 * left)
            elif turn.waiting:
                air += self._play(turn, min(left, turn.waiting, self._fading or left), events)
            elif not turn.reason:
                self.underruns += 1
                turn.starved = True
                self._running = False
                self._prime = min(self._prime * 3 // 2, self._most_prime)
            if self._running and self._turns and self._turns[0].reason and not self._turns[0].waiting:
                self._finish(events, cut=False)
        return bytes(air), events

    def _start(self, turn: _Turn, events: list[Heard]) -> bool:
        """Begin or go on with a turn once enough of it waits."""
        stalled = self._stalled > STALL_S * self.rate and turn.waiting > 0
        self._running = turn.waiting >= max(1, self._prime) or bool(turn.reason) or stalled
        if self._running:
            self._gain = self._aim = DUCKED if self._ducked else 1.0
        if self._running and not turn.begun:
            turn.begun = True
            self._resting.stop()
            events.append(Began(turn.number, turn.heard * TICKS // self.rate))
        return self._running

    def _play(self, turn: _Turn, run: int, events: list[Heard]) -> bytes:
        at = turn.heard * TICKS // self.rate
        pcm = self._shape(bytes(turn.pcm[: 2 * run]))
        del turn.pcm[: 2 * run]
        turn.heard += run
        events.append(Sound(turn.number, at, pcm))
        due: list[Mark | Shown] = [*self._marks(turn), *self._frames(turn)]
        due.sort(key=lambda event: event.pts)
        events.extend(due)
        if self._fading:
            self._fading -= run
            if not (self._fading and turn.waiting):
                self._finish(events, cut=True)
        return pcm

    def _shape(self, pcm: bytes) -> bytes:
        if self._gain == self._aim == 1.0:
            return pcm
        count = np.arange(1, len(pcm) // 2 + 1)
        way = np.sign(self._aim - self._gain) * self._step * count + self._gain
        gains = np.clip(way, min(self._gain, self._aim), max(self._gain, self._aim))
        self._gain = float(gains[-1])
        shaped: bytes = np.rint(np.frombuffer(pcm, "<i2") * gains).astype("<i2").tobytes()
        return shaped

    def _marks(self, turn: _Turn) -> Iterator[Mark]:
        while turn.marks and turn.marks[0].pts * self.rate < turn.heard * TICKS:
            yield turn.marks.popleft()

    def _frames(self, turn: _Turn) -> Iterator[Shown]:
        while len(self._ranges) and turn.shown * self.rate < turn.heard * self.fps:
            while turn.frames and turn.frames[0][0] <= turn.shown:
                _, turn.row, turn.source = turn.frames.popleft()
            yield Shown(turn.number, turn.shown * TICKS // self.fps, self._weights(turn.row), turn.source)
            turn.shown += 1

    def _weights(self, row: bytes) -> Weights:
        if not row:
            return (0.0,) * len(self._ranges)
        low, high = self._ranges[:, 0], self._ranges[:, 1]
        return tuple((low + (high - low) * np.frombuffer(row, np.uint8) / 255).tolist())

    def _finish(self, events: list[Heard], *, cut: bool) -> None:
        turn = self._turns.popleft()
        if not cut:
            events.extend(turn.marks)
        pts = turn.heard * TICKS // self.rate
        events.append(Ended(turn.number, pts, cut, "interrupted" if cut else turn.reason))
        self._running, self._fading, self._stalled = False, 0, 0
        self._dropped = max(self._dropped, turn.number)
        if not turn.starved:
            self._prime = max(self._prime * 9 // 10, self._least_prime)
        if turn.row:
            self._resting.ease(turn.number, turn.heard, turn.shown, self._weights(turn.row), cut=cut)

    def _rest(self, run: int, events: list[Heard]) -> None:
        self._stalled += run
        if self.turn:  # held: what came late is due, the face stands
            events.extend(self._marks(self._turns[0]))
        else:
            events.extend(self._resting.go_on(run))
