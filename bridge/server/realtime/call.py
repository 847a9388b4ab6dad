"""One Realtime client and its session: reads events, does what follows, opens the session anew where that is asked."""

from __future__ import annotations

import asyncio
from typing import Final, assert_never

from msgspec import structs

from bridge.auth import Caller
from bridge.core.budget import Budget, Kind
from bridge.core.rate import Verdict
from bridge.core.turn_events import Event
from bridge.errors import BridgeError
from bridge.metrics import Metrics
from bridge.realtime import incoming
from bridge.realtime.conversation import Conversation
from bridge.realtime.effects import (
    AnswerSpeech,
    Effect,
    EndUtterance,
    Erase,
    Instruct,
    Recall,
    Reopen,
    Say,
    Settle,
    SpeakUp,
    Told,
    Truncate,
    Updated,
)
from bridge.realtime.refused import Refused
from bridge.realtime.settings import RATES
from bridge.realtime.speaker import Speaker
from bridge.server.hosting import Hosting
from bridge.server.realtime.line import Line
from bridge.server.realtime.opening import amending, hello
from bridge.server.realtime.pipe import Gone, Pipe
from bridge.session.session import Session
from bridge.setup.config import Config
from protocol import messages as m
from protocol.errors import RemoteProtocolError
from protocol.weight import weigh

MISTAKES: Final = 64  # events that cannot be read, after which a client is not worth listening to


