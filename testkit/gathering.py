"""People in a room that are not there: each with an avatar, a microphone and a line, on a clock that jumps.

The rooms, sessions and hosting are the real ones; the companions' engines follow scripts, and what each person is
understood to say is what the script has them say.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from math import pi, sin
from typing import Any, Final, cast

from bridge.auth import Caller
from bridge.metrics import Metrics
from bridge.server.hosting import Hosting
from bridge.session.companion import Companion
from bridge.session.session import Session
from bridge.setup.config import Config
from engines.api import MIC_RATE, Stream, Transcript
from engines.hearing.apart.sessions import Sessions
from engines.hearing.apart.timbre import Timbre
from engines.jobs import Diarizer, Engines, Gate
from protocol import messages as m
from testkit import virtual_time
from testkit.avatar import Avatar
from testkit.link import AvatarLink
from testkit.scripted.engines import Replies, ScriptedDialogue, ScriptedFace, ScriptedTts, ScriptedVad, ToolUse
from testkit.scripted.script import Fault, Script
from testkit.talkers import Talker

FRAME: Final = MIC_RATE // 50
NOON: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)


@cache
def tone(number: int) -> bytes:
    """Return 20 ms of the voice of person `number`: a level of its own, by which the recogniser knows them."""
    loud = level(number)
    return array("h", (round(loud * sin(2 * pi * 250 * i / MIC_RATE)) for i in range(FRAME))).tobytes()


def level(number: int) -> int:
    """Return how loud person `number` is at the most."""
    return 6000 + 200 * number


class Ears(Script):
    """A recogniser that knows people by the level of their voice, and hears what each is about to say."""

    def __init__(self, says: Mapping[int, deque[str]]) -> None:
        super().__init__("stt_failed", None)
        self._says = says

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield the words of whoever is loudest."""
        loudest = 0
        async for data in audio:
            loudest = max(loudest, *memoryview(data).cast("h"))
        await asyncio.sleep(0.05)
        waiting = self._says.get(round((loudest - 6000) / 200), deque())
        yield Transcript(waiting.popleft() if waiting else "", final=True)


class ByLevel(Script):
    """Tells voices apart by their level: above or below that of `tone(20)`."""

    def __init__(self) -> None:
        super().__init__("diarizer_failed", None)
        self.forgotten: list[str] = []

    async def who(self, pcm: bytes, session: str) -> str:
        """Return "a louder one" or "a softer one"."""
        return "a louder one" if max(memoryview(pcm).cast("h")) > 10_000 else "a softer one"

    def forget(self, session: str) -> None:
        """Note whose voices are forgotten."""
        self.forgotten.append(session)


class ByTimbre(Script):
    """Tells voices apart as the engine `timbre` does, at once instead of in a thread: for a virtual clock."""

    def __init__(self) -> None:
        super().__init__("stt_failed", None)
        self._timbre = Timbre()
        self.known = Sessions(self._timbre.space, most=8)

    async def who(self, pcm: bytes, session: str) -> str:
        """Return whose voice it is."""
        return self.known.who(session, self._timbre.sample(pcm))

    def forget(self, session: str) -> None:
        """Forget the voices of a session."""
        self.known.forget(session)


def _said(speech: tuple[float, float, int, bytes], middle: float) -> bytes:
    """Return the 20 ms of speech around an instant."""
    begin, _, number, sound = speech
    at = 2 * FRAME * int((middle - begin) * MIC_RATE / FRAME)
    return sound[at : at + 2 * FRAME].ljust(2 * FRAME, b"\0") if sound else tone(number)


@dataclass
class Engaged:
    """A companion that is held for a room."""

    companion: Companion
    released: list[str]

    def release(self) -> None:
        """Note that it is let go of."""
        self.released.append(self.companion.id)

    def follow(self, recast: object) -> None:
        """Do nothing: it never changes."""

    def leave(self) -> None:
        """Do nothing: it is not followed."""


