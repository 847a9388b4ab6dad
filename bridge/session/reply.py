"""Turns words into media: dialogue -> tags -> phrases -> speech -> face -> timeline, one chain of closed streams.

Cancelling the task that reads it cancels the chain to its end. Knows nothing of the wire, of pacing or of turns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from typing import Final

from bridge.core.text.code import Way, code
from bridge.core.text.pipeline import END, Pipeline, steps
from bridge.core.timeline import Stamped, Timeline
from bridge.session.ahead import Likely, Reading, certain, spoken_ahead
from bridge.session.driven import driven
from bridge.session.judging import Judging
from bridge.session.patience import Limits, Patience
from bridge.session.rereading import Rereading
from engines.api import Cue, Cut, EngineError, FaceBlock, FaceStyle, Phrase, Request, Said, Speech, Stream, ToolResult
from engines.guard.verdicts import Flag
from engines.jobs import Engines, Face


@dataclass(slots=True)
class Progress:
    """What a reply has reached, for timings: instants on the loop's clock."""

    first_token_at: float | None = None
    first_speech_at: float | None = None
    failure: EngineError | None = None  # of the dialogue, when something was said in its stead
    cut: Cut | None = None  # why the dialogue's reply is not whole
    stood_in: bool = False  # the understudy gave the reply
    flags: list[Flag] = field(default_factory=list)  # what a gate did not simply allow


@dataclass(frozen=True, slots=True)
class Excuses:
    """What is said when the dialogue fails, after a reply that breaks off and before the understudy speaks.

    `withheld` is said where a gate has ended a reply.
    """

    sorry: str = ""
    away: str = ""
    withheld: str = ""


NO_EXCUSES: Final = Excuses()
log = logging.getLogger("bridge.session.reply")


