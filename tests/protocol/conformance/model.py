"""A client in virtual time, made of the reference client's pure parts, that can be told to break one rule."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from protocol import messages as m
from protocol.codec import JSON, MSGPACK, SERVER_TYPES, Codec
from protocol.conformance import play
from protocol.conformance.client.scenes import ClientScene, performed
from protocol.conformance.client.stage import ClientStage
from protocol.conformance.play import Play, Verdict
from talk.client import Admission
from talk.heard import Ended
from talk.playout import Playout
from talk.pulse import Pulse
from talk.report import Reporter

TICK_S: Final = 0.01
REASONS: Final = ("complete", "cut", "failed", "too_long")
OVER: Final = frozenset({1000, 4000, 4001, 4002, 4003, 4005, 4006, 4007, 4010, 4020, 4021, 4030, 4032, 4090})
PAUSES_S: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
FIELDS: Final = {"x_new"}


class Model:
    """`wrong` is the rule that it breaks; "" for none."""

    def __init__(self, wrong: str = "", codec: Codec = MSGPACK) -> None:
        self.wrong, self.codec = wrong, codec
        self.out: list[play.Event] = []
        self.hello: dict[str, Any] = {"type": "hello", "client": "model", "face": {"profile": "arkit52", "fps": 60}}
        self.line = -1
        self.stands = self.dead = self.over = self.deaf = False
        self.welcome: dict[str, Any] = {}
        self.admission, self.reporter, self.pulse = Admission(), Reporter(), Pulse(0.0)
        self.playout = Playout()
        self.again: float | None = 0.0  # when the next line is opened
        self.tries = 0
        self.received: dict[int, int] = {}
        self.began: dict[int, float] = {}
        self.told_at = float("-inf")
        self.mute_until = 0.0
        self.cut_turn = 0
        self.media_at = 0.0
        self.finished = False

    # ----------------------------------------------------------------------------------------------- the line

    def send(self, fields: dict[str, Any]) -> None:
        if self.stands and not self.dead:
            text = msgspec.json.encode(fields).decode() if self.codec.text else msgspec.msgpack.encode(fields)
            self.out.append(play.Came(self.line, text))

    def open(self) -> None:
        self.line += 1
        self.again, self.stands, self.dead = None, True, False
        offered = ("x.other",) if self.wrong == "subprotocol" else (self.codec.subprotocol,)
        target = "/?token=secret-1" if self.wrong == "no_token_in_url" else "/"
        self.out.append(play.Opened(self.line, offered, target))
        if self.wrong == "hello_first":
            self.send({"type": "ping", "stamp": 1.0})
        hello = dict(self.hello)
        if self.welcome:
            seq = self.admission.seq - (self.wrong == "resume_seq")
            token = "stolen" if self.wrong == "resume_token" else self.welcome["token"]
            hello["resume"] = {"session": self.welcome["session"], "token": token, "seq": seq}
            if self.wrong == "resume_same_hello":
                hello["face"] = {"profile": "vrm"}
        self.send(hello)
        if self.wrong == "waits_for_welcome":
            self.send({"type": "playhead", "turn": 0, "pts": 0, "seq": 0})

    def closed(self, code: int, now: float) -> None:
        if not self.stands:
            return
        self.stands = False
        comes = {"over_is_over": 1000, "stays_away": 4032, "ended_closes": 4090, "refused": 4020}.get(
            self.wrong
        ) == code
        stays = self.wrong == "resumes" or (self.wrong == "kept_closes" and code == 4031)
        if (code in OVER and not comes) or stays or (not self.welcome and not comes):
            self.over = True
            return
        pause = 0.02 if self.wrong == "resume_backoff" else PAUSES_S[min(self.tries, 5)]
        self.tries += 1
        self.again = now + pause

    def sever(self, now: float) -> None:
        self.out.append(play.Shut(self.line, play.LOST))
        self.dead = False
        self.closed(play.LOST, now)

    def do(self, action: play.Action, now: float) -> None:
        """Take what the scripted server does."""
        if action.line != self.line or self.dead or not self.stands:
            return
        match action:
            case play.Send():
                if action.frames == 1 or self.wrong != "fragments":
                    self.read(action.data, now)
            case play.Ping():
                if self.wrong != "pongs":
                    self.out.append(play.Ponged(self.line))
            case play.Close():
                self.out.append(play.Shut(self.line, action.code, action.reason))
                self.closed(action.code, now)
            case play.Cut():
                self.out.append(play.Shut(self.line, play.LOST))
                self.closed(play.LOST, now)
            case play.Freeze():
                self.dead = True
            case _:
                raise AssertionError(action)

    # ---------------------------------------------------------------------------------------- what is understood

    def read(self, data: bytes | str, now: float) -> None:
        try:
            fields = msgspec.json.decode(data) if isinstance(data, str) else msgspec.msgpack.decode(data)
            kind = fields["type"]
            if self.wrong == "unknown_fields" and FIELDS & fields.keys() and kind in SERVER_TYPES:
                return
            if kind not in SERVER_TYPES:
                if self.wrong == "unknown_types":
                    self.out.append(play.Shut(self.line, 1000))
                    self.stands, self.over = False, True
                return
            if kind == "reply_end" and isinstance(fields.get("reason"), str) and fields["reason"] not in REASONS:
                if self.wrong == "unknown_values":
                    return
                fields["reason"] = "complete"
            message = msgspec.convert(fields, m.ServerMessage)
        except (ValueError, TypeError, KeyError, RecursionError):
            broken = "hostile_frames" if not isinstance(locals().get("fields"), dict) else "hostile_values"
            if self.wrong == broken:
                self.break_down()
            return
        if isinstance(message, m.Media) and self.wrong == "hostile_lengths" and self.odd(message):
            self.break_down()
            return
        self.take({"type": kind, **msgspec.structs.asdict(message)}, now)

    def odd(self, media: m.Media) -> bool:
        return len(media.pcm) % 2 == 1 or len(media.face) % 4 > 0 or not media.pcm or len(media.face) > 100

    def break_down(self) -> None:
        self.out.append(play.Shut(self.line, play.LOST))
        self.out.append(play.Ended(1, "Traceback (most recent call last): ..."))
        self.stands, self.over = False, True

    def take(self, message: dict[str, Any], now: float) -> None:
        kind, turn = message["type"], message.get("turn", 0)
        self.pulse.came(message, now)
        if kind == "welcome":
            self.greet(message, now)
        if self.wrong == "resume_not_twice":
            self.admission.seq = 0 if message.get("seq") else self.admission.seq
        if not self.admission.admits(message):
            return
        if kind == "media":
            self.media_at = now
            message["pcm"] = message["pcm"][: len(message["pcm"]) // 2 * 2]
            if self.wrong == "no_face" and not message["face"]:
                return
            self.received[turn] = message["pts"] + len(message["pcm"])
            self.began.setdefault(turn, now)
        if kind == "reply_start" and self.wrong == "in_order" and turn > 1:
            self.tell(turn, 4800, now)
        if kind == "reply_end":
            self.finished = True
            self.deaf = self.deaf or (self.wrong == "no_sound" and message["pts"] == 0)
        if kind == "interrupted":
            self.cut_turn = turn
            self.deaf = self.deaf or (
                self.wrong == "cut_goes_on" or (self.wrong == "cut_before_sound" and message["pts"] == 0)
            )
        if not self.deaf and kind != "welcome":
            self.playout.push(message)

    def greet(self, message: dict[str, Any], now: float) -> None:
        self.tries = 0
        if self.wrong == "well_formed":
            self.send({"type": "playhead", "turn": "one", "pts": 0, "seq": 0})
        if self.wrong == "only_features":
            self.send({"type": "mic", "pts": 0, "data": bytes(640)})
        if message["resumed"]:
            self.reporter.resumed()
            self.mute_until = now + (1.5 if self.wrong == "resume_playhead" else 0.0)
        else:
            audio, face = message["audio"], message["face"]
            self.playout.reset()
            self.playout = Playout(rate=audio.rate, fps=face.fps, ranges=face.ranges, lead=message["lead_ms"] / 1000)
            if not (self.wrong == "new_session" and self.welcome):
                self.admission.begin(0)
                self.welcome = message
            self.received, self.began, self.finished = {}, {}, False
        self.welcome = self.welcome or message

    # ----------------------------------------------------------------------------------------------- what is heard

    def tick(self, now: float) -> None:
        """Let 10 ms pass."""
        if self.again is not None and not self.over and now >= self.again:
            self.open()
        if self.over or not self.welcome:
            return
        waits = self.wrong == "begins" and not self.finished
        events = [] if waits else self.playout.read(round(TICK_S * self.playout.rate))[1]
        turn, pts, dry = self.playout.turn, self.playout.pts, self.playout.dry
        if self.wrong != "dry_ping":
            due = self.pulse.check(now, dry=dry)
            if due == "ask":
                self.send({"type": "ping", "stamp": 1000 * now})
            if due == "lost" and self.wrong != "dry_gives_up":
                self.sever(now)
        if self.wrong == "dry_patience" and turn and self.stands and now - self.media_at > 3.0:
            self.media_at = now
            self.sever(now)
        if self.wrong == "playhead_end":
            events = [event for event in events if not isinstance(event, Ended) or event.cut]
        for number, at in self.reporter.due(events, 0 if self.wrong == "playhead_held" and dry else turn, pts, now):
            self.tell(number, at, now)
        if self.wrong == "cut_stops" and self.cut_turn and round(now * 100) % 20 == 0:
            self.tell(self.cut_turn, 48_000, now)

    def tell(self, turn: int, pts: int, now: float) -> None:
        seq = self.admission.seq
        match self.wrong:
            case "playhead_regular" if pts and now - self.told_at < 1.2 and pts != self.received.get(turn):
                return
            case "playhead_sent":
                pts += 480_000
            case "playhead_seq":
                seq += 5
            case "playhead_heard":
                pts = max(0, min(3 * pts, self.received.get(turn, 0) - 480))
            case "no_sound_skipped" if pts != self.received.get(turn):
                pts = max(0, min(round((now - self.began.get(turn, now)) * 48_000), self.received.get(turn, 0) - 480))
            case "cut_playhead" if turn == self.cut_turn:
                return
            case _ if now < self.mute_until:
                return
            case _:
                pass
        self.told_at = now
        self.send({"type": "playhead", "turn": turn, "pts": pts, "seq": seq})


def judged(scene: ClientScene, wrong: str = "", codec: Codec = MSGPACK) -> dict[str, Verdict]:
    """Play a scene to the model, in no time."""
    model, stage = Model(wrong, codec), ClientStage(scene.name, slack=0.1, patience=5.0)
    performance, now = Play(stage, performed(scene)), 0.0
    for action in performance.begin(now):
        model.do(action, now)
    while not performance.over and now < 120.0:
        now = round(now + TICK_S, 3)
        model.tick(now)
        while model.out:
            for action in performance.receive(model.out.pop(0), now):
                model.do(action, now)
        while performance.deadline is not None and now >= performance.deadline and not performance.over:
            for action in performance.expire(now):
                model.do(action, now)
    assert performance.over, "the scene never ended"
    return stage.verdicts


__all__ = ["JSON", "MSGPACK", "Model", "judged"]