@dataclass
class Ensemble:
    """Whom a gathering's server can be."""

    people: dict[str, Companion]
    released: list[str] = field(default_factory=list)
    engaged: int = 0

    @property
    def main(self) -> Companion:
        """Return the first."""
        return next(iter(self.people.values()))

    async def listed(self) -> tuple[()]:
        """Return nobody: they are known by their ids."""
        return ()

    async def engage(self, wanted: str = "", language: str = "", voice: str = "") -> Engaged:
        """Get one by id."""
        self.engaged += 1
        return Engaged(self.people[wanted] if wanted else self.main, self.released)


class Person:
    """One participant: what they experience is in `avatar`."""

    def __init__(self, gathering: Gathering, number: int, hello: m.Hello, delay: float) -> None:
        self.number = number
        self.hello = hello
        self.avatar = Avatar()
        self.session: Session
        self.link: AvatarLink
        self._gathering = gathering
        self._delay = delay
        self._speech: list[tuple[float, float, int, bytes]] = []
        self._pts = 0
        self._ears: asyncio.Task[None] | None = None

    async def come(self) -> None:
        """Enter the room."""
        hosting, loop = self._gathering.hosting, asyncio.get_running_loop()
        user = self.hello.user.casefold()
        self.session, _, _ = await hosting.admit(self.hello, Caller(user, frozenset({"speak"})))
        self.link = AvatarLink(self.avatar, self.session.receive, delay=lambda: self._delay)
        self.session.attach(self.link)
        self._start = loop.time()
        self._ears = self._gathering.group.create_task(self._microphone())

    def speaks(self, start: float, seconds: float, words: str, *, voice: int = 0, talker: Talker | None = None) -> None:
        """Say `words` from `start` on, aloud; `voice` is that of another person at the same microphone.

        It is a tone, or with `talker` sounds like somebody's speech, as loud as that voice is.
        """
        number = voice or self.number
        sound = talker.says(seconds, seed=round(start * 10), loud=level(number)) if talker else b""
        self._speech.append((start, start + seconds, number, sound))
        self._gathering.words(number).append(words)

    def types(self, text: str, *, private: bool = False, companion: str = "main") -> None:
        """Type something."""
        self.session.receive(m.UserText(text=text, private=private, companion=companion))

    def does(self, op: m.RoomOp, to: str = "") -> None:
        """Do something in the room."""
        self.session.receive(m.RoomAsk(op=op, to=to))

    def drop(self) -> None:
        """Lose the connection."""
        self.link.drop()
        self.session.detach(self.link)
        self.silent()

    def leave(self) -> None:
        """Leave for good."""
        self.session.receive(m.Bye())
        self.silent()

    def silent(self) -> None:
        """Close the microphone."""
        if self._ears is not None:
            self._ears.cancel()

    async def _microphone(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._start + (self._pts + FRAME) / MIC_RATE - loop.time())
            middle = loop.time() - 0.01
            speaking = [each for each in self._speech if each[0] <= middle < each[1]]
            if speaking or any(begin - 0.5 <= middle < end + 1.0 for begin, end, *_ in self._speech):
                data = _said(speaking[0], middle) if speaking else bytes(2 * FRAME)
                self.session.receive(m.Mic(pts=self._pts, data=data))
            self._pts += FRAME

    # ------------------------------------------------------------------------------------------ what they experienced

    def replies(self) -> list[tuple[str, str]]:
        """Return who said what, of all that this person heard."""
        whose = {x.turn: x.companion for _, x in self.avatar.messages if isinstance(x, m.ReplyStart)}
        return [(whose.get(turn, "?"), self.avatar.heard(turn)) for turn in sorted(self.avatar.turns)]

    def said(self) -> list[tuple[str, str]]:
        """Return what the others said, as this person was told."""
        return [(x.by, x.text) for _, x in self.avatar.messages if isinstance(x, m.SomebodySaid)]

    def told(self) -> m.RoomTold:
        """Return how the room was told last."""
        return [x for _, x in self.avatar.messages if isinstance(x, m.RoomTold)][-1]

    def voices(self) -> list[tuple[int, str, float, float]]:
        """Return turn, companion, beginning and end of every voice by the shared clock, in seconds."""
        spans: dict[int, tuple[str, float, float]] = {}
        rate = 24_000
        cuts = {x.turn: at for at, x in self.avatar.messages if isinstance(x, m.Interrupted)}
        for _, x in self.avatar.messages:
            if isinstance(x, m.Media) and x.turn and x.pcm:
                at = x.at / 1000
                until = min(at + len(x.pcm) / 2 / rate, cuts.get(x.turn, float("inf")))
                began = spans[x.turn][1] if x.turn in spans else at
                spans[x.turn] = (
                    x.companion,
                    min(began, at),
                    max(until, spans[x.turn][2] if x.turn in spans else until),
                )
        return [(turn, *span) for turn, span in sorted(spans.items())]


