"""The scripted server's side: what a client said, what it was told, and what must hold at any moment."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import msgspec

from protocol import messages as m
from protocol.codec import JSON, MSGPACK, Codec, Wire
from protocol.conformance.play import (
    LOST,
    Came,
    Close,
    Cut,
    Ended,
    Event,
    Freeze,
    Opened,
    Over,
    Ping,
    Ponged,
    Send,
    Shut,
    Stage,
)
from protocol.errors import RemoteProtocolError

RATE: Final = 24_000
FPS: Final = 60
LEAD_S: Final = 0.3
TICKS: Final = m.MEDIA_RATE
NAMES: Final = ("jawOpen", "mouthClose", "xUnknown", "headYaw")
RANGES: Final = ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (-0.5, 127 / 256))
NEEDS: Final[Mapping[type, str]] = {
    m.Mic: "mic", m.Talk: "talk", m.UserText: "text", m.Context: "context", m.Tools: "tools",
    m.ToolAnswer: "tools", m.Seen: "seen", m.Camera: "camera",
}  # fmt: skip
# What runtimes write when a program breaks down instead of ending.
BROKEN: Final = (
    "Traceback (most recent call last)", "Unhandled Exception", "AddressSanitizer", "runtime error:", "Uncaught",
    "SCRIPT ERROR", "Segmentation fault", "terminate called", "panicked at", "UnhandledPromiseRejection",
)  # fmt: skip


def choose(offered: tuple[str, ...]) -> str | None:
    """Choose a subprotocol as a server does."""
    return next((name for name in m.SUBPROTOCOLS if name in offered), None)


def codec_of(offered: tuple[str, ...]) -> Codec:
    """Return how messages travel on a line where these were offered."""
    return JSON if choose(offered) == JSON.subprotocol else MSGPACK


@dataclass(frozen=True, slots=True)
class Told:
    """A message of the client's."""

    now: float
    line: int
    message: m.ClientMessage


@dataclass(frozen=True, slots=True)
class Placed:
    """A playhead of the client's."""

    now: float
    line: int
    message: m.Playhead


