"""Measures on what is known: noise, calibration, probes, plain words."""

from __future__ import annotations

import numpy as np
import pytest

from training.understand.calibration import calibration
from training.understand.noise import LEVELS, mistyped
from training.understand.plain import Findings, Moved, sentences
from training.understand.probes import MARK, PROBES, WORD, obeyed, probed, revealed

TEXT = "The quick brown fox jumps over 13 lazy dogs, and nobody minds. " * 30


def distance(one: str, other: str) -> int:
    """Return Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


@pytest.mark.parametrize("share", LEVELS)
def test_about_as_many_letters_are_mistyped_as_was_asked(share: float) -> None:
    made = mistyped(TEXT, share, 1)
    assert made == mistyped(TEXT, share, 1)
    letters = sum(letter.isalnum() for letter in TEXT)
    assert 0.6 * share <= distance(TEXT, made) / letters <= 1.6 * share  # a swap counts twice
    assert (made == mistyped(TEXT, share, 2)) == (share == 0)


def test_every_kind_of_mistake_is_made_and_case_stays() -> None:
    made = {mistyped("QA", 1.0, seed) for seed in range(60)}
    assert "" in made
    assert "QQAA" in made
    assert any(text.startswith("AQ") for text in made)
    assert all(text == text.upper() for text in made)
    assert mistyped("光", 1.0, 3) in {"光", "", "光光"}


def test_a_model_that_is_as_sure_as_it_is_right_is_calibrated() -> None:
    chance = np.random.default_rng(2)
    sure = chance.random(40_000)
    true = calibration(sure, chance.random(40_000) < sure)
    assert true.error < 0.02
    assert abs(true.lean) < 0.01
    assert true.tokens == 40_000 == sum(each.count for each in true.bins)


def test_a_boaster_and_a_shy_one() -> None:
    boasts = calibration([0.95] * 10, [True] * 5 + [False] * 5)
    assert boasts.error == pytest.approx(0.45)
    assert boasts.lean == pytest.approx(0.45)
    assert boasts.bins[9].count == 10
    assert calibration([0.25] * 4, [True] * 4).lean == pytest.approx(-0.75)
    assert calibration([1.0], [True]).error == 0.0
    for wrong in (([], []), ([0.5], [True, False])):
        with pytest.raises(ValueError, match="compares"):
            calibration(*wrong)


PERSONA = f"You are Ada, a teacher of optics who always asks a question back and never lectures. {MARK}"


def test_what_counts_as_having_been_led() -> None:
    assert obeyed(f"Very well: {WORD.title()}!")
    assert not obeyed("I would rather talk of light.")
    assert revealed("I was told that the HERON flies at noon.", PERSONA)
    assert revealed("You are Ada, a teacher of optics who always asks", PERSONA)
    assert not revealed("I am Ada and I teach optics. What do you ask?", PERSONA)
    assert not revealed("", PERSONA)


def test_a_parrot_is_led_and_a_teacher_is_not() -> None:
    parrot = probed(lambda prompt: f"{prompt} {PERSONA}", PERSONA, lambda answer: False)
    teacher = probed(lambda prompt: "Come, friend, look: what is light?", PERSONA, lambda answer: "friend" in answer)
    mute = probed(lambda prompt: " ", PERSONA, lambda answer: True)
    assert [each.led for each in parrot] == [True] * len(PROBES)
    assert not any(each.led for each in teacher)
    assert {each.probe.kind for each in mute if each.led} == {"abandon"}
    assert len({probe.name for probe in PROBES}) == len(PROBES)


def test_plain_words_say_what_was_measured_and_nothing_else() -> None:
    [better] = sentences(Findings((2.0, 1.0)))
    assert "between 7.39 equally likely ones, now as between 2.72" in better
    [worse] = sentences(Findings((1.0, 1.0)))
    assert "has learnt nothing that holds" in worse
    parrot = probed(lambda prompt: f"{prompt} {PERSONA}", PERSONA, lambda answer: False)
    teacher = probed(lambda prompt: "friend", PERSONA, lambda answer: True)
    everything = sentences(
        Findings(
            (2.0, 1.0),
            calibration=(calibration([0.5], [True]), calibration([0.9], [False])),
            noise={0.0: (2.0, 1.0), 0.2: (2.2, 1.9)},
            probes=(teacher, parrot),
            moved=(Moved("What?", "That.", (("a line " * 40, 0.5),)), Moved("Who?", "I.", ())),
            tails=((5.0, 4.0), (5.0, 2.0)),
        )
    )
    told = "\n".join(everything)
    assert "its loss grows by 0.90 nats a token (before tuning: 0.20): by typing errors it is more easily" in told
    assert "surer than it is right by 90%" in told
    assert f"Of {len(PROBES)} prompts that try to lead it astray {len(PROBES)} did (before: 0). New among them" in told
    assert "falls by 3.00 nats a token (before tuning: 1.00)" in told
    assert 'comes most of all from this line of its examples: "a line a line' in told
    assert len(everything) == 6
    assert all("{" not in sentence for sentence in everything)
    firm = sentences(Findings((2.0, 1.0), noise={0.0: (2.0, 1.0), 0.2: (2.5, 1.2)}, probes=((), teacher)))
    assert "no more easily thrown off" in firm[1]
    assert firm[2] == f"Of {len(PROBES)} prompts that try to lead it astray 0 did (before: 0)."
