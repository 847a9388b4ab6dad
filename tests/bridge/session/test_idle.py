"""The face between replies, on one clock with the faces of replies."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bridge.session.idle import IdleFace
from engines.api import FaceBlock, FaceStyle, Rig
from protocol import messages as m
from testkit.scripted.engines import ScriptedFace
from tests.bridge.scenario import WITH_LIFE, Cast, Scenario, perform, replies


def life_numbers(scenario: Scenario) -> list[tuple[float, int]]:
    """Every idle frame's arrival and number on the life clock."""
    assert scenario.avatar.welcome
    names = scenario.avatar.welcome.face.names
    low, high, width = names.index("jawOpen"), names.index("mouthClose"), len(names)
    return [
        (at, row[low] + 256 * row[high])
        for at, media in scenario.avatar.messages
        if isinstance(media, m.Media) and media.turn == 0
        for row in (media.face[i : i + width] for i in range(0, len(media.face), width))
    ]


def test_idle_life_comes_before_it_is_due_without_a_gap() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(10.0)

    scenario = perform(play, hello=WITH_LIFE)
    frames = life_numbers(scenario)
    assert [number for _, number in frames] == list(range(len(frames)))
    assert len(frames) >= 600
    assert all(-1e-6 <= number / 60 - at <= 0.4 for at, number in frames)
    pts = [x.pts for _, x in scenario.avatar.messages if isinstance(x, m.Media)]
    assert all(b - a == 4_800 for a, b in pairwise(pts))


class Recording(ScriptedFace):
    """A face that remembers the styles of its idle frames."""

    def __init__(self) -> None:
        super().__init__()
        self.styles: list[FaceStyle] = []

    def idle(self, style: FaceStyle, first: int, count: int) -> FaceBlock:
        self.styles.append(style)
        return super().idle(style, first, count)


def test_somebody_who_is_spoken_to_begins_to_listen_and_stops_again() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 4.0)
        await scenario.at(9.0)

    face = Recording()
    perform(play, Cast(face=face), hello=WITH_LIFE, mic=True)
    levels = [style.listening for style in face.styles]
    assert levels[0] == (0.0, 0.0)
    assert max(end for _, end in levels) == 1.0
    assert levels[-1][1] < 1.0
    # Every block begins where the one before ended, as long as the face is at rest.
    assert all(abs(end - start) <= 0.126 for start, end in levels)


@pytest.mark.parametrize(("warmth", "mood"), [(0.0, ("neutral", 0.0)), (0.5, ("relaxed", 0.3))])
def test_a_mood_gives_back_the_face_that_somebody_has_at_rest(warmth: float, mood: tuple[str, float]) -> None:
    rest = IdleFace(None, Rig("none", (), ()), 60, 1, warmth)
    shown = []
    for feeling in ("", "happy", "neutral"):
        if feeling:
            rest.feel(feeling, 0.8)
        style = rest.style(0.0)
        shown.append((style.emotion, pytest.approx(style.intensity)))
    assert shown == [mood, ("happy", 0.8), mood]


def test_nobody_who_did_not_ask_gets_idle_life() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(5.0)

    assert perform(play).avatar.idle_frames == 0


def test_life_goes_on_while_the_companion_thinks() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("hello")
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies("One two.", first=2.0)), hello=WITH_LIFE)
    first = scenario.avatar.turns[1].first_at
    assert first is not None
    before = [number / 60 for at, number in life_numbers(scenario) if at < first]
    assert before[-1] >= first - 0.02


class LifeFace(ScriptedFace):
    """Remembers the frame of the life clock at which each reply began."""

    def __init__(self) -> None:
        super().__init__()
        self.origins: list[int] = []

    def animate(self, speech, style):  # type: ignore[no-untyped-def]  # as in the base class
        self.origins.append(style.origin)
        return super().animate(speech, style)


@pytest.mark.parametrize("first", [0.0, 1.5])
def test_a_reply_takes_over_from_idle_life_and_gives_back_on_the_same_clock(first: float) -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("hello")
        await scenario.at(6.0)

    face = LifeFace()
    scenario = perform(play, Cast(replies("One two.", first=first), face=face), hello=WITH_LIFE)
    turn = scenario.avatar.turns[1]
    assert turn.sound_at is not None
    assert turn.over_at is not None
    assert face.origins == [pytest.approx(turn.sound_at * 60, abs=2)]
    after = next(number for at, number in life_numbers(scenario) if at >= turn.over_at)
    assert after == pytest.approx(turn.over_at * 60, abs=2)