class Call:
    """One client's connection; `open` a session for it, then `serve` it until it goes."""

    def __init__(
        self,
        pipe: Pipe,
        conversation: Conversation,
        hosting: Hosting,
        config: Config,
        budget: Budget,
        metrics: Metrics,
        speaker: Speaker | None = None,
    ) -> None:
        self._pipe = pipe
        self._conversation = conversation
        self._hosting = hosting
        self._budget = budget
        self._metrics = metrics
        backlog = config.limits.backlog_bytes
        self.line = Line(pipe, conversation, max_backlog=backlog, do=self._later, speaker=speaker)
        self._session: Session | None = None
        self._mistakes = 0

    async def serve(self, caller: Caller) -> None:
        """Carry events both ways until either side ends it."""
        self.line.follow(self._conversation.told("session.created"))
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self.line.write())
                await self._receive(caller)
                if self.line.finished:
                    await writing
                writing.cancel()
        finally:
            self.part()

    # --------------------------------------------------------------------------------------------- the session

    def hear(self, pcm: bytes) -> None:
        """Hear a piece of the client's track, s16le at 24 kHz; what comes faster than it may is dropped."""
        seconds = len(pcm) / 2 / RATES["pcm16"]
        if self._budget.due(asyncio.get_running_loop().time(), "sound", seconds) > 0:
            return
        try:
            self._do_all(self._conversation.hear(pcm))
        except Refused as error:
            self._tell(error, None)

    async def open(self, caller: Caller) -> None:
        """Open a session by the settings as they are; BridgeError or RemoteProtocolError says why there is none."""
        wish = self._conversation.settings.wish
        try:
            session = await self._engaged(wish.identity, wish.voice, caller)
        except BridgeError as error:
            if error.code != "unknown_identity":
                raise
            # Stock clients name a model of OpenAI's.
            session = await self._engaged("", wish.voice, caller)
        self._session = session
        session.aside.overheard.append(self._overhear)
        with self._hosting.contain(session):
            session.attach(self.line)
        self._do_all(self._conversation.briefed())

    async def _engaged(self, identity: str, voice: str, caller: Caller) -> Session:
        wish = self._conversation.settings.wish
        said = structs.replace(hello(wish, voice=voice), identity=identity)
        try:
            return await self._hosting.open(said, caller, amending(wish))
        except BridgeError as error:
            if error.code != "unsupported" or not voice:
                raise
            # Nor has anybody here a voice of OpenAI's.
            return await self._hosting.open(structs.replace(said, voice=""), caller, amending(wish))

    def part(self) -> None:
        """End the session: nobody comes back to it."""
        session, self._session = self._session, None
        if session is None:
            return
        session.aside.overheard.clear()
        with self._hosting.contain(session):
            session.detach(self.line)
            session.receive(m.Bye())

    def _overhear(self, event: Event) -> None:
        self.line.follow(self._conversation.overhear(event))

    # ------------------------------------------------------------------------------------------------- events

    async def _receive(self, caller: Caller) -> None:
        loop = asyncio.get_running_loop()
        try:
            while not self.line.finished:
                data = await self._pipe.recv()
                now = loop.time()
                if not self._affords(now, "messages"):
                    continue
                if isinstance(data, bytes):
                    self._mistake(Refused("invalid_json", "events are text"), None)
                    continue
                try:
                    if not self._affords(now, "values", weigh(data)):
                        continue
                    event = incoming.read(data)
                except (Refused, RemoteProtocolError) as error:
                    refused = error if isinstance(error, Refused) else Refused("too_large", error.message)
                    self._mistake(refused, incoming.named(data))
                    continue
                if isinstance(event, incoming.Respond) and not self._affords(now, "turns"):
                    continue
                try:
                    await self._follow(self._conversation.take(event), caller)
                except Refused as error:
                    self._tell(error, event.event_id)
        except Gone:
            pass

    async def _follow(self, effects: list[Effect], caller: Caller) -> None:
        """Do what follows from an event of the client's, no faster than its sound may come."""
        for effect in effects:
            match effect:
                case Reopen():
                    self.part()
                    try:
                        await self.open(caller)
                    except (BridgeError, RemoteProtocolError) as error:
                        self.line.finish(m.Error(code=error.code, message=error.message, fatal=True))
                        return
                case Say(m.Mic(data=data)):
                    seconds = len(data) / (2 * m.MIC_RATE)
                    await self._afford_sound(seconds)
                    self._do(effect)
                case _:
                    self._do(effect)

    async def _afford_sound(self, seconds: float) -> None:
        """Wait until so much sound may be listened to: a recording may come at once, and is heard in its time."""
        wait = self._budget.due(asyncio.get_running_loop().time(), "sound", seconds)
        while wait > 0:
            await asyncio.sleep(wait)
            wait = self._budget.due(asyncio.get_running_loop().time(), "sound", seconds)

    def _later(self, effects: list[Effect]) -> None:
        self._do_all(effects)

    def _do_all(self, effects: list[Effect]) -> None:
        for effect in effects:
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        session = self._session
        if session is None or session.over:
            return
        with self._hosting.contain(session):
            match effect:
                case Told() | Settle():
                    self.line.follow([effect])
                case Updated():
                    self.line.follow(self._conversation.told("session.updated"))
                case Say(message):
                    session.receive(message)
                case Recall(said):
                    session.aside.recall(said)
                case Erase(turn, message):
                    session.aside.erase(turn, message)
                case Truncate(turn, pts):
                    session.aside.truncate(turn, pts)
                case Instruct(text):
                    session.aside.instructions = text
                case AnswerSpeech(on):
                    session.aside.answers = on
                case SpeakUp():
                    session.aside.speak_up()
                case EndUtterance():
                    session.aside.end_utterance()
                case Reopen():
                    raise AssertionError("only a client's event opens a session anew")
                case _:
                    assert_never(effect)

    # ------------------------------------------------------------------------------------------------ mistakes

    def _affords(self, now: float, kind: Kind, cost: float = 1.0) -> bool:
        verdict = self._budget.judge(now, kind, cost)
        if verdict is Verdict.TAKEN:
            return True
        self._metrics.rate_limited.inc()
        refused = Refused("rate_limit_exceeded", f"too many {kind} a second; what is beyond that is dropped")
        if verdict is Verdict.TOLD:
            self._tell(refused, None)
        elif verdict is Verdict.FLOOD:
            self.line.finish(m.Error(code="rate_limited", message=refused.message, fatal=True))
        return False

    def _mistake(self, refused: Refused, event_id: str | None) -> None:
        self._mistakes += 1
        if self._mistakes >= MISTAKES:
            self.line.finish(m.Error(code="bad_message", message=refused.message, fatal=True))
        else:
            self._tell(refused, event_id)

    def _tell(self, refused: Refused, event_id: str | None) -> None:
        self.line.follow(self._conversation.error(refused.code, refused.message, refused.param, event_id))
