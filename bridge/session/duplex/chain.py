"""Turns a duplex model's answer into media: its words past the gates, its sound with words and a face, one clock.

The counterpart of `bridge.session.reply`, with the same end: gates, face and timeline are the same. Nothing of the
model's sound is heard before its words have been judged, unless there is no gate. Where a gate has other words, the
companion's own voice says them. Knows nothing of the wire, of pacing or of turns.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final, TypeAlias

from bridge.core.text.pipeline import Pipeline
from bridge.core.timeline import Stamped, Timeline
from bridge.session.duplex.laying import ENDS, Laying, Line, Piece
from bridge.session.duplex.own import rendering, said
from bridge.session.duplex.theirs import TheirReply, late, unwritten
from bridge.session.duplex.tracking import Tracker
from bridge.session.judging import Judging
from bridge.session.patience import Limits
from bridge.session.reply import Excuses, Progress, animated, faceless
from engines.api import Cue, Cut, EngineError, FaceStyle, Phrase, Request, Speech, Stream, TimedCue, Word
from engines.duplex.exchange import Answered, Given, GoOn, ReplyCall
from engines.jobs import Engines
from engines.sound.align import align
from engines.sound.audio import resampled

SLACK: Final = 0.5  # seconds of media that wait to be heard, while a phrase may be waited for
TIGHT: Final = 0.15  # seconds of it below which sound goes out however little there is
FIRST: Final = 0.2  # seconds of the first sound that go out as they are; the rest is laid meanwhile
FEW: Final = 4  # words of a phrase that is not written to its end, whose place in the sound is too uncertain
LEAST: Final = 0.2  # seconds of sound that are worth laying before their phrase is whole
LAG: Final = 0.4  # seconds of sound without words, after which words are judged before their phrase is whole
UNWRITTEN: Final = 1.5  # seconds in which the words of the first sound should come
Away: TypeAlias = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """What one answer is made with.

    `tell` gives the model something, `stop` stops it: nothing more of it is heard. `ahead` is how many seconds were
    made and not heard. `unwritten` has the model heard although it does not write, so that gates cannot judge it.
    `away` runs what takes long, off the loop.
    """

    engines: Engines
    tell: Callable[[Given], bool]
    stop: Callable[[], None]
    ahead: Callable[[], float]
    limits: Limits
    emotions: frozenset[str]
    excuses: Excuses
    unwritten: bool
    away: Away = asyncio.to_thread


class _Chain:
    """One answer being made."""

    def __init__(self, reply: TheirReply, way: Way, request: Request, progress: Progress) -> None:
        self._reply = reply
        self._way = way
        self._request = request
        self._progress = progress
        self._gates = way.engines.gates
        self._judging = Judging(self._gates, request, way.excuses.withheld, way.limits.gate, progress.flags)
        self._laying = Laying(reply.rate)
        self._text = Pipeline(way.emotions, request.language)
        self._word = ""  # that may go on
        self._unjudged = not self._gates  # sound may be heard of which nobody knows what it says
        self._calls: set[asyncio.Task[None]] = set()
        self._answered = False
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()  # when the model last did something
        self._sound_at: float | None = None  # when its first sound came
        self._begun = False
        self._torn = False  # the last phrase ends where no more was written
        self._tracker: tuple[Line, Tracker] | None = None  # of a phrase that goes out before it is whole
        self.trailing: list[Cue] = []  # cues after the last word

    @property
    def written(self) -> Callable[[Sequence[Word]], tuple[Word, ...]]:
        """Return what gives words their gaps."""
        return self._text.written.words

    def rest(self) -> tuple[Word, ...]:
        """Return what is written behind all that is said."""
        return self._text.written.rest(0)

    async def speech(self) -> Stream[Speech]:
        """Yield what is heard; a failure that was apologised for is in the progress."""
        try:
            async with aclosing(self._said()) as heard:
                async for speech in heard:
                    self._begun = True
                    yield speech
        except EngineError as error:
            self._progress.failure = error
            self._way.stop()
            if not self._way.excuses.sorry:
                raise
            sorry = f"{'... ' if self._begun else ''}{self._way.excuses.sorry}"
            async with aclosing(self._own((Phrase(sorry, (), ""),))) as own:
                async for speech in own:
                    yield speech
        finally:
            for task in self._calls:
                task.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)

    async def _said(self) -> Stream[Speech]:
        instead = await self._judging.heard()
        if instead is not None:
            self._way.stop()
            async with aclosing(self._own(instead)) as own:
                async for speech in own:
                    yield speech
            return
        while not self._laying.over:
            self._reply.changed.clear()
            await self._take()
            failure = self._reply.failure
            hurry = self._hurries or failure is not None
            most = inf if self._begun else FIRST
            piece = self._laying.take(hurry=hurry, free=self._free, strict=bool(self._gates), most=most)
            if piece is None:
                if failure is not None:
                    raise failure  # all that can be heard has been
                if not self._laying.over:
                    await self._wait()
                continue
            async with aclosing(self._spoken(piece)) as spoken:
                async for speech in spoken:
                    self._begun = True
                    yield speech
        if self._judging.over:
            self._progress.cut = Cut("withheld")
            return
        if self._reply.cut:
            self._progress.cut = Cut("length")
        async with aclosing(self._own(await self._judging.rest())) as own:
            async for speech in own:
                yield speech

    @property
    def _hurries(self) -> bool:
        """Return whether somebody waits to hear something."""
        if not self._begun:
            return True
        ahead = self._way.ahead()
        return ahead < TIGHT or (ahead < SLACK and self._laying.waiting >= LEAST)

    @property
    def _free(self) -> bool:
        """Return whether sound goes out for which there are no words, which have had their time."""
        if not self._unjudged or self._sound_at is None:
            return False
        late = self._laying.uncovered >= LAG or self._loop.time() >= self._sound_at + LAG
        return late if not self._reply.wrote else self._laying.uncovered >= LAG and self._hurries

    # ------------------------------------------------------------------------------------------------ what comes

    async def _take(self) -> None:
        """Take what has come of the model: words to the gates, sound to be laid under them, calls to be made."""
        reply, now = self._reply, self._loop.time()
        text, sound, calls = reply.taken_text(), reply.taken_sound(), reply.taken_calls()
        if text or sound or calls:
            self._since = now
        if text and self._progress.first_token_at is None:
            self._progress.first_token_at = now
        if sound and self._sound_at is None:
            self._sound_at = now
        self._laying.hear(sound)
        for call in calls:
            self._calls.add(asyncio.create_task(self._call(call)))
        ended = reply.ended
        whole, rest = self._phrases(text, ended=ended)
        for phrase in whole:
            await self._judge(phrase, torn=self._torn)
            self._torn = False
        for phrase in rest:
            torn = not ended and phrase.text.rstrip()[-1:] not in ENDS and len(phrase.text.split()) < FEW
            await self._judge(phrase, torn=torn or self._torn)
            self._torn = torn
        if not ended:
            self._unwritten(now)
        if not ended or reply.failure is not None:
            return
        if any(not task.done() for task in self._calls):
            return
        if self._answered:
            # What it was told makes it go on.
            self._answered = False
            self._calls.clear()
            reply.goes_on()
            self._since = now
            self._way.tell(GoOn())
            return
        if reply.sound and not reply.wrote and not self._unjudged and not self._way.unwritten:
            raise unwritten()
        if not reply.sound:
            self._laying.speak_instead()  # it has only written
        self._laying.finish()

    def _phrases(self, text: str, *, ended: bool) -> tuple[list[Phrase], list[Phrase]]:
        """Cut what the model writes into phrases; words whose sound waits for them are not kept back: the second."""
        written = self._word + text
        whole = len(written) if ended else written.rfind(" ") + 1
        self._word = written[whole:]
        phrases = self._text.push(written[:whole]) if whole else []
        starves = self._laying.uncovered > LAG or (self._laying.starved and self._hurries)
        return phrases, self._text.close() if ended or (not phrases and starves) else []

    async def _judge(self, phrase: Phrase, *, torn: bool) -> None:
        """Put a phrase before the gates; what they leave of it is laid over the sound."""
        if self._over():
            return
        allowed = await self._judging.phrase(phrase)
        last = self._over()
        if allowed == [phrase] and not last:
            self._text.written.add(phrase)
            if any(map(str.isalnum, phrase.text)):
                self._laying.say(Line(phrase, await rendering(self._way.engines, phrase), torn=torn))
            else:
                self.trailing += phrase.cues
            return
        read = await rendering(self._way.engines, phrase)
        self._laying.say(Line(phrase, read, said=False, own=tuple(allowed), last=last))

    def _over(self) -> bool:
        """Return whether a gate has ended the answer."""
        return self._judging.over

    def _unwritten(self, now: float) -> None:
        """Say what is done with sound for which no words come."""
        if self._reply.wrote or self._sound_at is None or self._unjudged:
            return
        if self._way.unwritten:
            self._unjudged = True
        elif now >= self._sound_at + UNWRITTEN:
            raise unwritten()

    async def _call(self, call: ReplyCall) -> None:
        """Run a tool, if the gates let it be told this, and tell the model what came of it."""
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict):
            output = "failed: the arguments are no JSON object"
        else:
            output = await self._run(call.name, arguments)
        self._way.tell(Answered(call.call, output))
        self._answered = True
        self._reply.changed.set()

    async def _run(self, name: str, arguments: Mapping[str, object]) -> str:
        if not await self._judging.call(name, arguments):
            return "failed: what this call says was withheld"
        result = await self._judging.request.call(name, arguments)
        return result.value if result.status == "ok" else f"{result.status}: {result.value}"

    async def _wait(self) -> None:
        """Wait for the model, or until there is no more time to wait for the end of a phrase."""
        limits, now = self._way.limits, self._loop.time()
        if self._calls and any(not task.done() for task in self._calls):
            await self._reply.changed.wait()  # whoever runs the tool has a limit
            self._since = self._loop.time()
            return
        known = self._reply.sound or self._reply.wrote
        patience = limits.stall if known else limits.first_word
        give_up = self._since + patience
        looks = [give_up]
        if self._laying.waiting:
            ahead = self._way.ahead()
            looks.append(now + max(0.02, ahead - (SLACK if ahead > SLACK else TIGHT)))
        if self._sound_at is not None and not self._reply.wrote:
            looks += [self._sound_at + wait for wait in (LAG, UNWRITTEN) if now < self._sound_at + wait]
        try:
            async with asyncio.timeout_at(min(looks)):
                await self._reply.changed.wait()
        except TimeoutError:
            if self._loop.time() >= give_up:
                raise late(patience) from None

    # ------------------------------------------------------------------------------------------------ what is heard

    async def _spoken(self, piece: Piece) -> Stream[Speech]:
        """Yield a piece of the model's sound, or what the companion's own voice says in its stead."""
        line, rate = piece.line, self._reply.rate
        if line is not None and not line.said:
            if line.last:
                self._way.stop()
            async with aclosing(self._own(line.own)) as own:
                async for speech in own:
                    yield speech
            return
        if not piece.pcm and not piece.words:
            return
        speech = Speech(piece.pcm, rate, (), piece.words, (), "audio")
        if line is not None and not line.torn and piece.pcm and any(phone.ipa for phone in line.rendering.phones):
            speech = await self._laid(piece, line, speech)
        if line is not None:
            speech = replace(speech, cues=_cues(line.phrase, speech.words, first=piece.whole))
        self._reply.let_go(speech.samples, rate, piece.start)
        yield speech

    async def _laid(self, piece: Piece, line: Line, speech: Speech) -> Speech:
        """Lay the line's reading over a piece of it; one that is too short for that goes out as it is."""
        if piece.whole:
            phones, words = await self._way.away(align, line.rendering, piece.pcm, speech.rate)
            return replace(speech, phones=phones, words=words, source="aligned")
        if self._tracker is None or self._tracker[0] is not line:
            self._tracker = line, Tracker(line.rendering, speech.rate)
        tracker = self._tracker[1]
        if speech.samples < LEAST * speech.rate or not self._begun:
            tracker.skip(piece.pcm, len(piece.words))
            return speech
        laid = await self._way.away(tracker.lay, piece.pcm, None if piece.ends else piece.tempo)
        if not piece.ends:
            self._laying.laid(laid.gone)
        return replace(speech, phones=laid.phones, words=laid.words, source="aligned")

    async def _own(self, phrases: Sequence[Phrase]) -> Stream[Speech]:
        """Have the companion's own voice say something."""
        for phrase in phrases:
            self._text.written.add(phrase)
        async with aclosing(said(self._way.engines, phrases)) as pieces:
            async for speech in pieces:
                self._reply.let_go(speech.samples, speech.rate, None)
                yield speech