class Gathering:
    """A server with rooms and nobody else."""

    def __init__(
        self,
        companions: Mapping[str, Replies],
        config: Config,
        faults: Mapping[str, Fault],
        tools: Sequence[ToolUse],
        gates: tuple[Gate, ...],
        diarizer: Diarizer | None,
    ) -> None:
        self.people: list[Person] = []
        self.dialogues = {
            name: ScriptedDialogue(says, fault=faults.get(name), tools=tools) for name, says in companions.items()
        }
        ears = Ears({})
        self._ears: dict[int, deque[str]] = cast("dict[int, deque[str]]", ears._says)
        self.ensemble = Ensemble(
            {
                name.casefold(): Companion(
                    Engines(
                        vad=ScriptedVad(),
                        stt=ears,
                        dialogue=self.dialogues[name],
                        tts=ScriptedTts(ms_per_word=200),
                        face=ScriptedFace(),
                        gates=gates,
                        diarizer=diarizer,
                    ),
                    name,
                    id=name.casefold(),
                    emotions=frozenset({"happy", "neutral"}),
                )
                for name in companions
            }
        )
        self.group: asyncio.TaskGroup
        self.metrics = Metrics()
        self.hosting = Hosting(config, cast("Any", self.ensemble), self.metrics, lambda: NOON, None)

    async def person(self, name: str, room: m.HelloRoom | None = None, *, delay: float = 0.0, **hello: Any) -> Person:
        """Let somebody come, who talks over a reply and may: their microphone does not hear it."""
        number = len(self.people) + 1
        room = room or m.HelloRoom(name="kitchen")
        asked = m.Hello(user=name, room=room, audio=m.HelloAudio(aec=True), **hello)
        person = Person(self, number, asked, delay)
        self.people.append(person)
        await person.come()
        return person

    def words(self, voice: int) -> deque[str]:
        """Return what the person with this voice is about to say."""
        return self._ears.setdefault(voice, deque())

    async def at(self, seconds: float) -> None:
        """Wait until `seconds` after the beginning."""
        await asyncio.sleep(seconds - asyncio.get_running_loop().time())

    def end(self) -> None:
        """Have everybody leave."""
        for person in self.people:
            person.silent()
            person.session.end(None)


Play = Callable[[Gathering], Awaitable[None]]


def gather(
    play: Play,
    companions: Mapping[str, Replies] | None = None,
    *,
    config: Config | None = None,
    faults: Mapping[str, Fault] | None = None,
    tools: Sequence[ToolUse] = (),
    gates: tuple[Gate, ...] = (),
    diarizer: Diarizer | None = None,
) -> Gathering:
    """Play it, and return the gathering with what everybody experienced."""

    async def main() -> Gathering:
        cast_ = companions or {"Mira": ("One two three four.",)}
        gathering = Gathering(cast_, config or Config(), faults or {}, tools, gates, diarizer)
        async with gathering.hosting, asyncio.TaskGroup() as gathering.group:
            await play(gathering)
            gathering.end()
        return gathering

    return virtual_time.run(main())
