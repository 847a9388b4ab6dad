from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.api import Cue, FaceStyle, TimedCue
from engines.face.emotion import emotion_names
from engines.face.engine import ArticulationFace
from tests.engines.face.faces import Shown, say, show, spoken
from training.lips import metrics


def sealed(shown: Shown) -> NDArray[np.bool_]:
    """Frames that are sealed as engines.face.profiles promises a client."""
    press = np.minimum(shown["mouthPressLeft"], shown["mouthPressRight"])
    return np.asarray((shown["mouthClose"] == shown["jawOpen"]) & (press >= 0.4), bool)


def labiodental(shown: Shown) -> NDArray[np.bool_]:
    return np.asarray((shown["mouthRollLower"] >= 0.55) & ~sealed(shown), bool)


def inside(shown: Shown, start: float, end: float) -> slice:
    return slice(max(0, int(np.ceil(start * shown.fps - 1e-6))), int(np.floor(end * shown.fps + 1e-6)) + 1)


def total(fps: int, lead_ms: float, language: str = "") -> tuple[metrics.Score, metrics.Score, int, float, float]:
    """Closures, labiodentals, sealed vowel frames, correlation and lag over all spoken sentences."""
    closures = teeth = metrics.Score(0, 0, 0, 0)
    wrong = 0
    shapes, truths = [], []
    for speech, true in spoken(language):
        shown = show(speech, FaceStyle(fps=fps), ArticulationFace(lead_ms=lead_ms))
        closures += metrics.closures(shown.lips, true, fps)
        teeth += metrics.labiodentals(shown.lips, true, fps)
        wrong += metrics.sealed_vowels(shown.lips, true, fps)[0]
        shapes.append(shown.lips.aperture)
        truths.append(metrics.openness(true, fps, len(shown.frames)))
    shape, truth = np.concatenate(shapes), np.concatenate(truths)
    return closures, teeth, wrong, metrics.correlation(shape, truth), metrics.lag_ms(shape, truth, fps)


@pytest.mark.parametrize(("fps", "lead_ms"), [(60, 25.0), (60, 0.0), (30, 25.0)])
def test_lips_of_seventeen_languages_close_when_they_must_and_only_then(fps: int, lead_ms: float) -> None:
    closures, teeth, wrong, _, _ = total(fps, lead_ms)
    assert closures.true > 200
    assert teeth.true > 80
    assert closures.f1 >= 0.998
    assert teeth.f1 >= 0.99
    assert wrong == 0


def test_openness_follows_the_vowels_without_lag() -> None:
    *_, correlation, lag = total(60, 0.0, "en")
    assert correlation >= 0.90
    assert abs(lag) <= 5.0


def test_the_mouth_leads_its_sound_by_default() -> None:
    *_, lag = total(60, 25.0, "en")
    assert -30.0 <= lag <= -10.0


@pytest.mark.parametrize("fps", [30, 60, 120])
def test_every_bilabial_is_sealed_for_two_frames_and_every_labiodental_touches(fps: int) -> None:
    for speech, true in spoken():
        shown = show(speech, FaceStyle(fps=fps))
        shut, touching = sealed(shown), labiodental(shown)
        slack = 1.0 / fps
        for phone in true:
            span = inside(shown, phone.start - slack, (phone.shut or phone.end) + slack)
            if metrics.SHUT & set(phone.ipa) and "f" not in phone.ipa:
                assert shut[span].sum() >= 2, (phone, speech.phones)
            if phone.ipa in ("f", "v"):
                assert touching[span].sum() >= 1, (phone, speech.phones)


@pytest.mark.parametrize("mood", emotion_names())
def test_no_mood_breaks_a_seal_or_a_labiodental(mood: str) -> None:
    speech, _ = spoken("en-us")[1]
    calm = show(speech)
    moody = show(speech, FaceStyle(emotion=mood, intensity=1.0))
    assert (sealed(moody) >= sealed(calm)).all()
    assert labiodental(moody)[labiodental(calm)].all()
    assert sealed(calm).sum() >= 12


