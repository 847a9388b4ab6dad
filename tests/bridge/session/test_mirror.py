"""What somebody beside is shown is what the speaker hears and sees, at that instant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from bridge.session.mirror import Mirror
from engines.api import SeenFace
from protocol import messages as m
from testkit.scripted.engines import ScriptedTts
from tests.bridge.scenario import WITH_LIFE, Cast, Scenario, Screenplay, perform, replies

TICK = 1 / 60


@dataclass
class Onlooker:
    """Notes what it is shown, and when."""

    refuses: bool = False
    names: tuple[str, ...] = ()
    faces: list[tuple[float, tuple[float, ...]]] = field(default_factory=list)
    words: list[tuple[float, str]] = field(default_factory=list)
    cues: list[tuple[float, str]] = field(default_factory=list)
    begun: int = 0
    silences: list[float] = field(default_factory=list)

    def wears(self, names: Sequence[str]) -> None:
        if self.refuses:
            raise ValueError("no")
        self.names = tuple(names)

    def face(self, values: Sequence[float], now: float) -> None:
        self.faces.append((now, tuple(values)))

    def begin(self) -> None:
        self.begun += 1

    def word(self, text: str, gap: str, now: float) -> None:
        self.words.append((now, f"{gap}{text}"))

    def cue(self, name: str, now: float) -> None:
        self.cues.append((now, name))

    def silence(self, now: float) -> None:
        self.silences.append(now)


def mirrored(play: Screenplay, cast: Cast, onlooker: Onlooker, *, hello: m.Hello | None = None) -> Scenario:
    """Perform a screenplay with somebody beside, who looks sixty times a second."""

    async def beside(scenario: Scenario) -> None:
        mirror = Mirror(onlooker)
        mirror.follow(scenario.session)
        mirror.follow(scenario.session)  # once more changes nothing
        playing = asyncio.ensure_future(play(scenario))
        while not playing.done():
            mirror.show(asyncio.get_running_loop().time())
            await asyncio.sleep(TICK)
        await playing
        mirror.follow(None)
        assert scenario.session.viewers == 0

    return perform(beside, cast, hello=hello)


async def one(scenario: Scenario) -> None:
    await scenario.at(1.0)
    scenario.type("hello")
    await scenario.at(6.0)


def test_words_cues_and_faces_come_when_they_are_heard() -> None:
    onlooker = Onlooker()
    dialogue = replies("[happy] One two. Three [gesture:wave] four.")
    scenario = mirrored(one, Cast(dialogue, tts=ScriptedTts(ms_per_word=400)), onlooker)
    turn = scenario.avatar.turns[1]
    assert turn.first_at is not None
    begins = [turn.first_at + 0.4 * number for number in range(4)]
    assert [text for _, text in onlooker.words] == ["One", " two.", " Three", " four."]
    assert [at for at, _ in onlooker.words] == pytest.approx(begins, abs=TICK + 0.001)
    assert [name for _, name in onlooker.cues] == ["happy", "wave"]
    assert onlooker.begun == 1
    assert onlooker.silences == [pytest.approx(turn.first_at + 1.6, abs=2 * TICK)]
    assert scenario.avatar.welcome is not None
    assert onlooker.names == scenario.avatar.welcome.face.names
    spoken = [(at, values) for at, values in onlooker.faces if turn.first_at + TICK < at < turn.first_at + 1.59]
    # The scripted face writes the number of each frame into the opening of the jaw.
    jaw = onlooker.names.index("jawOpen")
    assert len(spoken) > 80
    for at, values in spoken:
        assert round(values[jaw] * 255) == pytest.approx((at - turn.first_at) * 60, abs=1.5)
    assert {len(values) for _, values in onlooker.faces} == {len(onlooker.names)}


def test_what_is_cut_is_not_shown_and_the_face_comes_to_rest() -> None:
    async def cut(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("hello")
        await scenario.at(1.5)
        scenario.say(m.Interrupt())
        await scenario.at(4.0)

    onlooker = Onlooker()
    mirrored(cut, Cast(replies("One two three four five."), tts=ScriptedTts(ms_per_word=400)), onlooker)
    assert [text for _, text in onlooker.words] == ["One", " two"]
    assert len(onlooker.silences) == 1
    assert onlooker.silences[0] < 1.6
    assert not any(onlooker.faces[-1][1])
    assert any(any(values) for _, values in onlooker.faces)


def test_idle_life_is_shown_between_replies() -> None:
    onlooker = Onlooker()
    mirrored(one, Cast(replies("One.")), onlooker, hello=WITH_LIFE)
    assert len({values for at, values in onlooker.faces if at < 0.9}) > 20


def test_a_face_of_no_use_is_left_out_and_words_are_told() -> None:
    onlooker = Onlooker(refuses=True)
    mirrored(one, Cast(replies("One two.")), onlooker)
    assert onlooker.faces == []
    assert [text for _, text in onlooker.words] == ["One", " two."]


def test_a_session_that_ends_leaves_nothing_behind() -> None:
    async def ends(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("hello")
        await scenario.at(1.3)
        scenario.session.end(None)
        await scenario.at(2.0)

    onlooker = Onlooker()
    mirrored(ends, Cast(replies("One two three.")), onlooker)
    assert not any(onlooker.faces[-1][1])


def test_a_performer_is_shown_while_the_companion_is_silent_and_hands_over_smoothly() -> None:
    onlooker = Onlooker()
    smiling = SeenFace(1, {"mouthSmileLeft": 1.0}, yaw=10.0)

    async def beside(scenario: Scenario) -> None:
        mirror = Mirror(onlooker, lambda now: smiling if now < 6.0 else None, ("mouthSmileLeft", "headYaw"))
        mirror.show(scenario.now)
        assert onlooker.names == ("mouthSmileLeft", "headYaw"), "also before there is a session"
        mirror.follow(scenario.session)
        scenario.type("hello")
        while scenario.now < 7.0:
            mirror.show(scenario.now)
            await asyncio.sleep(TICK)

    cast = Cast(dialogue=replies("One two three four five six.", first=1.0), tts=ScriptedTts(ms_per_word=300))
    scenario = perform(beside, cast)
    place = onlooker.names.index("mouthSmileLeft") if "mouthSmileLeft" in onlooker.names else 0
    shown = [(at, values[place]) for at, values in onlooker.faces if len(values) == len(onlooker.names)]
    began, ended = 1.0, scenario.avatar.turns[1].over_at or 0.0
    assert all(smile == pytest.approx(1.0) for at, smile in shown if 0.3 < at < began - 0.1)
    assert all(smile == 0.0 for at, smile in shown if began + 0.3 < at < ended - 0.05)
    assert all(smile == pytest.approx(1.0) for at, smile in shown if ended + 0.25 < at < 5.9)
    assert shown[-1][1] == 0.0, "who is not seen any more performs no more"
    steps = [abs(after - before) for (_, before), (_, after) in pairwise(shown) if before is not None]
    assert max(steps[20:]) <= 0.2, "0.15 s from one face to the other"
