"""The bridge keeps every rule, and a server that breaks one, by words that were tampered with, is caught on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from protocol.conformance.__main__ import server_report
from protocol.conformance.lines import judge_server
from protocol.conformance.play import Answered, Came, Ended, Event, Opened, Shut
from protocol.conformance.rules import SERVER
from protocol.conformance.server.probes import PROBES
from tests.unity.conftest import bridge as bridge

pytestmark = pytest.mark.realtime

Tamper = Callable[[Event], Sequence[Event]]
Change = Callable[[dict[str, Any]], Any]


def fields(event: Came) -> dict[str, Any]:
    data = event.data
    made: dict[str, Any] = msgspec.json.decode(data) if isinstance(data, str) else msgspec.msgpack.decode(data)
    return made


def came(like: Came, message: dict[str, Any]) -> Came:
    text = isinstance(like.data, str)
    return Came(like.line, msgspec.json.encode(message).decode() if text else msgspec.msgpack.encode(message))


def says(kind: str, change: Change, *, line: int | None = None, after: int = 0) -> Tamper:
    """Change the messages of a kind, from the `after`-th on; a change that gives None takes the message away."""
    count = 0

    def tamper(event: Event) -> Sequence[Event]:
        nonlocal count
        if not isinstance(event, Came) or line not in (None, event.line):
            return (event,)
        message = fields(event)
        if message["type"] != kind:
            return (event,)
        count += 1
        if count <= after:
            return (event,)
        changed = change(message)
        return () if changed is None else (came(event, changed),)

    return tamper


def sets(kind: str, name: str, value: Any, *, line: int | None = None, after: int = 0) -> Tamper:
    """Set a field in the messages of a kind."""
    return says(kind, lambda message: {**message, name: value}, line=line, after=after)


def code(was: str) -> Tamper:
    """Call an error something else."""
    return says("error", lambda message: {**message, "code": "x" if message["code"] == was else message["code"]})


def shuts(was: int, becomes: int) -> Tamper:
    """Close with another code."""
    return lambda event: (Shut(event.line, becomes) if isinstance(event, Shut) and event.code == was else event,)


def also(kind: str, message: dict[str, Any] | bytes, *, before: bool = False) -> Tamper:
    """Say something more beside the first message of a kind."""
    done = False

    def tamper(event: Event) -> Sequence[Event]:
        nonlocal done
        if done or not isinstance(event, Came) or fields(event)["type"] != kind:
            return (event,)
        done = True
        more = came(event, message) if isinstance(message, dict) else Came(event.line, message)
        return (more, event) if before else (event, more)

    return tamper


def again() -> Tamper:
    """Send the last media of a turn once more after it was cut."""
    last: list[Came] = []

    def tamper(event: Event) -> Sequence[Event]:
        if isinstance(event, Came):
            kind = fields(event)["type"]
            if kind == "media":
                last[:] = [event]
            if kind == "interrupted" and last:
                return (event, last[0])
        return (event,)

    return tamper


def refuses(line: int) -> Tamper:
    """Refuse the line of that number."""

    def tamper(event: Event) -> Sequence[Event]:
        if isinstance(event, Opened | Ended) or event.line != line:
            return (event,)
        return (Shut(line, 4000, "bad_message"),) if isinstance(event, Came) else ()

    return tamper


def status(was: int) -> Tamper:
    return lambda event: (Answered(event.line, 500) if isinstance(event, Answered) and event.status == was else event,)


def lets_in(event: Event) -> Sequence[Event]:
    return (Opened(event.line) if isinstance(event, Answered) and event.status == 403 else event,)


def chooses_json(event: Event) -> Sequence[Event]:
    return (Opened(event.line, ("companion.v1.json",)) if isinstance(event, Opened) else event,)


def reverses(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "face": {**message["face"], "names": message["face"]["names"][::-1]}}


def idle(message: dict[str, Any]) -> dict[str, Any] | None:
    return None if message["state"] == "idle" else message


def speaking(message: dict[str, Any]) -> dict[str, Any] | None:
    return None if message["state"] == "speaking" else message


# The rule that is broken, in which probe, and how.
WRONG: tuple[tuple[str, str, Callable[[], Tamper]], ...] = (
    ("subprotocol", "subprotocols", lambda: chooses_json),
    ("healthz", "doors", lambda: status(200)),
    ("other_paths", "doors", lambda: status(404)),
    ("other_methods", "doors", lambda: status(405)),
    ("origin", "doors", lambda: lets_in),
    ("welcome_first", "hello", lambda: also("welcome", {"type": "pong", "stamp": 1, "server": 1}, before=True)),
    ("welcome_idle", "hello", lambda: also("welcome", {"type": "state", "state": "speaking"})),
    ("valid", "reply", lambda: also("welcome", b"\xc1")),
    ("hello_expected", "refusals", lambda: code("hello_expected")),
    ("bad_hello", "refusals", lambda: code("bad_message")),
    ("unsupported_version", "refusals", lambda: code("unsupported_version")),
    ("unknown_companion", "refusals", lambda: code("unknown_companion")),
    ("unknown_identity", "refusals", lambda: code("unknown_identity")),
    ("unsupported", "refusals", lambda: code("unsupported")),
    ("viewer_refused", "refusals", lambda: code("no_such_session")),
    ("refusal", "refusals", lambda: shuts(4002, 1000)),
    ("unknown_fields", "hello", lambda: refuses(1)),
    ("unknown_types", "mistakes", lambda: code("unknown_type")),
    ("lasting", "mistakes", lambda: code("bad_message")),
    ("eight_mistakes", "mistakes", lambda: shuts(4000, 1006)),
    ("pong", "mistakes", lambda: sets("pong", "stamp", 1.0)),
    ("unknown_call", "mistakes", lambda: code("unknown_call")),
    ("empty_text", "mistakes", lambda: code("empty_text")),
    ("profile", "hello", lambda: says("welcome", reverses)),
    ("lead", "hello", lambda: sets("welcome", "lead_ms", 300)),
    ("json_same", "hello", lambda: sets("welcome", "seq", "0")),
    ("reply_order", "reply", lambda: says("state", speaking)),
    ("contiguous", "reply", lambda: sets("media", "pts", 480, after=1)),
    ("frames", "reply", lambda: sets("media", "face_pts", 3200, after=2)),
    ("words_before", "reply", lambda: sets("text", "pts", 0, after=2)),
    ("words_join", "reply", lambda: sets("reply_end", "text", "Something else.")),
    ("seq_rises", "reply", lambda: sets("media", "seq", 1, after=1)),
    ("idle_at_end", "reply", lambda: says("state", idle)),
    ("pacing", "pacing", lambda: says("media", lambda message: {**message, "pcm": message["pcm"] * 20})),
    ("bad_playhead", "pacing", lambda: code("bad_playhead")),
    ("interrupt", "interrupt", lambda: says("interrupted", lambda message: None)),
    ("nothing_after_cut", "interrupt", again),
    ("typed_cuts", "typed", lambda: says("interrupted", lambda message: None)),
    ("resume", "resume", lambda: sets("welcome", "resumed", False)),
    ("replay_same", "resume", lambda: sets("media", "pcm", bytes(4800), line=1)),
    ("resume_refused", "strangers", lambda: sets("welcome", "reason", "")),
    ("session_taken", "strangers", lambda: shuts(4032, 1000)),
    ("bye", "bye", lambda: shuts(1000, 1006)),
    ("viewer", "viewer", lambda: says("media", lambda message: {**message, "seq": message["seq"] + 1}, line=1)),
    ("too_large", "large", lambda: shuts(1009, 1006)),
)


@pytest.fixture
def url(bridge: tuple[int, int]) -> str:
    return f"ws://127.0.0.1:{bridge[0]}"


def test_the_bridge_keeps_every_rule(url: str) -> None:
    made = asyncio.run(server_report(url, patience=30.0))
    assert [(each.rule.id, each.broken) for each in made.found if each.broken] == []
    assert {each.kept for each in made.found} == {True}, "every rule was tried"


@pytest.mark.parametrize(("rule", "name", "tamper"), WRONG, ids=[rule for rule, _, _ in WRONG])
def test_a_wrong_server_is_caught(rule: str, name: str, tamper: Callable[[], Tamper], url: str) -> None:
    probe = next(probe for probe in PROBES if probe.name == name)
    verdicts = asyncio.run(judge_server(probe, url, patience=2.0, sees=tamper()))
    assert rule in {verdict.rule for verdict in verdicts if not verdict.kept}, verdicts


def test_every_rule_has_its_wrong_server_and_its_probe() -> None:
    rules = {rule.id for rule in SERVER}
    assert {rule for rule, _, _ in WRONG} == rules
    assert {rule for probe in PROBES for rule in probe.judges} == rules


def test_nobody_at_all_keeps_nothing() -> None:
    made = asyncio.run(server_report("ws://127.0.0.1:9", ["hello"], patience=1.0))
    assert not made.kept
    assert {each.kept for each in made.found} == {False, None}
