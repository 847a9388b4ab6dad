"""The duplex engine `realtime`: calls a server at an address, keeps the connection, calls again when it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from engines.api import EngineError, Failure, Stream
from engines.duplex.exchange import Given, Lost, Opened, Parley, Sound, Taken, Trouble
from engines.duplex.realtime.events import Unreadable
from engines.duplex.realtime.outgoing import Outgoing
from engines.duplex.realtime.telling import Manner
from engines.duplex.realtime.wire import Wire
from engines.identity import Identity

log = logging.getLogger("engines.duplex.realtime.engine")

PAUSES: Final = (0.0, 0.2, 0.8, 1.5, 3.0)  # seconds before each further call; the last is that of all further ones
LARGEST: Final = 4_194_304  # bytes of one event
MISTAKES: Final = 16  # events that cannot be read, after which a connection is given up
STEADY: Final = 10.0  # seconds after which a connection counts as one that holds

Dial: TypeAlias = Callable[[], Any]  # what returns a connection as `websockets.asyncio.client.connect` does


class RealtimeDuplex:
    """Whatever duplex model listens at `url` (ws:// or wss://)."""

    def __init__(
        self,
        *,
        identity: Identity,
        url: str = "",
        api_key: str = "",
        model: str = "",
        voice: str = "",
        transcription: str = "",
        detection: Literal["server_vad", "semantic_vad", "none"] = "server_vad",
        interrupts: bool = True,
        unwritten: bool = False,
        hear_rate: int = 24_000,
        speak_rate: int = 24_000,
        beta: bool = False,
        connect_s: float = 5.0,
        dial: Dial | None = None,
    ) -> None:
        self.name = f"realtime {model}".strip()
        self.model = model
        self.rate = speak_rate
        self.interrupts = interrupts
        self.unwritten = unwritten
        self._identity = identity
        self._manner = Manner(
            model=model,
            voice=voice,
            transcription=transcription,
            detection="" if detection == "none" else detection,
            interrupts=interrupts,
            hear_rate=hear_rate,
            speak_rate=speak_rate,
            beta=beta,
        )
        self._url = _with_model(url, model)
        self._api_key = api_key
        self._connect_s = connect_s
        self._dial = dial or self._connect

    async def start(self) -> None:
        """Call the server once; EngineError says why it cannot be talked to."""
        if not self._url:
            raise self._error(
                "no address is set: give realtime.url one such as wss://HOST/v1/realtime", Failure.MISSING
            )
        socket = await self._called()
        await socket.close()

    async def close(self) -> None:
        """Do nothing: every conversation closes its own connection."""

    def converse(self, parley: Parley) -> RealtimeTalk:
        """Begin a conversation."""
        return RealtimeTalk(Wire(self._manner, self._identity, parley), self._called)

    async def _called(self) -> Any:
        """Return an open connection; EngineError when there is none, with what to do about it."""
        where = _shown(self._url)
        try:
            return await self._dial()
        except (InvalidURI, ValueError) as error:
            raise self._error(f"{where} is no address of a WebSocket", Failure.PARAMETER) from error
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403):
                sentence = f"{where} refuses the key (HTTP {status})"
                raise self._error(sentence, Failure.REFUSED, setting="realtime.api_key") from error
            sentence = f"{where} answers with HTTP {status} and no conversation"
            raise self._error(sentence, Failure.FOREIGN, retryable=status >= 500) from error
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            raise self._error(f"no duplex model answers at {where}", Failure.AWAY, retryable=True) from error

    async def _connect(self) -> Any:
        headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
        if self._manner.beta:
            headers["OpenAI-Beta"] = "realtime=v1"
        return await connect(
            self._url,
            additional_headers=headers,
            compression=None,
            open_timeout=self._connect_s,
            close_timeout=0.5,
            max_size=LARGEST,
        )

    def _error(
        self, sentence: str, kind: Failure, *, setting: str = "realtime.url", retryable: bool = False
    ) -> EngineError:
        return EngineError("dialogue_failed", sentence, retryable=retryable, kind=kind, setting=setting)


class RealtimeTalk:
    """One conversation."""

    def __init__(self, wire: Wire, call: Dial) -> None:
        self._wire = wire
        self._call = call
        self._out: Outgoing | None = None  # while there is a connection
        self._slow = False  # somebody was told that the server takes sound too slowly
        self._overflow = False

    def tell(self, given: Given) -> bool:
        """Tell the server something; False when it is not there."""
        out = self._out
        if out is None or self._overflow:
            return False
        sound = isinstance(given, Sound)
        for event in self._wire.give(given):
            if not out.put(_text(event), sound=sound):
                self._overflow = True
                return False
        return True

    async def hear(self) -> Stream[Taken]:
        """Call the server, and yield what it tells; call again whenever it is lost."""
        tries = 0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            began = loop.time()
            try:
                socket = await self._call()
            except EngineError as error:
                tries += 1
                yield Lost(error)
                continue
            out = self._out = Outgoing()
            self._slow = self._overflow = False
            writing = asyncio.create_task(_write(socket, out))
            why = _gone("the connection was closed")
            try:
                for event in self._wire.opening():
                    out.put(_text(event), sound=False)
                yield Opened()
                mistakes = 0
                while not self._overflow:
                    data = await socket.recv()
                    try:
                        taken = self._wire.take(data)
                    except Unreadable as error:
                        mistakes += 1
                        if mistakes >= MISTAKES:
                            why = _gone("it sends again and again what cannot be read")
                            break
                        if mistakes == 1:
                            yield Trouble(_garbage(error))
                        continue
                    for event in self._wire.due():
                        out.put(_text(event), sound=False)
                    for each in taken:
                        yield each
                    if out.dropped and not self._slow:
                        self._slow = True
                        yield Trouble(EngineError("stt_slow", "the duplex model takes sound more slowly than it comes"))
                else:
                    why = _gone("it takes nothing any more")
            except ConnectionClosed:
                pass
            finally:
                self._out = None
                writing.cancel()
                await asyncio.wait([writing])
                with suppress(ConnectionClosed, OSError):
                    await socket.close()
            tries = 1 if loop.time() - began >= STEADY else tries + 1
            yield Lost(why)


async def _write(socket: Any, out: Outgoing) -> None:
    with suppress(ConnectionClosed):
        while True:
            await socket.send(await out.next())


def _text(event: dict[str, object]) -> str:
    return msgspec.json.encode(event).decode()


def _gone(why: str) -> EngineError:
    sentence = f"the duplex model was lost ({why}); it is called again"
    return EngineError("dialogue_failed", sentence, retryable=True, kind=Failure.BROKEN)


def _garbage(error: Unreadable) -> EngineError:
    sentence = f"the duplex model's server sent what is no event of the Realtime API: {error}"
    return EngineError("dialogue_failed", sentence, kind=Failure.BROKEN)


def _with_model(url: str, model: str) -> str:
    """Name the model in the address, as these servers expect it, unless it does already."""
    if not url or not model:
        return url
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if any(key == "model" for key, _ in asked):
        return url
    return urlunsplit(parts._replace(query=urlencode([*asked, ("model", model)], quote_via=quote)))


def _shown(url: str) -> str:
    """Return an address without what it asks, which may hold a key."""
    return urlsplit(url)._replace(query="", fragment="").geturl() if url else "(no address)"
