"""Speaks for one session: makes one reply at a time, and lets its media go as the client needs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from math import inf
from typing import Final, assert_never

from bridge.core.history import History
from bridge.core.timeline import MEDIA_RATE, CueMark, MediaPiece, SpokenWord, Stamped, Ticks
from bridge.core.turn_events import PlaybackEnded, PlaybackStarted
from bridge.session.companion import Companion
from bridge.session.driven import guarded
from bridge.session.duplex.partner import Partner
from bridge.session.fanout import Out
from bridge.session.flagging import note
from bridge.session.idle import IdleFace
from bridge.session.media import message
from bridge.session.opening import Hooks, Opening, Shared
from bridge.session.playing import Ask, Playing, same_ground
from bridge.session.reply import Excuses, reply
from bridge.session.sources import sources
from bridge.session.tool_calls import TIMEOUT, ToolCalls
from bridge.session.verbatim import Verbatim
from engines.api import EngineError, Request, Stream, ToolResult
from engines.measures.tracing import event, traced
from protocol import messages as m

log = logging.getLogger("bridge.session.speaking")

EARLY: Final = 0.02  # seconds by which a playhead must move a deadline to be worth a wake


class Speaking:
    """The replies of one session."""

    def __init__(
        self,
        shared: Shared,
        opening: Opening,
        hooks: Hooks,
        *,
        idle: IdleFace,
        history: History,
        calls: ToolCalls,
        out: Out,
        wear: Callable[[bytes], bytes],
        recall: Callable[[Request, asyncio.Event | None], Awaitable[Request]],
        partner: Partner | None = None,
    ) -> None:
        """Begin to speak; `wear` gives face frames, as they leave, what they owe to the user's face.

        `recall` adds to a request what is remembered of the user. A `partner` gives the replies, if there is one.
        """
        self._companion = shared.companion
        self._toolbox = shared.toolbox
        self._rules = shared.rules
        self._metrics = shared.metrics
        self._hooks = hooks
        self._name = opening.name
        self._channels = len(opening.rig.names)
        self._wants_idle = "idle_face" in opening.hello.features and self._channels > 0
        self._wants_phones = "phones" in opening.hello.features
        self._idle = idle
        self._history = history
        self._calls = calls
        self._out = out
        self._wear = wear
        self._recall = recall
        self._partner = partner
        self._playing: Playing | None = None
        self._ahead: Playing | None = None  # begun before the user's turn is over
        self.waits = False  # nothing may be heard of a reply that has not begun to sound
        self._planned = inf  # when media is next let go, if nothing happens before
        self._cut_turn = 0  # the last turn that was cut

    @property
    def busy(self) -> bool:
        """Return whether a reply is being made or heard."""
        return self._playing is not None

    def recast(self, companion: Companion, now: float) -> None:
        """Speak as `companion` from the next reply on; what the one before had begun ahead is dropped."""
        if self._ahead is not None:
            self.withdraw(self._ahead.guess, now, "outdated")
        self._companion = companion

    # ------------------------------------------------------------------------------------------- one reply

    def start(self, turn: int, ask: Ask, *, utterance: int, asked_at: float, guess: int = 0, words: str = "") -> None:
        """Begin turn `turn`, with what was made by speculation `guess` if that still answers what is asked.

        `words` are said as they stand, in the dialogue's stead.
        """
        self._history.reply(turn)
        now = asyncio.get_running_loop().time()
        playing = Playing(turn, self._rules.lead, asked_at, now, late=self._rules.late)
        request = ask(partial(self._call_tool, playing))
        made = self._made_ahead(guess, request, now)
        self._playing = playing = made or playing
        playing.turn, playing.asked_at, playing.started_at = turn, asked_at, now
        self._metrics.turns.inc()
        # Of a turn that is cut its beginning still comes: no `interrupted` is without it.
        self._out.keep(lambda seq: m.ReplyStart(turn=turn, seq=seq, utterance=utterance))
        if playing.confirmed is not None:
            playing.confirmed.set()
        else:
            playing.task = self._hooks.spawn(traced("reply", partial(self._make, playing, request, words), turn=turn))

    def speculate(self, guess: int, ask: Ask, now: float) -> None:
        """Begin to answer what the user seems to have said: its first words and sound, and nothing that shows."""
        ahead = self._ahead = Playing(0, self._rules.lead, now, now, guess=guess)
        ahead.request = ask(partial(self._call_tool, ahead))
        ahead.task = self._hooks.spawn(traced("reply", partial(self._make, ahead, ahead.request), ahead=True))

    def withdraw(self, guess: int, now: float, outcome: str = "withdrawn") -> None:
        """Drop speculation `guess`, of which nobody was told."""
        ahead = self._ahead
        if ahead is None or ahead.guess != guess:
            return
        self._ahead = None
        if ahead.task is not None:
            ahead.task.cancel()
        self._metrics.speculated(outcome, now - ahead.asked_at)

    def _made_ahead(self, guess: int, request: Request, now: float) -> Playing | None:
        """Return speculation `guess` if it is there and answers just this request."""
        ahead = self._ahead
        if ahead is None or ahead.guess != guess or ahead.request is None:
            return None
        if not same_ground(ahead.request, request):
            self.withdraw(guess, now, "outdated")
            return None
        self._ahead = None
        self._metrics.speculated("used", now - ahead.asked_at)
        return ahead

    def cancel(self, turn: int, now: float) -> None:
        """Stop turn `turn`: nothing more of it is made, sent or remembered than was heard."""
        playing = self._playing
        if playing is None or playing.turn != turn:
            return
        self._playing = None
        if playing.task is not None:
            playing.task.cancel()
        heard = playing.pacer.playhead.at(now)
        self._cut_turn = turn
        self._history.cut(turn, heard)
        self._out.cut(turn, heard)
        if self._partner is not None:
            self._partner.cut(turn, heard, now)
        self._metrics.interrupted.inc()
        self._idle.skip(now)

    async def _make(self, playing: Playing, request: Request, words: str = "") -> None:
        """Fill the pacer of a reply; its one task."""
        if not words:
            known = self._partner.briefed(request) if self._partner is not None else None
            request = await (known if known is not None else self._recall(request, playing.confirmed))
        longest = self._rules.longest_reply * MEDIA_RATE
        if self._companion.marking is not None:
            playing.mark = self._companion.marking(self._rules.rate).mark
        loop = asyncio.get_running_loop()
        stream = self._stream(playing, request, words)
        try:
            async with aclosing(stream):
                async for stamped in stream:
                    playing.pacer.push(stamped)
                    if playing.first_media_at is None:
                        # The first sound takes no detour by the session's task.
                        self.release(loop.time())
                    self._hooks.wake()
                    note(playing, self._name, self._companion.review, self._metrics)
                    if playing.pacer.end >= longest:
                        playing.reason = "too_long"
                        break
                    while playing.pacer.full(loop.time()):
                        playing.room.clear()
                        await playing.room.wait()
            if playing.progress.cut is not None and playing.reason == "complete":
                playing.reason = "cut"
            if playing.progress.failure is not None:
                # The understudy has spoken: the turn is whole, and everybody is told why it sounds so.
                self._metrics.engine_failed(playing.progress.failure.code)
                self._complain(playing, playing.progress.failure)
        except EngineError as error:
            self._metrics.engine_failed(error.code)
            if not playing.turn:
                # Nobody has asked for it yet: whoever does begins afresh.
                log.warning("engine failed ahead", extra={"code": error.code, "reason": error.message})
                playing.task = None
                self.withdraw(playing.guess, loop.time(), "failed")
                return
            playing.reason = "failed"
            self._complain(playing, error)
        finally:
            event("stages", **playing.stages(playing.started_at))
            note(playing, self._name, self._companion.review, self._metrics)
        playing.pacer.complete = True
        self._hooks.wake()

    def _stream(self, playing: Playing, request: Request, words: str) -> Stream[list[Stamped]]:
        """Return the media of a reply: of `words` as they stand, of the partner's answer, or of the dialogue's."""
        companion, loop = self._companion, asyncio.get_running_loop()
        engines = companion.engines
        excuses = Excuses(companion.sorry, companion.away, companion.withheld)
        if self._partner is not None and not words:
            return self._partner.stream(
                engines,
                request,
                ahead=lambda: (playing.pacer.end - playing.pacer.playhead.at(loop.time())) / MEDIA_RATE,
                emotions=companion.emotions,
                excuses=excuses,
                style=self._idle.style(loop.time()),
                channels=self._channels,
                progress=playing.progress,
                origin=lambda: self._idle.frame(loop.time()),
            )
        return reply(
            replace(engines, dialogue=Verbatim(words), understudy=None) if words else engines,
            request,
            style=self._idle.style(loop.time()),
            origin=lambda: self._idle.frame(loop.time()),
            rate=self._rules.rate,
            channels=self._channels,
            emotions=companion.emotions,
            limits=self._rules.limits,
            progress=playing.progress,
            confirmed=playing.confirmed,
            excuses=excuses,
            code_blocks=self._rules.code_blocks,
            phones=self._wants_phones,
        )

    def _complain(self, playing: Playing, error: EngineError) -> None:
        log.warning("engine failed", extra={"turn": playing.turn, "code": error.code, "reason": error.message})
        self._out.post(m.Error(code=error.code, message=error.message, turn=playing.turn))

    async def _call_tool(self, playing: Playing, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Have the scene, or the server itself, run a tool in the course of a reply."""
        turn = playing.turn
        assert turn, "what is begun ahead acts only when it is confirmed"
        scene = {tool.name for tool in self._calls.offered}
        if self._toolbox is not None and name not in scene and any(tool.name == name for tool in self._toolbox.tools):
            return await self._toolbox.call(name, arguments)

        def send(number: int) -> None:
            self._out.keep(
                lambda seq: m.ToolCall(
                    turn=turn,
                    seq=seq,
                    call=number,
                    name=name,
                    arguments=dict(arguments),
                    timeout_ms=round(TIMEOUT * 1000),
                ),
                turn=turn,
            )

        return await self._calls.call(name, send)

    # ----------------------------------------------------------------------------------------- the playhead

    def played(self, turn: int, pts: int, now: float) -> bool:
        """Note that the client hears `pts` of `turn`; False if that cannot be."""
        if self._playing is not None and self._playing.turn == turn:
            pacer = self._playing.pacer
            known = pacer.playhead.report(Ticks(pts), now)
            due = pacer.deadline(now)
            if due is not None and due < self._planned - EARLY:
                self._hooks.wake()
            return known
        if turn == self._cut_turn:
            # The client says where it really stopped.
            self._history.cut(turn, Ticks(pts))
            if self._partner is not None:
                self._partner.recut(turn, Ticks(pts))
        return True

    def heard(self, now: float) -> tuple[int, int] | None:
        """Return the turn that is heard at `now` and the place in it, None between replies."""
        playing = self._playing
        if playing is None or playing.first_media_at is None:
            return None
        return playing.turn, playing.pacer.playhead.at(now)

    def is_playing(self, turn: int) -> bool:
        """Return whether `turn` (0: any) is the running reply."""
        return self._playing is not None and turn in (0, self._playing.turn)

    def hold(self, now: float) -> None:
        """Stop the playhead until `resume`: the client is gone."""
        if self._playing is not None:
            self._playing.pacer.playhead.hold(now)

    def resume(self, now: float) -> None:
        """Go on: the client is back."""
        self._idle.skip(now)
        if self._playing is not None:
            self._playing.pacer.playhead.resume(now)

    # ---------------------------------------------------------------------------------------------- output

    def deadline(self, now: float) -> float | None:
        """Return when `release` has something to do, if nothing happens before."""
        playing = self._playing
        held = self.waits and playing is not None and playing.first_media_at is None
        media = playing.pacer.deadline(now) if playing is not None and not held else None
        self._planned = inf if media is None else media
        if not self._wants_idle or (playing is not None and playing.first_media_at is not None):
            return media
        return self._idle.deadline if media is None else min(media, self._idle.deadline)

    def release(self, now: float) -> None:
        """Let go what is due at `now`; nothing while the client is away."""
        if not self._out.attended:
            return
        playing = self._playing
        if self._wants_idle and (playing is None or playing.first_media_at is None):
            self._send_idle(now)
        if playing is None:
            return
        if self.waits and playing.first_media_at is None:
            return
        shed = self._out.backlog > self._rules.shed_at
        pacer = playing.pacer
        for item in pacer.due(now):
            self._send(item, playing, now, shed=shed)
        if not pacer.full(now):
            playing.room.set()
        if pacer.all_sent and not playing.end_sent:
            playing.end_sent = True
            text = self._history.text(playing.turn)
            self._out.keep(
                lambda seq: m.ReplyEnd(
                    turn=playing.turn,
                    seq=seq,
                    pts=pacer.end,
                    text=text,
                    reason=playing.reason,
                    sources=sources(self._companion.documents, text),
                ),
                turn=playing.turn,
            )
        if pacer.heard_all(now):
            self._playing = None
            self._idle.skip(now)
            log.info("turn heard", extra={"turn": playing.turn, "seconds": pacer.end / MEDIA_RATE})
            self._hooks.decide(PlaybackEnded(playing.turn))

    def _send_idle(self, now: float) -> None:
        try:
            with guarded("face"):
                blocks = self._idle.due(now)
        except EngineError as error:
            # It would fail again with each frame.
            self._wants_idle = False
            self._metrics.engine_failed(error.code)
            self._out.post(m.Error(code=error.code, message=error.message))
            return
        for pts, block in blocks:
            self._out.post(m.Media(turn=0, pts=pts, face_pts=pts, face=self._wear(block.weights)))

    def _send(self, item: Stamped, playing: Playing, now: float, *, shed: bool) -> None:
        turn = playing.turn
        match item:
            case MediaPiece():
                if shed and item.face:
                    self._metrics.faces_shed.inc()
                # As it leaves: to mark a whole phrase first would hold up its first sound.
                pcm = playing.mark(item.pcm) if playing.mark is not None else item.pcm
                face = self._wear(item.face) if item.face and not shed else item.face
                if pcm is not item.pcm or face is not item.face:
                    item = MediaPiece(item.pts, item.end, pcm, item.face_pts, face, item.source, item.phones)
            case SpokenWord():
                self._history.spoken(turn, item)
            case CueMark():
                if item.kind == "emotion":
                    self._idle.feel(item.name, item.intensity)
            case _:
                assert_never(item)
        self._out.keep(message(item, turn, face=not shed, phones=self._wants_phones), turn=turn)
        if isinstance(item, MediaPiece) and playing.first_media_at is None:
            playing.first_media_at = now
            for stage, took in playing.stages(playing.asked_at).items():
                self._metrics.stage(stage, took)
            self._hooks.decide(PlaybackStarted(turn))

    def timings(self, turn: int) -> m.Timings | None:
        """Return what turn `turn`, if it plays, took from its start to each stage it has reached."""
        playing = self._playing
        if playing is None or playing.turn != turn:
            return None
        return m.Timings(**{name: round(took * 1000, 3) for name, took in playing.stages(playing.started_at).items()})
