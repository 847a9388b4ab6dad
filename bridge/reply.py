"""Words become media: dialogue -> tags -> phrases -> speech -> face -> timeline, one chain of closed streams.

Cancelling the task that reads it cancels the chain to its end. Knows nothing of the wire, of pacing or of turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from typing import Final

from bridge.core.phrases import Phrases
from bridge.core.tags import Tags
from bridge.core.timeline import Stamped, Timeline
from bridge.patience import Limits, Patience
from engines.api import Cue, EngineError, FaceBlock, FaceStyle, Phrase, Request, Speech, Stream, ToolResult
from engines.jobs import Engines, Face


@dataclass(slots=True)
class Progress:
    """What a reply has reached, for timings: instants on the loop's clock."""

    first_token_at: float | None = None
    first_speech_at: float | None = None
    failure: EngineError | None = None  # of the dialogue, when something was said in its stead
    stood_in: bool = False  # the understudy gave the reply


@dataclass(frozen=True, slots=True)
class Excuses:
    """What is said when the dialogue fails: after a reply that breaks off, and before the understudy speaks."""

    sorry: str = ""
    away: str = ""


NO_EXCUSES: Final = Excuses()


class _Chain:
    """One reply being made."""

    def __init__(
        self,
        engines: Engines,
        emotions: frozenset[str],
        patience: Patience,
        progress: Progress,
        confirmed: asyncio.Event | None,
        excuses: Excuses,
    ) -> None:
        self._engines = engines
        self._excuses = excuses
        self._tags = Tags(emotions)
        self._phrases = Phrases()
        self._patience = patience
        self._progress = progress
        self._confirmed = confirmed
        self.trailing: list[Cue] = []  # cues after the last word

    async def confirmed(self) -> None:
        """Wait until the reply may be heard."""
        if self._confirmed is not None and not self._confirmed.is_set():
            await self._patience.held(self._confirmed)

    async def phrases(self, request: Request) -> Stream[Phrase]:
        """The phrases of the dialogue's reply that have something to say."""
        loop = asyncio.get_running_loop()

        async def call(name: str, arguments: Mapping[str, object]) -> ToolResult:
            await self.confirmed()
            result = await request.call(name, arguments)
            # The scene was waited for, not the dialogue.
            self._patience.waits_for("dialogue")
            return result

        async with aclosing(self._words(replace(request, call=call))) as tokens:
            async for token in tokens:
                if self._progress.first_token_at is None:
                    self._progress.first_token_at = loop.time()
                for phrase in self._cut(token):
                    self._patience.waits_for("tts")
                    yield phrase
        self._patience.waits_for("tts")
        for phrase in self._cut(None):
            yield phrase

    async def _words(self, request: Request) -> Stream[str]:
        """The dialogue's words; when it fails, the understudy's or an apology, so that somebody hears something."""
        said = False
        try:
            async with aclosing(self._engines.dialogue.reply(request)) as tokens:
                while (token := await self._patience.token(tokens)) is not None:
                    said = said or any(c.isalnum() for c in token)
                    yield token
            return
        except EngineError as error:
            understudy = None if said else self._engines.understudy
            ahead = self._confirmed is not None and not self._confirmed.is_set()
            if ahead or (understudy is None and not self._excuses.sorry):
                raise
            self._progress.failure = error
        if understudy is None:
            yield f"{'... ' if said else ''}{self._excuses.sorry}"
            return
        self._progress.stood_in = True
        if self._excuses.away and not any(self._excuses.away in message.text for message in request.history):
            yield f"{self._excuses.away} "
        async with aclosing(understudy.reply(request)) as tokens:
            while (token := await self._patience.token(tokens)) is not None:
                yield token

    def _cut(self, token: str | None) -> list[Phrase]:
        phrases: list[Phrase] = []
        for piece in self._tags.flush() if token is None else self._tags.push(token):
            phrases += self._phrases.push(piece)
        if token is None:
            phrases += self._phrases.flush()
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
) -> Stream[list[Stamped]]:
    """The stamped media of one reply, in order of pts, as soon as it is made.

    `channels` is the width of a face frame of `style` (0: no face); `rate` that of the audio in samples per second.
    `origin` tells the frame of the life clock when the first speech is there; otherwise it is that of `style`.
    Until `confirmed` is set, nothing is made beyond the first piece of speech, and no tool is called.
    Raises EngineError when an engine fails or stays silent too long; when it was the dialogue, after what was said and
    an apology have been made. A failure that the understudy made good is in `progress` only.
    """
    patience = Patience(limits)
    chain = _Chain(engines, emotions, patience, progress, confirmed, excuses)
    timeline = Timeline(rate, style.fps, channels)
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        stack.callback(patience.close)
        phrases = await stack.enter_async_context(aclosing(chain.phrases(request)))
        speech = await stack.enter_async_context(aclosing(engines.tts.speak(phrases, engines.voice)))
        if engines.tts.rate != rate:
            # Only an engine that speaks at another rate needs the resampler, and what it imports.
            from engines.audio import resampled

            speech = await stack.enter_async_context(aclosing(resampled(speech, rate)))
        if confirmed is not None:
            # Before the face: its frames begin when they are seen.
            speech = await stack.enter_async_context(aclosing(_held(speech, chain)))
        media: AsyncGenerator[Speech | FaceBlock, None] = await stack.enter_async_context(
            aclosing(_animated(engines.face, speech, style, origin) if engines.face and channels else _faceless(speech))
        )
        while (item := await patience.media(media)) is not None:
            if progress.first_speech_at is None and isinstance(item, Speech):
                progress.first_speech_at = loop.time()
            if stamped := timeline.push(item):
                yield stamped
    for cue in chain.trailing:
        timeline.mark(cue)
    if stamped := timeline.flush():
        yield stamped
    if progress.failure is not None and not progress.stood_in:
        raise progress.failure


async def _held(speech: Stream[Speech], chain: _Chain) -> Stream[Speech]:
    """The same speech, its first piece made at once and let go when the reply is confirmed."""
    first = await anext(speech, None)
    await chain.confirmed()
    if first is None:
        return
    yield first
    async for piece in speech:
        yield piece


async def _animated(
    face: Face, speech: Stream[Speech], style: FaceStyle, origin: Callable[[], int] | None
) -> Stream[Speech | FaceBlock]:
    first = await anext(speech, None)
    if first is None:
        return

    async def all_of_it(first: Speech) -> Stream[Speech]:
        yield first
        async for piece in speech:
            yield piece

    if origin is not None:
        style = replace(style, origin=origin())
    async with aclosing(face.animate(all_of_it(first), style)) as media:
        async for item in media:
            yield item


async def _faceless(speech: Stream[Speech]) -> Stream[Speech | FaceBlock]:
    async for piece in speech:
        yield piece
