import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import FaceStyle
from engines.face import life
from engines.face.emphasis import FALL_S, PAUSE_BLINKS, RISE_S, Activity, Beats
from engines.face.engine import ArticulationFace
from tests.engines.face.faces import Shown, say, show

MINUTES = 20


def onsets(lids: np.ndarray) -> np.ndarray:
    return np.flatnonzero((lids[1:] > 0.5) & (lids[:-1] <= 0.5))


@pytest.fixture(scope="module")
def long_life() -> np.ndarray:
    return life.life(3, 60, 0, 60 * 60 * MINUTES)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 10**7), st.integers(1, 600), st.sampled_from([30, 60]))
def test_any_stretch_of_life_is_the_same_however_it_is_asked_for(seed: int, first: int, count: int, fps: int) -> None:
    whole = life.life(seed, fps, first, count)
    middle = count // 2
    parts = [life.life(seed, fps, first, middle)] if middle else []
    parts.append(life.life(seed, fps, first + middle, count - middle))
    assert (np.concatenate(parts, axis=1) == whole).all()
    assert whole.shape == (life.ROWS, count)
    assert np.isfinite(whole).all()


def test_life_is_the_same_at_any_frame_rate() -> None:
    assert np.abs(life.life(9, 60, 0, 4800)[:, ::2] - life.life(9, 30, 0, 2400)).max() < 1e-5


def test_blinks_come_at_a_resting_adults_rate_some_of_them_double(long_life: np.ndarray) -> None:
    starts = onsets(long_life[life.BLINK])
    assert 13 <= len(starts) / MINUTES <= 21
    doubles = (np.diff(starts) < 0.45 * 60).sum()
    assert 0.08 <= doubles / (len(starts) - doubles) <= 0.25


def test_lids_close_faster_than_they_open_and_close_fully(long_life: np.ndarray) -> None:
    lids = long_life[life.BLINK]
    steps = np.diff(lids)
    assert steps.max() > 1.8 * -steps.min()
    tops = [lids[start : start + 10].max() for start in onsets(lids)]
    assert min(tops) == 1.0


def test_gaze_rests_on_the_partner_and_wanders_off_more_when_speaking(long_life: np.ndarray) -> None:
    idle = np.hypot(*long_life[life.GAZE_YAW : life.GAZE_PITCH + 1])
    talking = np.hypot(
        long_life[life.GAZE_YAW] + long_life[life.TALK_YAW], long_life[life.GAZE_PITCH] + long_life[life.TALK_PITCH]
    )
    away_idle, away_talking = (idle > 0.07).mean(), (talking > 0.07).mean()
    assert 0.02 < away_idle < 0.12
    assert 2 * away_idle < away_talking < 0.3
    small = idle[idle < 0.07]
    assert 0.002 < small.std() < 0.02


def test_saccades_are_quick_and_the_head_is_slow(long_life: np.ndarray) -> None:
    yaw = long_life[life.GAZE_YAW]
    assert np.abs(np.diff(yaw)).max() > 0.08
    assert np.abs(np.diff(long_life[life.YAW])).max() < 0.008
    for row, most in ((life.YAW, 0.15), (life.PITCH, 0.06), (life.ROLL, 0.05)):
        assert 0.005 < np.abs(long_life[row]).max() < most


def test_a_speakers_head_turns_more_than_one_at_rest_and_no_faster_than_a_head_does(long_life: np.ndarray) -> None:
    talking = long_life[life.YAW : life.ROLL + 1] + long_life[life.SWAY_YAW : life.SWAY_ROLL + 1]
    for row, (least, most) in enumerate(((2.0, 4.0), (1.8, 4.0), (1.2, 3.0))):
        rest = np.degrees(long_life[life.YAW + row].std())
        assert 0.5 < rest < 2.0
        assert least < np.degrees(talking[row].std()) < most
        assert np.degrees(np.abs(np.diff(talking[row])).max()) * 60 < 45  # degrees a second


def test_a_listener_looks_away_for_a_second_in_seven_nods_and_tilts(long_life: np.ndarray) -> None:
    rows = life.listening(long_life, np.ones(long_life.shape[1], np.float32))
    gaze = np.hypot(rows[life.GAZE_YAW], rows[life.GAZE_PITCH]) > 0.07
    assert 0.13 < gaze.mean() < 0.18
    breaks = np.diff(gaze.astype(int))
    begun, over = np.flatnonzero(breaks == 1), np.flatnonzero(breaks == -1)
    assert abs(len(begun) / (MINUTES * 60 / life.BREAK_CELL_S) - 1) < 0.05
    lasts = (over[: len(begun)] - begun[: len(over)]) / 60
    assert 0.95 < np.median(lasts) < 1.15
    deep = (long_life[life.NOD_PITCH] < -0.02).astype(int)
    assert 6 < (np.diff(deep) == 1).sum() / MINUTES / 1.5 < 14
    assert np.degrees(np.abs(long_life[life.TILT_ROLL])).mean() > 2.0
    assert np.degrees(np.abs(np.diff(rows[life.ROLL])).max()) * 60 < 20
    none = life.listening(long_life, np.zeros(long_life.shape[1], np.float32))
    assert (none == long_life).all()


