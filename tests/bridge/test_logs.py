"""What is logged, counted and told about errors: facts for machines, sentences for people, nothing about persons."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from bridge.errors import AuthError, BridgeError, Overloaded, close_code, report
from bridge.logs import JsonLines, Text, configure
from bridge.metrics import STAGES, Metrics
from engines.api import EngineError
from protocol.errors import CLOSE_CODES, RemoteProtocolError
from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedStt
from tests.bridge.peers import peer, run, serving
from tests.bridge.scenario import LOUD, QUIET, Cast

PRIVATE = ("Wilhelmina", "quicksilver", "marmalade", "catacombs", "203.0.113.9", "127.0.0.1", "eyJ", "umbrella")


def test_a_whole_conversation_leaves_no_personal_data_in_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    """User, words of both, scene and tokens, at the loudest level; with failures on the way."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets").setLevel(logging.ERROR)  # as `configure` does

    async def body() -> None:
        cast = Cast(
            ScriptedDialogue(("The catacombs are closed.",), fault=Fault("fail", 2)),
            stt=ScriptedStt(("my marmalade",)),
        )
        async with serving(cast) as server:
            async with peer(
                server, user_agent_header="umbrella", additional_headers={"X-Forwarded-For": "203.0.113.9"}
            ) as client:
                welcome = await client.hello(user="Wilhelmina", client="umbrella")
                client.records = True
                await client.send("context", states={"mood": "quicksilver"}, events=["quicksilver rain"])
                for text in ("about quicksilver", "and quicksilver"):
                    await client.send("text", text=text)
                    await client.until("reply_end")
                    await client.until("state", state="idle")
                for i in range(40):
                    await client.send("mic", pts=320 * i, data=LOUD if i < 20 else QUIET)
                await client.until("transcript", final=True)
                await client.send("text", text="x" * 3000 + "marmalade")
                await client.send("marmalade", text="marmalade")
                await client.until("error", code="unknown_type")
                client.socket.transport.abort()
            async with peer(server) as again:
                await again.hello(resume={"session": welcome["session"], "token": "marmalade", "seq": 0})
                await again.send("bye")
                await again.closed()
            async with peer(server) as viewer:
                await viewer.send("hello", role="viewer", user="Wilhelmina")
                await viewer.closed()

    run(body)
    assert len(caplog.records) >= 8
    for record in caplog.records:
        if record.name.startswith(("bridge", "engines")):
            for style in (JsonLines(), Text()):
                line = style.format(record)
                assert not [word for word in PRIVATE if word in line], line


def record(**extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "bridge.x", "levelno": 20, "levelname": "INFO", "msg": "turn %s", "args": ("heard",)}
    )
    vars(made).update(extra)
    return made


def test_a_line_of_json_has_the_facts_as_fields() -> None:
    line = json.loads(JsonLines().format(record(turn=3, code="x")))
    assert (line["level"], line["event"], line["turn"], line["code"]) == ("info", "turn heard", 3, "x")


def test_a_line_of_text_has_the_facts_at_its_end() -> None:
    assert Text().format(record(turn=3)).endswith("info    turn heard turn=3")


def test_an_exception_is_told_in_both() -> None:
    try:
        raise RuntimeError("a bug")
    except RuntimeError:
        made = record(exc_info=sys.exc_info())
    assert "a bug" in json.loads(JsonLines().format(made))["exception"]
    assert Text().format(made).rstrip().endswith("RuntimeError: a bug")


def test_no_line_shows_the_login_of_an_address() -> None:
    address = "http://bob:quicksilver@host/v1?api_key=quicksilver"
    try:
        raise RuntimeError(f"{address} is away")
    except RuntimeError:
        made = record(exc_info=sys.exc_info(), reason=f"{address} is away", args=(address,))
    for style in (JsonLines(), Text()):
        line = style.format(made)
        assert "quicksilver" not in line
        assert line.count("***@host") == 3
    assert "quicksilver" not in report(EngineError("dialogue_failed", address), fatal=False).message


def test_configure_sends_everything_to_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    root, out = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", out)
    try:
        configure("warning", "json")
        logging.getLogger("bridge.x").info("quiet")
        logging.getLogger("bridge.x").warning("loud", extra={"code": "y"})
        configure("debug", "text")
        logging.getLogger("bridge.x").debug("louder")
        logging.getLogger("openai").debug("what somebody said to a language model")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    first, second = out.getvalue().splitlines()
    assert json.loads(first)["event"] == "loud"
    assert second.endswith("debug   louder")


# ------------------------------------------------------------------------------------------------------ errors


def test_an_error_is_told_with_its_code_and_never_with_what_was_unforeseen() -> None:
    assert report(Overloaded("server_full", "full", retry_after=5.0), fatal=True).retry_after_s == 5.0
    assert report(AuthError("forbidden", "no"), fatal=True).code == "forbidden"
    assert report(RemoteProtocolError("bad_message", "no"), fatal=False).fatal is False
    assert report(EngineError("tts_failed", "no"), fatal=False).code == "tts_failed"
    for bug in (RuntimeError("quicksilver"), ExceptionGroup("quicksilver", [ValueError("quicksilver")])):
        told = report(bug, fatal=True)
        assert told.code == "internal"
        assert "quicksilver" not in told.message


def test_every_fatal_code_has_its_close_code_and_any_other_is_internal() -> None:
    assert all(close_code(code) == number for code, number in CLOSE_CODES.items())
    assert close_code("tts_failed") == CLOSE_CODES["internal"]
    assert str(BridgeError("x", "a sentence")) == "a sentence"


# ----------------------------------------------------------------------------------------------------- metrics


def test_metrics_are_prometheus_text() -> None:
    metrics = Metrics()
    metrics.turns.inc()
    metrics.stage("first_media", 0.03)
    metrics.stage("transcript", -1.0)
    metrics.engine_failed("tts_failed")
    metrics.engine_failed("something_else")
    metrics.refused("server_full")
    text = metrics.text().decode()
    assert "companion_turns_total 1.0" in text
    assert 'companion_turn_seconds_bucket{le="0.05",stage="first_media"} 1.0' in text
    assert 'companion_turn_seconds_sum{stage="transcript"} 0.0' in text
    assert 'companion_engine_failures_total{code="tts_failed"} 1.0' in text
    assert "something_else" not in text
    assert 'companion_refused_total{code="server_full"} 1.0' in text
    assert all(f'stage="{stage}"' in text for stage in STAGES)
    for line in text.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2


def test_servers_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.turns.inc()
    assert "companion_turns_total 0.0" in two.text().decode()
