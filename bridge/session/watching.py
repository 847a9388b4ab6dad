"""Sees the user of one session: faces as clients tell them or as the engine reads them, and what follows from them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from bridge.core.attention import Attention, Notice, told
from bridge.core.rate import Bucket
from bridge.core.regard import Regard
from bridge.session.fanout import Fanout
from bridge.session.opening import Hooks, Opening, Shared
from bridge.session.pictures import Pictures, looks_like
from bridge.session.tool_calls import ToolCalls
from engines.api import EngineError, Picture, Seen, SeenFace, ToolResult
from engines.jobs import Sight
from protocol import messages as m

RATE: Final = 30.0  # of `seen` and `camera` a second
STATE: Final = "the user's face"  # what the dialogue knows of it, among the states of the scene


class Watching:
    """The faces before one companion. `noticed` is told what happens, `complain` a mistake of the client."""

    def __init__(
        self,
        shared: Shared,
        opening: Opening,
        hooks: Hooks,
        *,
        calls: ToolCalls,
        out: Fanout,
        noticed: Callable[[Notice], None],
        complain: Callable[[str, str], None],
    ) -> None:
        self._rules = shared.rules.sighted
        self._names = opening.hello.seen.names
        self._hooks, self._calls, self._out = hooks, calls, out
        self._noticed, self._complain = noticed, complain
        self._metrics = shared.metrics
        self._attention = Attention()
        self._bucket = Bucket(RATE, 2 * RATE)
        self._failing = False  # and the client was told
        self._pictures = Pictures(
            shared.companion.engines.sight,
            hooks,
            see=self._read,
            fail=self._failed,
            wrong=lambda why: complain("bad_camera", why),
        )
        mirror = self._rules.mirror
        self.regard = Regard(opening.rig, opening.hello.face.fps, mirror=mirror, meet=self._rules.regard)
        self._face: tuple[SeenFace, float] | None = None  # the largest, and when it was seen

    def recast(self, sight: Sight | None) -> None:
        """Read the next camera by another engine."""
        self._pictures.engine = sight

    # ----------------------------------------------------------------------------------------- what comes in

    def heed(self, message: m.Seen, now: float) -> None:
        """Take the faces that the client sees."""
        if not self._rules.seen:
            self._complain("unsupported", "this server does not heed faces")
            return
        if not self._affords(now):
            return
        count = len(self._names)
        if any(len(face.weights) not in (0, count) for face in message.faces):
            self._complain("bad_seen", f"the weights of a face are {count}, as many as hello.seen.names, or none")
            return
        self.see(Seen(tuple(self._value(face) for face in message.faces)))

    def look(self, message: m.Camera, now: float) -> None:
        """Take a picture: of a camera that runs, or the answer to a tool call."""
        if not message.call and self._pictures.engine is None:
            self._complain("unsupported", "this server does not look at pictures")
            return
        if not self._affords(now):
            return
        if not looks_like(message.data, message.format):
            self._complain("bad_camera", f"this file is no {message.format}")
            return
        picture = Picture(message.data, message.format)
        if not message.call:
            self._pictures.take(picture, now)
        elif self._calls.waits(message.call):
            self._hooks.spawn(self._show(message.call, picture))
        elif not self._calls.known(message.call):
            self._complain("unknown_call", f"there was no tool call {message.call}")

    async def _show(self, call: int, picture: Picture) -> None:
        self._calls.answer(call, ToolResult("ok", await self._pictures.words(picture), picture))

    def _affords(self, now: float) -> bool:
        if self._bucket.has(now, 1.0):
            self._bucket.spend(now, 1.0)
            return True
        self._complain("rate_limited", f"more than {RATE:g} faces or pictures a second; what is beyond that is dropped")
        return False

    def _value(self, face: m.SeenFace) -> SeenFace:
        weights = {name: byte / 255 for name, byte in zip(self._names, face.weights, strict=False)}
        return SeenFace(face.id, weights, *face.pose, face.gaze, face.place, face.size, face.present)

    # ----------------------------------------------------------------------------------------- what follows

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, if nothing is seen before."""
        return self._attention.deadline

    def expire(self, now: float) -> None:
        """Notice what has happened because nothing came."""
        self._tell(self._attention.expire(now))

    def talks(self, now: float) -> bool:
        """Return whether the user's mouth moves as if they talked."""
        return self._attention.talks(now)

    def states(self) -> Mapping[str, str]:
        """Return what the dialogue is told of the user's face, by the name of a state."""
        view = self._attention.view
        return {} if view is None or not self._rules.expressions else {STATE: told(view)}

    def performer(self, now: float, fresh: float) -> SeenFace | None:
        """Return the face that was seen last, within `fresh` seconds, with its weights."""
        if self._face is None or now - self._face[1] > fresh or not self._face[0].weights:
            return None
        return self._face[0]

    def see(self, seen: Seen) -> None:
        """Take what is seen now."""
        now = asyncio.get_running_loop().time()
        largest = max((face for face in seen.faces if face.present), key=lambda face: face.size, default=None)
        self._face = None if largest is None else (largest, now)
        notices = self._attention.see(seen, now)
        self._tell(notices)
        # Its own deadline may be nearer now.
        self._hooks.wake()

    def _read(self, seen: Seen) -> None:
        """Take what the engine has read in a picture."""
        self._failing = False
        self.see(seen)

    def _tell(self, notices: list[Notice]) -> None:
        view = self._attention.view
        self.regard.take(view.place if view else None, view.smile if view else 0.0)
        for notice in notices:
            self._noticed(notice)

    def _failed(self, error: EngineError) -> None:
        self._metrics.engine_failed(error.code)
        if self._failing:
            return  # it is tried again every few seconds: one word of it until it works
        self._failing = True
        self._out.post(m.Error(code=error.code, message=error.message))
