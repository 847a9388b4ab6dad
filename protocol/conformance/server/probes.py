"""What the scripted client does to a server: one matter a probe, and the rules that are seen in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from protocol import messages as m
from protocol.conformance.play import Over, Scene
from protocol.conformance.server import replies
from protocol.conformance.server.stage import Line, ServerStage
from protocol.errors import CLOSE_CODES

MSGPACK, JSON = m.SUBPROTOCOLS


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe: `judges` are the rules that must have been seen; it needs one of the server's features, or "none"."""

    name: str
    what: str
    script: Callable[[ServerStage], Scene]
    judges: tuple[str, ...]
    needs: tuple[str, ...] = ()


# Refusals: the rule, what `hello` says (bytes: instead of one), and the code.
REFUSALS: Final[tuple[tuple[str, Mapping[str, Any] | bytes, str], ...]] = (
    ("hello_expected", {"type": "ping", "stamp": 1.0}, "hello_expected"),
    ("bad_hello", b"\xc1 no message", "bad_message"),
    ("bad_hello", {"type": "hello", "face": {"fps": 9000}}, "bad_message"),
    ("unsupported_version", {"type": "hello", "version": 99}, "unsupported_version"),
    ("unknown_companion", {"type": "hello", "companion": "x-nobody"}, "unknown_companion"),
    ("unknown_identity", {"type": "hello", "identity": "x-nobody"}, "unknown_identity"),
    ("unsupported", {"type": "hello", "face": {"fps": 11}}, "unsupported"),
    ("unsupported", {"type": "hello", "face": {"profile": "x-face"}}, "unsupported"),
    ("unsupported", {"type": "hello", "audio": {"codecs": ["opus"]}}, "unsupported"),
    (
        "viewer_refused",
        {"type": "hello", "role": "viewer", "watch": {"session": "x", "token": "x", "seq": 0}},
        "no_such_session",
    ),
)
PROFILES: Final = {"arkit52": 55, "oculus15": 18, "vrm": 21, "none": 0}
HEAD: Final = ("headYaw", "headPitch", "headRoll")


def doors(stage: ServerStage) -> Scene:
    """Plain HTTP on the same port, and a page from elsewhere."""
    asked = [
        ("healthz", stage.ask("GET", "/healthz"), 200),
        ("other_paths", stage.ask("GET", "/x-conformance/none"), 404),
        ("other_methods", stage.ask("POST", "/healthz"), 405),
        ("origin", stage.connect(*m.SUBPROTOCOLS, origin="https://elsewhere.example"), 403),
    ]
    yield from stage.until(lambda: all(line.settled or line.opened for _, line, _ in asked), stage.patience)
    for rule, line, status in asked:
        got = line.answered.status if line.answered else "an open line" if line.opened else "nothing"
        stage.judge(rule, got == status, f"{got}, {status} is due")


def subprotocols(stage: ServerStage) -> Scene:
    """Every way of offering them."""
    for offered, due in (((JSON, MSGPACK), MSGPACK), ((JSON,), JSON), ((), None), (("x.new",), None)):
        line = stage.connect(*offered)
        yield from stage.until(lambda line=line: line.opened is not None or line.settled, stage.patience)  # type: ignore[misc]
        chosen = line.opened.subprotocols[0] if line.opened and line.opened.subprotocols else None
        stood = line.opened is not None
        stage.judge(
            "subprotocol",
            stood and chosen == due,
            f"{offered or 'none'} was answered with {chosen if stood else 'a refusal'}",
        )


