"""The way in for a stream: which conversation is the newest, tokens that only view, and the dock that steers it.

Whoever may view gets the newest conversation of their own user, with the secret to watch it; whoever may speak steers
it.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bridge import wallclock
from bridge.auth import Caller, authorize, issue
from bridge.errors import AuthError
from bridge.logs import anatomy
from bridge.server.resume import Sessions
from bridge.session.session import Session
from bridge.setup.config import Config

log = logging.getLogger("bridge.server.backstage")

SOCKET: Final = "/dock/socket"
YEAR: Final = 366 * 24 * 3600.0  # seconds that a token for a stream lasts
DOCKS: Final = 8  # pages at once
MISTAKES: Final = 8  # messages that cannot be read, after which a dock is left
EVERY: Final = 0.5  # seconds between two looks at the conversation
REFUSED: Final = 4010
FULL: Final = 4030

Identity: TypeAlias = Annotated[str, Meta(max_length=64)]


class Ask(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """The base of what a dock asks."""


class Hello(Ask, tag="hello", frozen=True, kw_only=True):
    """Comes first; `identity` is whose conversations are steered, "" for anybody's."""

    token: Annotated[str, Meta(max_length=8192)] = ""
    identity: Identity = ""


class Do(Ask, tag="do", frozen=True, kw_only=True):
    """Skip what is being said; answer nobody (`mute`) or everybody again; `stop` is both skip and mute."""

    what: Literal["skip", "mute", "unmute", "stop"]


