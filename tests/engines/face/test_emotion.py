from dataclasses import replace

import numpy as np
import pytest

from engines.api import Cue, FaceStyle, TimedCue
from engines.face.emotion import (
    ALIASES,
    ARKIT_MOODS,
    EXPRESSIONS,
    FADE_S,
    SHAPES,
    VRM_MOODS,
    Mood,
    canonical,
    emotion_names,
)  # fmt: skip
from engines.face.engine import ArticulationFace
from engines.face.life import life
from engines.face.rigs import NAMES, VRM
from tests.engines.face.faces import Shown, cut, say, show

MOODS = {"neutral", "happy", "sad", "angry", "surprised", "afraid", "disgusted", "relaxed", "curious", "thinking"}


def test_names_and_aliases() -> None:
    assert set(emotion_names()) == set(SHAPES) == set(EXPRESSIONS) == MOODS
    assert emotion_names()[0] == "neutral"
    assert set(ALIASES.values()) <= MOODS
    assert not set(ALIASES) & MOODS
    for alias, mood in {
        "joy": "happy",
        "Joyful": "happy",
        "sorrow": "sad",
        "fun": "happy",
        " SCARED ": "afraid",
    }.items():
        assert canonical(alias)
        assert canonical(alias) == mood
    for name in ("", "wave", "happyish", "nod"):
        assert not canonical(name)


def test_every_mood_is_made_of_known_shapes_and_looks_like_no_other() -> None:
    for shapes in SHAPES.values():
        assert set(shapes) <= set(NAMES)
    for shapes in EXPRESSIONS.values():
        assert set(shapes) <= set(VRM)
    assert len(np.unique(ARKIT_MOODS, axis=0)) == len(MOODS)
    assert not ARKIT_MOODS[0].any()
    assert (VRM_MOODS[1:].sum(1) > 0).all()


@pytest.mark.parametrize("mood", sorted(MOODS - {"neutral"}))
def test_an_idle_face_wears_its_mood_in_proportion(mood: str) -> None:
    def worn(intensity: float) -> np.ndarray:
        style = FaceStyle(emotion=mood, intensity=intensity, seed=1)
        return Shown(ArticulationFace().idle(style, 0, 60).weights, style).frames

    calm, half, full = worn(0.0), worn(0.5), worn(1.0)
    still = life(1, 60, 0, 60)[0] == 0.0
    shape = max(SHAPES[mood], key=lambda name: SHAPES[mood][name])
    column = NAMES.index(shape)
    assert (full[still, column] - calm[still, column]).mean() == pytest.approx(SHAPES[mood][shape], abs=0.02)
    assert (half[still, column] - calm[still, column]).mean() == pytest.approx(SHAPES[mood][shape] / 2, abs=0.02)


def test_an_unknown_mood_is_neutral() -> None:
    face = ArticulationFace()
    plain, odd = FaceStyle(seed=1), FaceStyle(seed=1, emotion="grumblish", intensity=1.0)
    assert face.idle(plain, 0, 60).weights == face.idle(odd, 0, 60).weights


def test_a_mood_fades_in_from_its_cue_and_the_next_from_what_shows_then() -> None:
    mood = Mood("neutral", 0.0)
    times = np.arange(60) / 60
    assert mood.weights(times) is None
    mood.change("happy", 0.8, 0.2)
    happy = mood.weights(times)
    assert happy is not None
    row = happy[emotion_names().index("happy")]
    assert row[:13].max() == 0.0
    assert (np.diff(row) >= 0).all()
    assert np.diff(row).max() < 0.08
    assert row[int((0.2 + FADE_S) * 60) + 1] == pytest.approx(0.8)
    mood.change("nonsense", 1.0, 0.3)
    mood.change("sad", 1.0, 0.35)
    turned = mood.weights(times[21:])
    assert turned is not None
    assert turned[:, 0] == pytest.approx(happy[:, 21], abs=1e-5)
    assert turned[emotion_names().index("sad"), -1] == pytest.approx(1.0)
    mood.change("neutral", 1.0, 2.0)
    assert mood.weights(np.array([2.01 + FADE_S, 3.0])) is None


SPEECH = say(("", 0.3), ("t", 0.06), ("ɛ", 0.15), ("s", 0.1), ("t", 0.06), ("iː", 0.2), ("", 0.8))


def test_cues_change_the_mood_at_their_time_and_cutting_changes_nothing() -> None:
    at = SPEECH.rate // 2
    cued = replace(SPEECH, cues=(TimedCue(Cue("emotion", "Sorrow", 1.0, 0), at),))
    shown = show(cued)
    brow = shown["browInnerUp"] - show(SPEECH)["browInnerUp"]
    assert brow[:30].max() == 0.0
    assert brow[30 + int(FADE_S * 60) + 1] == pytest.approx(SHAPES["sad"]["browInnerUp"], abs=0.02)
    parted = show(cut(cued, [at - 300, at + 1200, at + 9000]))
    assert np.abs(parted["browInnerUp"] - shown["browInnerUp"]).max() <= 1.01 / 255


def test_a_mood_leaves_more_of_the_mouth_to_speech() -> None:
    style = FaceStyle(emotion="happy", intensity=1.0)
    shown = show(SPEECH, style)
    smile = shown["mouthSmileLeft"]
    plain = show(SPEECH)["mouthSmileLeft"]
    assert smile[2] == pytest.approx(0.55, abs=0.01)
    assert (smile - plain)[45:50].max() < 0.3
    assert smile[-1] == pytest.approx(0.55, abs=0.02)


def test_nod_and_shake_move_the_head_and_other_gestures_do_not() -> None:
    def head(name: str) -> tuple[float, float]:
        cue = TimedCue(Cue("gesture", name, 1.0, 0), SPEECH.rate // 4)
        moved, still = show(replace(SPEECH, cues=(cue,))), show(SPEECH)
        return tuple(float(np.abs(moved[axis] - still[axis]).max()) for axis in ("headYaw", "headPitch"))  # type: ignore[return-value]  # two axes

    yaw, pitch = head("nod")
    assert (yaw, pitch > 0.05) == (0.0, True)
    yaw, pitch = head("shake")
    assert (yaw > 0.08, pitch) == (True, 0.0)
    assert head("wave") == (0.0, 0.0)