async def theirs(
    reply: TheirReply,
    way: Way,
    request: Request,
    *,
    style: FaceStyle,
    rate: int,
    channels: int,
    progress: Progress,
    origin: Callable[[], int] | None = None,
) -> Stream[list[Stamped]]:
    """Yield the stamped media of one answer, in order of pts, as soon as it is made.

    `channels` is the width of a face frame of `style` (0: no face), `rate` that of the audio in samples per second.
    Raises EngineError when the model or an engine has failed, after what was said and an apology have been made.
    """
    chain = _Chain(reply, way, request, progress)
    timeline = Timeline(rate, style.fps, channels)
    loop = asyncio.get_running_loop()
    face = way.engines.face if channels else None
    async with aclosing(chain.speech()) as made, aclosing(resampled(made, rate)) as speech:
        media = animated(face, speech, style, origin) if face is not None else faceless(speech)
        async with aclosing(media):
            async for item in media:
                if isinstance(item, Speech):
                    if progress.first_speech_at is None:
                        progress.first_speech_at = loop.time()
                    item = replace(item, words=chain.written(item.words))
                if stamped := timeline.push(item):
                    yield stamped
    timeline.write(chain.rest())
    for cue in chain.trailing:
        timeline.mark(cue)
    if stamped := timeline.flush():
        yield stamped
    if progress.failure is not None:
        raise progress.failure


def _cues(phrase: Phrase, words: Sequence[Word], *, first: bool) -> tuple[TimedCue, ...]:
    """Return the cues of a phrase that stand before or in these words, each when its word begins."""
    if not words:
        return ()
    low, high = (0 if first else words[0].at), words[-1].at + len(words[-1].text)
    return tuple(
        TimedCue(cue, next((word.start for word in words if cue.at < word.at + len(word.text)), words[-1].end))
        for cue in phrase.cues
        if low <= cue.at < high or (cue.at >= high and high >= len(phrase.text.rstrip()))
    )
