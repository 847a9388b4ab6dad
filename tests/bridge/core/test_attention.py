"""Who is there, whom they look at, what they do: from the faces that are seen, on a clock of the test's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import pi, sin

import pytest

from bridge.core.answers import answer, asks
from bridge.core.attention import Attention, Notice, gaze_of, told
from bridge.core.nods import Nods, Sign
from engines.api import Message, Seen, SeenFace

FACE = SeenFace(1, {"jawOpen": 0.0}, size=0.4, place=(0.0, 0.0))
STEP = 1 / 15


def watch(
    attention: Attention, face: Callable[[float], SeenFace | None], start: float, end: float, *, step: float = STEP
) -> list[tuple[float, Notice]]:
    """Show a face from `start` to `end`, and return what was noticed when."""
    noticed, now = [], start
    while now < end:
        shown = face(now)
        noticed += [(round(now, 2), each) for each in attention.see(Seen((shown,) if shown else ()), now)]
        now += step
    return noticed


def test_somebody_comes_once_they_have_stayed_and_leaves_once_they_are_missed() -> None:
    attention = Attention()
    assert watch(attention, lambda _: None, 0.0, 1.0) == []
    assert watch(attention, lambda _: FACE, 1.0, 3.0) == [(1.67, "came")]
    assert watch(attention, lambda _: None, 3.0, 5.9) == [], "they only bent down"
    assert watch(attention, lambda _: FACE, 5.9, 6.9) == []
    ((at, what),) = watch(attention, lambda _: None, 6.9, 11.0)
    assert what == "left"
    assert 9.8 < at < 10.1


def test_a_passing_face_has_not_come() -> None:
    attention = Attention()
    assert watch(attention, lambda _: FACE, 0.0, 0.5) == []
    assert watch(attention, lambda _: None, 0.5, 5.0) == []


def test_whose_camera_goes_off_is_not_gone() -> None:
    attention = Attention()
    watch(attention, lambda _: FACE, 0.0, 2.0)
    due = attention.deadline
    assert due is not None
    assert attention.expire(due) == []
    assert attention.view is None
    assert attention.deadline is None
    assert attention.expire(100.0) == []
    assert watch(attention, lambda _: FACE, 200.0, 202.0)[0][1] == "came"


def test_who_left_is_missed_although_the_client_falls_silent() -> None:
    attention = Attention()
    watch(attention, lambda _: FACE, 0.0, 2.0)
    attention.see(Seen((replace(FACE, present=False),)), 2.0)
    due = attention.deadline
    assert due == 5.0
    assert attention.expire(due) == ["left"]


def test_a_look_is_held_until_it_clearly_goes_elsewhere() -> None:
    attention = Attention()
    looks = []
    for number, yaw in enumerate([0.0] * 20 + [18.0] * 30 + [40.0] * 30 + [18.0] * 40 + [5.0] * 40):
        attention.see(Seen((replace(FACE, yaw=yaw),)), number * STEP)
        assert attention.view is not None
        looks.append(attention.view.looks)
    assert all(looks[:50])
    assert not any(looks[60:120])
    assert all(looks[140:])


def test_eyes_count_as_well_as_the_head() -> None:
    left = {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}
    across, up = gaze_of(replace(FACE, weights=left, yaw=15.0, pitch=1.0))
    assert (round(across, 2), round(up, 2)) == (-1.0, 0.2)
    assert gaze_of(replace(FACE, gaze=(0.5, -0.5), yaw=60.0)) == (0.5, -0.5)
    down = {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0}
    assert gaze_of(replace(FACE, weights=down))[1] < -0.35


@pytest.mark.parametrize(
    ("weights", "word"),
    [
        ({"mouthSmileLeft": 0.7, "mouthSmileRight": 0.6}, "smiles and looks at you"),
        ({"browDownLeft": 0.6, "browDownRight": 0.5}, "frowns and looks at you"),
        (
            {"browInnerUp": 0.8, "eyeWideLeft": 0.5, "eyeWideRight": 0.5, "jawOpen": 0.4},
            "looks surprised and looks at you",
        ),
        ({"mouthFrownLeft": 0.5, "mouthFrownRight": 0.5}, "turns the corners of the mouth down and looks at you"),
        ({"mouthSmileLeft": 0.2}, "looks at you"),
    ],
)
def test_a_face_is_told_by_what_it_does(weights: dict[str, float], word: str) -> None:
    attention = Attention()
    watch(attention, lambda _: replace(FACE, weights=weights), 0.0, 2.0)
    assert attention.view is not None
    assert told(attention.view) == word


def test_the_nearer_of_several_is_heeded_and_the_others_are_told() -> None:
    attention = Attention()
    one, other = FACE, replace(FACE, id=2, size=0.5, yaw=60.0)
    attention.see(Seen((one,)), 0.0)
    attention.see(Seen((one, other)), 0.1)
    assert attention.view is not None
    assert told(attention.view) == "looks at you; 1 more is there"
    attention.see(Seen((replace(other, size=0.9), one, replace(one, id=3))), 0.2)
    assert told(attention.view) == "looks elsewhere; 2 more are there"
    assert watch(attention, lambda _: None, 0.3, 1.0) == []
    assert told(Attention().view or replace(attention.view, people=0)) == "nobody is there"


# ------------------------------------------------------------------------------------------------ nods


def shaken(
    angle: Callable[[float], tuple[float, float]], *, seconds: float = 3.0, step: float = STEP
) -> list[tuple[float, Sign]]:
    nods, found = Nods(), []
    for number in range(round(seconds / step)):
        now = number * step
        if (sign := nods.see(*angle(now), now)) is not None:
            found.append((now, sign))
    return found


@pytest.mark.parametrize("hertz", [1.2, 2.0, 3.0])
@pytest.mark.parametrize("step", [1 / 10, 1 / 15, 1 / 30])
def test_a_nod_and_a_shake_are_told_apart(hertz: float, step: float) -> None:
    def wave(now: float) -> float:
        return sin(2 * pi * hertz * now) if 0.5 <= now < 0.5 + 2 / hertz else 0.0

    nodded = shaken(lambda now: (0.8 * wave(now), 8 * wave(now)), step=step)
    shook = shaken(lambda now: (14 * wave(now), 1.5 * wave(now)), step=step)
    assert [sign for _, sign in nodded] == ["nod"]
    assert [sign for _, sign in shook] == ["shake"]


@pytest.mark.parametrize(
    "angle",
    [
        lambda now: (0.0, 20 * sin(2 * pi * 0.15 * now)),  # looks slowly up and down
        lambda now: (30.0 if now > 1 else 0.0, 0.0),  # turns away
        lambda now: (1.5 * sin(40 * now), 1.5 * sin(37 * now)),  # a tracker's noise
        lambda now: (10 * sin(2 * pi * 2 * now), 10 * sin(2 * pi * 2 * now)),  # neither
        lambda now: (0.0, -15.0 if 1 < now < 1.4 else 0.0),  # one look at the keyboard
    ],
)
def test_other_movements_are_neither(angle: Callable[[float], tuple[float, float]]) -> None:
    assert shaken(angle) == []


def test_a_nod_of_somebody_who_is_watched_is_noticed() -> None:
    attention = Attention()
    watch(attention, lambda _: FACE, 0.0, 2.0)
    noticed = watch(attention, lambda now: replace(FACE, pitch=8 * sin(2 * pi * 2 * now)), 2.0, 3.5)
    assert [what for _, what in noticed] == ["nodded"]
    noticed = watch(attention, lambda now: replace(FACE, yaw=12 * sin(2 * pi * 2 * now)), 4.5, 6.0)
    assert [what for _, what in noticed] == ["shook"]


# ------------------------------------------------------------------------------------------------ the mouth


def test_a_mouth_that_talks_moves_and_one_that_rests_or_gapes_does_not() -> None:
    def jaw(value: Callable[[float], float]) -> bool:
        attention = Attention()
        watch(attention, lambda now: replace(FACE, weights={"jawOpen": value(now)}), 0.0, 2.0)
        return attention.talks(2.0)

    assert jaw(lambda now: 0.25 + 0.2 * sin(2 * pi * 4 * now))
    assert not jaw(lambda _: 0.0)
    assert not jaw(lambda _: 0.6)
    assert not jaw(lambda now: min(0.5, now / 4))
    assert not Attention().talks(0.0)


# ------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Shall I go on?", True), ('She asked: "Really?"', True), ("要继续吗？", True), ("هل نكمل؟", True),
        ("Shall I go on? 😊", True), ("I go on.", False), ("One thing; another;", False), ("Θέλεις να συνεχίσω;", True),
    ],
)  # fmt: skip
def test_a_question_is_known_in_many_scripts(text: str, question: bool) -> None:
    assert asks(Message("companion", text)) is question
    assert not asks(Message("user", text))


def test_a_nod_is_put_into_words_of_the_language() -> None:
    assert (answer(True, "de-AT"), answer(False, "cmn"), answer(True, "tlh")) == ("Ja.", "不是。", "Yes.")
