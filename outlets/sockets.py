"""Keeps the connection to a tool that takes WebSockets: comes back by itself, and sends the newest face."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from outlets.address import Address
from outlets.frame import REST, Frame
from outlets.obs import UNAUTHENTICATED, Obs
from outlets.standing import REASON, Standing
from outlets.vtube_studio import Refused, Token, VtubeStudio

log = logging.getLogger("outlets.sockets")

QUEUE: Final = 64  # messages that wait for the socket; faces are not among them
FIRST_WAIT: Final = 1.0  # seconds until the second try
LONGEST_WAIT: Final = 30.0
OPEN_S: Final = 5.0
CLOSE_S: Final = 1.0
MESSAGE: Final = 2**20


class Talk(Protocol):
    """What one tool's connection says; nothing here waits."""

    def begin(self) -> list[str]:
        """Return what to send when the socket is open."""
        ...

    def receive(self, text: str) -> list[str]:
        """Return what to send on a message."""
        ...

    def face(self, frame: Frame, now: float) -> str | None:
        """Return what sets the face, None if it is not due."""
        ...

    def words(self, text: str) -> list[str]:
        """Return what shows the words."""
        ...

    def cue(self, name: str) -> list[str]:
        """Return what a cue does."""
        ...

    @property
    def over(self) -> str:
        """Say why there is no use in going on, "" while there is."""
        ...

    @property
    def waits(self) -> str:
        """Say what somebody has to do before it goes on, "" for nothing."""
        ...

    @property
    def ready(self) -> bool:
        """Return whether the tool has taken us in."""
        ...

    def refusal(self, code: int) -> str:
        """Say what was refused when the tool closes the socket with a code, "" for nothing; it may be tried again."""
        ...


class Socket:
    """One outlet over a WebSocket: `run` keeps it, the rest only notes what to send."""

    def __init__(self, address: Address, talk: Callable[[], Talk]) -> None:
        self.address = address
        self.sent = 0
        self.lost = 0
        self._make = talk
        self._talk: Talk | None = None
        self._frame: Frame | None = None
        self._queue: deque[str] = deque(maxlen=QUEUE)
        self._news = asyncio.Event()
        self._away = "it was not reached yet"
        self._refused = ""

    @property
    def standing(self) -> Standing:
        """Return how it stands now."""
        tool, talk = self.address.tool, self._talk
        if talk is not None and (talk.ready or talk.waits):
            return Standing(tool, "waits" if talk.waits else "works", talk.waits)
        if self._refused:
            return Standing(tool, "refused", self._refused[:REASON])
        return Standing(tool, "away", self._away[:REASON])

    def face(self, frame: Frame, now: float) -> None:
        """Note the newest face."""
        self._frame = frame
        self._news.set()

    def words(self, text: str, now: float) -> None:
        """Show what was said so far."""
        if self._talk is not None:
            self._put(self._talk.words(text))

    def cue(self, name: str, now: float) -> None:
        """Do what the tool has for a cue."""
        if self._talk is not None:
            self._put(self._talk.cue(name))

    def close(self, now: float) -> None:
        """Leave the face at rest; `run` is to be cancelled afterwards."""
        self.face(REST, now)

    async def run(self) -> None:
        """Connect, and again when the connection is lost; return when the tool refuses for good."""
        wait = FIRST_WAIT
        said = ""
        loop = asyncio.get_running_loop()
        while True:
            talk, begun = self._make(), loop.time()
            try:
                host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
                async with connect(
                    f"ws://{host}:{self.address.port}",
                    open_timeout=OPEN_S,
                    close_timeout=CLOSE_S,
                    max_size=MESSAGE,
                    proxy=None,
                    compression=None,
                ) as socket:
                    await self._serve(socket, talk)
            except (OSError, TimeoutError, InvalidHandshake, WebSocketException) as error:
                code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd is not None else 0
                self._refused = talk.refusal(code)
                self._away = str(error)
                if said != self._away:
                    said = self._away
                    log.warning("outlet is away", extra={"outlet": str(self.address), "reason": said[:REASON]})
            else:
                self._refused, self._away = talk.over, "it has closed the connection"
            finally:
                self._talk = None
                self._queue.clear()
            if talk.over:
                log.warning("outlet refuses", extra={"outlet": str(self.address), "reason": talk.over})
                return
            if loop.time() - begun > LONGEST_WAIT:
                said, wait = "", FIRST_WAIT
            await asyncio.sleep(wait)
            wait = min(LONGEST_WAIT, 2 * wait)

    async def _serve(self, socket: ClientConnection, talk: Talk) -> None:
        for text in talk.begin():
            await socket.send(text)
        self._talk = talk
        sending = asyncio.get_running_loop().create_task(self._send(socket, talk))
        try:
            async for message in socket:
                if isinstance(message, str):
                    self._put(talk.receive(message))
                if talk.over:
                    return
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, socket: ClientConnection, talk: Talk) -> None:
        loop = asyncio.get_running_loop()
        with suppress(WebSocketException):
            while True:
                await self._news.wait()
                self._news.clear()
                while self._queue:
                    await socket.send(self._queue.popleft())
                    self.sent += 1
                frame, self._frame = self._frame, None
                if frame is not None and (text := talk.face(frame, loop.time())) is not None:
                    await socket.send(text)
                    self.sent += 1

    def _put(self, texts: list[str]) -> None:
        for text in texts:
            self.lost += len(self._queue) == QUEUE
            self._queue.append(text)
        if texts:
            self._news.set()


