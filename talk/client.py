"""The reference client of a companion: one file on `websockets` and `msgpack`, made to be copied and ported.

It yields the server's messages as plain dicts with their defaults filled in, comes back by itself when the socket is
lost, takes nothing twice, and drops what belongs to an interrupted reply. It plays nothing and knows no clock:
`playout.py` beside it shows how a reply becomes sound.

    async with Companion.connect("ws://127.0.0.1:8765", user="Ada") as companion:
        await companion.text("Who are you?")
        async for message in companion:
            if message["type"] == "media":
                speaker.play(message["pcm"])
                await companion.playhead(message["turn"], message["pts"])
            elif message["type"] == "reply_end":
                break

Iterate all the time: it is the iteration that notices a lost socket and mends it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

MSGPACK, JSON = "companion.v1.msgpack", "companion.v1.json"

# Fields at these values are left off the wire; a type that is not in this table is skipped.
DEFAULTS: dict[str, dict[str, Any]] = {
    "welcome": {"reason": "", "notice": "", "watch": "", "identities": [], "model": "", "models": [], "memory": False},
    "state": {"turn": 0, "timings": None},
    "transcript": {"seq": 0},
    "reply_start": {"utterance": 0},
    "text": {"gap": " "},
    "media": {"seq": 0, "pcm": b"", "face_pts": 0, "face": b"", "source": "", "phones": [], "at": 0.0},
    "cue": {"intensity": 1.0},
    "tool_call": {"arguments": {}, "timeout_ms": 10_000},
    "interrupted": {},
    "reply_end": {"reason": "complete", "sources": []},
    "identity": {},
    "memory": {"facts": [], "episodes": [], "count": 0, "blob": b""},
    "room": {"kind": "talk", "people": [], "companions": [], "agenda": [], "item": 0, "word": "", "minutes": ""},
    "said": {"private": False},
    "error": {"fatal": False, "turn": 0, "retry_after_s": 0.0},
    "pong": {},
}
# What a message must have, and the kinds of values by their names, wherever they stand.
NEEDED = {
    "welcome": "session token resumed seq resume_s lead_ms audio face identity features",
    "state": "state", "transcript": "utterance text final", "reply_start": "turn seq", "text": "turn seq text pts end",
    "media": "turn pts", "cue": "turn seq pts kind name", "tool_call": "turn seq call name",
    "interrupted": "turn seq pts", "reply_end": "turn seq pts text", "identity": "identity", "error": "code message",
    "room": "room you", "said": "seq by text", "pong": "stamp server",
}  # fmt: skip
COUNTS = frozenset({"turn", "seq", "pts", "end", "face_pts", "call", "utterance"})
TEXTS = frozenset({"text", "gap", "state", "kind", "name", "code", "message", "reason", "session", "token"})
OF_A_REPLY = frozenset({"reply_start", "text", "media", "cue", "tool_call", "reply_end"})
# Closes that end a session, or refuse one; after any other it is kept for a while. So it is after these errors.
OVER = frozenset({1000, *range(4000, 4004), *range(4005, 4008), *range(4010, 4014), 4020, 4021, 4030, 4032, 4090})
KEPT = frozenset({"slow_client", "rate_limited"})
OPEN_S = 10.0
IDENTITY: dict[str, Any] = {
    **dict.fromkeys(("id", "description", "language", "locale", "disclosure", "portrait", "head"), ""),
    "languages": [],
    "voices": [],
    "draft": False,
}  # of welcome.identity, of identity.identity, and of each of welcome.identities as far as it has them
BACKOFF_S = (0.25, 4.0)  # the first attempt is made at once, then these bounds, doubling


class CompanionError(Exception):
    """The server ended or refused the conversation: `code` for machines, `message` in its own words for people.

    Beyond the server's codes: bad_url, unreachable, refused (not by a companion), connection_lost (not mended in time).
    `retry_after_s` above 0 says when it is worth coming back.
    """

    def __init__(self, code: str, message: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.code, self.message, self.retry_after_s = code, message, retry_after_s


class Admission:
    """Lets each message of a session through once, and nothing of a reply that was cut."""

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, seq: int) -> None:
        """Forget everything: a session begins at `seq`."""
        self.seq = seq  # the last message received
        self.turn = 0  # the last reply
        self.cut = 0  # turns up to this one are interrupted

    def forget(self, turn: int) -> None:
        """Let nothing more of turns up to `turn` through."""
        self.cut = max(self.cut, turn)

    def admits(self, message: Mapping[str, Any]) -> bool:
        """Return whether a message is new, of a known type, and of no reply that was cut."""
        kind, seq, turn = message["type"], message.get("seq", 0), message.get("turn", 0)
        if kind == "welcome":
            return True  # its seq says where the session stands, not that what came before has arrived
        if kind not in DEFAULTS or (seq and seq <= self.seq):
            return False
        self.seq = max(self.seq, seq)
        if kind == "interrupted":
            self.forget(turn)
        elif kind in OF_A_REPLY and turn:
            self.turn = max(self.turn, turn)
            return bool(turn > self.cut)
        return True


class Companion:
    """One conversation: `welcome` is the server's latest, `seq` the last message received, `turn` the last reply.

    Sends wait while the socket is being mended, except `mic`, `seen`, `camera` and `playhead`, which are worth
    nothing late and are dropped; once the conversation is over sends do nothing, and the iteration says why.
    """

    def __init__(self, url: str, hello: Mapping[str, Any], subprotocol: str) -> None:
        self.welcome: dict[str, Any] = {}
        self._admission = Admission()
        self._url, self._hello, self._subprotocol = url, dict(hello), subprotocol
        self._socket: ClientConnection
        self._turnover = asyncio.Event()  # the next new socket, or the end
        self._over = False  # nothing more is yielded or sent
        self._leaving: dict[str, Any] | None = None  # the server's announcement that it goes away
        self._inbox: deque[dict[str, Any]] = deque()  # what came with the handshake
        self._heard = 0  # microphone samples so far

    @property
    def seq(self) -> int:
        return self._admission.seq

    @property
    def turn(self) -> int:
        return self._admission.turn

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, url: str, *, token: str = "", subprotocol: str = MSGPACK, **hello: Any
    ) -> AsyncGenerator[Companion, None]:
        """Open a conversation; `hello` holds further fields of that message. Raises CompanionError.

        The iteration begins with the `welcome`, and each mended connection yields another: if its `resumed` is false
        the session is a new one, which has not heard of your context and tools.
        """
        fields = {"version": 1, "client": "companion-reference-client", "token": token, **hello}
        companion = cls(url, {name: value for name, value in fields.items() if value not in ("", None)}, subprotocol)
        try:
            await companion._open()
        except (OSError, InvalidURI, InvalidHandshake, ConnectionClosed) as error:
            raise _unopened(url, error) from error
        try:
            yield companion
        finally:
            await companion.bye()

    async def text(self, text: str, *, companion: str | None = None, private: bool | None = None) -> None:
        """Say `text` as if typed; interrupts a running reply. In a room, to `companion`, and `private` to it alone."""
        await self._send("text", text=text, companion=companion, private=private)

    async def room(self, op: str, *, to: str | None = None) -> None:
        """Raise or lower a hand, ask for the minutes; as a host give `to` the word, go on (next), end the meeting."""
        await self._send("room", op=op, to=to)

    async def mic(self, data: bytes, *, pts: int | None = None) -> None:
        """Send 10 to 60 ms of s16le mono 16 kHz from sample `pts` of the microphone (None: right after the last)."""
        start = self._heard if pts is None else pts
        self._heard = start + len(data) // 2
        await self._send("mic", wait=False, pts=start, data=data)

    async def talk(self, on: bool, *, pts: int | None = None) -> None:
        """Tell that the key went down or up, at microphone sample `pts` (None: now)."""
        await self._send("talk", on=on, pts=self._heard if pts is None else pts)

    async def playhead(self, turn: int, pts: int) -> None:
        """Report what is being heard: every 100 to 500 ms while a turn plays, and when it ends or is dropped."""
        await self._send("playhead", wait=False, turn=turn, pts=pts, seq=self.seq)

    async def interrupt(self, turn: int = 0, pts: int | None = None) -> None:
        """Cut reply `turn` (0: whichever runs), heard up to `pts` (None: unknown); no more of it is yielded."""
        self._admission.forget(turn or self.turn)
        await self._send("interrupt", turn=turn, pts=pts)

    async def context(
        self, states: Mapping[str, str] | None = None, *, events: Sequence[str] = (), respond: str = "silent"
    ) -> None:
        """Tell what is (`states` replace by key, "" removes) and what happens; `respond` is silent, auto or must."""
        await self._send("context", states=states or {}, events=events, respond=respond)

    async def tools(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Offer all tools of the scene, each {"name", "description", "parameters": JSON Schema}; replaces the last."""
        await self._send("tools", tools=tools)

    async def tool_result(self, call: int, value: str = "", *, status: str = "ok") -> None:
        """Answer a `tool_call`; `status` is ok, failed or cancelled."""
        await self._send("tool_result", call=call, status=status, value=value)

    async def seen(self, faces: Sequence[Mapping[str, Any]]) -> None:
        """Tell which faces are seen now, at most 30 times a second; `hello.seen` names the channels."""
        await self._send("seen", wait=False, faces=faces)

    async def memory(self, op: str, *, facts: Sequence[int] = (), blob: bytes = b"") -> None:
        """Ask about what is remembered of the user; a `memory` answers.

        `op` is agree, refuse, tell, forget (some `facts`), erase, export, or import (a `blob` that was exported).
        """
        await self._send("memory", op=op, facts=facts, blob=blob)

    async def camera(self, data: bytes, *, format: str = "jpeg", call: int = 0) -> None:
        """Send a picture of the user, jpeg, png or webp; `call` is the tool call `look` that asked for it."""
        await self._send("camera", wait=bool(call), data=data, format=format, call=call)

    async def ping(self, stamp: float) -> None:
        """Ask for a `pong` with your own `stamp` (ms) in it; also keeps a silent session from idling out."""
        await self._send("ping", stamp=stamp)

    async def bye(self) -> None:
        """End the session for good and close the socket."""
        if not self._over:
            await self._send("bye", wait=False)
            self._end()
        await self._socket.close()

    def sever(self) -> None:
        """Cut the socket without a word, as a lost network does: to try out what your client makes of it."""
        self._socket.transport.abort()

    def __aiter__(self) -> Companion:
        return self

    async def __anext__(self) -> dict[str, Any]:
        """Return the next message; ends after `bye`. Raises CompanionError when the server or the network ends it."""
        while not self._over:
            if self._inbox:
                return self._inbox.popleft()
            try:
                if self._admit(message := self._decode(await self._socket.recv())):
                    return message
            except ConnectionClosed as closed:
                await self._mend(closed)
        raise StopAsyncIteration

    def _admit(self, message: dict[str, Any]) -> bool:
        if message["type"] == "error" and message["code"] == "going_away":
            self._leaving = message
        return self._admission.admits(message)

    async def _open(self, resume: Mapping[str, Any] | None = None) -> None:
        socket = await connect(
            self._url,
            subprotocols=[self._subprotocol],  # type: ignore[list-item]  # a NewType of str that callers need not know
            compression=None,
            open_timeout=OPEN_S,
            ping_interval=OPEN_S,
            ping_timeout=OPEN_S,
        )
        try:
            if self._subprotocol != MSGPACK and socket.subprotocol != self._subprotocol:
                raise self._failed("refused", f"{self._url} does not speak {self._subprotocol}")
            await socket.send(self._encode({"type": "hello", **self._hello, **(resume or {})}))
            early: list[dict[str, Any]] = []
            while not early or early[-1]["type"] != "welcome":
                early.append(self._decode(await asyncio.wait_for(socket.recv(), OPEN_S)))
        except BaseException:
            await socket.close()
            raise
        self._socket, self.welcome = socket, early[-1]
        if not self.welcome["resumed"]:
            self._admission.begin(self.welcome["seq"])
        self._inbox.extend(message for message in early if message["type"] in DEFAULTS)
        self._turnover.set()
        self._turnover = asyncio.Event()

    async def _mend(self, closed: ConnectionClosed) -> None:
        """Come back to the session for as long as the server keeps it."""
        code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
        if self._over or code == 1000:
            self._end()
        elif self._leaving:
            raise self._failed(*(self._leaving[key] for key in ("code", "message", "retry_after_s")))
        elif code not in OVER and reason != "going_away":
            await self._come_back()
        else:
            raise self._failed(reason or str(code), f"the server closed the conversation: {reason or code}")

    async def _come_back(self) -> None:
        viewer = self._hello.get("role") == "viewer"
        held = self._hello["watch"] if viewer else self.welcome
        again = {"session": held["session"], "token": held["token"], "seq": self.seq}
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self.welcome["resume_s"], BACKOFF_S[0]
        while not self._over:
            with suppress(OSError, InvalidHandshake, ConnectionClosed):
                return await self._open({"watch" if viewer else "resume": again})
            if loop.time() + pause > until:
                raise self._failed("connection_lost", f"lost {self._url} and could not mend the connection in time")
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # only keeps clients from returning as one
            pause = min(2 * pause, BACKOFF_S[1])
        return None

    def _end(self) -> None:
        self._over = True
        self._turnover.set()

    def _failed(self, code: str, message: str, retry_after_s: float = 0.0) -> CompanionError:
        self._end()
        return CompanionError(code, message, retry_after_s=retry_after_s)

    async def _send(self, kind: str, /, *, wait: bool = True, **fields: Any) -> None:
        data = self._encode({"type": kind} | {name: value for name, value in fields.items() if value is not None})
        while not self._over:
            socket, turnover = self._socket, self._turnover
            try:
                return await socket.send(data)
            except ConnectionClosed:
                if not wait:
                    break
            await turnover.wait()
        return None

    def _encode(self, message: Mapping[str, Any]) -> str | bytes:
        if self._subprotocol == MSGPACK:
            return bytes(msgpack.packb(message))
        return json.dumps(message, allow_nan=False, default=_base64)

    def _decode(self, data: str | bytes) -> dict[str, Any]:
        try:
            message = json.loads(data) if isinstance(data, str) else msgpack.unpackb(data)
            message = {"companion": "main", **DEFAULTS.get(message["type"], {}), **message}
            if message["type"] in ("welcome", "identity"):
                message["identity"] = {**IDENTITY, **message["identity"]}
            if message["type"] == "welcome":
                message["identities"] = [{**IDENTITY, **listed} for listed in message["identities"]]
            if isinstance(data, str) and message["type"] == "media":
                message |= {name: base64.b64decode(message[name] or b"") for name in ("pcm", "face")}
            elif isinstance(data, str) and message["type"] == "memory":
                message["blob"] = base64.b64decode(message["blob"] or b"")
            _check(message)
        except (ValueError, TypeError, KeyError, RecursionError, msgpack.UnpackException) as error:
            raise self._failed("bad_message", f"{self._url} sent something that is not a message") from error
        if message["type"] == "error" and message["fatal"] and not (self.welcome and message["code"] in KEPT):
            raise self._failed(*(message[key] for key in ("code", "message", "retry_after_s")))
        return dict(message)


