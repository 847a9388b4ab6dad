"""The film's clock: sound and frames lie where the script has them, and whoever is silent lives."""

from __future__ import annotations

import numpy as np

from studio.video.captions import Caption
from studio.video.cut import AFTER, BEFORE, BETWEEN, cut
from studio.video.framing import placed, turned
from studio.video.looks.appearance import CHANNELS, ordered
from studio.video.script import read
from studio.video.track import Word, track
from tests.studio.video.acting import JAW, RATE, Said
from tests.studio.video.acting import track as spoken

FPS = 25


def film(script: str = "# One\nAda: a\nBen: b\n# Two\nBen: c", people: tuple[str, ...] = ("Ada", "Ben")):  # type: ignore[no-untyped-def]
    scenes = read(script, people)
    lines = {
        (n, k): spoken(1.0, FPS, (Word("word", 0.1, 0.4),))
        for n, scene in enumerate(scenes)
        for k, _ in enumerate(scene.beats)
    }
    return cut(scenes, lines, fps=FPS, rate=RATE)


def test_sound_and_frames_begin_together() -> None:
    made = film()
    pcm = np.frombuffer(made.pcm, np.int16)
    loud = np.abs(pcm) > 100
    first = BEFORE
    assert np.flatnonzero(loud)[0] / RATE == np.float64(round(first * FPS) / FPS + 1 / RATE)
    ada, ben = made.frames["Ada"], made.frames["Ben"]
    assert ada[round(first * FPS), JAW] == 0.5
    second = round(first * FPS) + FPS + round(BETWEEN * FPS)
    assert ben[second, JAW] == 0.5
    assert ben[second - 10, JAW] < 0.2
    assert len(pcm) == made.count * RATE // FPS
    assert made.seconds == made.count / FPS


def test_speech_fades_in_and_out() -> None:
    jaw = film().frames["Ada"][:, JAW]
    assert np.abs(np.diff(jaw)).max() < 0.2


def test_whoever_is_silent_lives() -> None:
    made = film("Ada: a\n(pause 12)\nBen: b")
    blink = made.frames["Ben"][:, CHANNELS.index("eyeBlinkLeft")]
    assert blink.max() > 0.9
    assert not np.allclose(made.frames["Ada"][:, -3], made.frames["Ben"][:, -3])


def test_chapters_captions_and_shots() -> None:
    made = film()
    assert [chapter.title for chapter in made.chapters] == ["One", "Two"]
    assert made.chapters[0].end == made.chapters[1].start
    assert isinstance(made.captions[0], Caption)
    assert made.captions[0].who == "Ada"
    assert made.captions[0].start == round(BEFORE * FPS) / FPS + 0.1
    assert made.phones[0][0] == "h"
    assert made.shots[-1].last == made.count
    assert made.chapters[1].end == made.count / FPS
    assert made.shots[-1].last - made.shots[-1].first == round(AFTER * FPS)


def test_framing_follows_the_speaker() -> None:
    made = film()
    alone = placed(made, 1)
    assert {shot.people for shot in alone if shot.speaks} == {("Ada",), ("Ben",)}
    assert all(shot.people == (shot.speaks,) for shot in alone if shot.speaks)
    both = placed(made, 2)
    assert both[0].people == ("Ada", "Ben")
    three = placed(film("Ada: a\nBen: b\nCy: c", ("Ada", "Ben", "Cy")), 2)
    assert all(len(shot.people) == 2 and (not shot.speaks or shot.speaks in shot.people) for shot in three)


def test_two_people_look_at_each_other() -> None:
    frame = np.zeros(len(CHANNELS), np.float32)
    yaw = CHANNELS.index("headYaw")
    assert turned(frame, 0, 2)[yaw] > 0 > turned(frame, 1, 2)[yaw]
    assert turned(frame, 0, 1)[yaw] == 0


def test_a_track_has_a_frame_for_all_of_its_sound() -> None:
    made = track(Said(1.01))
    assert len(made.frames) == 31
    assert made.frames[-1, JAW] == 0.5
    assert made.text == "Hello"
    assert abs(made.seconds - 1.01) < 1e-3
    assert len(track(Said(0.01)).frames) == 1


def test_channels_are_found_by_name() -> None:
    frames = ordered(("headYaw", "unknown", "jawOpen"), np.array([[0.1, 9, 0.5]], np.float32))
    assert frames.shape == (1, len(CHANNELS))
    assert frames[0, JAW] == np.float32(0.5)
    assert frames.sum() == np.float32(0.1) + np.float32(0.5)
