"""An avatar that is not there: it plays what it is sent, reports its playhead, and remembers what it experienced.

Pure: messages and instants go in, playheads come out, and `deadline` says when to call `expire`. Breaks of the wire's
promises are collected as sentences in `faults`, so that a test can judge the experience and not the mechanism.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Final

from protocol.messages import (
    MEDIA_RATE,
    CueAt,
    Error,
    Interrupted,
    Media,
    Playhead,
    ReplyEnd,
    ReplyStart,
    ServerMessage,
    StateChange,
    ToolCall,
    TranscriptText,
    Welcome,
    WordText,
)

FRESH: Final = 1e-9  # seconds: instants nearer than this are the same


@dataclass(frozen=True, slots=True)
class Gap:
    """Silence in the middle of a reply: where, when and how long."""

    turn: int
    pts: int
    at: float
    seconds: float


@dataclass(slots=True)
class Turn:
    """One reply as it was sent and played; pts in ticks, instants in seconds."""

    id: int
    begun_at: float
    pcm: bytearray = field(default_factory=bytearray)
    faces: dict[int, tuple[float, bytes]] = field(default_factory=dict)  # frame number: arrival and weights
    words: list[WordText] = field(default_factory=list)
    cues: list[CueAt] = field(default_factory=list)
    buffered: int = 0
    end: int | None = None
    text: str = ""
    reason: str = ""
    first_at: float | None = None  # first media came
    sound_at: float | None = None  # first sound played
    over_at: float | None = None  # played to its end, or cut
    cut: int | None = None  # where the server cut history
    offsets: list[float] = field(default_factory=list)  # seconds by which each frame came after its sound
    missing: int = 0  # frames that were not there when their sound played
    base: float = 0.0  # position at `since` ...
    since: float | None = None  # ... while it plays
    dry_at: float | None = None  # ran out of sound

    @property
    def played(self) -> int:
        """Position up to which it was heard, in ticks."""
        return int(self.base + 1e-3)


class Avatar:
    """One client of one session; `threshold` seconds are buffered before sound starts, `speed` is its clock's error."""

    def __init__(
        self, *, threshold: float = 0.05, every: float = 0.2, speed: float = 1.0, reports: bool = True
    ) -> None:
        self.turns: dict[int, Turn] = {}
        self.messages: list[tuple[float, ServerMessage]] = []
        self.gaps: list[Gap] = []
        self.faults: list[str] = []
        self.welcome: Welcome | None = None
        self.seq = 0
        self.idle_frames = 0
        self._threshold, self._every, self._reports = threshold * MEDIA_RATE, every, reports
        self._ticks = MEDIA_RATE * speed  # of the media clock in one second
        self._current: Turn | None = None
        self._report_at: float | None = None
        self._cut_up_to = 0

    # ---------------------------------------------------------------------------------------- what comes and goes

    @property
    def deadline(self) -> float | None:
        """When `expire` has something to do, if nothing comes before."""
        turn = self._current
        if turn is None or turn.since is None:
            return None
        dry = turn.since + (turn.buffered - turn.base) / self._ticks
        return dry if self._report_at is None else min(dry, self._report_at)

    def expire(self, now: float) -> list[Playhead]:
        """Time passes; the playheads to send."""
        self._advance(now)
        turn = self._current
        if turn is None or self._report_at is None:
            return []
        if turn.over_at is not None:
            self._report_at = None
            return self._report(turn)
        if now < self._report_at - FRESH:
            return []
        self._report_at = now + self._every if turn.since is not None else None
        return self._report(turn)

    def receive(self, message: ServerMessage, now: float) -> list[Playhead]:
        """Take a message that comes; return the playheads to send."""
        out = self.expire(now)
        self.messages.append((now, message))
        self._check_order(message)
        match message:
            case Welcome():
                self.welcome = message
            case ReplyStart(turn=turn):
                if turn in self.turns:
                    self.faults.append(f"turn {turn} began twice")
                self._follow(Turn(turn, now))
            case Media(turn=0):
                self.idle_frames += len(message.face) // max(1, self._channels)
            case Media():
                self._media(message, now)
            case WordText():
                self._timed(message.turn, message.pts, message.text)
                self._turn(message.turn).words.append(message)
            case CueAt():
                self._timed(message.turn, message.pts, message.name)
                self._turn(message.turn).cues.append(message)
            case ReplyEnd():
                self._ended(message, now)
            case Interrupted():
                out += self._interrupted(message)
                self._stop(now)
            case _:
                pass
        return out + self.expire(now)

    # ---------------------------------------------------------------------------------------- what was experienced

    def heard(self, turn: int) -> str:
        """Return the words of a turn that began to sound."""
        words = [word for word in self.turns[turn].words if word.pts < self.turns[turn].played]
        return "".join(word.gap + word.text for word in words).strip()

    def sound(self, turn: int) -> bytes:
        """Return the PCM of a turn that was played."""
        rate = self.welcome.audio.rate if self.welcome else 24_000
        return bytes(self.turns[turn].pcm[: self.turns[turn].played * rate // MEDIA_RATE * 2])

    def states(self) -> list[str]:
        """Return every state that the companion showed."""
        return [message.state for _, message in self.messages if isinstance(message, StateChange)]

    def transcripts(self) -> list[str]:
        """Return the final transcripts."""
        return [m.text for _, m in self.messages if isinstance(m, TranscriptText) and m.final]

    def errors(self) -> list[str]:
        """Return the codes of all errors."""
        return [message.code for _, message in self.messages if isinstance(message, Error)]

    def tool_calls(self) -> list[ToolCall]:
        """Return what the companion asked of the scene."""
        return [message for _, message in self.messages if isinstance(message, ToolCall)]

    # ---------------------------------------------------------------------------------------- inside

    @property
    def _channels(self) -> int:
        return len(self.welcome.face.names) if self.welcome else 55

    @property
    def _per_frame(self) -> int:
        return MEDIA_RATE // (self.welcome.face.fps if self.welcome else 60)

    def _turn(self, number: int) -> Turn:
        if number not in self.turns:
            self.faults.append(f"turn {number} has no reply_start")
            self._follow(Turn(number, 0.0))
        return self.turns[number]

    def _follow(self, turn: Turn) -> None:
        if self._current and self._current.over_at is None:
            self.faults.append(f"turn {turn.id} began while turn {self._current.id} was still to be heard")
        if self.turns and turn.id <= max(self.turns):
            self.faults.append(f"turn {turn.id} came after turn {max(self.turns)}")
        self.turns[turn.id] = self._current = turn
        self._report_at = None

    def _check_order(self, message: ServerMessage) -> None:
        if seq := getattr(message, "seq", 0):
            if seq <= self.seq and not isinstance(message, Welcome):
                self.faults.append(f"seq {seq} came after {self.seq}")
            self.seq = max(self.seq, seq if not isinstance(message, Welcome) else 0)
        turn = getattr(message, "turn", 0)
        if 0 < turn <= self._cut_up_to and not isinstance(message, StateChange | Error):
            self.faults.append(f"{type(message).__name__} of turn {turn} came after it was interrupted")

    def _timed(self, turn: int, pts: int, what: str) -> None:
        if pts < self._turn(turn).played:
            self.faults.append(f"{what!r} of turn {turn} came after its time")

    def _media(self, media: Media, now: float) -> None:
        turn = self._turn(media.turn)
        if media.pts != turn.buffered:
            self.faults.append(f"turn {turn.id}: media at {media.pts} where {turn.buffered} was due")
        rate = self.welcome.audio.rate if self.welcome else 24_000
        turn.first_at = now if turn.first_at is None else turn.first_at
        turn.pcm += media.pcm
        turn.buffered = media.pts + len(media.pcm) // 2 * MEDIA_RATE // rate
        width = self._channels
        if media.face and media.face_pts % self._per_frame:
            self.faults.append(f"turn {turn.id}: face at {media.face_pts}, between two frames")
        first = media.face_pts // self._per_frame
        for row in range(len(media.face) // width if width else 0):
            turn.faces[first + row] = (now, media.face[row * width : (row + 1) * width])
        self._play(turn, now)

    def _ended(self, end: ReplyEnd, now: float) -> None:
        turn = self._turn(end.turn)
        if end.pts != turn.buffered:
            self.faults.append(f"turn {turn.id} ends at {end.pts} but its sound at {turn.buffered}")
        turn.end, turn.text, turn.reason = end.pts, end.text, end.reason
        self._play(turn, now)
        if turn.since is None and turn.over_at is None and turn.base >= turn.buffered:
            turn.over_at = now if turn.dry_at is None else turn.dry_at
            self._report_at = now

    def _play(self, turn: Turn, now: float) -> None:
        ahead = turn.buffered - turn.base
        if turn.since is not None or turn.over_at is not None or ahead <= 0:
            return
        if ahead < self._threshold and turn.end is None:
            return
        if turn.dry_at is not None:
            self.gaps.append(Gap(turn.id, turn.played, turn.dry_at, now - turn.dry_at))
        turn.sound_at = now if turn.sound_at is None else turn.sound_at
        turn.since, turn.dry_at, self._report_at = now, None, now + self._every

    def _advance(self, now: float) -> None:
        turn = self._current
        if turn is None or turn.since is None:
            return
        reach = turn.base + (now - turn.since) * self._ticks
        # The end of a buffer is reached when the clock is within a thousandth of a tick of it.
        dry = reach > turn.buffered - 1e-3
        position = float(turn.buffered) if dry else reach
        self._show(turn, turn.base, position, turn.since)
        dry_at = turn.since + (turn.buffered - turn.base) / self._ticks
        turn.base, turn.since = position, None if dry else now
        if dry and turn.end is not None:
            turn.over_at = dry_at
        elif dry:
            turn.dry_at = dry_at

    def _show(self, turn: Turn, start: float, end: float, since: float) -> None:
        """Note which frames were there when their sound played."""
        if not self._channels:
            return
        per_frame = self._per_frame
        for number in range(ceil(start / per_frame), ceil(end / per_frame)):
            due = since + (number * per_frame - start) / self._ticks
            if number in turn.faces:
                turn.offsets.append(max(0.0, turn.faces[number][0] - due))
            else:
                turn.missing += 1

    def _interrupted(self, message: Interrupted) -> list[Playhead]:
        self._cut_up_to = max(self._cut_up_to, message.turn)
        turn = self.turns.get(message.turn)
        if turn is None or turn.over_at is not None:
            return []
        turn.cut = message.pts
        return self._report(turn)

    def _stop(self, now: float) -> None:
        for turn in self.turns.values():
            if turn.id <= self._cut_up_to and turn.over_at is None:
                turn.over_at, turn.since = now, None
        self._report_at = None

    def _report(self, turn: Turn) -> list[Playhead]:
        return [Playhead(turn=turn.id, pts=turn.played, seq=self.seq)] if self._reports else []