class Say(Ask, tag="say", frozen=True, kw_only=True):
    """Have the companion say something as it stands."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class Use(Ask, tag="use", frozen=True, kw_only=True):
    """Have the scene do something that it offers; `id` comes back with the result."""

    id: int
    name: Annotated[str, Meta(max_length=64)]
    arguments: dict[str, object] = {}


class Look(Ask, tag="look", frozen=True, kw_only=True):
    """Tell what was said, the last so many, and what the scene can do."""

    id: int
    last: Annotated[int, Meta(ge=0, le=200)] = 20


Asked: TypeAlias = Hello | Do | Say | Use | Look

_READ: Final[msgspec.json.Decoder[Asked]] = msgspec.json.Decoder(Asked)


class Backstage:
    """The stream's side of one server."""

    def __init__(self, config: Config, sessions: Sessions) -> None:
        self._config = config
        self._sessions = sessions
        self._docks = 0

    # ------------------------------------------------------------------------------------------------- plain HTTP

    def answer(self, path: str, token: str, identity: str) -> tuple[HTTPStatus, dict[str, object]] | None:
        """Return what a GET of one of the two paths gets, None for another path; AuthError without the right."""
        match path:
            case "/newest.json":
                return HTTPStatus.OK, self._newest(self._viewer(token), identity)
            case "/view-token":
                return HTTPStatus.OK, {"token": self._view_token(token)}
            case _:
                return None

    def _viewer(self, token: str) -> Caller:
        try:
            return self._authorize(token, "view")
        except AuthError as error:
            if error.code != "forbidden":
                raise
            return self._authorize(token, "speak")  # who may speak may also look at what they say

    def _newest(self, caller: Caller, identity: str) -> dict[str, object]:
        found = self._sessions.newest_of(caller.user, identity)
        return {} if found is None else {"session": found.name, "watch": found.watch_token}

    def _view_token(self, token: str) -> str:
        """Make a token for a year that only views; "" where nobody is asked for one."""
        caller = self._authorize(token, "speak")
        if not caller.user:
            return ""
        return issue(self._config.auth.secret, caller.user, ["view"], now=wallclock.now(), lifetime=YEAR)

    def _authorize(self, token: str, right: Literal["view", "speak"]) -> Caller:
        required = self._config.token_required
        return authorize(self._config.auth.secret, token, required=required, now=wallclock.now(), right=right)

    # ----------------------------------------------------------------------------------------------------- a dock

    async def serve(self, socket: ServerConnection) -> None:
        """Serve one dock until it goes."""
        try:
            greeted = await self._welcome(socket)
            if greeted is None:
                return
            self._docks += 1
            try:
                await self._work(socket, *greeted)
            finally:
                self._docks -= 1
        except ConnectionClosed:
            pass
        except Exception as error:  # one dock's trouble is not the server's
            log.error("a dock failed", extra={"error": anatomy(error)})

    async def _welcome(self, socket: ServerConnection) -> tuple[str, str] | None:
        """Return the user and whose conversations it is about; None for one that was sent away."""
        try:
            async with asyncio.timeout(self._config.limits.hello_s):
                hello = _READ.decode(await socket.recv())
            if not isinstance(hello, Hello):
                raise AuthError("hello_expected", "the first message must be `hello`")
            caller = self._authorize(hello.token, "speak")
        except TimeoutError:
            await socket.close(REFUSED, "hello_timeout")
            return None
        except (msgspec.DecodeError, AuthError, UnicodeError, RecursionError) as error:
            told = error if isinstance(error, AuthError) else AuthError("bad_message", "this is no `hello`")
            await _send(socket, type="error", code=told.code, message=told.message)
            await socket.close(REFUSED, told.code)
            return None
        if self._docks >= DOCKS:
            await _send(socket, type="error", code="server_full", message="as many docks are open as may be")
            await socket.close(FULL, "server_full")
            return None
        return caller.user, hello.identity

    async def _work(self, socket: ServerConnection, user: str, identity: str) -> None:
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(self._tell(socket, user, identity))
            mistakes = 0
            try:
                async for message in socket:
                    try:
                        asked = _READ.decode(message)
                    except (msgspec.DecodeError, UnicodeError, RecursionError):
                        mistakes += 1
                        await _send(socket, type="error", code="bad_message", message="this cannot be asked")
                        if mistakes >= MISTAKES:
                            await socket.close(REFUSED, "bad_message")
                            break
                        continue
                    session = self._sessions.newest_of(user, identity)
                    if session is None:
                        number = asked.id if isinstance(asked, Use | Look) else 0
                        sentence = "nobody is talking now"
                        await _send(socket, type="error", code="no_such_session", message=sentence, id=number)
                    elif isinstance(asked, Use):
                        result = await session.aside.use(asked.name, asked.arguments)
                        await _send(socket, type="result", id=asked.id, status=result.status, value=result.value)
                    elif isinstance(asked, Look):
                        await _send(socket, type="result", id=asked.id, **seen(session, asked.last))
                    else:
                        act(session, asked)
                        await _send(socket, **told_of(session))
            finally:
                telling.cancel()

    async def _tell(self, socket: ServerConnection, user: str, identity: str) -> None:
        """Tell the dock of the conversation whenever something about it is new."""
        told: dict[str, object] = {}
        while True:
            now = told_of(self._sessions.newest_of(user, identity))
            if now != told:
                told = now
                try:
                    await _send(socket, **told)
                except ConnectionClosed:
                    return
            await asyncio.sleep(EVERY)


def seen(session: Session, last: int) -> dict[str, object]:
    """Return the last of what was said in a conversation, and what its scene can do."""
    said = session.aside.said()[-last:] if last else ()
    tools = session.aside.offered
    return {
        "said": [{"role": each.role, "text": each.text} for each in said],
        "tools": [{"name": t.name, "description": t.description, "parameters": dict(t.parameters)} for t in tools],
    }


def act(session: Session, asked: Hello | Do | Say) -> None:
    """Do to a conversation what a dock asks; a second `hello` changes nothing."""
    match asked:
        case Do(what="skip"):
            session.skip()
        case Do(what="stop"):
            session.hush(True)
            session.skip()
        case Do(what=what):
            session.hush(what == "mute")
        case Say(text=text):
            if words := " ".join(text.split()):
                session.say(words)
        case Hello():
            pass


def told_of(session: Session | None) -> dict[str, object]:
    """Return what a dock is told of a conversation."""
    if session is None:
        return {"type": "state", "session": "", "state": "away", "muted": False}
    return {"type": "state", "session": session.name, "state": session.state, "muted": session.hushed}


async def _send(socket: ServerConnection, **fields: object) -> None:
    await socket.send(msgspec.json.encode(fields).decode())