def hello(stage: ServerStage) -> Scene:
    """The shortest `hello`, one with a field that nobody knows, and each way of drawing a face."""
    line, welcome = yield from stage.session(JSON)
    stage.judge(
        "valid", welcome.version == 1 and welcome.seq == 0 and not welcome.resumed, "a new session that is not new"
    )
    stage.judge("json_same", True)
    mark = len(line.inbox)
    yield from stage.rest(0.3)
    busy = [state for state in line.of(m.StateChange, mark) if state.state != "idle"] + line.of(m.ReplyStart)
    stage.judge("welcome_idle", not busy, "it is busy before anything was said")
    stage.send(line, m.Bye())
    other = yield from stage.enter(x_new={"a": [1, None]})
    stage.judge("unknown_fields", other.welcome is not None, "an unknown field is refused")
    stage.send(other, m.Bye())
    for profile, width in PROFILES.items():
        one = yield from stage.enter(face={"profile": profile, "fps": 24})
        face = one.welcome.face if one.welcome else None
        right = (
            face is not None
            and len(face.names) == len(face.ranges) == width
            and (not width or face.names[-3:] == HEAD)
            and face.fps == 24
        )
        stage.judge("profile", right, f"{profile} has {len(face.names) if face else 'no'} channels")
        stage.send(one, m.Bye())
    led = yield from stage.enter(audio={"lead_ms": 600})
    told = led.welcome.lead_ms if led.welcome else None
    stage.judge("lead", told == 600, f"600 ms were asked for, `welcome` tells {told}")
    stage.send(led, m.Bye())


def refusals(stage: ServerStage) -> Scene:
    """Every way of being refused: an error, and a close that says the same."""
    for rule, said, code in REFUSALS:
        line = stage.connect(MSGPACK)
        yield from stage.until(lambda line=line: line.opened is not None or line.settled, stage.patience)  # type: ignore[misc]
        if isinstance(said, bytes):
            stage.data(line, said)
        else:
            token = {"token": stage.token} if stage.token and said["type"] == "hello" else {}
            stage.raw(line, {**said, **token})
        yield from stage.until(lambda line=line: line.shut is not None or line.welcome is not None, stage.patience)  # type: ignore[misc]
        errors = line.of(m.Error)
        named = errors[0].code if errors else "nothing"
        stage.judge(rule, named == code, f"{said!r:.70} is answered with {'`welcome`' if line.welcome else named}")
        shut = (line.shut.code, line.shut.reason) if line.shut else None
        stage.judge("refusal", shut == (CLOSE_CODES[code], code), f"`{code}` is closed with {shut}")
        if errors:
            stage.judge("refusal", errors[0].fatal, f"`{code}` is not fatal")


def mistakes(stage: ServerStage) -> Scene:
    """Mistakes that do not end a connection, and the eighth, which does."""
    line, welcome = yield from stage.session()
    lives = yield from stage.alive(line)
    stage.judge("pong", lives, "a `ping` is not answered with its stamp")
    stage.raw(line, {"type": "ping", "stamp": 5, "x_new": [1]})
    for rule, said, code in (
        ("unknown_types", {"type": "x_new", "a": 1}, "unknown_type"),
        ("lasting", {"type": "ping", "stamp": "now"}, "bad_message"),
        ("unknown_call", {"type": "tool_result", "call": 4242}, "unknown_call"),
        ("empty_text", {"type": "text", "text": " ... "}, "empty_text"),
    ):
        mark = len(line.inbox)
        stage.raw(line, said)
        told = yield from stage.failed(line, code, mark)
        stage.judge(rule, told, f"{said} is not answered with `{code}`")
    lives = yield from stage.alive(line)
    stage.judge("lasting", lives, "the connection does not go on")
    for _ in range(7):
        stage.raw(line, {"type": "ping"})
    yield from stage.until(lambda: line.shut is not None, stage.patience)
    shut = line.shut.code if line.shut else None
    stage.judge("eight_mistakes", shut == 4000, f"after eight mistakes the line is closed with {shut}")
    again = yield from stage.enter(resume={"session": welcome.session, "token": welcome.token, "seq": 0})
    stage.leave() if again.welcome else None


def large(stage: ServerStage) -> Scene:
    """A message that is larger than the server takes."""
    line, welcome = yield from stage.session()
    stage.raw(line, {"type": "text", "text": "a" * (welcome.limits.message_bytes + 1)})
    yield from stage.until(lambda: line.shut is not None, stage.patience)
    shut = line.shut.code if line.shut else None
    stage.judge("too_large", shut == 1009, f"it is closed with {shut}")
    yield from stage.enter(resume={"session": welcome.session, "token": welcome.token, "seq": 0})