def test_a_cue_in_the_middle_of_a_word_breaks_no_seal() -> None:
    speech, _ = spoken("en-us")[1]
    cue = TimedCue(Cue("emotion", "surprised", 1.0, 3), speech.samples // 3)
    assert (sealed(show(replace(speech, cues=(cue,)))) >= sealed(show(speech))).all()


def test_the_middle_of_a_short_vowel_between_two_bilabials_stays_open() -> None:
    shown = show(say(("", 0.3), ("a", 0.1), ("b", 0.05), ("ə", 0.045), ("p", 0.07), ("a", 0.1), ("", 0.3)))
    gap = shown["jawOpen"] - shown["mouthClose"]
    assert (gap[inside(shown, 0.45 + 0.0135, 0.45 + 0.0315)] >= 0.05).all()


@pytest.mark.parametrize(("token", "frames"), [("p", 2), ("pʰ", 2), ("m̩", 3), ("bʲ", 2), ("mː", 3), ("b̥", 2)])
def test_variants_of_bilabials_seal(token: str, frames: int) -> None:
    shown = show(say(("", 0.2), ("a", 0.12), (token, 0.07), ("a", 0.12), ("", 0.2)))
    assert sealed(shown)[inside(shown, 0.32, 0.39)].sum() >= frames


def peak(values: np.ndarray) -> float:
    return float(values.max())


def test_rounded_lips_start_early_and_sounds_of_the_tongue_let_them() -> None:
    shown = show(say(("", 0.2), ("iː", 0.2), ("n", 0.07), ("t", 0.07), ("uː", 0.2), ("", 0.3)))
    pucker = shown["mouthPucker"]
    assert pucker[inside(shown, 0.30, 0.32)].max() < 0.1
    assert pucker[inside(shown, 0.45, 0.47)].min() > 0.3  # in the middle of /nt/, before the vowel begins
    assert peak(pucker) > 0.55


def test_a_diphthong_moves_from_its_first_vowel_to_its_second() -> None:
    shown = show(say(("", 0.2), ("h", 0.05), ("aɪ", 0.25, 1), ("", 0.3)), face=ArticulationFace(lead_ms=0))
    jaw = shown["jawOpen"]
    assert jaw[inside(shown, 0.30, 0.36)].min() > 0.5
    assert jaw[inside(shown, 0.46, 0.48)].max() < 0.35


def test_stress_and_loudness_open_the_jaw() -> None:
    strong = show(say(("", 0.2), ("t", 0.06), ("ɛ", 0.12, 1), ("t", 0.06), ("", 0.2)))
    weak = show(say(("", 0.2), ("t", 0.06), ("ɛ", 0.12, 0), ("t", 0.06), ("", 0.2)))
    assert peak(strong["jawOpen"]) > 1.1 * peak(weak["jawOpen"])
    speech = say(("", 0.2), ("ɛ", 0.15), ("t", 0.1), ("ɛ", 0.15), ("", 0.2))
    pcm = np.frombuffer(speech.pcm, "<i2").copy()
    pcm[speech.phones[3].start : speech.phones[3].end] *= 2
    louder = show(replace(speech, pcm=pcm.tobytes()))
    assert peak(louder["jawOpen"][27:]) > 1.08 * peak(louder["jawOpen"][:24])


def test_sibilants_narrow_the_jaw_and_th_shows_the_tongue() -> None:
    shown = show(say(("", 0.2), ("a", 0.15), ("s", 0.12), ("a", 0.15), ("θ", 0.12), ("a", 0.15), ("", 0.3)))
    assert shown["jawOpen"][inside(shown, 0.38, 0.42)].min() < 0.15
    assert peak(shown["tongueOut"][inside(shown, 0.62, 0.74)]) > 0.25
    assert peak(shown["tongueOut"][inside(shown, 0.2, 0.5)]) < 0.05


@pytest.mark.parametrize("ipa", ["a", "oʊ", "m", "s", "f"])
def test_the_mouth_eases_to_rest_within_120_ms_of_the_end(ipa: str) -> None:
    shown = show(say(("", 0.2), ("t", 0.08), (ipa, 0.2), ("", 0.4)))
    mouth = np.stack([shown[name] for name in shown.names if name.startswith(("jaw", "mouth", "tongue"))])
    mouth[[i for i, n in enumerate(n for n in shown.names if n.startswith(("jaw", "mouth", "tongue")))
           if n.startswith(("mouthFunnel", "mouthPucker"))]] = 0  # fmt: skip
    assert mouth[:, int((0.48 + 0.12) * 60) + 1 :].max() < 0.03
    assert mouth[:, -1].max() == 0.0
    if ipa == "a":
        opening = shown["jawOpen"]
        assert opening[int((0.48 + 0.03) * 60)] > 0.1, "snaps shut"


def test_oculus_weights_are_shares_with_pp_and_ff_alone_at_contacts() -> None:
    speech, _ = spoken("en-us")[1]
    arkit, oculus = show(speech), show(speech, FaceStyle(profile="oculus15"))
    sums = oculus.frames[:, :15].sum(1)
    assert ((sums > 0.95) & (sums < 1.03)).all()
    assert (oculus["PP"][sealed(arkit)] == 1.0).all()
    assert (oculus["FF"][labiodental(arkit)] > 0.9).all()
    assert oculus["sil"][-1] == 1.0
    assert {n for n in oculus.names if peak(oculus[n]) > 0.5} >= {"PP", "FF", "aa", "E", "ih", "oh", "sil"}


def test_vrm_mouth_closes_on_bilabials_and_opens_on_vowels() -> None:
    speech, _ = spoken("en-us")[1]
    arkit, vrm = show(speech), show(speech, FaceStyle(profile="vrm", emotion="happy", intensity=1.0))
    mouth = np.sum([vrm[name] for name in ("aa", "ih", "ou", "ee", "oh")], axis=0)
    assert mouth[sealed(arkit)].max() == 0.0
    assert mouth.max() <= 1.02
    assert 0.5 < vrm["happy"][30:-40].min() <= vrm["happy"][30:-40].max() < 0.75
    assert vrm["happy"][-1] > 0.95
