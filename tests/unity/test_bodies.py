"""Bones, filters and plays of the components, on rigs and in editors as they are found."""

from __future__ import annotations

import pytest

from tests.unity.looping import loop


def test_a_head_turns_about_the_characters_axes_whatever_its_own(built: None) -> None:
    told = loop("gaze")
    # 0.6 of 37 degrees, but for the moments in which it looks away.
    assert 17 < told["yaw"] < 24
    assert told["roll"] < 3
    assert told["pitch"] < 12, "looking away is to the side and a little up or down"


def test_an_animated_head_is_left_alone_at_weight_0_and_turned_on_top_of_its_pose(built: None) -> None:
    told = loop("animated")
    assert told["moved"] > 14, "the animation nods"
    assert told["off"] < 0.01
    assert told["on"] > 15, "to the left, where the target is"
    assert told["after"] < 0.01


def test_a_jaw_bone_opens_and_closes_a_mouth_without_shapes(built: None) -> None:
    told = loop("jaw")
    assert told["open"] > 10
    assert told["aside"] < 0.5, "about the character's axis, whatever the bone's are"
    assert told["closed"] < 0.1, "jawOpen less mouthClose"
    assert told["half"] == pytest.approx(0.6 * 18, abs=0.1)
    assert told["rest"] < 0.01


def test_one_filter_at_a_time_takes_the_voice(built: None) -> None:
    told = loop("filters")
    assert told["taken"] < 300, (
        "480 samples at 48 kHz are 240 of the voice's, taken once, and a filter's length at the start"
    )
    assert told["level"] > 0.05
    assert told["post_effects"] is True


def test_a_second_play_without_a_domain_reload_is_as_the_first(built: None) -> None:
    told = loop("replay")
    assert told["gone"] is True, "no socket outlives the game"
    assert told["clock"] is True, "no clock of a test either"
    assert told["lines"] == 1
    assert told["compared"] > 200
    assert told["worst"] < 2
