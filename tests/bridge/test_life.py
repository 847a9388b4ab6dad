"""The face between replies, on one clock with the faces of replies."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engines.scripted import ScriptedFace
from protocol import messages as m
from tests.bridge.stage import WITH_LIFE, Cast, Stage, perform, replies


def life_numbers(stage: Stage) -> list[tuple[float, int]]:
    """Every idle frame's arrival and number on the life clock."""
    assert stage.avatar.welcome
    names = stage.avatar.welcome.face.names
    low, high, width = names.index("jawOpen"), names.index("mouthClose"), len(names)
    return [
        (at, row[low] + 256 * row[high])
        for at, media in stage.avatar.messages
        if isinstance(media, m.Media) and media.turn == 0
        for row in (media.face[i : i + width] for i in range(0, len(media.face), width))
    ]


def test_idle_life_comes_before_it_is_due_without_a_gap() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(10.0)

    stage = perform(play, hello=WITH_LIFE)
    frames = life_numbers(stage)
    assert [number for _, number in frames] == list(range(len(frames)))
    assert len(frames) >= 600
    assert all(-1e-6 <= number / 60 - at <= 0.4 for at, number in frames)
    pts = [x.pts for _, x in stage.avatar.messages if isinstance(x, m.Media)]
    assert all(b - a == 4_800 for a, b in pairwise(pts))


def test_nobody_who_did_not_ask_gets_idle_life() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(5.0)

    assert perform(play).avatar.idle_frames == 0


def test_life_goes_on_while_the_companion_thinks() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(1.0)
        stage.type("hello")
        await stage.at(6.0)

    stage = perform(play, Cast(replies("One two.", first=2.0)), hello=WITH_LIFE)
    first = stage.avatar.turns[1].first_at
    assert first is not None
    before = [number / 60 for at, number in life_numbers(stage) if at < first]
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
    async def play(stage: Stage) -> None:
        await stage.at(1.0)
        stage.type("hello")
        await stage.at(6.0)

    face = LifeFace()
    stage = perform(play, Cast(replies("One two.", first=first), face=face), hello=WITH_LIFE)
    turn = stage.avatar.turns[1]
    assert turn.sound_at is not None
    assert turn.over_at is not None
    assert face.origins == [pytest.approx(turn.sound_at * 60, abs=2)]
    after = next(number for at, number in life_numbers(stage) if at >= turn.over_at)
    assert after == pytest.approx(turn.over_at * 60, abs=2)
