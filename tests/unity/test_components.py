"""The real components, executed by a simulated display, sound card and server."""

from __future__ import annotations

import pytest

from tests.unity.looping import loop

MOST_MS = 2.0


@pytest.mark.parametrize("scene", ["steady", "quest", "bursts", "slow"])
def test_the_face_is_with_the_voice_and_a_frame_allocates_nothing(built: None, scene: str) -> None:
    told = loop(scene, "1")
    assert told["p100"] < MOST_MS
    assert told["count"] > 0.9 * 60 * 72
    assert told["frame_bytes"] == told["sound_bytes"] == 0
    assert told["underruns"] == 0


def test_events_and_a_recording_allocate_nothing_either(built: None) -> None:
    told = loop("steady", "1", "--events", "_record=true", "_log=Everything")
    assert told["count"] > 0.9 * 60 * 72
    assert told["frame_bytes"] == told["sound_bytes"] == told["line_bytes"] == 0


def test_subtitles_cost_a_string_a_word_and_no_more(built: None) -> None:
    told = loop("steady", "1", "--subtitles")
    assert 0 < told["frame_bytes"] < 120 * 400  # two words a second
    assert told["p100"] < MOST_MS


def test_another_device_rebuilds_the_filter_and_loses_no_word(built: None) -> None:
    told = loop("device")
    assert told["p100"] < MOST_MS
    assert told["filters"] == 1
    assert told["underruns"] == 0
    assert 13.5 < told["heard"] < 15.5, "it went on where it was, but for half a second of a paused listener"


def test_an_underrun_holds_voice_and_face_together(built: None) -> None:
    told = loop("underrun")
    assert told["underruns"] == 1
    assert told["moved"] == 0
    assert told["p100"] < MOST_MS


def test_a_pause_stops_the_voice_and_the_game_comes_back(built: None) -> None:
    told = loop("pause")
    assert told["interrupts"] == 1
    assert told["lines"] == 2, "the old line is dead after a minute"
    assert told["p100"] < MOST_MS


def test_the_voice_goes_on_while_a_frame_takes_two_seconds(built: None) -> None:
    told = loop("stall")
    assert told["underruns_then"] == 0
    assert told["p100"] < MOST_MS


def test_an_interruption_silences_the_voice_and_shuts_the_mouth(built: None) -> None:
    told = loop("interrupt")
    assert told["level"] == told["stopped_level"] == 0
    assert told["mouth"] < 5  # of 100, a quarter of a second later, of which 85 ms are the way to the ear
    assert told["end"] == told["last"] == "Ended cut"
    assert told["interrupts"] == 1
    assert told["p100"] < MOST_MS


def test_the_network_comes_back_and_the_session_at_once(built: None) -> None:
    told = loop("mend")
    assert told["status"] == "Open"
    assert any("Resumed" in line for line in told["log"])


def test_scripts_compiled_in_play_mode_and_quitting(built: None) -> None:
    told = loop("reload")
    assert told["closed"] is True
    assert told["lines"] == 2
    assert told["p100"] < MOST_MS
    assert told["quit"] is True


def test_meshes_as_they_are_found(built: None) -> None:
    told = loop("faces")
    assert told["profile"] == "arkit52"
    assert told["targets"] == 2, "the hat has no shape of a face"
    assert told["head"] == pytest.approx(100 * told["teeth"], abs=0.02), "each mesh at its own scale"
    assert told["override"] == pytest.approx(0.25)
    assert told["writes_while_held"] == 0
    assert told["hat"] == told["rest"] == 0


def test_a_microphone_that_is_muted_lost_and_found(built: None) -> None:
    told = loop("ears")
    assert told["before"] == 0
    assert 50 + 25 + 10 <= told["pressed"] <= 50 + 25 + 20, "a second, what came before it, and the tail"
    assert told["talks"] == 2
    assert told["talking_without_focus"] is False
    assert told["states"][:5] == ["Opening", "Open", "Muted", "Open", "Missing"]
    assert told["states"][-1] == "Open"
    assert told["open"] > told["pressed"] + 50
    assert any("muted" in line for line in told["log"])


def test_settings_made_after_the_parts_were_enabled_count(built: None) -> None:
    told = loop("settings", "_connectOnStart=false")
    assert told["same"] is True
    assert told["url"] == "ws://elsewhere:8765"
    assert (told["hello"]["user"], told["hello"]["token"]) == ("Ada", "abc")
    assert told["hello"]["audio"]["lead_ms"] == 500
    assert told["next"] == "ws://third:8765", "also for a connection that is made by itself"


def test_an_animator_that_has_the_same_shapes_does_not_win(built: None) -> None:
    told = loop("animator")
    assert told["held"] != pytest.approx(37, abs=1)
    assert told["shown"] == pytest.approx(told["held"], abs=0.02)


def test_a_token_is_fetched_beside_the_frames(built: None) -> None:
    told = loop("token", "_connectOnStart=false")
    assert told["fault"] == "no_token"
    assert told["lines_before"] == 0
    assert told["token"] == "fresh"
    assert told["thrown"] == 1


def test_meshes_that_come_late_or_change_are_found(built: None) -> None:
    told = loop("late")
    assert (told["before"], told["after"], told["changed"]) == (1, 2, 1)
    assert told["late"] < 0.01


def test_a_game_that_stops_all_sounds_does_not_end_the_voice(built: None) -> None:
    told = loop("stopped")
    assert told["moved"] == pytest.approx(2, abs=0.3)
    assert told["warnings"] == 1, "told once"
    assert told["song"] is True, "a source with a clip of the game's is not taken"
    assert told["sources"] == 2


def test_a_line_that_died_in_mid_turn_is_given_up_soon(built: None) -> None:
    told = loop("halfopen")
    assert 0 < told["gave_up_after"] < 4, "what was buffered, a second of silence, two for an answer"
    assert told["status"] == "Open", "and resumed"


def test_a_client_that_is_given_attaches_at_once(built: None) -> None:
    told = loop("client")
    assert (told["apart"], told["later"]) == (1, 1)


HELLO = {
    "_leadMs=500": ("audio", {"lead_ms": 500}), "_leadMs=7": ("audio", {"lead_ms": 100}),
    "_headphones=true": ("audio", {"aec": True}), "_language=de-AT": ("language", "de-AT"),
    "_userName=Ada": ("user", "Ada"), "_faceFps=30": ("face", {"fps": 30}), "_token=abc": ("token", "abc"),
    "_profile=Oculus15": ("face", {"profile": "oculus15"}),
}  # fmt: skip


@pytest.mark.parametrize("setting", HELLO)
def test_what_the_inspector_says_is_what_the_server_is_asked_for(built: None, setting: str) -> None:
    key, wanted = HELLO[setting]
    told = loop("hello", setting)["hello"][key]
    assert {name: told[name] for name in wanted} == wanted if isinstance(wanted, dict) else told == wanted


def test_an_inspector_that_nobody_touched_asks_for_no_lead(built: None) -> None:
    assert "lead_ms" not in loop("hello")["hello"].get("audio", {})