def bye(stage: ServerStage) -> Scene:
    """The user leaves, and nobody may take the session up again."""
    line, welcome = yield from stage.session()
    stage.send(line, m.Bye())
    yield from stage.until(lambda: line.shut is not None, stage.patience)
    stage.judge(
        "bye", line.shut is not None and line.shut.code == 1000, f"closed with {line.shut.code if line.shut else None}"
    )
    again = yield from stage.enter(resume={"session": welcome.session, "token": welcome.token, "seq": 0})
    resumed = again.welcome is not None and again.welcome.resumed
    stage.judge("bye", not resumed, "the session can be taken up again")


PROBES: Final = (
    Probe(
        "doors", "plain HTTP, and a page from elsewhere", doors, ("healthz", "other_paths", "other_methods", "origin")
    ),
    Probe("subprotocols", "every way of offering them", subprotocols, ("subprotocol",)),
    Probe(
        "hello",
        "who says little and who asks for much",
        hello,
        ("welcome_first", "welcome_idle", "valid", "unknown_fields", "profile", "lead", "json_same"),
    ),
    Probe(
        "refusals",
        "every way of being refused",
        refusals,
        (
            "refusal",
            "hello_expected",
            "bad_hello",
            "unsupported_version",
            "unknown_companion",
            "unknown_identity",
            "unsupported",
            "viewer_refused",
        ),
    ),
    Probe(
        "mistakes",
        "what does not end a connection, and what does",
        mistakes,
        ("pong", "unknown_types", "lasting", "unknown_call", "empty_text", "eight_mistakes"),
    ),
    Probe("large", "too large a message", large, ("too_large",)),
    Probe("bye", "the user leaves", bye, ("bye",)),
    Probe(
        "reply",
        "a whole reply",
        replies.reply,
        ("reply_order", "contiguous", "frames", "words_before", "words_join", "seq_rises", "idle_at_end", "valid"),
        ("text",),
    ),
    Probe("pacing", "a reply that is played as it comes", replies.pacing, ("pacing", "bad_playhead"), ("text",)),
    Probe("interrupt", "the user presses stop", replies.interrupt, ("interrupt", "nothing_after_cut"), ("text",)),
    Probe("typed", "the user types over a reply", replies.typed, ("typed_cuts", "nothing_after_cut"), ("text",)),
    Probe("resume", "a line that is lost in a reply", replies.resume, ("resume", "replay_same"), ("text", "resume")),
    Probe(
        "strangers",
        "who may not resume, and who takes over",
        replies.strangers,
        ("resume_refused", "session_taken"),
        ("resume",),
    ),
    Probe("viewer", "somebody watches", replies.viewer, ("viewer",), ("text", "viewer")),
)


def performed(probe: Probe) -> Callable[[ServerStage], Scene]:
    """Return the script with its end: what was never broken was kept, what was never seen was not."""

    def script(stage: ServerStage) -> Scene:
        try:
            yield from probe.script(stage)
        except Over:
            lacking = [need for need in probe.needs if not _has(stage.lines, need)]
            for rule in probe.judges:
                if rule not in stage.verdicts and not lacking:
                    stage.judge(rule, False, _why(stage))
            stage.leave()
            return
        for rule in probe.judges:
            stage.judge(rule, True)
        stage.leave()

    return script


def _has(lines: list[Line], feature: str) -> bool:
    welcomes = [line.welcome for line in lines if line.welcome]
    return not welcomes or feature in welcomes[0].features


def _why(stage: ServerStage) -> str:
    for line in stage.lines:
        if line.shut and not line.opened:
            return f"nothing answers: {line.shut.reason or 'no connection'}"
        errors = [error for error in line.of(m.Error) if error.fatal]
        if errors:
            return f"it was refused: {errors[0].message} ({errors[0].code})"
    return "the server did not go on"
