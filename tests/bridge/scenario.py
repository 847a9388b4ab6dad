"""Plays screenplays: one session with scripted engines, a fake avatar on its link, and a clock that jumps.

A screenplay is a coroutine that waits with `at(seconds)` and lets the user act. The microphone streams 20 ms frames
all the time, loud while the user speaks.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import pi, sin
from typing import Any

from bridge.core.timeline import MEDIA_RATE
from bridge.memory.session import Remembered
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Marking, Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from engines.api import MIC_RATE, Rig
from engines.guard.verdicts import Review
from engines.jobs import Duplex, Engines, Gate, Sight
from protocol import messages as m
from testkit import virtual_time
from testkit.avatar import Avatar
from testkit.link import AvatarLink
from testkit.scripted.engines import ScriptedDialogue, ScriptedFace, ScriptedStt, ScriptedTts, ScriptedVad

FRAME = MIC_RATE // 50
LOUD = array("h", (round(12_000 * sin(2 * pi * 250 * i / MIC_RATE)) for i in range(FRAME))).tobytes()
QUIET = bytes(2 * FRAME)
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LONG = "one two three four five six seven eight nine ten."
AEC = m.HelloAudio(aec=True)
WITH_LIFE = m.Hello(features=("idle_face",), audio=AEC)
MOODS = frozenset({"happy", "sad", "angry", "neutral"})


@dataclass(slots=True)
class Cast:
    """The engines of one companion, within reach of the test."""

    dialogue: ScriptedDialogue = field(default_factory=lambda: ScriptedDialogue(("One two three four.",)))
    tts: ScriptedTts = field(default_factory=lambda: ScriptedTts(ms_per_word=200))
    stt: ScriptedStt | None = field(default_factory=ScriptedStt)
    vad: ScriptedVad | None = field(default_factory=ScriptedVad)
    face: ScriptedFace | None = field(default_factory=ScriptedFace)
    understudy: ScriptedDialogue | None = None
    sorry: str = ""
    away: str = ""
    gates: tuple[Gate, ...] = ()
    sight: Sight | None = None
    withheld: str = ""
    review: Review | None = None
    marking: Callable[[int], Marking] | None = None
    duplex: Duplex | None = None

    def engines(self) -> Engines:
        return Engines(
            vad=self.vad,
            stt=self.stt,
            dialogue=self.dialogue,
            tts=self.tts,
            face=self.face,
            understudy=self.understudy,
            gates=self.gates,
            sight=self.sight,
            duplex=self.duplex,
        )


async def inline(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do at once what a session would have done off the loop: a virtual clock knows no threads."""
    return work(*arguments)


def replies(*texts: str, first: float = 0.0, every: float = 0.0) -> ScriptedDialogue:
    return ScriptedDialogue(texts, first=first, every=every)


def listening(*heard: str, delay: float = 0.1) -> ScriptedStt:
    return ScriptedStt(heard, delay=delay)


