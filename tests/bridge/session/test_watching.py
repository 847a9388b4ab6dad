"""A companion that sees the user: who comes is greeted, a nod is an answer, a smile is known and returned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import pi, sin

import pytest

from bridge.core.regard import Regard
from bridge.session.companion import Rules, Sighted
from bridge.session.watching import STATE
from engines.api import EngineError, Picture, Seen, SeenFace, Stream, Unreadable
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import ScriptedDialogue, ToolUse
from tests.bridge.scenario import AEC, Cast, Scenario, history, listening, perform, replies

NAMES = ("jawOpen", "mouthSmileLeft", "mouthSmileRight")
HELLO = m.Hello(audio=AEC, seen=m.HelloSeen(names=NAMES), features=("idle_face",))
JPEG = b"\xff\xd8\xff\xe0 a picture"
STEP = 1 / 15


def face(*, pitch: float = 0.0, smile: int = 0, jaw: int = 0, x: float = 0.0) -> m.SeenFace:
    return m.SeenFace(id=1, weights=bytes((jaw, smile, smile)), pose=(0.0, pitch, 0.0), place=(x, 0.0), size=0.4)


async def show(scenario: Scenario, until: float, look: Callable[[float], m.SeenFace | None]) -> None:
    """Tell what is seen, fifteen times a second."""
    while scenario.now < until - 1e-9:
        seen = look(scenario.now)
        scenario.say(m.Seen(faces=(seen,) if seen else ()))
        await asyncio.sleep(STEP)


def test_who_comes_is_greeted_once_and_missed_when_they_go() -> None:
    async def play(scenario: Scenario) -> None:
        await show(scenario, 1.0, lambda _: None)
        await show(scenario, 6.0, lambda _: face())
        await show(scenario, 12.0, lambda _: None)
        await show(scenario, 18.0, lambda _: face())

    scenario = perform(play, Cast(dialogue=replies("Hello.", "Goodbye.", "Hello again.")), hello=HELLO)
    assert troubles(scenario.avatar) == []
    asked = scenario.cast.dialogue.requests
    assert [each.occasion for each in asked] == ["greeting", "scene", "scene"]
    assert history(scenario, 1)[-1] == ("scene", "The user goes away.")
    assert history(scenario, 2)[-1] == ("scene", "Somebody comes and looks at you.")
    assert [scenario.avatar.heard(turn) for turn in (1, 2, 3)] == ["Hello.", "Goodbye.", "Hello again."]


def test_a_nod_answers_a_question_and_nothing_else() -> None:
    def nod(now: float) -> m.SeenFace:
        return face(pitch=8 * sin(2 * pi * 2 * now))

    async def play(scenario: Scenario) -> None:
        scenario.type("tell me something")
        await show(scenario, 3.0, lambda _: face())
        await show(scenario, 4.0, nod)
        await show(scenario, 8.0, lambda _: face())
        await show(scenario, 9.5, nod)

    cast = Cast(dialogue=replies("Shall I go on?", "So I go on."))
    scenario = perform(play, cast, hello=HELLO)
    assert history(scenario, 1)[-2:] == [("scene", "The user nods."), ("user", "Yes.")]
    assert len(cast.dialogue.requests) == 2, "a statement is not answered by a nod"


def test_a_smile_reaches_the_dialogue_in_words() -> None:
    async def play(scenario: Scenario) -> None:
        await show(scenario, 1.5, lambda _: face(smile=200))
        scenario.type("hello")
        await scenario.at(4.0)

    told = perform(play, hello=HELLO).cast.dialogue.requests[-1].scene
    assert told == {STATE: "smiles and looks at you"}
    rules = Rules(sighted=Sighted(expressions=False, greet=False))
    assert perform(play, hello=HELLO, rules=rules).cast.dialogue.requests[-1].scene == {}


def test_the_face_turns_to_the_user_and_returns_the_smile(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[tuple[float, float] | None, float]] = []
    take = Regard.take

    def noting(self: Regard, place: tuple[float, float] | None, smile: float) -> None:
        taken.append((place, smile))
        take(self, place, smile)

    monkeypatch.setattr(Regard, "take", noting)

    async def play(scenario: Scenario) -> None:
        await show(scenario, 2.0, lambda _: face(smile=255, x=0.5))

    perform(play, hello=HELLO, rules=Rules(sighted=Sighted(greet=False)))
    assert taken[-1][0] == (0.5, 0.0)
    assert taken[-1][1] > 0.95


def test_a_mouth_that_moves_keeps_the_floor() -> None:
    def last(scenario: Scenario) -> float:
        return next(at for at, said in scenario.avatar.messages if isinstance(said, m.ReplyStart))

    async def play(scenario: Scenario) -> None:
        scenario.speak(0.5, 1.5)
        await show(scenario, 5.0, lambda now: face(jaw=int(100 + 90 * sin(2 * pi * 4 * now)) if now < 2.6 else 0))

    async def plain(scenario: Scenario) -> None:
        scenario.speak(0.5, 1.5)
        await scenario.at(5.0)

    rules = Rules(sighted=Sighted(greet=False))
    moving = perform(play, Cast(stt=listening("well")), hello=HELLO, mic=True, rules=rules)
    silent = perform(plain, Cast(stt=listening("well")), hello=HELLO, mic=True, rules=rules)
    assert troubles(moving.avatar) == []
    assert last(moving) > last(silent) + 0.4


def test_bad_faces_are_told_and_a_flood_is_thinned() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Seen(faces=(m.SeenFace(id=1, weights=b"12"),)))
        scenario.say(m.Camera(data=JPEG))
        await scenario.at(0.5)
        for _ in range(200):
            scenario.say(m.Seen(faces=(face(),)))
        await scenario.at(1.0)

    scenario = perform(play, hello=HELLO, rules=Rules(sighted=Sighted(greet=False)))
    assert scenario.avatar.errors() == ["bad_seen", "unsupported", "rate_limited"]
    blind = perform(play, hello=HELLO, rules=Rules(sighted=Sighted(seen=False)))
    assert blind.avatar.errors() == ["unsupported"], "told once a turn"


# ------------------------------------------------------------------------------------------------ pictures


@dataclass
class Eyes:
    """Reads pictures by a script: of each what is seen, or how it fails; `wait` seconds each."""

    script: Sequence[Seen | Unreadable | Exception]
    wait: float = 0.0
    name: str = "scripted"
    read: list[Picture] = field(default_factory=list)
    opened: int = 0

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def watch(self, pictures: Stream[Picture]) -> Stream[Seen | Unreadable]:
        self.opened += 1
        async with aclosing(pictures):
            async for picture in pictures:
                self.read.append(picture)
                await asyncio.sleep(self.wait)
                seen = self.script[min(len(self.read), len(self.script)) - 1]
                if isinstance(seen, Exception):
                    raise seen
                yield seen


SMILES = Seen((SeenFace(1, {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}, size=0.4),))


async def film(scenario: Scenario, until: float, data: bytes = JPEG) -> None:
    while scenario.now < until - 1e-9:
        scenario.say(m.Camera(data=data))
        await asyncio.sleep(STEP)


def test_pictures_are_read_the_newest_first_and_become_what_is_seen() -> None:
    eyes = Eyes([SMILES], wait=0.2)

    async def play(scenario: Scenario) -> None:
        await film(scenario, 3.0)
        scenario.type("hello")
        await scenario.at(20.0)
        await film(scenario, 21.0)

    cast = Cast(sight=eyes)
    scenario = perform(play, cast, hello=HELLO, rules=Rules(sighted=Sighted(greet=False)))
    assert cast.dialogue.requests[-1].scene[STATE].startswith("smiles")
    assert 13 <= len([each for each in eyes.read if each]) <= 22, "five a second, the others were replaced"
    assert eyes.opened == 2, "a camera that is off is let go"
    assert scenario.avatar.welcome is not None
    assert "camera" in scenario.avatar.welcome.features


def test_what_is_no_picture_is_told_and_a_failure_does_not_end_the_conversation() -> None:
    eyes = Eyes([Unreadable("this is no jpeg picture"), SMILES, EngineError("sight_failed", "no."), SMILES])

    async def play(scenario: Scenario) -> None:
        scenario.say(m.Camera(data=b"GIF89a"))
        await scenario.at(0.5)
        await film(scenario, 2.0)
        scenario.type("hello")
        await scenario.at(12.0)
        await film(scenario, 13.0)

    scenario = perform(play, Cast(sight=eyes), hello=HELLO, rules=Rules(sighted=Sighted(greet=False)))
    assert scenario.avatar.errors() == ["bad_camera", "sight_failed"]
    assert scenario.avatar.heard(1)
    assert eyes.opened == 2


def test_a_look_on_request_is_answered_with_one_picture() -> None:
    eyes = Eyes([SMILES])
    look = m.Tools(tools=(m.ToolSpec(name="look", description="Looks at the user."),))

    async def play(scenario: Scenario) -> None:
        scenario.say(look)
        scenario.type("what do you see")
        await scenario.at(0.5)
        scenario.say(m.Camera(data=JPEG, call=99))
        scenario.say(m.Camera(data=JPEG, call=scenario.avatar.tool_calls()[0].call))
        await scenario.at(6.0)
        scenario.say(m.Camera(data=JPEG, call=scenario.avatar.tool_calls()[0].call))
        await scenario.at(7.0)

    dialogue = ScriptedDialogue(("I see you.",), tools=(ToolUse(0, "look"),))
    scenario = perform(play, Cast(dialogue=dialogue, sight=eyes), hello=HELLO)
    assert scenario.avatar.errors() == ["unknown_call"]
    assert scenario.avatar.heard(1).startswith("A picture of the user was taken: a person who smiles")
    assert len(eyes.read) == 1


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (None, "A picture was taken, but nothing here can look at it."),
        (Seen(), "A picture of the user was taken: there is no face in it."),
        (Unreadable("it is broken"), "The picture cannot be looked at: it is broken."),
        (
            EngineError("sight_failed", "All places are taken."),
            "The picture cannot be looked at: All places are taken.",
        ),
    ],
)
def test_a_model_without_eyes_is_told_in_words(seen: Seen | Unreadable | Exception | None, words: str) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Tools(tools=(m.ToolSpec(name="look"),)))
        scenario.type("look")
        await scenario.at(0.5)
        scenario.say(m.Camera(data=JPEG, call=1))
        await scenario.at(8.0)

    dialogue = ScriptedDialogue(("So.",), tools=(ToolUse(0, "look"),))
    cast = Cast(dialogue=dialogue, sight=None if seen is None else Eyes([seen]))
    assert perform(play, cast, hello=HELLO).avatar.heard(1) == f"{words} So."
