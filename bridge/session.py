"""One conversation: takes what the client says, asks `turns` what it means, and has it done.

A session outlives its connection. All its tasks live in its TaskGroup: `run`, at most one reply, and a recogniser for
each utterance that is being understood. Everything else is a plain call in the loop's thread. This file and its
parts (`hearing`, `speaking`, `fanout`) are the only place where engine values become wire messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Final, assert_never

from msgspec import structs

from bridge.alarm import Alarm
from bridge.companion import Companion, Rules
from bridge.core.history import History
from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    EndUtterance,
    Event,
    Prompted,
    Speculate,
    StartReply,
    StopRequested,
    Typed,
    Unduck,
    Withdraw,
)
from bridge.core.turns import State, Turns
from bridge.fanout import Fanout, Link
from bridge.hearing import Hearing
from bridge.life import Life
from bridge.metrics import Metrics
from bridge.playing import Ask
from bridge.scene import Scene
from bridge.speaking import Speaking
from bridge.terms import terms
from engines.api import Message, Occasion, Request, Rig, Tool, ToolResult
from protocol import messages as m

_WIRE_STATE: Final[dict[State, m.State]] = {
    State.IDLE: "idle",
    State.LISTENING: "listening",
    State.ENDPOINTING: "listening",
    State.THINKING: "thinking",
    State.SPEAKING: "speaking",
    State.OVERLAP: "overlap",
}


class Session:
    """One conversation of one user with one companion."""

    def __init__(
        self,
        *,
        name: str,
        token: str,
        watch: str,
        user: str,
        hello: m.Hello,
        rig: Rig,
        companion: Companion,
        rules: Rules,
        metrics: Metrics,
        clock: Callable[[], datetime],
        seed: int,
    ) -> None:
        engines = companion.engines
        self.name = name
        self.token = token
        self.watch_token = watch
        self.user = user
        self._hello = hello
        self._terms = terms(companion, rules, rig, hello.face.fps, session=name, token=token, watch=watch)
        self._companion = companion
        self._rules = rules
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._language = hello.language or companion.language
        self._turns = Turns(rules.policy, full_duplex=hello.audio.aec)
        self._history = History()
        self._scene = Scene()
        self._out = Fanout()
        self._life = Life(engines.face, rig, hello.face.fps, seed)
        self._alarm = Alarm()
        self._hearing = Hearing(
            engines.vad,
            engines.stt,
            engines.ending,
            rules,
            language=self._language,
            out=self._out,
            metrics=metrics,
            decide=self._decide,
            spawn=self._spawn,
        )
        self._speaking = Speaking(
            companion,
            rules,
            rig,
            life=self._life,
            features=hello.features,
            history=self._history,
            scene=self._scene,
            out=self._out,
            metrics=metrics,
            decide=self._decide,
            spawn=self._spawn,
            wake=self._alarm.ring,
        )
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: m.State = "idle"
        self._said_at = 0.0  # when the client last said anything
        self._parked_at: float | None = None  # when the connection was lost
        self._typed_at = 0.0
        self._drained: m.Error | None = None  # what to say when the running reply has been heard
        self.started = asyncio.Event()
        self.over = False

    # ------------------------------------------------------------------------------------------------- life

    async def run(self) -> None:
        """The session's own task: acts when the time has come, until the session is over."""
        loop = self._loop
        self._said_at = self._parked_at = loop.time()
        self._life.begin(loop.time())
        try:
            async with asyncio.TaskGroup() as self._group:
                self.started.set()
                while not self.over:
                    now = loop.time()
                    self._perform(self._turns.expire(now), now)
                    self._hearing.expire(now)
                    self._speaking.release(now)
                    self._check_age(now)
                    if not self.over:
                        await self._alarm.until(self._deadline(now))
                for task in self._tasks:
                    task.cancel()
        finally:
            self.over = True
            self._companion.engines.dialogue.forget(self.name)
            if understudy := self._companion.engines.understudy:
                understudy.forget(self.name)

    def end(self, error: m.Error | None) -> None:
        """The session is over; its connections are told `error` and closed."""
        self.over = True
        self._out.finish(error)
        self._alarm.ring()

    def drain(self, error: m.Error) -> None:
        """End with `error` as soon as the running reply has been heard."""
        self._drained = error
        self._alarm.ring()

    def _check_age(self, now: float) -> None:
        rules = self._rules
        if self._out.speaker is None:
            if self._drained or (self._parked_at is not None and now >= self._parked_at + rules.resume_after):
                self.end(self._drained)
        elif now >= self._said_at + rules.idle_after:
            self.end(m.Error(code="idle_timeout", message=f"nothing came for {rules.idle_after:g} s", fatal=True))
        elif self._drained and not self._speaking.busy:
            self.end(self._drained)

    def _deadline(self, now: float) -> float | None:
        instants = [self._turns.deadline]
        if self._out.speaker is not None:
            instants += [self._said_at + self._rules.idle_after, self._speaking.deadline(now), self._hearing.deadline]
        elif self._parked_at is not None:
            instants.append(self._parked_at + self._rules.resume_after)
        return min((instant for instant in instants if instant is not None), default=None)

    # -------------------------------------------------------------------------------------------- connections

    def attach(self, link: Link, *, seq: int | None = None, reason: str = "") -> None:
        """Take `link` as the speaker's connection, after whichever had it.

        With `seq` it resumes from there (ReplayGap if that is not possible); otherwise the session begins, `reason`
        saying why it is a new one although another was asked for.
        """
        now = self._now()
        welcome = structs.replace(self._terms, seq=self._out.seq, resumed=seq is not None, reason=reason)
        self._out.attach(link, welcome, seq)
        self._parked_at = None
        self._said_at = now
        if seq is not None:
            self._out.post(m.StateChange(state=self._told, turn=self._turns.turn))
            self._speaking.resume(now)
        elif self._hello.greet:
            self._typed_at = now
            self._decide(Prompted(""))
        self._alarm.ring()

    def watch(self, link: Link) -> None:
        """Let `link` see what the speaker's connection sees from now on."""
        # The secrets are the speaker's: with them a viewer could take the session over.
        self._out.watch(link, structs.replace(self._terms, seq=self._out.seq, token="", watch=""))
        link.post(m.StateChange(state=self._told, turn=self._turns.turn), 64)

    @property
    def viewers(self) -> int:
        """How many connections watch."""
        return self._out.viewers

    def detach(self, link: Link) -> None:
        """The connection is gone; if it was the speaker's, the session waits to be resumed."""
        if not self._out.detach(link):
            return
        now = self._now()
        self._parked_at = now
        self._speaking.hold(now)
        self._hearing.stop()
        self._alarm.ring()

    # ------------------------------------------------------------------------------------------------- input

    def receive(self, message: m.ClientMessage) -> None:
        """What the speaker's client says; nothing here waits, and a client's mistake is answered, not raised."""
        if self.over:
            return
        self._said_at = now = self._now()
        match message:
            case m.Mic():
                if not self._hearing.works:
                    self._complain("unsupported", "this server has no recogniser and takes no microphone")
                elif not self._hearing.hear(message, now):
                    self._complain("bad_mic", "a mic frame holds 10 to 60 ms of whole 16-bit samples at 16 kHz")
            case m.Playhead(turn=turn, pts=pts, seq=seq):
                self._out.ack(seq)
                if not self._speaking.played(turn, pts, now):
                    self._complain("bad_playhead", f"turn {turn} has not been sent as far as {pts}")
            case m.Talk(on=on):
                if self._hearing.works:
                    self._hearing.talk(on)
                else:
                    self._complain("unsupported", "this server has no recogniser and takes no microphone")
            case m.UserText(text=text):
                self._typed(text)
            case m.Interrupt(turn=turn, pts=pts):
                if self._speaking.is_playing(turn):
                    if pts is not None:
                        self._speaking.played(self._turns.turn, pts, now)
                    self._decide(StopRequested())
            case m.Context(states=states, events=events, respond=respond):
                self._happened(states, events, respond)
            case m.Tools(tools=tools):
                self._scene.tools = tuple(Tool(t.name, t.description, t.parameters) for t in tools)
            case m.ToolAnswer(call=call, status=status, value=value):
                if not self._scene.answer(call, ToolResult(status, value)):
                    self._complain("unknown_call", f"there was no tool call {call}")
            case m.Camera():
                self._complain("unsupported", "this server does not look at pictures")
            case m.Bye():
                self.end(None)
            case m.Ping() | m.Hello():
                raise AssertionError("the connection answers these itself")
            case _:
                assert_never(message)

    def alive(self) -> None:
        """The client is there, if silent."""
        self._said_at = self._now()

    def _typed(self, text: str) -> None:
        words = " ".join(text.split())
        if not words:
            self._out.answer("empty_text", "there are no words in this text")
        elif len(words) > self._rules.text_chars:
            self._out.answer("bad_message", f"a text may have {self._rules.text_chars} characters")
        else:
            self._typed_at = self._now()
            self._decide(Typed(words))

    def _happened(self, states: dict[str, str], events: tuple[str, ...], respond: str) -> None:
        self._scene.update(states)
        for event in events:
            self._history.scene(event)
        text = " ".join(events).strip() or ", ".join(f"{key}: {value}" for key, value in states.items())
        if respond != "silent" and text:
            self._typed_at = self._now()
            self._decide(Prompted(text, must=respond == "must"))

    # ------------------------------------------------------------------------------------------------ decide

    def _decide(self, event: Event) -> None:
        """Tell `turns` what happened and do what it says."""
        now = self._now()
        self._perform(self._turns.receive(event, now), now)
        # The deadlines may have changed.
        self._alarm.ring()

    def _perform(self, actions: list[Action], now: float) -> None:
        ended = 0
        for action in actions:
            match action:
                case StartReply():
                    self._start(action)
                case CancelReply(turn):
                    self._speaking.cancel(turn, now)
                case Speculate(guess, text, again):
                    history = self._history.supposing(text, again=again)
                    self._speaking.speculate(guess, self._asking("user", history), now)
                case Withdraw(guess):
                    self._speaking.withdraw(guess, now)
                case EndUtterance(utterance):
                    ended = utterance
                case Duck() | Unduck():
                    pass  # the client is told by the state
                case _:
                    assert_never(action)
        state = _WIRE_STATE[self._turns.state]
        if state != self._told:
            self._told = state
            turn = self._turns.turn
            wanted = state == "speaking" and "timings" in self._hello.features
            timings = self._speaking.timings(turn) if wanted else None
            self._out.post(m.StateChange(state=state, turn=turn, timings=timings))
            half_duplex = not self._hello.audio.aec
            self._hearing.mute(half_duplex and self._turns.state is State.SPEAKING)
            # A microphone that hears the loudspeaker must fall silent before the first sound.
            self._speaking.waits = half_duplex and self._turns.state is State.OVERLAP
        if ended:
            # Leads to decisions of its own, which come after these.
            self._hearing.close(ended)

    def _start(self, start: StartReply) -> None:
        turn = start.turn
        if not start.prompted:
            self._history.user(start.text, again=start.again)
        elif start.text:
            self._history.happened(start.text)
        occasion: Occasion = "user" if not start.prompted else "scene" if start.text else "greeting"
        ask = self._asking(occasion, self._history.messages())
        asked_at = self._hearing.ended_at if start.utterance else self._typed_at
        self._speaking.start(turn, ask, utterance=start.utterance, asked_at=asked_at, guess=start.guess)

    def _asking(self, occasion: Occasion, history: tuple[Message, ...]) -> Ask:
        """What the dialogue is asked now, but for how it runs tools."""
        return partial(
            Request,
            self.name,
            occasion,
            history,
            self._hello.user or self.user,
            self._language,
            self._clock(),
            dict(self._scene.states),
            self._scene.tools,
        )

    # ------------------------------------------------------------------------------------------------- small

    def _complain(self, code: str, sentence: str) -> None:
        self._out.complain(code, sentence, self._turns.turn)

    def _now(self) -> float:
        return self._loop.time()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        assert self._group is not None, "the session runs before anything is said to it"
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The group is ending: nothing more may be begun in it.
            self.over = True
