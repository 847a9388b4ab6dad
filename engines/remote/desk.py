"""Serves engines to others: one request, from its `Ask` to its `Over`, over whatever carries bytes both ways."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

from engines.api import Cut, EngineError, FaceBlock, Failure, Phrase, Speech, Stream, ToolResult, Transcript
from engines.measures.tracing import span
from engines.remote import parcels as p
from engines.remote.turns import Full, Turns

log = logging.getLogger("engines.remote.desk")

PLACES: Final = 32  # requests that one engine works on at once; it batches them as it does for sessions of its own
PROFILES: Final = ("arkit52", "oculus15", "vrm", "none")  # of faces, as on the wire
FPS: Final = 60  # at which they are asked for their channels
UNASKED: Final = 60.0  # seconds after which a connection that was opened ahead and not used is closed
UNREAD: Final = 64  # parcels of a request that its engine has not taken

Send = Callable[[bytes], Awaitable[None]]


class Desk:
    """Engines by their job, and the turns of each."""

    def __init__(self, engines: Mapping[str, Any], *, places: int = PLACES) -> None:
        self._engines = dict(engines)
        self.turns = {job: Turns(places) for job in engines}
        self._running = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def quiet(self) -> None:
        """Wait until no request runs."""
        await self._quiet.wait()

    async def serve(self, incoming: AsyncIterator[bytes | str], send: Send) -> None:
        """Serve one request; returns when it is over. That `incoming` ends means that nobody wants it any more."""
        try:
            async with asyncio.timeout(UNASKED):
                ask = p.unpacked(await anext(incoming))
        except TimeoutError:
            return
        except (p.BadParcel, StopAsyncIteration) as error:
            await send(p.packed(p.Failed("bad_request", f"no request: {error}", False, Failure.BROKEN.value)))
            return
        if not isinstance(ask, p.Ask) or ask.job not in self._engines:
            await send(p.packed(p.Failed("bad_request", "there is no such engine here", False, Failure.MISSING.value)))
            return
        engine = self._engines[ask.job]
        if ask.about:
            about = p.About(engine.name, getattr(engine, "rate", 0), getattr(engine, "model", ""), _channels(engine))
            await send(p.packed(about))
            return
        self._running += 1
        self._quiet.clear()
        try:
            await self._serve(engine, ask, incoming, send)
        finally:
            self._running -= 1
            if not self._running:
                self._quiet.set()

    async def _serve(self, engine: Any, ask: p.Ask, incoming: AsyncIterator[bytes | str], send: Send) -> None:
        given = _Given(send)
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self._work(engine, ask, given, send))
            reading = group.create_task(given.read(incoming))
            await asyncio.wait([work, reading], return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and given.gone:
                work.cancel()
            await asyncio.wait([work])
            reading.cancel()

    async def _work(self, engine: Any, ask: p.Ask, given: _Given, send: Send) -> None:
        code = f"{ask.job}_failed"
        try:
            async with self.turns[ask.job].turn(ask.priority, ask.patience) as waited:
                await send(p.packed(p.Begun(waited)))
                with span(f"engine.{ask.job}", ask.trace, waited_s=waited):
                    async with aclosing(_made(engine, ask, given)) as items:
                        async for item in items:
                            await send(p.packed(item))
            await send(p.packed(p.Over()))
        except Full:
            sentence = f"the {ask.job} has too much to do"
            await send(p.packed(p.Failed(code, sentence, True, Failure.BUSY.value)))
        except EngineError as error:
            await send(p.packed(p.failed(error)))
        except (OSError, asyncio.CancelledError):
            raise
        except Exception as error:  # of an engine: it fails this request and no other
            log.error("engine failed", extra={"code": code, "error": type(error).__name__})
            await send(p.packed(p.Failed(code, "the engine failed inside", True, Failure.FAULTY.value)))


class _Given:
    """What the user of one request has sent."""

    def __init__(self, send: Send) -> None:
        self.gone = False  # the user is
        self._send = send
        self._items: asyncio.Queue[p.Parcel | None] = asyncio.Queue(UNREAD)
        self._calls: dict[int, asyncio.Future[ToolResult]] = {}

    async def read(self, incoming: AsyncIterator[bytes | str]) -> None:
        """Sort what comes, until nobody sends any more."""
        try:
            async for data in incoming:
                match p.unpacked(data):
                    case p.Answer(number, result):
                        if (waiting := self._calls.pop(number, None)) is not None:
                            waiting.set_result(result)
                    case p.Over():
                        await self._items.put(None)
                    case parcel:
                        await self._items.put(parcel)
        except p.BadParcel:
            log.warning("a parcel cannot be read")
        self.gone = True

    async def sound(self) -> AsyncGenerator[bytes]:
        """Yield the audio."""
        while (parcel := await self._items.get()) is not None:
            if isinstance(parcel, p.Sound):
                yield parcel.data

    async def phrases(self) -> AsyncGenerator[Phrase]:
        """Yield the phrases."""
        while (parcel := await self._items.get()) is not None:
            if isinstance(parcel, p.Line):
                yield parcel.phrase

    async def speech(self) -> AsyncGenerator[Speech]:
        """Yield the speech."""
        while (parcel := await self._items.get()) is not None:
            if isinstance(parcel, p.Spoken):
                yield parcel.speech

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Have the user run a tool."""
        number = len(self._calls) + 1
        while number in self._calls:
            number += 1
        answer: asyncio.Future[ToolResult] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        await self._send(p.packed(p.Call(number, name, p.plain(arguments))))
        return await answer


async def _made(engine: Any, ask: p.Ask, given: _Given) -> Stream[p.Parcel]:
    match ask.job:
        case "stt":
            heard: Stream[Transcript] = engine.transcribe(given.sound(), ask.language, ask.names)
            async with aclosing(heard):
                async for transcript in heard:
                    yield p.Heard(transcript)
        case "dialogue":
            if ask.request is None:
                raise EngineError("dialogue_failed", "nothing was asked", kind=Failure.BROKEN)
            said: Stream[str | Cut] = engine.reply(p.request(ask.request, given.call))
            async with aclosing(said):
                async for piece in said:
                    yield p.Text(piece) if isinstance(piece, str) else p.Short(piece)
        case "tts":
            if ask.voice is None:
                raise EngineError("tts_failed", "no voice was asked for", kind=Failure.BROKEN)
            spoken: Stream[Speech] = engine.speak(given.phrases(), ask.voice)
            async with aclosing(spoken):
                async for speech in spoken:
                    yield p.Spoken(speech)
        case "face":
            if ask.style is None:
                raise EngineError("face_failed", "no style was asked for", kind=Failure.BROKEN)
            media: Stream[Speech | FaceBlock] = engine.animate(given.speech(), ask.style)
            async with aclosing(media):
                async for each in media:
                    yield p.Drawn(each) if isinstance(each, FaceBlock) else p.Passed()
        case "diarizer":
            if ask.forget:
                engine.forget(ask.session)
                return
            pcm = b"".join([data async for data in given.sound()])
            yield p.Whose(await engine.who(pcm, ask.session))


def _channels(engine: Any) -> dict[str, int]:
    """Count the channels of each profile that a face draws."""
    rig = getattr(engine, "rig", None)
    return {profile: len(rig(profile, FPS).names) for profile in PROFILES} if rig is not None else {}
