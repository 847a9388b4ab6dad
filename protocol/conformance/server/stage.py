"""The scripted client's side: what a server said on each line, and what must hold at any moment."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec

from protocol import messages as m
from protocol.codec import JSON, MSGPACK, Codec, Wire
from protocol.conformance.play import (
    Answered,
    Came,
    Close,
    Connect,
    Cut,
    Event,
    Opened,
    Over,
    Request,
    Send,
    Shut,
    Stage,
)
from protocol.errors import RemoteProtocolError

TICKS: Final = m.MEDIA_RATE
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Got:
    """A message of the server's, and how it came."""

    now: float
    message: m.ServerMessage
    wire: Wire


@dataclass
class Line:
    """One connection."""

    number: int
    codec: Codec = MSGPACK
    opened: Opened | None = None
    answered: Answered | None = None
    shut: Shut | None = None
    inbox: list[Got] = field(default_factory=list)
    seq: int = 0
    sent: dict[int, int] = field(default_factory=dict)  # turn -> end of its sound
    faces: dict[int, int] = field(default_factory=dict)  # turn -> end of its faces
    words: dict[int, str] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    cut: int = 0
    sounding: int = 0  # the turn whose first media has just come

    def of(self, kind: type[Kind], since: int = 0) -> list[Kind]:
        """Return the messages of a kind, from the `since`-th message on."""
        return [got.message for got in self.inbox[since:] if isinstance(got.message, kind)]

    @property
    def welcome(self) -> m.Welcome | None:
        """What the server agreed to, once it has."""
        return next(iter(self.of(m.Welcome)), None)

    @property
    def settled(self) -> bool:
        """Whether the server has welcomed us, refused, or left."""
        return self.welcome is not None or self.shut is not None or self.answered is not None