class Scenario:
    """One session, its avatar, and what the user does."""

    def __init__(
        self,
        cast: Cast,
        hello: m.Hello,
        rules: Rules,
        avatar: Avatar,
        delay: Callable[[], float],
        clock: Callable[[], datetime],
        remembered: Remembered | None = None,
    ) -> None:
        self.cast = cast
        self.hello = hello
        self.rules = rules
        self.avatar = avatar
        self.metrics = Metrics()
        self.crash: BaseExceptionGroup[BaseException] | None = None
        self.link: AvatarLink
        self._delay = delay
        self._mic_pts = 0
        self._said: deque[m.ClientMessage] = deque()
        self._speech: list[tuple[float, float]] = []
        face = cast.face
        self.session = Session(
            Shared(
                Companion(
                    cast.engines(),
                    "Mira",
                    emotions=MOODS,
                    sorry=cast.sorry,
                    away=cast.away,
                    withheld=cast.withheld,
                    review=cast.review,
                    marking=cast.marking,
                ),
                rules,
                self.metrics,
                clock,
                away=inline,
            ),
            Opening(
                name="s-1",
                token="t",
                watch="w",
                user="ada",
                hello=hello,
                rig=face.rig(hello.face.profile, hello.face.fps) if face else Rig("none", (), ()),
                seed=1,
                remembered=remembered,
            ),
        )

    # ------------------------------------------------------------------------------------------ what the user does

    async def at(self, seconds: float) -> None:
        """Until `seconds` after the beginning."""
        await asyncio.sleep(seconds - self.now)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def speak(self, start: float, end: float) -> None:
        """The user will speak from `start` to `end`."""
        self._speech.append((start, end))

    def type(self, text: str) -> None:
        """The user types."""
        self.say(m.UserText(text=text))

    def say(self, message: m.ClientMessage) -> None:
        """The client says something; what it says arrives in order."""
        self._said.append(message)
        asyncio.get_running_loop().call_later(self._delay(), lambda: self.session.receive(self._said.popleft()))

    # ------------------------------------------------------------------------------------------- connections

    def connect(self, *, seq: int | None = None) -> AvatarLink:
        """The avatar's connection, the first or, with `seq`, another."""
        self.link = AvatarLink(self.avatar, self.session.receive, delay=self._delay)
        self.session.attach(self.link, seq=seq)
        return self.link

    def cut(self) -> None:
        """The network is gone, with everything on its way."""
        self.link.drop()
        self.session.detach(self.link)

    def watch(self) -> Avatar:
        """Another avatar sees what this one sees."""
        viewer = Avatar(reports=False)
        self.session.watch(AvatarLink(viewer, lambda _: None, delay=self._delay))
        return viewer

    # ------------------------------------------------------------------------------------------------ inside

    async def run(self) -> None:
        try:
            await self.session.run()
        except BaseExceptionGroup as error:
            self.crash = error

    async def microphone(self) -> None:
        """Frames as they come; none while there is no connection."""
        start = self.now
        while True:
            await self.at(start + (self._mic_pts + FRAME) / MIC_RATE)
            middle = self.now - 0.01
            loud = any(begin <= middle < end for begin, end in self._speech)
            frame = m.Mic(pts=self._mic_pts, data=LOUD if loud else QUIET)
            self._mic_pts += FRAME
            if not self.link.closed:
                self.say(frame)


Screenplay = Callable[[Scenario], Awaitable[None]]


def perform(
    screenplay: Screenplay,
    cast: Cast | None = None,
    *,
    hello: m.Hello | None = None,
    rules: Rules | None = None,
    avatar: Avatar | None = None,
    delay: Callable[[], float] = lambda: 0.0,
    mic: bool = False,
    clock: Callable[[], datetime] = lambda: NOON,
    remembered: Remembered | None = None,
) -> Scenario:
    """Play it and return the scenario. The avatar is one with echo cancellation unless `hello` says otherwise."""

    async def main() -> Scenario:
        scenario = Scenario(
            cast or Cast(),
            hello or m.Hello(audio=AEC),
            rules or Rules(),
            avatar or Avatar(),
            delay,
            clock,
            remembered,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(scenario.run())
            await scenario.session.started.wait()
            scenario.connect()
            ears = group.create_task(scenario.microphone()) if mic else None
            await screenplay(scenario)
            if ears is not None:
                ears.cancel()
            scenario.session.end(None)
        return scenario

    return virtual_time.run(main())


def history(scenario: Scenario, request: int = -1) -> list[tuple[str, str]]:
    """What the dialogue was told of the conversation."""
    return [(said.role, said.text) for said in scenario.cast.dialogue.requests[request].history]


def played(scenario: Scenario, turn: int) -> float:
    """Seconds of a turn that were heard."""
    return scenario.avatar.turns[turn].played / MEDIA_RATE


def trace(avatar: Avatar) -> Sequence[str]:
    """Everything that came, with its time."""
    return [f"{at:.6f} {message!r}" for at, message in avatar.messages]