@dataclass
class ClientStage(Stage):
    """`slack` is how late a busy machine may be, s; `patience` how long a client may take to appear."""

    slack: float = 0.35
    patience: float = 20.0
    line: int = -1  # the newest
    codec: Codec = MSGPACK
    welcomed: bool = False
    turning_away: bool = False  # lines are cut as soon as they stand
    answers: bool = True  # pings get their pongs
    features: tuple[str, ...] = ()
    told: list[Told] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    shut: dict[int, Shut] = field(default_factory=dict)
    ponged: int = 0
    ended: Ended | None = None  # the client's process
    sessions: int = 0
    seq: int = 0
    sent: dict[int, int] = field(default_factory=dict)  # turn -> end of its sound so far
    since: dict[int, float] = field(default_factory=dict)  # turn -> when its first sound left
    whole: dict[int, int] = field(default_factory=dict)  # turn -> its end, once all of it was sent
    cut_at: dict[int, float] = field(default_factory=dict)
    session_from: int = 0  # index into `told`

    # ---------------------------------------------------------------------------------------------- what is seen

    def take(self, event: Event) -> None:
        """Note what the client did, and judge what can be judged at once."""
        match event:
            case Opened():
                self._open(event)
            case Came():
                self._came(event)
            case Ponged():
                self.ponged += 1
            case Shut():
                self.shut[event.line] = event
            case Ended():
                self.ended = event
            case _:
                pass

    def _open(self, event: Opened) -> None:
        self.line, self.codec, self.welcomed = event.line, codec_of(event.subprotocols), False
        self.opened.append(self.now)
        known = not event.subprotocols or choose(event.subprotocols) is not None
        self.judge("subprotocol", known, f"offers only {', '.join(event.subprotocols)}")
        hidden = f"secret-{self.sessions}" in event.target or "token=" in event.target
        self.judge("no_token_in_url", not hidden, "a token stands in the address that it asks for")
        if self.turning_away:
            self.actions.append(Cut(event.line))

    def _came(self, event: Came) -> None:
        if event.line != self.line or event.line in self.shut:
            return
        if isinstance(event.data, str) is not self.codec.text:
            self.judge("subprotocol", False, f"{self.codec.subprotocol} was agreed, the frame is of the other kind")
            return
        try:
            message = self.codec.decode_client(event.data)
        except RemoteProtocolError as error:
            self.judge("well_formed", False, error.message)
            return
        first = all(told.line != event.line for told in self.told)
        if first:
            kind = type(message).__name__.lower()
            self.judge("hello_first", isinstance(message, m.Hello), f"`{kind}` comes first")
        elif not self.welcomed:
            self.judge("waits_for_welcome", False, f"{type(message).__name__} came before `welcome`")
        elif isinstance(message, m.Hello):
            self.judge("well_formed", False, "a second `hello`")
        need = NEEDS.get(type(message), "")
        self.judge("only_features", not need or need in self.features, f"`{need}` is not among the features")
        if isinstance(message, m.Playhead) and self.welcomed:
            self._playhead(message)
        self.told.append(Told(self.now, event.line, message))
        if isinstance(message, m.Ping) and self.answers and self.welcomed:
            self.send(m.Pong(stamp=message.stamp, server=1000 * self.now % 2**40))

    def _playhead(self, head: m.Playhead) -> None:
        before = [told for told in self.playheads() if told.message.turn]
        self.judge(
            "playhead_seq", head.seq <= self.seq, f"acknowledges {head.seq}, {self.seq} was the last that was sent"
        )
        newest = max((told.message.seq for told in before), default=0)
        self.judge("playhead_seq", head.seq >= newest, f"acknowledges {head.seq} after {newest}")
        if not head.turn:
            return
        if head.turn not in self.sent:
            rule = "new_session" if self.sessions > 1 else "playhead_sent"
            self.judge(rule, False, f"tells of turn {head.turn}, which this session has not begun")
            return
        sent = self.sent[head.turn]
        self.judge("playhead_sent", head.pts <= sent, f"is at {head.pts} of turn {head.turn}, {sent} was sent")
        records = head.pts == sent
        begun = self.since.get(head.turn, self.now)
        most = (self.now - begun + self.slack) * TICKS
        self.judge(
            "playhead_heard",
            records or head.pts <= most,
            f"turn {head.turn} is at {head.pts / TICKS:.2f} s after {self.now - begun:.2f} s",
        )
        if not before:
            return
        last = before[-1].message
        if last.turn == head.turn:
            self.judge(
                "playhead_heard", head.pts >= last.pts, f"turn {head.turn} goes back from {last.pts} to {head.pts}"
            )
            jump = (head.pts - last.pts) / TICKS - (self.now - before[-1].now)
            self.judge(
                "no_sound_skipped", records or jump <= self.slack, f"turn {head.turn} jumps ahead by {jump:.2f} s"
            )
        elif last.turn > head.turn and head.turn not in self.cut_at:
            self.judge("in_order", False, f"turn {head.turn} is told after turn {last.turn}")
        elif last.turn < head.turn and last.turn not in self.cut_at:
            end = self.whole.get(last.turn)
            self.judge(
                "in_order",
                last.pts == end or head.pts == 0,
                f"turn {head.turn} is heard while turn {last.turn} is at {last.pts} of {end}",
            )

    def playheads(self, turn: int | None = None, since: float = 0.0) -> list[Placed]:
        """Return the playheads of this session, of one turn or of all."""
        found = []
        for told in self.told[self.session_from :]:
            message = told.message
            if isinstance(message, m.Playhead) and told.now >= since and turn in (None, message.turn):
                found.append(Placed(told.now, told.line, message))
        return found

    def came(self, kind: type, since: float = 0.0) -> bool:
        """Whether a message of a kind came since then."""
        return any(isinstance(told.message, kind) and told.now >= since for told in self.told)

    @property
    def hello(self) -> m.Hello | None:
        """The newest line's."""
        mine = [told.message for told in self.told if told.line == self.line]
        return mine[0] if mine and isinstance(mine[0], m.Hello) else None

    @property
    def here(self) -> bool:
        """Whether the newest line stands."""
        return self.line >= 0 and self.line not in self.shut

    def returned(self) -> bool:
        """Whether a new line has said `hello` and waits for its welcome."""
        return self.here and not self.welcomed and self.hello is not None

    # ---------------------------------------------------------------------------------------------- what is said

    def say(self, data: Wire, frames: int = 1) -> None:
        """Send bytes or text as they are."""
        if self.here:
            self.actions.append(Send(self.line, data, frames))

    def raw(self, fields: Mapping[str, Any], frames: int = 1) -> None:
        """Send a map that need not be a message of the protocol."""
        text = msgspec.json.encode(fields).decode() if self.codec.text else msgspec.msgpack.encode(fields)
        self.say(text, frames)

    def send(self, message: m.ServerMessage, *, more: Mapping[str, Any] | None = None, frames: int = 1) -> None:
        """Send a message with the next `seq` where it has one; `more` are fields that nobody knows."""
        if getattr(message, "seq", None) == 1:
            message = msgspec.structs.replace(message, seq=self.number())
        self.note(message)
        if more is None:
            self.say(self.codec.encode(message), frames)
        else:
            self.raw({**self.plain(message), **more}, frames)

    def plain(self, message: m.ServerMessage) -> dict[str, Any]:
        """Return a message's fields as they travel."""
        wire = self.codec.encode(message)
        made: dict[str, Any] = msgspec.json.decode(wire) if isinstance(wire, str) else msgspec.msgpack.decode(wire)
        return made

    def number(self) -> int:
        """Give the next `seq`."""
        self.seq += 1 if self.seq % 3 else 2
        return self.seq

    def note(self, message: m.ServerMessage) -> None:
        """Remember what the client may tell of."""
        match message:
            case m.ReplyStart():
                self.sent.setdefault(message.turn, 0)
            case m.Media() if message.turn:
                self.since.setdefault(message.turn, self.now)
                self.sent[message.turn] = message.pts + len(message.pcm) // 2 * TICKS // RATE
            case m.ReplyEnd():
                self.whole[message.turn] = message.pts
            case m.Interrupted():
                self.cut_at[message.turn] = self.now
            case _:
                pass

    def welcome(self, *, resumed: bool = False, reason: str = "", features: tuple[str, ...] = ("resume",)) -> None:
        """Welcome the client of the newest line, to a new session or to the last."""
        hello = self.hello or m.Hello()
        if not resumed:
            self.sessions += 1
            self.seq, self.sent, self.since, self.whole, self.cut_at = 0, {}, {}, {}, {}
            self.session_from = len(self.told)
        self.features = features
        self.send(
            m.Welcome(
                version=1, server="conformance", session=f"session-{self.sessions}", token=f"secret-{self.sessions}",
                resumed=resumed, seq=self.seq, reason=reason, resume_s=60.0, lead_ms=round(1000 * LEAD_S),
                audio=m.WelcomeAudio(rate=RATE),
                face=m.WelcomeFace(profile=hello.face.profile, fps=FPS, names=NAMES, ranges=RANGES),
                identity=m.WelcomeIdentity(name="Ada", locale="en", disclosure="Ada is an AI, not a person."),
                engines={"tts": "script"}, features=(*features, "x_new"),
                limits=m.WelcomeLimits(message_bytes=294_912, text_chars=2000, messages_per_s=200, idle_s=600.0),
            )
        )  # fmt: skip
        self.send(m.StateChange(state="idle"))
        self.welcomed = True

    # ------------------------------------------------------------------------------------------- what scenes share

    def meet(self, within: float | None = None) -> Generator[float, None, m.Hello]:
        """Wait for a line that was not welcomed, and its `hello`; Over when none comes."""

        def greeted() -> bool:
            return not self.welcomed and self.hello is not None

        came = yield from self.until(greeted, self.patience if within is None else within)
        hello = self.hello
        if not came or hello is None:
            raise Over
        return hello

    def back(self, rule: str, within: float = 3.0, after: str = "the line was lost") -> Generator[float, None, m.Hello]:
        """Wait for the client to take the session up again, which `rule` asks for; Over if it does not."""
        lines = len(self.opened)
        came = yield from self.until(
            lambda: len(self.opened) > lines and not self.welcomed and self.hello is not None, within + self.slack
        )
        hello = self.hello
        if not came or hello is None:
            self.judge(rule, False, f"it is not back {within:g} s after {after}")
            raise Over
        if not self.judge(rule, hello.resume is not None, f"it comes back without `resume` after {after}"):
            raise Over
        return hello

    @property
    def broke_down(self) -> str:
        """How the client's process broke down, if it did."""
        if self.ended is None:
            return ""
        mark = next((mark for mark in BROKEN if mark in self.ended.words), "")
        if mark or self.ended.code < 0 or self.ended.code >= 128:
            return f"{mark or 'it was killed'} (exit code {self.ended.code})"
        return ""

    @property
    def told_playheads(self) -> bool:
        """Whether it ever sent a playhead."""
        return any(isinstance(told.message, m.Playhead) for told in self.told)

    def repeat(self, message: m.ServerMessage) -> None:
        """Send a message as it is: one that the client has already."""
        self.say(self.codec.encode(message))

    def dismissed(self) -> None:
        """Say goodbye where somebody is still there."""
        if self.here:
            self.actions.append(Close(self.line, 1000, "bye"))

    def lose(self) -> None:
        """Drop the line."""
        self.actions.append(Cut(self.line))
        self.welcomed = False
        self.shut[self.line] = Shut(self.line, LOST)

    def freeze(self) -> None:
        """Let the line die in silence."""
        self.actions.append(Freeze(self.line))
        self.welcomed = False

    def dismiss(self, code: int, reason: str = "", *, error: bool = False) -> None:
        """Close the line, after a fatal error of that name."""
        if error:
            self.send(m.Error(code=reason, message=f"Closed for a trial: {reason}.", fatal=True, retry_after_s=5.0))
        self.actions.append(Close(self.line, code, reason))
        self.welcomed = False
        self.shut[self.line] = Shut(self.line, code, reason)

    def knock(self) -> None:
        """Send a WebSocket ping."""
        self.actions.append(Ping(self.line))

    def at_end(self, turn: int) -> bool:
        """Whether the client has told that a turn was played to its end."""
        return any(told.message.pts == self.whole.get(turn) for told in self.playheads(turn))

    def heard(self, turn: int, rule: str = "playhead_end") -> Generator[float, None, bool]:
        """Wait until the client says that it has played a turn to its end."""
        end = self.whole[turn]
        left = end / TICKS - (self.now - self.since.get(turn, self.now))

        done = yield from self.until(lambda: self.at_end(turn), max(0.0, left) + 1.5 + 2 * self.slack)
        told = self.playheads(turn)
        last = told[-1].message.pts if told else None
        return self.judge(rule, done, f"turn {turn} ends at {end}; the last playhead told of it is {last}")

    def regular(self, turn: int) -> None:
        """Judge the rhythm of a turn's playheads, from its first sound to its end."""
        times = [self.since[turn], *(told.now for told in self.playheads(turn))]
        gap = max((after - before for before, after in pairwise(times)), default=self.patience)
        self.judge("playhead_regular", gap <= 0.5 + self.slack, f"no playhead for {gap:.2f} s")