class _Chain:
    """One reply being made."""

    def __init__(
        self,
        engines: Engines,
        text: Pipeline,
        patience: Patience,
        progress: Progress,
        confirmed: asyncio.Event | None,
        excuses: Excuses,
        judging: Judging,
    ) -> None:
        self._engines = engines
        self._judging = judging
        self._excuses = excuses
        self._text = text
        self._patience = patience
        self._progress = progress
        self._confirmed = confirmed
        self._acted = False  # a tool was called, which no second try may do again
        self.trailing: list[Cue] = []  # cues after the last word

    async def confirmed(self) -> None:
        """Wait until the reply may be heard."""
        if self._confirmed is not None and not self._confirmed.is_set():
            with self._patience.held():
                await self._confirmed.wait()

    async def phrases(self) -> Stream[Phrase | Likely]:
        """Yield what is said: the phrases of the dialogue's reply, as the gates leave them, with words.

        The first comes as likely before it is certain, and before the gates: of that nothing is heard.
        """
        with self._patience.held():
            instead = await self._judging.heard()
        if instead is not None:
            self._patience.waits_for("tts")
            for phrase in self._spoken(instead):
                yield phrase
            return
        while await self._judging.begins():
            self._patience.waits_for("dialogue")
            async with aclosing(self._judged()) as judged:
                async for item in judged:
                    yield item
        if not self._judging.over and self._progress.failure is None:
            with self._patience.held():
                owed = await self._judging.rest()
            for phrase in self._spoken(owed):
                self._patience.waits_for("tts")
                yield phrase

    async def _judged(self) -> Stream[Phrase | Likely]:
        """Yield the phrases of the dialogue's reply as the gates leave them, until they end it or ask for another."""
        async with aclosing(self._unjudged()) as written:
            async for item in written:
                if isinstance(item, Likely):
                    yield item
                    continue
                with self._patience.held():
                    anew = bool(self._engines.dialogue.model) and not self._acted
                    allowed = await self._judging.phrase(item, anew=anew)
                if self._judging.again:
                    self._text.close()  # what it has not given yet belongs to what is not said
                    return
                for judged in self._spoken(allowed):
                    self._patience.waits_for("tts")
                    yield judged
                if self._judging.over:
                    self._progress.cut = Cut("withheld")
                    return

    async def _call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Run a tool of the scene, when the reply may be heard and the gates let it be told this."""
        await self.confirmed()
        if not await self._judging.call(name, arguments):
            return ToolResult("failed", "what this call says was withheld")
        self._acted = True
        result = await self._judging.request.call(name, arguments)
        # The scene was waited for, not the dialogue.
        self._patience.waits_for("dialogue")
        return result

    async def _unjudged(self) -> Stream[Phrase | Likely]:
        """Yield the phrases of the dialogue's reply."""
        begun = self._judging.begun > 1  # one guess at the first phrase is enough
        loop = asyncio.get_running_loop()
        async with aclosing(self._words(replace(self._judging.request, call=self._call))) as tokens:
            async for token in tokens:
                if self._progress.first_token_at is None:
                    self._progress.first_token_at = loop.time()
                for number, part in enumerate(steps(token)):
                    if number:
                        # A token without end must not hold up the other sessions.
                        await asyncio.sleep(0)
                    for phrase in self._text.push(part):
                        begun = True
                        yield phrase
                if not begun and (likely := self._text.likely()) is not None:
                    begun = True
                    yield Likely(likely)
        self._patience.waits_for("tts")
        for phrase in self._text.close():
            yield phrase

    async def _words(self, request: Request) -> Stream[str]:
        """Yield the dialogue's words; when it fails, the understudy's or an apology: something is always heard."""
        said = False
        try:
            async with (
                aclosing(driven("dialogue", lambda: self._engines.dialogue.reply(request))) as tokens,
                aclosing(self._heard(tokens)) as heard,
            ):
                async for token in heard:
                    said = said or any(c.isalnum() for c in token)
                    yield token
            return
        except EngineError as error:
            understudy = None if said else self._engines.understudy
            ahead = self._confirmed is not None and not self._confirmed.is_set()
            if ahead or (understudy is None and not self._excuses.sorry):
                raise
            self._progress.failure = error
        # Whatever the model has left open, a bracket or a block of code, ends here.
        yield END
        if understudy is None:
            yield f"{'... ' if said else ''}{self._excuses.sorry}"
            return
        self._progress.stood_in = True
        if self._excuses.away and not any(self._excuses.away in message.text for message in request.history):
            yield f"{self._excuses.away} "
        async with (
            aclosing(driven("dialogue", lambda: understudy.reply(request))) as tokens,
            aclosing(self._heard(tokens)) as heard,
        ):
            async for token in heard:
                yield token

    async def _heard(self, tokens: Stream[Said]) -> Stream[str]:
        """Yield the words of a dialogue, each in time; signs of life count as time, and a Cut is noted."""
        while (item := await self._patience.token(tokens)) is not None:
            if isinstance(item, Cut):
                self._progress.cut = item
                return
            if item:
                yield item

    def _spoken(self, phrases: list[Phrase]) -> list[Phrase]:
        """Note what will be written; return what has something to say, and keep the cues of the rest for the end."""
        for phrase in phrases:
            self._text.written.add(phrase)
        spoken = [phrase for phrase in phrases if any(c.isalnum() for c in phrase.text)]
        self.trailing += [cue for phrase in phrases if phrase not in spoken for cue in phrase.cues]
        return spoken


