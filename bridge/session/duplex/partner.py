"""Talks to a duplex model for one session: its events become ours, our turns and what was heard of them become its.

One task reads what the model tells; everything else is a plain call in the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, assert_never

from bridge.core.timeline import MEDIA_RATE, Stamped, Ticks
from bridge.core.turn_events import Answering, StartReply, StopRequested
from bridge.metrics import Metrics
from bridge.session.companion import Rules
from bridge.session.driven import driven
from bridge.session.duplex.briefing import Briefing
from bridge.session.duplex.ears import TheirEars
from bridge.session.duplex.theirs import TheirReply
from bridge.session.fanout import Fanout
from bridge.session.opening import Away, Hooks
from bridge.session.reply import Excuses, Progress
from engines.api import EngineError, FaceStyle, Failure, Memories, Request, Stream
from engines.duplex.exchange import (
    Declined,
    Done,
    Forget,
    Given,
    GoOn,
    Happened,
    Heard,
    Lost,
    Opened,
    Parley,
    Renew,
    ReplyBegan,
    ReplyCall,
    ReplyOver,
    ReplySound,
    ReplyText,
    SpeechBegan,
    SpeechEnded,
    Stop,
    Taken,
    Trouble,
    Unask,
    Understood,
    Words,
)
from engines.jobs import Duplex, Engines, Talk
from protocol import messages as m

log = logging.getLogger("bridge.session.duplex.partner")

REPORT_S: Final = 0.4  # seconds in which a client says where it really stopped
WAITING: Final = 2  # answers that have come and not begun
COMPLAINTS: Final = 4  # of the model's that a client is told in one turn
NAMES: Final = 32  # of the model's answers that are still known
ALL: Final = Ticks(3600 * MEDIA_RATE)  # more than any answer lasts
AGAIN_S: Final = 1.0  # seconds after which an engine that broke is begun anew


@dataclass(frozen=True, slots=True)
class _Cut:
    """An answer that was cut, where it was, and until when the client may say better."""

    turn: int
    reply: TheirReply
    ticks: Ticks
    until: float


class Partner:
    """The duplex model of one session."""

    def __init__(
        self,
        duplex: Duplex,
        parley: Parley,
        hooks: Hooks,
        briefing: Briefing,
        *,
        rules: Rules,
        out: Fanout,
        metrics: Metrics,
        away: Away,
    ) -> None:
        self._duplex = duplex
        self._parley = parley
        self._hooks = hooks
        self._briefing = briefing
        self._rules = rules
        self._out = out
        self._metrics = metrics
        self._away = away
        self._talk: Talk | None = None
        self._there = False
        self._failed: EngineError | None = None  # why the model is away, once that is not just for a moment
        self._losses = 0  # in a row
        self._typed = ""
        self._turn = 0
        self._complaints = 0  # in this turn
        self._reply: TheirReply | None = None  # that of the running turn
        self._asked: TheirReply | None = None  # what was asked for and has not begun
        self._asks: Given = GoOn()  # and how
        self._held = False  # it is asked for as soon as the model knows what fits it
        self._again = False  # it was asked for anew, after the model was lost
        self._goes_on: TheirReply | None = None  # whose calls were answered
        self._waiting: deque[TheirReply] = deque(maxlen=WAITING)  # that have come and not begun
        self._named: dict[str, TheirReply] = {}
        self._cut: _Cut | None = None
        self.ears = TheirEars(self._tell, hooks, out=out, metrics=metrics)

    # ------------------------------------------------------------------------------------------- its own task

    async def run(self) -> None:
        """Talk to the model until the session is over."""
        await self._briefing.open()
        while True:
            talk = self._talk = self._duplex.converse(self._parley)
            try:
                async with aclosing(driven("duplex", talk.hear)) as coming:
                    async for taken in coming:
                        self._take(taken)
                error = EngineError("dialogue_failed", "the duplex model's engine has ended", kind=Failure.BROKEN)
            except EngineError as broken:
                error = broken
            self._take(Lost(error))
            await asyncio.sleep(AGAIN_S)

    def recast(self, duplex: Duplex) -> None:
        """Talk to another model from the next call of `run` on."""
        self._duplex = duplex

    # ----------------------------------------------------------------------------------------- from the session

    def type(self, text: str) -> None:
        """Note what the user has typed, which the next turn answers."""
        self._typed = text

    def begin(self, start: StartReply) -> None:
        """Begin the answer of a turn: one that has come, or one that is asked for."""
        typed, self._typed = self._typed, ""
        self._turn, self._complaints = start.turn, 0
        if not start.prompted and not typed and self._waiting:
            self._reply = self._waiting.popleft()
            return
        self._drop_waiting()
        self._again = False
        self._reply = self._asked = TheirReply(self._duplex.rate, self._rules.longest_reply)
        self._asks = Happened(start.text, answer=True) if start.prompted else Words(typed) if typed else GoOn()
        self._held = True

    async def briefed(self, request: Request) -> Request:
        """Tell the model what fits what the running turn answers, and ask it, unless it has begun by itself."""
        reply = self._reply
        if reply is None or reply is self._asked:
            done = await self._briefing.fit(request)
            self._ask(reply, done)
        elif not self._briefing.orders(request):
            self.learn(request)
        elif (done := await self._briefing.fit(request)) is not None and reply is self._reply:
            # What it began to say knows nothing of that.
            self._tell(Done(done))
            if self._duplex.interrupts:
                self._stop(reply)
                self._again = False
                self._reply = self._asked = TheirReply(self._duplex.rate, self._rules.longest_reply)
                self._asks = GoOn()
                self._ask(self._asked, None)
        return request

    def _ask(self, reply: TheirReply | None, done: Memories | None) -> None:
        """Ask for an answer, if it is wanted still."""
        if reply is None or reply is not self._asked:
            return
        self._held = False
        if done is not None:
            self._tell(Done(done))
        if not self._tell(self._asks) and self._failed is not None:
            reply.fail(self._failed)
            self._asked = None

    def learn(self, request: Request) -> None:
        """Tell the model, for its next answer, what fits words that it answers already."""
        self._hooks.spawn(self._learn(request))

    async def _learn(self, request: Request) -> None:
        if (done := await self._briefing.fit(request)) is not None:
            self._tell(Done(done))

    def forget(self) -> None:
        """Have the model know nothing any more of what was said."""
        self._tell(Forget())

    def happened(self, text: str) -> None:
        """Tell what happened in the scene, of which nobody need speak."""
        self._tell(Happened(text))

    def renew(self) -> None:
        """Tell that tools, instructions or what is known have changed."""
        self._tell(Renew())

    def cut(self, turn: int, heard: Ticks, now: float) -> None:
        """Stop the answer of a turn, of which so much was heard, as far as is known."""
        reply = self._reply
        if reply is None or turn != self._turn:
            return
        self._reply = None
        reply.stopped = True
        if self._asked is reply:
            self._asked = None
            self._tell(Unask())
        self._goes_on = None if self._goes_on is reply else self._goes_on
        for name in reply.names:
            self._tell(Stop(name))
        if reply.names:
            self._cut = _Cut(turn, reply, heard, now + REPORT_S)
            self._hooks.wake()

    def recut(self, turn: int, heard: Ticks) -> None:
        """Take it that so much was heard of a turn that was cut: its client says so."""
        if self._cut is not None and self._cut.turn == turn:
            self._cut = _Cut(turn, self._cut.reply, heard, self._cut.until)
            self._truncate()

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, if nothing comes before."""
        return self._cut.until if self._cut is not None else None

    def expire(self, now: float) -> None:
        """Tell the model where it was cut, if the client has not said better in time."""
        if self._cut is not None and now >= self._cut.until:
            self._truncate()

    def _truncate(self) -> None:
        cut, self._cut = self._cut, None
        if cut is None or self._talk is None:
            return
        for name, samples in cut.reply.heard(cut.ticks):
            self._talk.tell(Heard(name, samples))

    def _tell(self, given: Given) -> bool:
        """Tell the model something, once it knows where it was cut."""
        if self._talk is None:
            return False
        match given:
            case Words() | Happened() | GoOn():
                self._truncate()
        return self._talk.tell(given)

    def _tell_of(self, reply: TheirReply, given: Given) -> bool:
        """Tell the model something in the course of an answer."""
        if reply.stopped:
            return False
        if isinstance(given, GoOn):
            self._goes_on = reply
        return self._tell(given)

    def stream(
        self,
        engines: Engines,
        request: Request,
        *,
        ahead: Callable[[], float],
        emotions: frozenset[str],
        excuses: Excuses,
        style: FaceStyle,
        channels: int,
        progress: Progress,
        origin: Callable[[], int],
    ) -> Stream[list[Stamped]]:
        """Return the media of the running turn's answer; `ahead` is how many seconds of it wait to be heard."""
        # What it stands on, numpy and soxr, is loaded by whoever has such a model.
        from bridge.session.duplex.chain import Way, theirs

        reply = self._reply
        assert reply is not None, "the turn has begun"
        way = Way(
            engines,
            lambda given: self._tell_of(reply, given),
            lambda: self._stop(reply),
            ahead,
            self._rules.limits,
            emotions,
            excuses,
            self._duplex.unwritten,
            self._away,
        )
        return theirs(
            reply,
            way,
            request,
            style=style,
            rate=self._rules.rate,
            channels=channels,
            progress=progress,
            origin=origin,
        )

    # ------------------------------------------------------------------------------------------- from the model

    def _take(self, taken: Taken) -> None:
        match taken:
            case Opened():
                self._opened()
            case Lost(error):
                self._lost(error)
            case SpeechBegan(item):
                if self._duplex.interrupts:
                    self._drop_waiting()
                self.ears.began(item)
            case SpeechEnded(item):
                self.ears.ended(item)
            case Understood(item, text, final):
                self.ears.understood(item, text, final=final)
            case ReplyBegan(name):
                self._began(name)
            case ReplySound(name, pcm):
                if reply := self._wanted(name):
                    reply.hear(pcm)
                    if reply.cut:
                        self._tell(Stop(name))
                        reply.end(cut=True)
            case ReplyText(name, text):
                if reply := self._wanted(name):
                    reply.write(text)
            case ReplyCall(name):
                if (reply := self._wanted(name)) and not reply.call(taken):
                    log.warning("a duplex model calls more tools than one answer may")
            case ReplyOver():
                self._over(taken)
            case Declined(error):
                self._complain(error)
                if self._asked is not None:
                    self._asked.fail(error)
                    self._asked = None
            case Trouble(error):
                self._complain(error)
            case _:
                assert_never(taken)

    def _opened(self) -> None:
        self._there, self._failed, self._losses = True, None, 0
        if self._asked is not None:
            # It knows by the history what is to be answered, but for a greeting.
            asks = self._asks if isinstance(self._asks, Happened) and not self._asks.text else GoOn()
            self._again = True
            if self._held:
                self._asks = asks
            else:
                self._tell(asks)

    def _lost(self, error: EngineError) -> None:
        """Go on without the model: it is called again. What it was saying ends; what was asked for waits a moment."""
        self._losses += 1
        was, self._there = self._there, False
        first = was or self._losses == 1
        if first:
            self._complain(error)
            self.ears.lost()
        for reply in {*self._named.values()}:
            if not reply.ended:
                reply.fail(error)
        self._named.clear()
        self._goes_on = self._cut = None
        if not was:
            self._failed = error
        elif not self._again:
            return
        if self._asked is not None:
            self._asked.fail(error)
            self._asked = None

    def _began(self, name: str) -> None:
        if self._goes_on is not None:
            reply, self._goes_on = self._goes_on, None
        elif self._asked is not None:
            reply, self._asked = self._asked, None
        else:
            reply = TheirReply(self._duplex.rate, self._rules.longest_reply)
            if len(self._waiting) == WAITING:
                self._stop(self._waiting.popleft())
            self._waiting.append(reply)
        reply.begin(name)
        self._named[name] = reply
        for old in list(self._named)[:-NAMES]:
            del self._named[old]
        if reply in self._waiting:
            self._hooks.decide(Answering())

    def _wanted(self, name: str) -> TheirReply | None:
        """Return the answer of that name, None when nothing more of it is wanted: then the model is told so."""
        reply = self._named.get(name)
        if reply is not None and not reply.stopped:
            return reply
        self._tell(Stop(name))
        return None

    def _over(self, over: ReplyOver) -> None:
        reply = self._named.get(over.reply)
        if reply is None or reply.stopped:
            return
        match over.end:
            case "complete":
                reply.end()
            case "cut":
                reply.end(cut=True)
            case "failed":
                sentence = f"the duplex model could not answer: {over.why or 'its server does not say why'}"
                reply.fail(EngineError("dialogue_failed", sentence, retryable=True, kind=Failure.FAULTY))
            case "stopped":
                reply.end()
                if reply is self._reply:
                    self._hooks.decide(StopRequested())
            case _:
                assert_never(over.end)

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._stop(self._waiting.popleft())

    def _stop(self, reply: TheirReply) -> None:
        """Stop an answer of which no more is heard than what has gone out."""
        if reply.stopped:
            return
        reply.stopped = True
        for name, samples in reply.heard(ALL):
            self._tell(Stop(name))
            self._tell(Heard(name, samples))

    def _complain(self, error: EngineError) -> None:
        log.warning("a duplex model fails", extra={"code": error.code, "reason": error.message})
        self._metrics.engine_failed(error.code)
        self._complaints += 1
        if self._complaints <= COMPLAINTS:
            self._out.post(m.Error(code=error.code, message=error.message))