class VtsTalk:
    """VTube Studio's; `kept` is told of a new token."""

    def __init__(self, address: Address, token: str, kept: Callable[[str], None]) -> None:
        self._session = VtubeStudio(token, fps=address.fps, own=address.says("own"))
        self._kept = kept
        self.over = ""

    @property
    def waits(self) -> str:
        """Return what the streamer has to allow."""
        return "allow the plugin in the window of VTube Studio" if self._session.stage == "token" else ""

    @property
    def ready(self) -> bool:
        """Return whether it may be driven."""
        return self._session.stage in ("parameters", "ready")

    def refusal(self, code: int) -> str:
        """Return nothing: VTube Studio says no in words."""
        return ""

    def begin(self) -> list[str]:
        """Ask for a token, or show it."""
        return self._session.begin()

    def receive(self, text: str) -> list[str]:
        """Go on with the conversation."""
        texts, news = self._session.receive(text)
        for each in news:
            match each:
                case Token(token):
                    self._kept(token)
                case Refused(message):
                    self.over = message
        return texts

    def face(self, frame: Frame, now: float) -> str | None:
        """Set the face."""
        return self._session.face(frame, now)

    def words(self, text: str) -> list[str]:
        """Show nothing: Live2D models have no subtitles."""
        return []

    def cue(self, name: str) -> list[str]:
        """Trigger a hotkey."""
        text = self._session.cue(name)
        return [] if text is None else [text]


class ObsTalk:
    """OBS's."""

    def __init__(self, address: Address) -> None:
        self._session = Obs(password=address.secret, text=address.options.get("text", ""), deeds=address.deeds)
        self._marks = address.says("marks")
        self.over = ""
        self.waits = ""

    @property
    def ready(self) -> bool:
        """Return whether OBS takes requests."""
        return self._session.stage == "ready"

    def refusal(self, code: int) -> str:
        """Say so when the password is wrong; somebody may set another in OBS."""
        wrong = "OBS does not take this password: it stands in the address, obs://:PASSWORD@..."
        return wrong if code == UNAUTHENTICATED else ""

    def begin(self) -> list[str]:
        """Wait for OBS's hello."""
        return []

    def receive(self, text: str) -> list[str]:
        """Go on with the conversation."""
        return self._session.receive(text)

    def face(self, frame: Frame, now: float) -> str | None:
        """Set nothing: OBS shows no face of its own."""
        return None

    def words(self, text: str) -> list[str]:
        """Show the subtitle."""
        return self._session.subtitle(text)

    def cue(self, name: str) -> list[str]:
        """Change the scene, show or hide a source, and set a mark."""
        deeds = self._session.cue(name)
        return [*deeds, *(self._session.mark(name) if deeds and self._marks else [])]