def _check(message: Mapping[str, Any]) -> None:
    """Raise ValueError or KeyError for a message that lacks something or holds what it may not."""
    for name in NEEDED.get(message["type"], "").split():
        _ = message[name]  # KeyError if it is not there
    for name, value in message.items():
        counts = type(value) is int and 0 <= value <= 2**53
        if (name in COUNTS and not counts) or (name in TEXTS and not isinstance(value, str)):
            raise ValueError(name)
        if message["type"] == "media" and name in ("pcm", "face") and not isinstance(value, bytes):
            raise ValueError(name)


def _base64(value: object) -> str:
    """Return bytes as JSON carries them."""
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"a message cannot hold a {type(value).__name__}")


def _unopened(url: str, error: Exception) -> CompanionError:
    match error:
        case InvalidURI():
            return CompanionError("bad_url", f"{url} is not a WebSocket address such as ws://127.0.0.1:8765")
        case ssl.SSLError():
            return CompanionError("refused", f"{url} cannot be trusted: {error}")
        case InvalidStatus():
            return CompanionError("refused", f"{url} refused: HTTP status {error.response.status_code}")
        case InvalidHandshake() | ConnectionClosed():
            return CompanionError("refused", f"{url} is not a companion server: {error}")
        case _:
            return CompanionError("unreachable", f"nothing answers at {url}")
