"""Holds one conversation: its life from the first connection to its end, on one clock, and its way elsewhere.

A session outlives its connection. All its tasks live in its TaskGroup: `run`, at most one reply, a recogniser for each
utterance that is being understood, or a duplex model. Everything else is a plain call in the loop's thread. What it
consists of stands in `parts`, what its client says comes by `receiving`, what turn-taking makes of it is done by
`conduct`. These and `hearing`, `speaking`, `media` and `fanout` are the only place where engine values become wire
messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Final

from msgspec import structs

from bridge.core.lifetime import Lifetime, Over
from bridge.core.performing import FRESH_S
from bridge.core.turn_events import (
    Led,
    PlaybackEnded,
    PlaybackStarted,
    Prompted,
    StopRequested,
)
from bridge.session.alarm import Alarm
from bridge.session.companion import Companion
from bridge.session.company import Company
from bridge.session.conduct import Conduct
from bridge.session.fanout import Fanout, Link
from bridge.session.luggage import Luggage
from bridge.session.opening import Hooks, Opening, Shared
from bridge.session.parts import assembled
from bridge.session.receiving import Receiving
from bridge.session.role import Release
from bridge.session.terms import terms
from engines.api import Seen, SeenFace
from protocol import messages as m

SETTLED: Final = 0.3  # seconds that a session has rested before it may move


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
        shared = shared if company is None else shared.in_company()
        self.name = opening.name
        self.token = opening.token
        self.watch_token = opening.watch
        self.user = opening.user
        self._opening = opening
        self._terms = terms(shared, opening)
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm()
        self._parts = parts = assembled(
            shared,
            opening,
            release,
            company,
            Hooks(lambda event: self._conduct.decide(event), self._spawn, self._alarm.ring),
            noticed=lambda notice: self._receiving.noticed(notice),
            complain=self._complain,
            now=self._now,
        )
        self._conduct = Conduct(parts, change=self._change, wake=self._alarm.ring, now=self._now)
        self._receiving = Receiving(
            parts, self._conduct, end=lambda: self.end(None), complain=self._complain, now=self._now
        )
        self.aside = parts.aside
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._talking: asyncio.Task[None] | None = None  # with a duplex model
        rules = shared.rules
        self._lifetime = Lifetime(idle_after=rules.idle_after, resume_after=rules.resume_after, now=self._now())
        self._farewell: m.Error | None = None  # what to say when the server goes down
        self.started = asyncio.Event()
        self.over = False
        self.hushed = False
        self._born = 0  # the frame of the life clock that it begins with
        if luggage is not None:
            self._unpack(luggage)

    # --------------------------------------------------------------------------------------------- its own task

    async def run(self) -> None:
        """Act when the time has come, until the session is over."""
        loop = self._loop
        self._parts.idle.begin(loop.time(), self._born)
        try:
            async with asyncio.TaskGroup() as self._group:
                self.started.set()
                self._converse()
                while not self.over:
                    now = loop.time()
                    self._change(now)
                    self._conduct.perform(self._parts.turns.expire(now), now)
                    self._parts.hearing.expire(now)
                    if self._parts.partner is not None:
                        self._parts.partner.expire(now)
                    self._parts.watching.expire(now)
                    self._parts.speaking.release(now)
                    self._end_in_time(now)
                    if not self.over:
                        await self._alarm.until(self._deadline(now))
                await self._parts.remembering.close()
                self._parts.hearing.forget()
                for task in (*self._tasks, *((self._talking,) if self._talking is not None else ())):
                    task.cancel()
        finally:
            self.over = True
            self._parts.role.close()

    def recast(self, companion: Companion, release: Release) -> None:
        """Go on as `companion` from the next turn on: its identity has changed; the conversation stays.

        `release` is called when the session needs it no longer, at once when the session is over.
        """
        if self.over:
            release()
            return
        self._parts.role.offer(companion, release)
        self._alarm.ring()

    def _change(self, now: float) -> None:
        """Let the companion that was offered take over, unless a reply is running."""
        if not self._parts.role.offered or self._parts.speaking.busy:
            return
        companion = self._parts.role.change(self._tasks)
        self._parts.speaking.recast(companion, now)
        self._parts.language = self._parts.hello.language or companion.language
        self._parts.hearing.recast(companion.engines, self._parts.language)
        if self._parts.partner is not None and companion.engines.duplex is not None:
            self._parts.partner.recast(companion.engines.duplex)
            self._converse()
        self._parts.remembering.recast(companion.engines.dialogue, self._parts.language)
        self._parts.watching.recast(companion.engines.sight)
        before, self._terms = self._terms, terms(replace(self._parts.shared, companion=companion), self._opening)
        if self._terms.identity != before.identity:
            self._parts.out.post(m.IdentityChange(identity=self._terms.identity))

    def end(self, error: m.Error | None) -> None:
        """End the session; its connections are told `error` and closed."""
        self.over = True
        self._parts.out.finish(error)
        self._alarm.ring()

    def drain(self, error: m.Error) -> None:
        """End with `error` as soon as the running reply has been heard."""
        self._farewell = error
        self._lifetime.drain()
        self._alarm.ring()

    def _end_in_time(self, now: float) -> None:
        busy = self._parts.speaking.busy or (
            self._parts.together is not None and bool(self._parts.together.company.speaker)
        )
        match self._lifetime.over(now, busy=busy):
            case None:
                pass
            case Over.IDLE:
                sentence = f"nothing came for {self._parts.shared.rules.idle_after:g} s"
                self.end(m.Error(code="idle_timeout", message=sentence, fatal=True))
            case Over.LOST | Over.DRAINED:
                self.end(self._farewell)

    def _deadline(self, now: float) -> float | None:
        instants = [self._parts.turns.deadline, self._lifetime.deadline]
        instants += [self._parts.partner.deadline] if self._parts.partner is not None else []
        if self._parts.out.speaker is not None:
            instants += [
                self._parts.speaking.deadline(now),
                self._parts.hearing.deadline,
                self._parts.watching.deadline,
            ]
        return min((instant for instant in instants if instant is not None), default=None)

    # ------------------------------------------------------------------------------------------------- moving

    @property
    def movable(self) -> bool:
        """Return whether it can ever go on in another process: neither what other protocols listen to, nor a room."""
        return not self.aside.overheard and self._parts.together is None

    def at_rest(self, now: float) -> bool:
        """Return whether the session can go on in another process: nothing runs, and has not for a moment."""
        still = (
            self._parts.turns.at_rest
            and self._parts.hearing.rests
            and not self._parts.speaking.busy
            and not self._tasks
        )
        plain = self.movable and not self._parts.role.offered and not self._parts.script
        # A client tells a little later where it was cut.
        return still and plain and self.started.is_set() and now - self._conduct.changed_at >= SETTLED

    def pack(self, now: float) -> Luggage:
        """Return what another process needs to go on with the conversation; only while it is at rest."""
        silent, away = self._lifetime.standing(now)
        return Luggage(
            name=self.name,
            token=self.token,
            watch=self.watch_token,
            user=self.user,
            hello=self._parts.hello,
            seed=self._opening.seed,
            note=self._opening.note,
            turn=self._parts.turns.turn,
            utterance=self._parts.turns.utterance,
            said=self._parts.history.messages(),
            states=self._parts.scene.states,
            tools=self._parts.calls.offered,
            calls=self._parts.calls.last,
            sent=self._parts.out.sent(),
            memories=self._parts.remembering.carried(),
            frame=self._parts.idle.frame(now),
            mood=self._parts.idle.mood,
            instructions=self.aside.instructions,
            gone=self._receiving.gone,
            hushed=self.hushed,
            age=now - self._parts.began,
            silent=silent,
            away=away,
        )

    def _unpack(self, luggage: Luggage) -> None:
        now = self._now()
        self._parts.turns.count(luggage.turn, luggage.utterance)
        self._parts.hearing.count(luggage.utterance)
        self.aside.recall(luggage.said)
        self._parts.scene.update(luggage.states)
        self._parts.calls.restore(luggage.tools, luggage.calls)
        self._parts.out.restore(luggage.sent)
        self._parts.remembering.restore(luggage.memories)
        self._parts.idle.feel(*luggage.mood)
        self._born = luggage.frame
        self.aside.instructions = luggage.instructions
        self._receiving.gone, self.hushed = luggage.gone, luggage.hushed
        self._parts.began = now - luggage.age
        self._lifetime.restore(now, luggage.silent, luggage.away)

    @property
    def links(self) -> tuple[Link | None, tuple[Link, ...]]:
        """Return the speaker's connection, and those of the viewers."""
        return self._parts.out.links

    def join(self, link: Link, *, viewer: bool = False) -> None:
        """Take over a connection from another process; it is told nothing."""
        self._parts.out.join(link, viewer=viewer)
        if not viewer:
            self._lifetime.attach(self._now())
        self._alarm.ring()

    def leave(self) -> None:
        """End here without a word to any connection: the session goes on elsewhere."""
        self.over = True
        self._parts.out.leave()
        self._parts.remembering.hand_over()
        self._alarm.ring()

    # -------------------------------------------------------------------------------------------- connections

    def attach(self, link: Link, *, seq: int | None = None, reason: str = "") -> None:
        """Take `link` as the speaker's connection, after whichever had it.

        With `seq` it resumes from there (ReplayGap if that is not possible); otherwise the session begins, `reason`
        saying why it is a new one although another was asked for.
        """
        now = self._now()
        welcome = structs.replace(self._terms, seq=self._parts.out.seq, resumed=seq is not None, reason=reason)
        self._parts.out.attach(link, welcome, seq)
        self._lifetime.attach(now)
        if self._parts.together is not None:
            self._parts.together.company.present()
        if seq is not None:
            self._parts.out.post(self._conduct.as_told(self._conduct.told))
            self._parts.speaking.resume(now)
        elif self._parts.hello.greet:
            self._parts.typed_at = now
            self._conduct.decide(Prompted(""))
        self._alarm.ring()

    def watch(self, link: Link) -> None:
        """Let `link` see what the speaker's connection sees from now on."""
        # The secrets are the speaker's: with them a viewer could take the session over.
        self._parts.out.watch(link, structs.replace(self._terms, seq=self._parts.out.seq, token="", watch=""))
        link.post(self._conduct.as_told(self._conduct.told), 64)

    @property
    def out(self) -> Fanout:
        """Return what this session's connections are told by."""
        return self._parts.out

    def follow(self, event: Led | PlaybackStarted | PlaybackEnded | StopRequested) -> None:
        """Take what happens to the reply that runs in the room."""
        if not self.over and self._group is not None:
            self._conduct.decide(event)

    @property
    def companion(self) -> str:
        """Return the id of whoever speaks."""
        return self._parts.role.companion.id

    @property
    def state(self) -> m.State:
        """Return what clients were told last."""
        return self._conduct.told

    # ------------------------------------------------------------------------------------------------- backstage

    def skip(self) -> None:
        """Cut the reply that is running; the floor is nobody's."""
        self._conduct.decide(StopRequested())

    def hush(self, on: bool) -> None:
        """Answer nobody until it is taken back; what is said meanwhile is not heard. A running reply goes on."""
        self.hushed = on

    def say(self, text: str) -> None:
        """Speak `text` as it stands, once the floor is free; what runs is cut."""
        self._conduct.decide(StopRequested())
        self._parts.script = text
        if self._parts.together is not None:
            self._parts.together.script(text)
        self._conduct.decide(Prompted(text, must=True))

    def heard(self, now: float) -> tuple[int, int] | None:
        """Return the turn that the speaker's client plays at `now` and the place in it, None between replies."""
        return self._parts.speaking.heard(now)

    def performer(self, now: float) -> SeenFace | None:
        """Return the face of the user as it is seen at `now`, with its weights; None where it is not."""
        return self._parts.watching.performer(now, FRESH_S)

    def sees(self, seen: Seen) -> None:
        """Take faces that the server itself has seen before this companion."""
        if not self.over and self._group is not None:
            self._parts.watching.see(seen)

    @property
    def attended(self) -> bool:
        """Say whether the speaker's client is connected."""
        return self._parts.out.speaker is not None

    @property
    def viewers(self) -> int:
        """Return how many connections watch."""
        return self._parts.out.viewers

    def detach(self, link: Link) -> None:
        """Forget a connection that is gone; without the speaker's the session waits to be resumed."""
        if not self._parts.out.detach(link):
            return
        now = self._now()
        self._lifetime.park(now)
        self._parts.speaking.hold(now)
        self._parts.hearing.stop()
        if self._parts.together is not None:
            self._parts.together.company.present()
        self._alarm.ring()

    # ------------------------------------------------------------------------------------------------- input

    def receive(self, message: m.ClientMessage) -> None:
        """Take what the speaker's client says; nothing here waits, and a client's mistake is answered, not raised."""
        now = self._now()
        if type(message) is m.Mic:
            self.hear(message, now)
        elif not self.over:
            self._lifetime.heard(now)
            if self.hushed and isinstance(message, m.Talk | m.UserText):
                self._hushed()
            else:
                self._receiving.receive(message, now)

    def hear(self, mic: m.Mic, now: float) -> None:
        """Take a frame of the speaker's microphone, as `receive` would."""
        if self.over:
            return
        self._lifetime.heard(now)
        if self.hushed:
            self._hushed()
        elif not self._parts.hearing.hear(mic, now):
            self._receiving.unheard()

    def _hushed(self) -> None:
        self._complain("unanswered", "the companion was asked to answer nobody for now")

    def alive(self) -> None:
        """Note that the client is there, if silent."""
        self._lifetime.heard(self._now())

    def knows(self, companion: str) -> bool:
        """Return whether there is a companion of this name here."""
        return companion == "main" or (
            self._parts.together is not None and self._parts.together.company.knows(companion)
        )

    # ------------------------------------------------------------------------------------------------- small

    def _complain(self, code: str, sentence: str) -> None:
        self._parts.out.complain(code, sentence, self._parts.turns.turn)

    def _now(self) -> float:
        return self._loop.time()

    def _converse(self) -> None:
        """Have the partner talk to its model, which may be another one now."""
        if self._parts.partner is None or self._group is None:
            return
        if self._talking is not None:
            self._talking.cancel()
        self._talking = self._group.create_task(self._parts.partner.run())

    def _spawn(self, body: Coroutine[None, None, None]) -> asyncio.Task[None]:
        assert self._group is not None, "the session runs before anything is said to it"
        task = self._group.create_task(body)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._parts.role.done(task)
        if not task.cancelled() and task.exception() is not None:
            # The group is ending: nothing more may be begun in it.
            self.over = True
