"""Varied copies of dialogues and sounds: named, seeded, and of the kind that they say."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tests.training.conftest import dialogues
from training.augment import sound, text
from training.data.dialogue import Dialogue, Line
from training.errors import TrainingError

RATE = 16_000
TONE = (0.3 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.float32)


def snr(clean: sound.Sound, changed: sound.Sound) -> float:
    noise = changed.astype(np.float64) - clean
    return float(10 * np.log10(np.mean(clean.astype(np.float64) ** 2) / np.mean(noise**2)))


def test_copies_change_what_users_say_and_never_the_manner() -> None:
    given = dialogues(12)
    made = list(text.varied(given, ("typing", "hearing"), copies=2, seed=1))
    assert len(made) > len(given)
    assert made == list(text.varied(given, ("typing", "hearing"), copies=2, seed=1))
    assert made != list(text.varied(given, ("typing", "hearing"), copies=2, seed=2))
    answers = {line.text for each in given for line in each.lines if line.role == "assistant"}
    assert {line.text for each in made for line in each.lines if line.role == "assistant"} <= answers
    assert any(each.lines[0].text not in {one.lines[0].text for one in given} for each in made)
    assert all(each.person for each in made)


def test_a_swap_changes_the_same_word_everywhere_and_what_has_none_stays() -> None:
    talk = Dialogue((Line("user", "Is the red prism here?"), Line("assistant", "The red one, on Monday.")))
    seen = {text.swapped(talk, Random(seed)).text for seed in range(20)}
    assert all("red" not in each or each.count("red") == 2 for each in seen)
    assert len(seen) > 3
    plain = Dialogue((Line("user", "Hm?"), Line("assistant", "Hm.")))
    assert text.swapped(plain, Random(1)) == plain
    assert list(text.varied([plain], ("swaps",), copies=3)) == [plain]


def test_models_put_what_users_say_otherwise() -> None:
    (talk,) = dialogues(1)
    assert text.paraphrased(talk, str.upper).lines[0].text == talk.lines[0].text.upper()
    assert text.paraphrased(talk, lambda _: " ").lines == talk.lines
    there = text.back_translated(talk, lambda said: said[::-1], lambda said: said[::-1])
    assert there.lines == talk.lines


def test_unknown_changes_are_named() -> None:
    with pytest.raises(TrainingError, match="typing, hearing, swaps"):
        list(text.varied(dialogues(1), ("sleep",)))
    with pytest.raises(TrainingError, match="noise, room, speed"):
        sound.varied(TONE, RATE, "sleep", 0)
    with pytest.raises(TrainingError, match="mono, and not empty"):
        sound.varied(np.zeros((2, 5), np.float32), RATE, "noise", 0)


@pytest.mark.parametrize("level", [0.0, 10.0, 30.0])
def test_noise_is_as_loud_as_it_is_asked_to_be(level: float) -> None:
    made = sound.noisy(TONE * 0.2, RATE, np.random.default_rng(0), snr=level)
    assert snr(TONE * np.float32(0.2), made) == pytest.approx(level, abs=0.3)


def test_a_room_rings_on_and_keeps_the_level() -> None:
    click = np.zeros(RATE, np.float32)
    click[100:140] = 0.5
    made = sound.in_a_room(click, RATE, np.random.default_rng(0), seconds=0.4)
    energy = [float(np.sum(made[at : at + 1600] ** 2)) for at in (200, 3000, 6000, 12_000)]
    assert energy == sorted(energy, reverse=True)
    assert energy[1] > 0
    assert energy[3] < 1e-6 * energy[0]
    assert np.sqrt(np.mean(made**2)) == pytest.approx(np.sqrt(np.mean(click**2)), rel=0.05)


def test_speed_a_telephone_and_codecs_do_what_they_say() -> None:
    chance = np.random.default_rng(0)
    assert len(sound.faster(TONE, RATE, chance, factor=1.1)) == pytest.approx(RATE / 1.1, rel=0.01)
    deep = (0.3 * np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE)).astype(np.float32)
    assert np.abs(sound.telephone(deep, RATE, chance)).max() < 0.01
    assert snr(TONE, sound.telephone(TONE, RATE, chance)) > 30
    pytest.importorskip("soundfile", reason="codecs need soundfile")
    made = sound.coded(TONE, RATE, chance, codec="vorbis")
    assert len(made) == len(TONE)
    assert not np.array_equal(made, TONE)
    assert snr(TONE, made) > 5


@pytest.mark.parametrize("name", sound.CHANGES)
def test_the_same_seed_gives_the_same_sound(name: str) -> None:
    if name == "codec":
        pytest.importorskip("soundfile", reason="codecs need soundfile")
    first, again = (sound.varied(TONE, RATE, name, 7) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.abs(first).max() <= 1
