"""One Realtime client's pipe, as a link of its session: what the session says leaves as events."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from bridge.errors import close_code
from bridge.realtime.conversation import Conversation
from bridge.realtime.effects import Effect, Settle, Told
from bridge.realtime.speaker import Due, Speaker
from bridge.server.realtime.pipe import Gone, Pipe
from bridge.session.alarm import Alarm
from protocol import messages as m

ABORT_AFTER: Final = 2.0  # seconds that a polite close may take


class Line:
    """Writes events in their order; `do` is given what else follows from what the session says.

    With a `speaker`, sound and what belongs to it go there.
    """

    def __init__(
        self,
        pipe: Pipe,
        conversation: Conversation,
        *,
        max_backlog: int,
        do: Callable[[list[Effect]], None],
        speaker: Speaker | None = None,
    ) -> None:
        self._pipe = pipe
        self._speaker = speaker
        self._conversation = conversation
        self._max_backlog = max_backlog
        self._do = do
        self._unsent: deque[tuple[str, bool]] = deque()
        self._bytes = 0
        self._alarm = Alarm()
        self.finished = False
        self._farewell: m.Error | None = None

    # -------------------------------------------------------------------------------------------------- as a Link

    @property
    def backlog(self) -> int:
        """Return the bytes that wait, as many as they would be on the bridge's own wire."""
        # Base64 in JSON takes more than the samples do, which is what the session counts in.
        return (self._bytes + self._pipe.waiting) * 2 // 3

    def post(self, message: m.ServerMessage, size: int) -> None:
        """Send what `message` comes to."""
        if not self.finished:
            self.follow(self._conversation.tell(message))

    def cut(self, interrupted: m.Interrupted) -> None:
        """Drop sound and face that are unsent, and send what else is left and the end of the response."""
        if self.finished:
            return
        self._unsent = deque(item for item in self._unsent if not item[1])
        self._bytes = sum(len(text) for text, _ in self._unsent)
        if self._speaker is not None:
            self.due(self._speaker.clear())
        self.follow(self._conversation.tell(interrupted))

    def finish(self, error: m.Error | None) -> None:
        """Send what is unsent and `error`, then close; a socket that does not take it is aborted."""
        if self.finished:
            return
        if error is not None:
            self.follow(self._conversation.error(error.code, error.message))
        self.finished = True
        self._farewell = error
        asyncio.get_running_loop().call_later(ABORT_AFTER, self._pipe.abort)
        self._alarm.ring()

    # -------------------------------------------------------------------------------------------------- as a writer

    def follow(self, effects: Iterable[Effect]) -> None:
        """Send the events among `effects`; everything else follows as soon as the session has come to rest."""
        later: list[Effect] = []
        for effect in effects:
            match effect:
                case Told():
                    self.tell(effect)
                case Settle():
                    asyncio.get_running_loop().call_soon(self._settle)
                case _:
                    later.append(effect)
        if later:
            asyncio.get_running_loop().call_soon(self._do, later)

    def tell(self, told: Told) -> None:
        """Send an event."""
        if self._speaker is None or not self._speaker.take(told.event):
            self._send(told)

    def _send(self, told: Told) -> None:
        if self.finished:
            return
        text = msgspec.json.encode(told.event).decode()
        self._unsent.append((text, told.droppable))
        self._bytes += len(text)
        if self._bytes > self._max_backlog:
            self._unsent.clear()
            self._bytes = 0
            self.finish(
                m.Error(code="slow_client", message="you read more slowly than the companion speaks", fatal=True)
            )
        self._alarm.ring()

    def due(self, events: Iterable[Due], origin: int | None = None) -> None:
        """Send what the track has come to; `origin` is the RTP timestamp of its beginning, where that is known."""
        for each in events:
            timed = each.tick is not None and origin is not None
            rtp = {"rtp": (origin + each.tick) % 2**32} if timed else {}  # type: ignore[operator]  # neither is None
            self._send(Told(each.event | rtp))

    def _settle(self) -> None:
        if not self.finished:
            self.follow(self._conversation.settle())

    async def write(self) -> None:
        """Write until the socket is closed, or `finish` was called and everything is said."""
        try:
            while True:
                while self._unsent:
                    text, _ = self._unsent.popleft()
                    self._bytes -= len(text)
                    await self._pipe.send(text)
                if self.finished:
                    break
                await self._alarm.until(None)
            farewell = self._farewell
            if farewell is None:
                await self._pipe.close(1000, "bye")
            else:
                await self._pipe.close(close_code(farewell.code), farewell.code)
        except Gone:
            pass
