"""Holds one conversation: takes what the client says, asks `turns` what it means, and has it done.

A session outlives its connection. All its tasks live in its TaskGroup: `run`, at most one reply, and a recogniser for
each utterance that is being understood. Everything else is a plain call in the loop's thread. This file and its
parts (`hearing`, `speaking`, `media`, `fanout`) are the only place where engine values become wire messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Final, assert_never

from msgspec import structs

from bridge.core.answers import answer, asks
from bridge.core.attention import Notice
from bridge.core.following import Following
from bridge.core.history import History
from bridge.core.lifetime import Lifetime, Over
from bridge.core.performing import FRESH_S
from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    EndUtterance,
    Event,
    LearnWords,
    Led,
    Lost,
    MouthMoves,
    PlaybackEnded,
    PlaybackStarted,
    Prompted,
    Speculate,
    StartReply,
    StopRequested,
    Typed,
    Unduck,
    Withdraw,
)
from bridge.core.turns import State, Turns
from bridge.core.words import has_words
from bridge.session.alarm import Alarm
from bridge.session.aside import Aside
from bridge.session.companion import Companion
from bridge.session.company import Company, Together
from bridge.session.duplex.partner import Partner
from bridge.session.ears import Ears
from bridge.session.fanout import Fanout, Link
from bridge.session.hearing import Hearing
from bridge.session.idle import IdleFace
from bridge.session.luggage import Luggage
from bridge.session.opening import Hooks, Opening, Shared
from bridge.session.playing import Ask
from bridge.session.remembering import Remembering
from bridge.session.role import Release, Role
from bridge.session.scene import Scene
from bridge.session.sources import passages
from bridge.session.speaking import Speaking
from bridge.session.terms import terms
from bridge.session.tool_calls import ToolCalls
from bridge.session.watching import Watching
from engines.api import Message, Occasion, Request, Seen, SeenFace, Tool, ToolResult
from engines.exchange import Parley
from engines.jobs import Duplex
from engines.text.joining import joined
from protocol import messages as m

_WIRE_STATE: Final[dict[State, m.State]] = {
    State.IDLE: "idle",
    State.LISTENING: "listening",
    State.ENDPOINTING: "listening",
    State.THINKING: "thinking",
    State.SPEAKING: "speaking",
    State.OVERLAP: "overlap",
}

SETTLED: Final = 0.3  # seconds that a session has rested before it may move
ANSWER_WITHIN: Final = 8.0  # seconds after a question in which a nod answers it


class Session:
    """One conversation of one user with one companion."""

    def __init__(
        self,
        shared: Shared,
        opening: Opening,
        release: Release = lambda: None,
        *,
        luggage: Luggage | None = None,
        company: Company | None = None,
    ) -> None:
        """Open it, or go on with `luggage`; `release` is called when it needs its companion no longer.

        In `company` others speak for it.
        """
        shared = shared.agreed(opening.hello.audio)
        companion, rules, hello = shared.companion, shared.rules, opening.hello
        self.name = opening.name
        self.token = opening.token
        self.watch_token = opening.watch
        self.user = opening.user
        self._hello = hello
        self._shared = shared
        self._opening = opening
        self._terms = terms(shared, opening)
        self._role = Role(opening.name, companion, release)
        self._rules = rules
        self._clock = shared.clock
        self._loop = asyncio.get_running_loop()
        self._language = hello.language or companion.language
        duplex = companion.engines.duplex if company is None else None
        turns = Turns(rules.policy, full_duplex=hello.audio.aec)
        self._turns = turns if duplex is None else Following(interrupts=duplex.interrupts)
        self._together = Together(company, turns, self._decide) if company is not None else None
        self._history = History()
        self._scene = Scene()
        self._calls = ToolCalls()
        self._out = Fanout()
        self._idle = IdleFace(companion.engines.face, opening.rig, hello.face.fps, opening.seed, companion.warmth)
        self._alarm = Alarm()
        hooks = Hooks(self._decide, self._spawn, self._alarm.ring)
        self._partner = self._with(duplex, hooks) if duplex is not None else None
        self._talking: asyncio.Task[None] | None = None  # the partner's
        self._hearing: Ears = (
            self._partner.ears
            if self._partner is not None
            else Hearing(
                shared,
                hooks,
                language=self._language,
                names=(hello.user or opening.user,),
                out=self._out,
                session=opening.name if company is not None else "",
            )
        )
        if self._together is not None:
            self._together.voice = self._hearing.voice
        self._watching = Watching(
            shared, opening, hooks, calls=self._calls, out=self._out, noticed=self._noticed, complain=self._complain
        )
        self._remembering = Remembering(
            opening.remembered,
            opening.name,
            self._language,
            companion.engines.dialogue,
            self._history,
            self._spawn,
            post=self._out.tell,
            complain=self._out.answer,
        )
        self._speaking = Speaking(
            shared,
            opening,
            hooks,
            idle=self._idle,
            history=self._history,
            calls=self._calls,
            out=self._out,
            wear=self._watching.regard.wear,
            recall=self._remembering.recalled,
            partner=self._partner,
        )
        self.aside = Aside(
            history=self._history,
            hearing=self._hearing,
            speaking=self._speaking,
            calls=self._calls,
            out=self._out,
            decide=self._decide,
            now=self._now,
        )
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: m.State = "idle"
        self._changed_at = self._now()  # when the state became what it is
        self._mouth = False  # the user's moves
        self._gone = False  # the user has, and was seen to go
        self._began = self._now()
        self._lifetime = Lifetime(idle_after=rules.idle_after, resume_after=rules.resume_after, now=self._now())
        self._farewell: m.Error | None = None  # what to say when the server goes down
        self._typed_at = 0.0
        self.started = asyncio.Event()
        self.over = False
        self.hushed = False
        self._script = ""  # what is to be said as it stands
        self._born = 0  # the frame of the life clock that it begins with
        if luggage is not None:
            self._unpack(luggage)

    # --------------------------------------------------------------------------------------------- its own task

    async def run(self) -> None:
        """Act when the time has come, until the session is over."""
        loop = self._loop
        self._idle.begin(loop.time(), self._born)
        try:
            async with asyncio.TaskGroup() as self._group:
                self.started.set()
                self._converse()
                while not self.over:
                    now = loop.time()
                    self._change(now)
                    self._perform(self._turns.expire(now), now)
                    self._hearing.expire(now)
                    if self._partner is not None:
                        self._partner.expire(now)
                    self._watching.expire(now)
                    self._speaking.release(now)
                    self._end_in_time(now)
                    if not self.over:
                        await self._alarm.until(self._deadline(now))
                await self._remembering.close()
                self._hearing.forget()
                for task in (*self._tasks, *((self._talking,) if self._talking is not None else ())):
                    task.cancel()
        finally:
            self.over = True
            self._role.close()

    def recast(self, companion: Companion, release: Release) -> None:
        """Go on as `companion` from the next turn on: its identity has changed; the conversation stays.

        `release` is called when the session needs it no longer, at once when the session is over.
        """
        if self.over:
            release()
            return
        self._role.offer(companion, release)
        self._alarm.ring()

    def _change(self, now: float) -> None:
        """Let the companion that was offered take over, unless a reply is running."""
        if not self._role.offered or self._speaking.busy:
            return
        companion = self._role.change(self._tasks)
        self._speaking.recast(companion, now)
        self._language = self._hello.language or companion.language
        self._hearing.recast(companion.engines, self._language)
        if self._partner is not None and companion.engines.duplex is not None:
            self._partner.recast(companion.engines.duplex)
            self._converse()
        self._remembering.recast(companion.engines.dialogue, self._language)
        self._watching.recast(companion.engines.sight)
        before, self._terms = self._terms, terms(replace(self._shared, companion=companion), self._opening)
        if self._terms.identity != before.identity:
            self._out.post(m.IdentityChange(identity=self._terms.identity))

    def end(self, error: m.Error | None) -> None:
        """End the session; its connections are told `error` and closed."""
        self.over = True
        self._out.finish(error)
        self._alarm.ring()

    def drain(self, error: m.Error) -> None:
        """End with `error` as soon as the running reply has been heard."""
        self._farewell = error
        self._lifetime.drain()
        self._alarm.ring()

    def _end_in_time(self, now: float) -> None:
        busy = self._speaking.busy or (self._together is not None and bool(self._together.company.speaker))
        match self._lifetime.over(now, busy=busy):
            case None:
                pass
            case Over.IDLE:
                sentence = f"nothing came for {self._rules.idle_after:g} s"
                self.end(m.Error(code="idle_timeout", message=sentence, fatal=True))
            case Over.LOST | Over.DRAINED:
                self.end(self._farewell)

    def _deadline(self, now: float) -> float | None:
        instants = [self._turns.deadline, self._lifetime.deadline]
        instants += [self._partner.deadline] if self._partner is not None else []
        if self._out.speaker is not None:
            instants += [self._speaking.deadline(now), self._hearing.deadline, self._watching.deadline]
        return min((instant for instant in instants if instant is not None), default=None)

    # ------------------------------------------------------------------------------------------------- moving

    @property
    def movable(self) -> bool:
        """Return whether it can ever go on in another process: neither what other protocols listen to, nor a room."""
        return not self.aside.overheard and self._together is None

    def at_rest(self, now: float) -> bool:
        """Return whether the session can go on in another process: nothing runs, and has not for a moment."""
        still = self._turns.at_rest and self._hearing.rests and not self._speaking.busy and not self._tasks
        plain = self.movable and not self._role.offered and not self._script
        # A client tells a little later where it was cut.
        return still and plain and self.started.is_set() and now - self._changed_at >= SETTLED

    def pack(self, now: float) -> Luggage:
        """Return what another process needs to go on with the conversation; only while it is at rest."""
        silent, away = self._lifetime.standing(now)
        return Luggage(
            name=self.name,
            token=self.token,
            watch=self.watch_token,
            user=self.user,
            hello=self._hello,
            seed=self._opening.seed,
            note=self._opening.note,
            turn=self._turns.turn,
            utterance=self._turns.utterance,
            said=self._history.messages(),
            states=self._scene.states,
            tools=self._calls.offered,
            calls=self._calls.last,
            sent=self._out.sent(),
            memories=self._remembering.carried(),
            frame=self._idle.frame(now),
            mood=self._idle.mood,
            instructions=self.aside.instructions,
            gone=self._gone,
            hushed=self.hushed,
            age=now - self._began,
            silent=silent,
            away=away,
        )

    def _unpack(self, luggage: Luggage) -> None:
        now = self._now()
        self._turns.count(luggage.turn, luggage.utterance)
        self._hearing.count(luggage.utterance)
        self.aside.recall(luggage.said)
        self._scene.update(luggage.states)
        self._calls.restore(luggage.tools, luggage.calls)
        self._out.restore(luggage.sent)
        self._remembering.restore(luggage.memories)
        self._idle.feel(*luggage.mood)
        self._born = luggage.frame
        self.aside.instructions = luggage.instructions
        self._gone, self.hushed = luggage.gone, luggage.hushed
        self._began = now - luggage.age
        self._lifetime.restore(now, luggage.silent, luggage.away)

    @property
    def links(self) -> tuple[Link | None, tuple[Link, ...]]:
        """Return the speaker's connection, and those of the viewers."""
        return self._out.links

    def join(self, link: Link, *, viewer: bool = False) -> None:
        """Take over a connection from another process; it is told nothing."""
        self._out.join(link, viewer=viewer)
        if not viewer:
            self._lifetime.attach(self._now())
        self._alarm.ring()

    def leave(self) -> None:
        """End here without a word to any connection: the session goes on elsewhere."""
        self.over = True
        self._out.leave()
        self._remembering.hand_over()
        self._alarm.ring()

    # -------------------------------------------------------------------------------------------- connections

    def attach(self, link: Link, *, seq: int | None = None, reason: str = "") -> None:
        """Take `link` as the speaker's connection, after whichever had it.

        With `seq` it resumes from there (ReplayGap if that is not possible); otherwise the session begins, `reason`
        saying why it is a new one although another was asked for.
        """
        now = self._now()
        welcome = structs.replace(self._terms, seq=self._out.seq, resumed=seq is not None, reason=reason)
        self._out.attach(link, welcome, seq)
        self._lifetime.attach(now)
        if self._together is not None:
            self._together.company.present()
        if seq is not None:
            self._out.post(self._state(self._told))
            self._speaking.resume(now)
        elif self._hello.greet:
            self._typed_at = now
            self._decide(Prompted(""))
        self._alarm.ring()

    def watch(self, link: Link) -> None:
        """Let `link` see what the speaker's connection sees from now on."""
        # The secrets are the speaker's: with them a viewer could take the session over.
        self._out.watch(link, structs.replace(self._terms, seq=self._out.seq, token="", watch=""))
        link.post(self._state(self._told), 64)

    @property
    def out(self) -> Fanout:
        """Return what this session's connections are told by."""
        return self._out

    def follow(self, event: Led | PlaybackStarted | PlaybackEnded | StopRequested) -> None:
        """Take what happens to the reply that runs in the room."""
        if not self.over and self._group is not None:
            self._decide(event)

    @property
    def companion(self) -> str:
        """Return the id of whoever speaks."""
        return self._role.companion.id

    @property
    def state(self) -> m.State:
        """Return what clients were told last."""
        return self._told

    # ------------------------------------------------------------------------------------------------- backstage

    def skip(self) -> None:
        """Cut the reply that is running; the floor is nobody's."""
        self._decide(StopRequested())

    def hush(self, on: bool) -> None:
        """Answer nobody until it is taken back; what is said meanwhile is not heard. A running reply goes on."""
        self.hushed = on

    def say(self, text: str) -> None:
        """Speak `text` as it stands, once the floor is free; what runs is cut."""
        self._decide(StopRequested())
        self._script = text
        if self._together is not None:
            self._together.script(text)
        self._decide(Prompted(text, must=True))

    def heard(self, now: float) -> tuple[int, int] | None:
        """Return the turn that the speaker's client plays at `now` and the place in it, None between replies."""
        return self._speaking.heard(now)

    def performer(self, now: float) -> SeenFace | None:
        """Return the face of the user as it is seen at `now`, with its weights; None where it is not."""
        return self._watching.performer(now, FRESH_S)

    def sees(self, seen: Seen) -> None:
        """Take faces that the server itself has seen before this companion."""
        if not self.over and self._group is not None:
            self._watching.see(seen)

    @property
    def attended(self) -> bool:
        """Say whether the speaker's client is connected."""
        return self._out.speaker is not None

    @property
    def viewers(self) -> int:
        """Return how many connections watch."""
        return self._out.viewers

    def detach(self, link: Link) -> None:
        """Forget a connection that is gone; without the speaker's the session waits to be resumed."""
        if not self._out.detach(link):
            return
        now = self._now()
        self._lifetime.park(now)
        self._speaking.hold(now)
        self._hearing.stop()
        if self._together is not None:
            self._together.company.present()
        self._alarm.ring()

    # ------------------------------------------------------------------------------------------------- input

    def receive(self, message: m.ClientMessage) -> None:
        """Take what the speaker's client says; nothing here waits, and a client's mistake is answered, not raised."""
        if self.over:
            return
        now = self._now()
        self._lifetime.heard(now)
        if self.hushed and isinstance(message, m.Mic | m.Talk | m.UserText):
            self._complain("unanswered", "the companion was asked to answer nobody for now")
            return
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
            case m.UserText():
                self._typed(message)
            case m.Interrupt(turn=turn) if self._together is not None:
                self._together.stop(turn)
            case m.Interrupt(turn=turn, pts=pts):
                if self._speaking.is_playing(turn):
                    if pts is not None:
                        self._speaking.played(self._turns.turn, pts, now)
                    self._decide(StopRequested())
            case m.Context(states=states, events=events, respond=respond):
                self._share(message)
                self._happened(states, events, respond)
            case m.Tools(tools=tools):
                self._share(message)
                self._calls.offered = tuple(Tool(t.name, t.description, t.parameters) for t in tools)
                if self._partner is not None:
                    self._partner.renew()
            case m.ToolAnswer(call=call, status=status, value=value):
                answers = self._calls if self._together is None else self._together.company
                if not answers.answer(call, ToolResult(status, value)):
                    self._complain("unknown_call", f"there was no tool call {call}")
            case m.Seen():
                self._share(message)
                self._watching.heed(message, now)
                self._hint(now)
            case m.Camera():
                self._watching.look(message, now)
            case m.MemoryAsk():
                self._remembering.receive(message)
            case m.RoomAsk():
                if why := self._share(message):
                    self._out.answer("unsupported", why)
            case m.Bye():
                self.end(None)
            case m.Ping() | m.Hello():
                raise AssertionError("the connection answers these itself")
            case _:
                assert_never(message)

    def alive(self) -> None:
        """Note that the client is there, if silent."""
        self._lifetime.heard(self._now())

    def knows(self, companion: str) -> bool:
        """Return whether there is a companion of this name here."""
        return companion == "main" or (self._together is not None and self._together.company.knows(companion))

    def _share(self, message: m.RoomAsk | m.Seen | m.Context | m.Tools) -> str:
        """Tell the room what the client says, if there is one; return why that cannot be."""
        return "this is no room" if self._together is None else self._together.company.receive(message)

    def _typed(self, typed: m.UserText) -> None:
        words = " ".join(typed.text.split())
        if not has_words(words):
            self._out.answer("empty_text", "there are no words in this text")
        elif len(words) > self._rules.text_chars:
            self._out.answer("bad_message", f"a text may have {self._rules.text_chars} characters")
        elif self._together is not None and typed.private:
            self._together.company.whisper(words, typed.companion)
        else:
            self._typed_at = self._now()
            if self._together is not None:
                self._together.companion = typed.companion
            if self._partner is not None:
                self._partner.type(words)
            self._decide(Typed(words))

    def _happened(self, states: dict[str, str], events: tuple[str, ...], respond: str) -> None:
        self._scene.update(states)
        for event in events:
            self._history.event(event)
        text = joined(events) or ", ".join(f"{key}: {value}" for key, value in states.items())
        if respond != "silent" and has_words(text):
            self._typed_at = self._now()
            self._decide(Prompted(text, must=respond == "must"))
        elif self._partner is not None and has_words(text):
            self._partner.happened(text)

    def _noticed(self, notice: Notice) -> None:
        """Do what follows from something that the user did without a word."""
        rules = self._rules.sighted
        match notice:
            case "came" if rules.greet and not self._history.messages():
                self._typed_at = self._now()
                self._decide(Prompted(""))
            case "came" if rules.greet and self._gone:
                self._gone = False
                self._happened({}, ("Somebody comes and looks at you.",), "auto")
            case "left" if rules.greet and self._history.messages():
                self._gone = True
                self._happened({}, ("The user goes away.",), "auto")
            case "nodded" | "shook" if rules.answers and self._awaits_answer():
                self._history.event("The user nods." if notice == "nodded" else "The user shakes their head.")
                self._typed_at = self._now()
                said = answer(notice == "nodded", self._language)
                if self._partner is not None:
                    self._partner.type(said)
                self._decide(Typed(said))
            case _:
                pass

    def _awaits_answer(self) -> bool:
        """Return whether the companion has just asked something."""
        said = self._history.messages()
        late = self._now() - self._changed_at > ANSWER_WITHIN
        return self._turns.state is State.IDLE and not late and bool(said) and asks(said[-1])

    def _hint(self, now: float) -> None:
        """Wait longer for a user who pauses while their mouth moves, and no longer once it rests."""
        talks = self._watching.talks(now)
        if talks or self._mouth:
            self._decide(MouthMoves(self._turns.utterance, talks))
        self._mouth = talks

    # ------------------------------------------------------------------------------------------------ decide

    def _decide(self, event: Event) -> None:
        """Tell `turns` what happened and do what it says."""
        now = self._now()
        self.aside.overhear(event)
        self._perform(self._turns.receive(event, now), now)
        # The deadlines may have changed.
        self._alarm.ring()

    def _perform(self, actions: list[Action], now: float) -> None:
        if self._together is not None:
            actions = self._together.divert(actions, now)
        ended = 0
        unanswered: StartReply | None = None
        for action in actions:
            match action:
                case StartReply(utterance=spoken) if spoken and not self.aside.answers:
                    unanswered = action
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
                case Lost(utterance):
                    sentence = f"what was said in utterance {utterance} came too late to be answered: say it again"
                    self._out.post(m.Error(code="unanswered", message=sentence))
                case LearnWords(turn, text):
                    self._history.answered(turn, text)
                    self._remembering.heard(text, turn)
                case Duck() | Unduck():
                    pass  # the client is told by the state
                case _:
                    assert_never(action)
        state = _WIRE_STATE[self._turns.state]
        if state != self._told:
            self._told, self._changed_at = state, now
            turn = self._turns.turn
            wanted = state == "speaking" and "timings" in self._hello.features
            timings = self._speaking.timings(turn) if wanted else None
            self._out.post(self._state(state, timings))
            self._idle.attend(state == "listening")
            if state in ("speaking", "idle"):
                # The reply is on its way: now there is time to note what was said.
                self._remembering.settle(idle=state == "idle")
            self._hearing.mute(not self._hello.audio.aec and self._turns.state is State.SPEAKING)
            # Nobody is answered while they go on; and a microphone that hears the loudspeaker must be silent before it.
            self._speaking.waits = self._turns.state is State.OVERLAP and self._partner is None
        if ended:
            # Leads to decisions of its own, which come after these.
            self._hearing.close(ended)
        if unanswered is not None:
            self._speaking.withdraw(unanswered.guess, now)
            self._decide(StopRequested())
        if self._together is not None:
            self._together.settle()

    def _state(self, state: m.State, timings: m.Timings | None = None) -> m.StateChange:
        if self._together is None:
            return m.StateChange(state=state, turn=self._turns.turn, timings=timings)
        room = self._together.company
        companion = room.speaker if state in ("thinking", "speaking", "overlap") else ""
        return m.StateChange(state=state, turn=room.turn, companion=companion or "main")

    def _start(self, start: StartReply) -> None:
        turn = start.turn
        self._change(self._now())
        words = self._script if start.prompted and start.text == self._script else ""
        self._script = ""
        if not start.prompted and start.text:
            self._remembering.settle()
            self._remembering.heard(start.text, turn)
            self._history.user(start.text, again=start.again)
        elif start.text and not words:
            self._history.happened(start.text)
        if self._partner is not None and not words:
            self._partner.begin(start)
        said = bool(start.text) and not start.prompted
        occasion: Occasion = "user" if said else "scene" if start.text else "greeting"
        ask = self._asking(occasion, self._history.messages())
        asked_at = self._hearing.ended_at if start.utterance else self._typed_at
        self._speaking.start(turn, ask, utterance=start.utterance, asked_at=asked_at, guess=start.guess, words=words)

    def _asking(self, occasion: Occasion, history: tuple[Message, ...]) -> Ask:
        """Return what the dialogue is asked now, but for how it runs tools."""
        return partial(
            Request,
            self.name,
            occasion,
            history,
            self._hello.user or self.user,
            self._language,
            self._clock(),
            {**self._scene.states, **self._watching.states()},
            self._offered(),
            passages=passages(self._role.companion.documents, history) if occasion == "user" else (),
            age=self._now() - self._began,
            instructions=self.aside.instructions,
            model=self._hello.model,
        )

    def _offered(self) -> tuple[Tool, ...]:
        """Return the tools of the scene, and of the server's those that no tool of the scene is called like."""
        scene, toolbox = self._calls.offered, self._shared.toolbox
        if toolbox is None:
            return scene
        names = {tool.name for tool in scene}
        return (*scene, *(tool for tool in toolbox.tools if tool.name not in names))

    # ------------------------------------------------------------------------------------------------- small

    def _complain(self, code: str, sentence: str) -> None:
        self._out.complain(code, sentence, self._turns.turn)

    def _now(self) -> float:
        return self._loop.time()

    def _with(self, duplex: Duplex, hooks: Hooks) -> Partner:
        """Return the partner that hears and speaks in this session."""
        parley = Parley(
            session=self.name,
            language=self._language,
            user=self._hello.user or self.user,
            history=self._history.messages,
            tools=self._offered,
            instructions=lambda: self.aside.instructions,
        )
        shared = self._shared
        return Partner(
            duplex, parley, hooks, rules=self._rules, out=self._out, metrics=shared.metrics, away=shared.away
        )

    def _converse(self) -> None:
        """Have the partner talk to its model, which may be another one now."""
        if self._partner is None or self._group is None:
            return
        if self._talking is not None:
            self._talking.cancel()
        self._talking = self._group.create_task(self._partner.run())

    def _spawn(self, body: Coroutine[None, None, None]) -> asyncio.Task[None]:
        assert self._group is not None, "the session runs before anything is said to it"
        task = self._group.create_task(body)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._role.done(task)
        if not task.cancelled() and task.exception() is not None:
            # The group is ending: nothing more may be begun in it.
            self.over = True
