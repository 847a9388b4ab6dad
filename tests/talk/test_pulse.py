"""A line that dies in silence is noticed in the middle of a turn, and nowhere else."""

from __future__ import annotations

from typing import Any

from talk.pulse import PATIENCE_S, QUIET_S, Pulse

START: dict[str, Any] = {"type": "reply_start", "turn": 1}


def test_a_silent_line_is_asked_after_a_second_and_lost_after_two_more() -> None:
    pulse = Pulse(0.0)
    pulse.came(START, 10.0)
    assert pulse.check(10.0 + QUIET_S - 0.01, dry=True) == ""
    assert pulse.check(10.0 + QUIET_S, dry=True) == "ask"
    assert pulse.check(10.0 + QUIET_S + PATIENCE_S - 0.01, dry=True) == ""
    assert pulse.check(10.0 + QUIET_S + PATIENCE_S, dry=True) == "lost"
    assert pulse.check(10.0 + QUIET_S + PATIENCE_S + 0.01, dry=True) == ""


def test_any_message_is_a_sign_of_life() -> None:
    pulse = Pulse(0.0)
    pulse.came(START, 0.0)
    assert pulse.check(1.0, dry=True) == "ask"
    pulse.came({"type": "pong"}, 2.0)
    assert [pulse.check(2.0 + tenth / 10, dry=True) for tenth in range(10)] == [""] * 10
    assert pulse.check(3.0, dry=True) == "ask"


def test_while_sound_plays_nobody_is_asked() -> None:
    pulse = Pulse(0.0)
    pulse.came(START, 0.0)
    assert [pulse.check(float(second), dry=False) for second in range(20)] == [""] * 20
    assert pulse.check(20.0, dry=True) == "ask"
    assert pulse.check(21.0, dry=False) == ""


def test_between_turns_silence_is_no_news() -> None:
    pulse = Pulse(0.0)
    for ending in (
        {"type": "reply_end", "turn": 1},
        {"type": "interrupted", "turn": 1},
        {"type": "welcome", "resumed": False},
    ):
        pulse.came(START, 0.0)
        pulse.came(ending, 0.5)
        assert pulse.check(100.0, dry=True) == ""
    pulse.came({"type": "reply_start", "turn": 2}, 200.0)
    pulse.came({"type": "interrupted", "turn": 1}, 200.0)
    pulse.came({"type": "welcome", "resumed": True}, 200.0)
    assert pulse.check(201.0, dry=True) == "ask"