async def reply(
    engines: Engines,
    request: Request,
    *,
    style: FaceStyle,
    rate: int,
    channels: int,
    emotions: frozenset[str],
    limits: Limits,
    progress: Progress,
    origin: Callable[[], int] | None = None,
    confirmed: asyncio.Event | None = None,
    excuses: Excuses = NO_EXCUSES,
    code_blocks: Way = "announce",
    mark: Callable[[bytes], bytes] | None = None,
    phones: bool = True,
) -> Stream[list[Stamped]]:
    """Yield the stamped media of one reply, in order of pts, as soon as it is made.

    `channels` is the width of a face frame of `style` (0: no face); `rate` that of the audio in samples per second.
    `origin` tells the frame of the life clock when the first speech is there; otherwise it is that of `style`.
    `mark` lays a mark under the speech, all of it in order. Without `phones` the media say nothing of speech sounds.
    Until `confirmed` is set, nothing is made beyond the first piece of speech, and no tool is called.
    Raises EngineError when an engine fails or stays silent too long; when it was the dialogue, after what was said and
    an apology have been made. A failure that the understudy made good is in `progress` only.
    """
    patience = Patience(limits)
    text = Pipeline(emotions, request.language, code(code_blocks, request.language))
    judging = Judging(engines.gates, request, excuses.withheld, limits.gate, progress.flags)
    chain = _Chain(engines, text, patience, progress, confirmed, excuses, judging)
    timeline = Timeline(rate, style.fps, channels, phones=phones)
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        stack.callback(patience.close)
        phrases = await stack.enter_async_context(aclosing(chain.phrases()))
        speech = await stack.enter_async_context(aclosing(_spoken(engines, phrases, patience)))
        if engines.tts.rate != rate:
            # Only an engine that speaks at another rate needs the resampler, and what it imports.
            from engines.sound.audio import resampled

            speech = await stack.enter_async_context(aclosing(resampled(speech, rate)))
        if confirmed is not None:
            # Before the face: its frames begin when they are seen.
            speech = await stack.enter_async_context(aclosing(_held(speech, chain)))
        media: AsyncGenerator[Speech | FaceBlock, None] = await stack.enter_async_context(
            aclosing(animated(engines.face, speech, style, origin) if engines.face and channels else faceless(speech))
        )
        while (item := await patience.media(media)) is not None:
            if progress.first_speech_at is None and isinstance(item, Speech):
                progress.first_speech_at = loop.time()
            if isinstance(item, Speech):
                # After the face, which so moves as it does without the mark.
                pcm = mark(item.pcm) if mark else item.pcm
                item = replace(item, pcm=pcm, words=text.written.words(item.words))
            if stamped := timeline.push(item):
                yield stamped
    timeline.write(text.written.rest(0))
    for cue in chain.trailing:
        timeline.mark(cue)
    if stamped := timeline.flush():
        yield stamped
    if progress.failure is not None and not progress.stood_in:
        raise progress.failure


async def _spoken(engines: Engines, phrases: Stream[Phrase | Likely], patience: Patience) -> Stream[Speech]:
    """Speak the phrases; a synthesizer that fails before its first sound is asked once more for all of them."""
    again: Reading = Rereading(phrases)

    def speak(phrases: Stream[Phrase]) -> Stream[Speech]:
        return driven("tts", lambda: engines.tts.speak(phrases, engines.voice))

    try:
        likely = isinstance(await again.item(0), Likely)
        tries = 2
        while tries:
            begun = False
            try:
                speech = spoken_ahead(again, speak) if likely else speak(certain(again))
                async with aclosing(speech):
                    async for piece in speech:
                        begun = True
                        again.keep_no_more()
                        yield piece
                if begun or not likely:
                    return
            except EngineError as error:
                tries -= 1
                if begun or not tries or error.code != "tts_failed":
                    raise
                log.warning("engine failed, and is asked again", extra={"code": error.code, "reason": error.message})
                patience.waits_for("tts")
            likely = False
    finally:
        await again.close()


async def _held(speech: Stream[Speech], chain: _Chain) -> Stream[Speech]:
    """Yield the same speech, its first piece made at once and let go when the reply is confirmed."""
    first = await anext(speech, None)
    await chain.confirmed()
    if first is None:
        return
    yield first
    async for piece in speech:
        yield piece


async def animated(
    face: Face, speech: Stream[Speech], style: FaceStyle, origin: Callable[[], int] | None
) -> Stream[Speech | FaceBlock]:
    """Yield speech with the frames of the face that begin in it; `origin` tells the first one's when it is there."""
    first = await anext(speech, None)
    if first is None:
        return

    async def all_of_it(first: Speech) -> Stream[Speech]:
        yield first
        async for piece in speech:
            yield piece

    if origin is not None:
        style = replace(style, origin=origin())
    async with aclosing(driven("face", lambda: face.animate(all_of_it(first), style))) as media:
        async for item in media:
            yield item


async def faceless(speech: Stream[Speech]) -> Stream[Speech | FaceBlock]:
    """Yield speech alone."""
    async for piece in speech:
        yield piece
