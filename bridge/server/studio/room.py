"""The studio of one server: who may use it, and one desk for each page that does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bridge import wallclock
from bridge.auth import Caller, authorize
from bridge.errors import AuthError
from bridge.logs import anatomy
from bridge.server.studio import requests as r
from bridge.server.studio.desk import Desk
from bridge.server.studio.requests import Told, read, write
from bridge.server.studio.runs import Runs
from bridge.server.studio.shelf import Shelf
from bridge.session.companion import Known
from bridge.setup.config import Config
from bridge.setup.people import home

log = logging.getLogger("bridge.server.studio.room")

SOCKET: Final = "/studio/socket"
DESKS: Final = 8  # pages at once
MISTAKES: Final = 8  # messages that cannot be read, after which a page is left
REFUSED: Final = 4010
FULL: Final = 4030


class StudioRoom:
    """Serves the pages of the studio; people are made in the first of the folders of identities."""

    def __init__(
        self, config: Config, listed: Callable[[], Awaitable[Sequence[Known]]], runs: Runs | None = None
    ) -> None:
        self._config = config
        self._listed = listed
        self.runs = runs or Runs()
        self._shelf = Shelf(home(config).resolve())
        self._desks = 0

    async def serve(self, socket: ServerConnection) -> None:
        """Serve one page until it goes; whatever it had begun is stopped then."""
        try:
            caller = await self._welcome(socket)
            if caller is None:
                return
            self._desks += 1
            try:
                await self._work(socket, caller)
            finally:
                self._desks -= 1
        except ConnectionClosed:
            pass
        except Exception as error:  # one page's trouble is not the server's
            log.error("a page of the studio failed", extra={"error": anatomy(error)})

    async def _welcome(self, socket: ServerConnection) -> Caller | None:
        """Return who it is; None for one that was sent away."""
        try:
            async with asyncio.timeout(self._config.limits.hello_s):
                hello = read(await socket.recv())
            if not isinstance(hello, r.Hello):
                raise Told("hello_expected", "the first message must be `hello`")
            caller = authorize(
                self._config.auth.secret,
                hello.token,
                required=self._config.token_required,
                now=wallclock.now(),
                right="studio",
            )
            if self._desks >= DESKS:
                raise Told("server_full", "as many pages of the studio are open as may be")
        except TimeoutError:
            await socket.close(REFUSED, "hello_timeout")
            return None
        except (Told, AuthError) as error:
            await socket.send(write("error", code=error.code, message=error.message, fatal=True))
            await socket.close(FULL if error.code == "server_full" else REFUSED, error.code)
            return None
        known = await self.runs.commands()
        stages = [stage for stage in r.STAGES if stage in known]
        await socket.send(write("ready", stages=stages, change="edit" in known))
        return caller

    async def _work(self, socket: ServerConnection, caller: Caller) -> None:
        async def send(message: str | bytes) -> None:
            with contextlib.suppress(ConnectionClosed):
                await socket.send(message)

        desk = Desk(self._shelf, self.runs, caller.user, send, self._listed, self._config.guard)
        mistakes = 0
        async with asyncio.TaskGroup() as group:
            try:
                async for message in socket:
                    try:
                        await desk.take(read(message), group)
                    except Told as error:
                        mistakes += 1
                        await socket.send(write("error", code=error.code, message=error.message))
                        if mistakes >= MISTAKES:
                            await socket.close(REFUSED, error.code)
                            break
            finally:
                desk.leave()
