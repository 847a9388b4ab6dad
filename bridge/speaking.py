"""A session's voice and face: makes one reply at a time, and lets its media go as the client needs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import aclosing
from functools import partial
from math import inf
from typing import Final, assert_never

from bridge.companion import Companion, Rules
from bridge.core.history import History
from bridge.core.timeline import MEDIA_RATE, CueMark, MediaPiece, SpokenWord, Stamped, Ticks
from bridge.core.turn_events import Event, PlaybackEnded, PlaybackStarted
from bridge.fanout import Fanout
from bridge.life import Life
from bridge.metrics import Metrics
from bridge.playing import Ask, Playing, same_ground
from bridge.reply import Excuses, reply
from bridge.scene import TOOL_TIMEOUT, Scene
from engines.api import EngineError, Request, Rig, ToolResult
from protocol import messages as m

log = logging.getLogger("bridge.speaking")

EARLY: Final = 0.02  # seconds by which a playhead must move a deadline to be worth a wake


class Speaking:
    """The replies of one session."""

    def __init__(
        self,
        companion: Companion,
        rules: Rules,
        rig: Rig,
        *,
        life: Life,
        features: Collection[str],
        history: History,
        scene: Scene,
        out: Fanout,
        metrics: Metrics,
        decide: Callable[[Event], None],
        spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]],
        wake: Callable[[], None],
    ) -> None:
        self._companion = companion
        self._rules = rules
        self._channels = len(rig.names)
        self._life = life
        self._wants_life = "idle_face" in features and self._channels > 0
        self._wants_phones = "phones" in features
        self._history = history
        self._scene = scene
        self._out = out
        self._metrics = metrics
        self._decide = decide
        self._spawn = spawn
        self._wake = wake
        self._playing: Playing | None = None
        self._ahead: Playing | None = None  # begun before the user's turn is over
        self.waits = False  # nothing may be heard of a reply that has not begun to sound
        self._planned = inf  # when media is next let go, if nothing happens before
        self._cut_turn = 0  # the last turn that was cut

    @property
    def busy(self) -> bool:
        """Whether a reply is being made or heard."""
        return self._playing is not None

    # ------------------------------------------------------------------------------------------- one reply

    def start(self, turn: int, ask: Ask, *, utterance: int, asked_at: float, guess: int = 0) -> None:
        """Begin turn `turn`, with what was made by speculation `guess` if that still answers what is asked."""
        self._history.reply(turn)
        now = asyncio.get_running_loop().time()
        playing = Playing(turn, self._rules.lead, asked_at, now)
        request = ask(partial(self._call_tool, playing))
        made = self._made_ahead(guess, request, now)
        self._playing = playing = made or playing
        playing.turn, playing.asked_at, playing.started_at = turn, asked_at, now
        self._metrics.turns.inc()
        self._out.keep(lambda seq: m.ReplyStart(turn=turn, seq=seq, utterance=utterance), turn=turn)
        if playing.confirmed is not None:
            playing.confirmed.set()
        else:
            playing.task = self._spawn(self._make(playing, request))

    def speculate(self, guess: int, ask: Ask, now: float) -> None:
        """Begin to answer what the user seems to have said: its first words and sound, and nothing that shows."""
        ahead = self._ahead = Playing(0, self._rules.lead, now, now, guess=guess)
        ahead.request = ask(partial(self._call_tool, ahead))
        ahead.task = self._spawn(self._make(ahead, ahead.request))

    def withdraw(self, guess: int, now: float, outcome: str = "withdrawn") -> None:
        """Speculation `guess` never happened."""
        ahead = self._ahead
        if ahead is None or ahead.guess != guess:
            return
        self._ahead = None
        if ahead.task is not None:
            ahead.task.cancel()
        self._metrics.speculated(outcome, now - ahead.asked_at)

    def _made_ahead(self, guess: int, request: Request, now: float) -> Playing | None:
        """Speculation `guess`, if it is there and answers just this request."""
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
        self._metrics.interrupted.inc()
        self._life.skip(now)

    async def _make(self, playing: Playing, request: Request) -> None:
        """The reply's one task: fills its pacer."""
        longest = self._rules.longest_reply * MEDIA_RATE
        loop = asyncio.get_running_loop()
        stream = reply(
            self._companion.engines,
            request,
            style=self._life.style(loop.time()),
            origin=lambda: self._life.frame(loop.time()),
            rate=self._rules.rate,
            channels=self._channels,
            emotions=self._companion.emotions,
            limits=self._rules.limits,
            progress=playing.progress,
            confirmed=playing.confirmed,
            excuses=Excuses(self._companion.sorry, self._companion.away),
        )
        try:
            async with aclosing(stream):
                async for stamped in stream:
                    playing.pacer.push(stamped)
                    if playing.first_media_at is None:
                        # The first sound takes no detour by the session's task.
                        self.release(loop.time())
                    self._wake()
                    if playing.pacer.end >= longest:
                        playing.reason = "too_long"
                        break
                    while playing.pacer.full(loop.time()):
                        playing.room.clear()
                        await playing.room.wait()
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
        playing.pacer.complete = True
        self._wake()

    def _complain(self, playing: Playing, error: EngineError) -> None:
        log.warning("engine failed", extra={"turn": playing.turn, "code": error.code, "reason": error.message})
        self._out.post(m.Error(code=error.code, message=error.message, turn=playing.turn))

    async def _call_tool(self, playing: Playing, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Ask the scene to run a tool in the course of a reply."""
        turn = playing.turn
        assert turn, "what is begun ahead acts only when it is confirmed"

        def send(number: int) -> None:
            self._out.keep(
                lambda seq: m.ToolCall(
                    turn=turn,
                    seq=seq,
                    call=number,
                    name=name,
                    arguments=dict(arguments),
                    timeout_ms=round(TOOL_TIMEOUT * 1000),
                ),
                turn=turn,
            )

        return await self._scene.call(name, send)

    # ----------------------------------------------------------------------------------------- the playhead

    def played(self, turn: int, pts: int, now: float) -> bool:
        """The client hears `pts` of `turn`; False if that cannot be."""
        if self._playing is not None and self._playing.turn == turn:
            pacer = self._playing.pacer
            known = pacer.playhead.report(Ticks(pts), now)
            due = pacer.deadline(now)
            if due is not None and due < self._planned - EARLY:
                self._wake()
            return known
        if turn == self._cut_turn:
            # The client says where it really stopped.
            self._history.cut(turn, Ticks(pts))
        return True

    def is_playing(self, turn: int) -> bool:
        """Whether `turn` (0: any) is the running reply."""
        return self._playing is not None and turn in (0, self._playing.turn)

    def hold(self, now: float) -> None:
        """The client is gone: nothing is heard until `resume`."""
        if self._playing is not None:
            self._playing.pacer.playhead.hold(now)

    def resume(self, now: float) -> None:
        """The client is back."""
        self._life.skip(now)
        if self._playing is not None:
            self._playing.pacer.playhead.resume(now)

    # ---------------------------------------------------------------------------------------------- output

    def deadline(self, now: float) -> float | None:
        """When `release` has something to do, if nothing happens before."""
        playing = self._playing
        held = self.waits and playing is not None and playing.first_media_at is None
        media = playing.pacer.deadline(now) if playing is not None and not held else None
        self._planned = inf if media is None else media
        if not self._wants_life or (playing is not None and playing.first_media_at is not None):
            return media
        return self._life.deadline if media is None else min(media, self._life.deadline)

    def release(self, now: float) -> None:
        """Let go what is due at `now`; nothing while the client is away."""
        if self._out.speaker is None:
            return
        playing = self._playing
        if self._wants_life and (playing is None or playing.first_media_at is None):
            for pts, block in self._life.due(now):
                self._out.post(m.Media(turn=0, pts=pts, face_pts=pts, face=block.weights))
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
                lambda seq: m.ReplyEnd(turn=playing.turn, seq=seq, pts=pacer.end, text=text, reason=playing.reason),
                turn=playing.turn,
            )
        if pacer.heard_all(now):
            self._playing = None
            self._life.skip(now)
            log.info("turn heard", extra={"turn": playing.turn, "seconds": pacer.end / MEDIA_RATE})
            self._decide(PlaybackEnded(playing.turn))

    def _send(self, item: Stamped, playing: Playing, now: float, *, shed: bool) -> None:
        turn = playing.turn
        match item:
            case MediaPiece():
                face = b"" if shed else item.face
                if shed and item.face:
                    self._metrics.faces_shed.inc()
                self._out.keep(
                    lambda seq: m.Media(
                        turn=turn,
                        seq=seq,
                        pts=item.pts,
                        pcm=item.pcm,
                        face_pts=item.face_pts if face else 0,
                        face=face,
                        source=item.source if face else "",
                        phones=tuple(m.PhoneAt(ipa=p.ipa, pts=p.pts, end=p.end) for p in item.phones)
                        if self._wants_phones
                        else (),
                    ),
                    turn=turn,
                )
                if playing.first_media_at is None:
                    playing.first_media_at = now
                    for stage, took in playing.stages(playing.asked_at).items():
                        self._metrics.stage(stage, took)
                    self._decide(PlaybackStarted(turn))
            case SpokenWord(text, pts, end):
                self._history.spoken(turn, item)
                self._out.keep(lambda seq: m.WordText(turn=turn, seq=seq, text=text, pts=pts, end=end), turn=turn)
            case CueMark(pts, kind, name, intensity):
                if kind == "emotion":
                    self._life.feel(name, intensity)
                self._out.keep(
                    lambda seq: m.CueAt(turn=turn, seq=seq, pts=pts, kind=kind, name=name, intensity=intensity),
                    turn=turn,
                )
            case _:
                assert_never(item)

    def timings(self, turn: int) -> m.Timings | None:
        """What turn `turn`, if it plays, took from its start to each stage it has reached."""
        playing = self._playing
        if playing is None or playing.turn != turn:
            return None
        return m.Timings(**{name: round(took * 1000, 3) for name, took in playing.stages(playing.started_at).items()})