@pytest.mark.parametrize("profile", ["arkit52", "vrm", "oculus15", "none"])
def test_listening_comes_and_goes_without_a_step(profile: str) -> None:
    face = ArticulationFace()
    style = FaceStyle(profile=profile, seed=3)
    whole, levels = b"", [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.0, 0.0]
    for number, (start, end) in enumerate(itertools.pairwise(levels)):
        whole += face.idle(replace(style, listening=(start, end)), number * 6, 6).weights
    if profile == "none":
        assert whole == b""
        return
    width = len(face.rig(profile, 60).names)
    frames = np.frombuffer(whole, np.uint8).reshape(-1, width).astype(int)
    roll = face.rig(profile, 60).names.index("headRoll")
    assert np.abs(np.diff(frames[:, roll])).max() <= 4
    rest = np.frombuffer(face.idle(style, 42, 6).weights, np.uint8).reshape(-1, width)
    assert (frames[-6:] == rest).all()


def test_life_is_smooth_where_blocks_meet(long_life: np.ndarray) -> None:
    steps = np.abs(np.diff(long_life, axis=1))
    at_joins, anywhere = steps[:, life.BLOCK - 1 :: life.BLOCK].max(1), steps.max(1)
    assert (at_joins <= anywhere + 1e-6).all()
    assert at_joins[life.YAW] < 0.008


def test_seeds_are_different_people() -> None:
    blinks = [tuple(onsets(life.life(seed, 60, 0, 3600)[life.BLINK])) for seed in range(8)]
    assert len(set(blinks)) == 8


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 500), st.sampled_from(["arkit52", "vrm", "oculus15", "none"]))
def test_idle_frames_are_pure(first: int, count: int, profile: str) -> None:
    face, style = ArticulationFace(), FaceStyle(profile=profile, seed=4, emotion="sad", intensity=0.5)
    width = len(face.rig(profile, 60).names)
    block = face.idle(style, first, count)
    whole = face.idle(style, 0, first + count)
    assert block.first == first
    assert len(block.weights) == count * width
    assert block.weights == whole.weights[first * width :]


def test_an_idle_mouth_is_at_rest_while_eyes_and_head_live() -> None:
    style = FaceStyle(seed=11)
    shown = Shown(ArticulationFace().idle(style, 0, 3600).weights, style)
    for name in shown.names:
        if name.startswith(("jaw", "mouth", "tongue", "cheek", "nose")):
            assert shown[name].max() == 0.0, name
    assert shown["eyeBlinkLeft"].max() == 1.0
    assert (shown["eyeBlinkLeft"] == shown["eyeBlinkRight"]).all()
    for name in ("headYaw", "headPitch", "headRoll", "eyeLookOutLeft", "eyeLookInLeft"):
        assert shown[name].std() > 0.0, name


def test_both_eyes_look_the_same_way() -> None:
    style = FaceStyle(seed=11)
    shown = Shown(ArticulationFace().idle(style, 0, 3600).weights, style)
    assert (shown["eyeLookOutLeft"] == shown["eyeLookInRight"]).all()
    assert (shown["eyeLookInLeft"] == shown["eyeLookOutRight"]).all()
    assert (np.minimum(shown["eyeLookInLeft"], shown["eyeLookOutLeft"]) == 0).all()


def test_activity_rises_with_speech_and_falls_in_pauses_however_it_is_asked_for() -> None:
    times = np.arange(180) / 60

    def asked(size: int) -> np.ndarray:
        activity = Activity()
        for at, speaking in ((0.5, True), (1.0, False), (1.05, True), (2.0, False)):
            activity.turn(at, speaking)
        return np.concatenate([activity.values(times[low : low + size]) for low in range(0, 180, size)])

    values = asked(180)
    assert np.allclose(values, asked(7), atol=1e-6)
    assert values[:30].max() == 0.0
    assert values[int((0.5 + RISE_S) * 60) + 1] > 0.6
    assert values[61:64].min() > 0.5  # a short pause does not count
    assert values[int((2.0 + 3 * FALL_S) * 60) + 1] < 0.06


def test_stressed_words_are_marked_by_some_nods_and_fewer_brows() -> None:
    beats = Beats(seed=2)
    for number in range(400):
        beats.stress(number * 2.0, 1.0)
    times = np.arange(0, 800, 1 / 30)
    pitch, brow = beats.marks(times)
    nods, raises = (np.diff((pitch < -0.01).astype(int)) == 1).sum(), (np.diff((brow > 0.1).astype(int)) == 1).sum()
    assert 180 <= nods <= 290
    assert 80 <= raises <= 170
    assert pitch.max() == 0.0
    assert -0.09 < pitch.min() < -0.03


def test_pauses_hold_blinks_at_times() -> None:
    beats = Beats(seed=2)
    for number in range(300):
        beats.pause(number * 2.0, number * 2.0 + 0.4)
    lids = beats.lids(np.arange(0, 600, 1 / 60))
    assert lids is not None
    assert abs(len(onsets(lids)) / 300 - PAUSE_BLINKS) < 0.08
    assert Beats(seed=2).lids(np.arange(10.0)) is None


def test_speech_moves_head_and_brows_that_silence_leaves_alone() -> None:
    style = FaceStyle(seed=7)
    word: tuple[Any, ...] = (("t", 0.06), ("ɛ", 0.12, 1), ("k", 0.07), ("ə", 0.06))
    words = word * 10
    talking, quiet = show(say(*words, ("", 0.6)), style), show(say(("", 3.8)), style)
    assert (quiet["headPitch"][:186] - talking["headPitch"][:186]).max() > 0.02
    assert (talking["browInnerUp"][:186] - quiet["browInnerUp"][:186]).max() > 0.1
    assert talking.frames[-1] == pytest.approx(quiet.frames[len(talking.frames) - 1], abs=0.02)
