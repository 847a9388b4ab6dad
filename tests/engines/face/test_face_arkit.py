import numpy as np
import pytest

from engines.api import EngineError
from engines.face.engine import ArticulationFace
from engines.face.rigs import ANGLE, HEAD, NAMES, OCULUS, PROFILES, VRM, quantise, rig


def test_names_stand_in_live_link_order() -> None:
    places = {"eyeBlinkLeft": 0, "eyeBlinkRight": 7, "jawForward": 14, "jawLeft": 15, "jawOpen": 17, "mouthClose": 18,
              "mouthLeft": 21, "mouthSmileLeft": 23, "browInnerUp": 43, "cheekPuff": 46, "tongueOut": 51}  # fmt: skip
    assert {name: NAMES.index(name) for name in places} == places
    assert len(set(NAMES)) == 52


@pytest.mark.parametrize(("profile", "channels"), [("arkit52", 55), ("oculus15", 18), ("vrm", 21), ("none", 0)])
def test_a_rig_names_each_channel_once_and_ranges_it(profile: str, channels: int) -> None:
    found = rig(profile, 60)
    assert found.profile == profile
    assert len(found.names) == len(set(found.names)) == len(found.ranges) == channels
    for name, span in zip(found.names, found.ranges, strict=True):
        assert span == (ANGLE if name in HEAD else (0.0, 1.0))


@pytest.mark.parametrize("fps", [10, 24, 25, 30, 48, 50, 60, 96, 100, 120])
def test_rates_that_divide_the_media_clock_are_drawn(fps: int) -> None:
    assert ArticulationFace().rig("arkit52", fps).names == NAMES + HEAD


@pytest.mark.parametrize(("profile", "fps"), [("metahuman", 60), ("", 60), ("arkit52", 0), ("arkit52", 7),
                                              ("arkit52", 59), ("vrm", 240), ("arkit52", -60)])  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_a_sentence(profile: str, fps: int) -> None:
    with pytest.raises(EngineError) as caught:
        ArticulationFace().rig(profile, fps)
    assert caught.value.code == "face_failed"
    assert caught.value.message.endswith(".")
    assert not caught.value.retryable


def test_a_lead_out_of_bounds_is_refused() -> None:
    with pytest.raises(EngineError, match="0 to 100 ms"):
        ArticulationFace(lead_ms=400)


def test_rest_is_exactly_zero_in_weights_and_angles() -> None:
    assert quantise(np.zeros((5, 2), np.float32), 2) == bytes([0, 0, 0, 128, 128] * 2)
    low, high = ANGLE
    assert low + (high - low) * 128 / 255 == 0.0


def test_bytes_are_nearest_clipped_and_row_major() -> None:
    values = np.array([[0.0, 1.0], [0.5, 2.0], [-0.5, 0.3]], np.float32)
    assert list(quantise(values, 1)) == [0, 128, 0, 255, 255, 205]
    low, high = ANGLE
    for angle in (-0.6, -0.31, 0.002, 0.2, 0.7):
        back = low + (high - low) * quantise(np.array([[angle]], np.float32), 1)[0] / 255
        assert abs(back - min(high, max(low, angle))) <= 1 / 512 + 1e-6


def test_profiles_hold_the_known_sets() -> None:
    assert set(PROFILES) == {"arkit52", "oculus15", "vrm", "none"}
    assert OCULUS == ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
    assert set(VRM) == {"aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "happy", "angry", "sad",
                        "relaxed", "surprised", "neutral", "lookUp", "lookDown", "lookLeft", "lookRight"}  # fmt: skip