@dataclass
class ServerStage(Stage):
    """`patience` is how long a server may take to do something at all, s; `token` goes into each `hello`."""

    token: str = ""
    patience: float = 10.0
    say: str = "Who are you, and what do you like?"
    lines: list[Line] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------------- what is seen

    def take(self, event: Event) -> None:
        """Note what the server did, and judge what can be judged at once."""
        line = self.lines[event.line] if hasattr(event, "line") else None
        match event:
            case Opened() if line:
                line.opened = event
                line.codec = JSON if event.subprotocols == (JSON.subprotocol,) else MSGPACK
            case Came() if line:
                self._came(line, event)
            case Shut() if line:
                line.shut = event
            case Answered() if line:
                line.answered = event
            case _:
                pass

    def _came(self, line: Line, event: Came) -> None:
        try:
            message = line.codec.decode_server(event.data)
        except RemoteProtocolError as error:
            self.judge("valid", error.code == "unknown_type", error.message)
            if line.codec.text:
                self.judge("json_same", error.code == "unknown_type", error.message)
            return
        if not line.inbox:
            refusal = isinstance(message, m.Error) and message.fatal
            kind = type(message).__name__
            self.judge("welcome_first", refusal or isinstance(message, m.Welcome), f"{kind} comes first")
        line.inbox.append(Got(self.now, message, event.data))
        self._order(line, message)
        match message:
            case m.Welcome():
                line.seq = message.seq if not message.resumed else line.seq
            case m.Media() if message.turn:
                self._media(line, message)
            case m.WordText():
                self._word(line, message)
            case m.ReplyStart():
                line.started.add(message.turn)
            case m.ReplyEnd():
                self._end(line, message)
            case m.Interrupted():
                line.cut = max(line.cut, message.turn)
            case _:
                pass
        seq = getattr(message, "seq", 0)
        if seq and not isinstance(message, m.Welcome):
            self.judge("seq_rises", seq > line.seq, f"{seq} comes after {line.seq}")
            line.seq = max(line.seq, seq)

    def _order(self, line: Line, message: m.ServerMessage) -> None:
        turn = getattr(message, "turn", 0)
        part = isinstance(message, m.WordText | m.Media | m.CueAt | m.ToolCall | m.ReplyEnd | m.ReplyStart)
        if part and turn:
            self.judge("nothing_after_cut", turn > line.cut, f"{type(message).__name__} of turn {turn} after its end")
        if isinstance(message, m.StateChange) and message.state == "thinking" and turn:
            self.judge("reply_order", turn in line.started, f"`thinking` before the `reply_start` of turn {turn}")
        if line.sounding and (part or isinstance(message, m.StateChange)):
            right = isinstance(message, m.StateChange) and message.state in ("speaking", "overlap")
            self.judge("reply_order", right, f"{type(message).__name__} follows the first `media`, not `speaking`")
            line.sounding = 0

    def _media(self, line: Line, media: m.Media) -> None:
        welcome = line.welcome
        if welcome is None:
            return
        first = media.turn not in line.sent
        at = line.sent.get(media.turn, 0 if media.turn in line.started else media.pts)
        self.judge("contiguous", media.pts == at, f"turn {media.turn}: media at {media.pts}, {at} is due")
        self.judge("contiguous", len(media.pcm) % 2 == 0, f"turn {media.turn}: half a sample")
        line.sent[media.turn] = media.pts + len(media.pcm) // 2 * TICKS // welcome.audio.rate
        width, tick = len(welcome.face.names), TICKS // welcome.face.fps
        if width and media.face:
            due = line.faces.get(media.turn, media.face_pts)
            whole = len(media.face) % width == 0
            self.judge("frames", whole and media.face_pts == due, f"faces at {media.face_pts}, {due} is due")
            line.faces[media.turn] = media.face_pts + len(media.face) // width * tick
        elif width:
            line.faces.pop(media.turn, None)  # left out for a slow client
        if first and media.turn in line.started:
            line.sounding = media.turn

    def _word(self, line: Line, word: m.WordText) -> None:
        sent = line.sent.get(word.turn, 0)
        self.judge("words_before", word.pts >= sent, f"{word.text!r} at {word.pts} comes after the media up to {sent}")
        line.words[word.turn] = line.words.get(word.turn, "") + word.gap + word.text

    def _end(self, line: Line, end: m.ReplyEnd) -> None:
        sent = line.sent.get(end.turn, 0)
        self.judge("contiguous", end.pts == sent, f"turn {end.turn} ends at {end.pts}, its sound at {sent}")
        if end.turn in line.started and end.reason == "complete":
            said = line.words.get(end.turn, "")
            self.judge("words_join", said == end.text, f"the words are {said!r}, `reply_end` says {end.text!r}")

    # ---------------------------------------------------------------------------------------------- what is done

    def connect(self, *subprotocols: str, origin: str = "") -> Line:
        """Open a line."""
        line = Line(len(self.lines))
        self.lines.append(line)
        self.actions.append(Connect(line.number, subprotocols, origin))
        return line

    def ask(self, method: str, path: str) -> Line:
        """Ask for a path."""
        line = Line(len(self.lines))
        self.lines.append(line)
        self.actions.append(Request(line.number, method, path))
        return line

    def send(self, line: Line, message: m.ClientMessage) -> None:
        """Send a message."""
        self.actions.append(Send(line.number, line.codec.encode(message)))

    def raw(self, line: Line, fields: Mapping[str, Any]) -> None:
        """Send a map that need not be a message."""
        text = line.codec.text
        self.actions.append(
            Send(line.number, msgspec.json.encode(fields).decode() if text else msgspec.msgpack.encode(fields))
        )

    def data(self, line: Line, data: Wire) -> None:
        """Send bytes or text as they are."""
        self.actions.append(Send(line.number, data))

    def cut(self, line: Line) -> None:
        """Drop a line without a word."""
        self.actions.append(Cut(line.number))

    def leave(self) -> None:
        """Say goodbye wherever a session may go on."""
        for line in self.lines:
            if line.opened and line.shut is None and line.welcome:
                self.send(line, m.Bye())
            if line.opened and line.shut is None:
                self.actions.append(Close(line.number))

    # ------------------------------------------------------------------------------------------- what probes share

    def enter(self, *subprotocols: str, **fields: Any) -> Generator[float, None, Line]:
        """Open a line, say `hello` with these fields, and wait for what comes of it; Over if nothing does."""
        line = self.connect(*subprotocols or m.SUBPROTOCOLS)
        yield from self.until(lambda: line.opened is not None or line.settled, self.patience)
        if line.opened is None:
            raise Over
        self.raw(line, {"type": "hello", **({"token": self.token} if self.token else {}), **fields})
        done = yield from self.until(lambda: line.settled, self.patience)
        if not done:
            raise Over
        return line

    def session(self, *subprotocols: str, **fields: Any) -> Generator[float, None, tuple[Line, m.Welcome]]:
        """Open a session; Over if there is none."""
        line = yield from self.enter(*subprotocols, **fields)
        if line.welcome is None:
            raise Over
        return line, line.welcome

    def got(self, line: Line, kind: type, since: int = 0, within: float | None = None) -> Generator[float, None, bool]:
        """Wait for a message of a kind."""
        wait = self.patience if within is None else within
        yield from self.until(lambda: bool(line.of(kind, since)) or line.shut is not None, wait)
        return bool(line.of(kind, since))

    def failed(self, line: Line, code: str, since: int) -> Generator[float, None, bool]:
        """Wait for an `error` of that code."""

        def said() -> bool:
            return any(error.code == code for error in line.of(m.Error, since))

        yield from self.until(lambda: said() or line.shut is not None, self.patience)
        return said()

    def alive(self, line: Line) -> Generator[float, None, bool]:
        """Whether a line still answers a `ping`."""
        mark = len(line.inbox)
        self.send(line, m.Ping(stamp=4242.5))
        answered = yield from self.got(line, m.Pong, mark)
        return answered and line.of(m.Pong, mark)[0].stamp == 4242.5
