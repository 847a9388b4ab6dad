"""Microphones that die, are refused, go by another name, are read too late, or cancel echo."""

from __future__ import annotations

import pytest

from tests.unity.looping import loop


def test_a_dying_microphone_is_no_storm(built: None) -> None:
    told = loop("dying")
    assert told["opens"] <= 12, "growing pauses, and one attempt a second while the player presses"
    assert told["warnings"] == 1
    assert told["state"] == "Open", "a press tries again soon"
    assert told["again"] == "Open", "one that worked is opened again at once, and then within two seconds"
    assert told["warnings_again"] == 2


def test_a_refusal_is_told_and_the_user_is_not_asked_again_until_they_want(built: None) -> None:
    told = loop("refused")
    assert (told["asking"], told["asked"]) == ("Opening", 1), "who is asked may take their time"
    assert (told["denied"], told["asked_denied"]) == ("Denied", 1)
    assert told["warnings"] == 1
    assert (told["granted"], told["asked_granted"]) == ("Open", 2)


def test_the_default_stands_in_for_a_named_one_that_is_gone(built: None) -> None:
    told = loop("named")
    assert (told["state"], told["name"]) == ("Open", "the default")
    assert told["warnings"] == 1


def test_sound_that_was_lost_is_a_hole_in_the_positions(built: None) -> None:
    told = loop("hole")
    assert told["passed"] == pytest.approx(7, abs=0.15), "positions go on with time"
    assert told["sent"] == pytest.approx(3, abs=1.1), "what the device still had, and what came then"


def test_echo_cancellation_is_told_to_the_server_and_missed_where_it_fails(built: None) -> None:
    told = loop("echo")
    assert told["hello"]["audio"]["aec"] is True
    assert told["while_speaking"] == pytest.approx(2, abs=0.1), "it hears all the time"
    assert told["without"] < 0.1, "half duplex, as without"
