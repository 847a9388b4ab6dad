"""Shows what a session's speaker hears and sees to somebody beside: the frame, the words and the cues of that instant.

A viewer gets media ahead of its time; this keeps it until the speaker's playhead is there. It knows no tool and no
format: an `Onlooker` is told what is to be seen now.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from bridge.core.performing import Blend, channels
from bridge.core.timeline import MEDIA_RATE
from bridge.session.session import Session
from engines.api import SeenFace
from protocol import messages as m

log = logging.getLogger("bridge.session.mirror")

ROWS: Final = 120 * 60  # face frames that are kept
MARKS: Final = 2000  # words and cues that are kept
EASE: Final = 0.1  # seconds in which a face nearly comes to rest
LEAST: Final = 1 / 512  # of a value: less is none


class Onlooker(Protocol):
    """Whoever is shown it; nothing here waits."""

    def wears(self, names: Sequence[str]) -> None:
        """Take the names of the channels; ValueError when these are of no use."""
        ...

    def face(self, values: Sequence[float], now: float) -> None:
        """Show the channels' values, in their own units."""
        ...

    def begin(self) -> None:
        """Begin a reply."""
        ...

    def word(self, text: str, gap: str, now: float) -> None:
        """Add words, and what stands before them."""
        ...

    def cue(self, name: str, now: float) -> None:
        """Show an emotion or a gesture."""
        ...

    def silence(self, now: float) -> None:
        """End a reply, heard or cut."""
        ...


class Mirror:
    """A viewer of one session after another; `show` is to be called at the rate at which faces are to be seen.

    While the companion is silent, the face of `performer` is shown instead, where there is one at that instant; in the
    channels `worn` as long as no session has told its own.
    """

    def __init__(
        self,
        onlooker: Onlooker,
        performer: Callable[[float], SeenFace | None] = lambda now: None,
        worn: Sequence[str] = (),
    ) -> None:
        """Begin to watch nobody."""
        self._onlooker = onlooker
        self._performer = performer
        self._blend = Blend()
        self._played: tuple[float, ...] = ()  # by the performer, last
        self._names: tuple[str, ...] = ()
        self._worn = tuple(worn)
        self._read = channels(())
        self._session: Session | None = None
        self._scale: tuple[tuple[float, float], ...] = ()  # from a byte to a value: least, and size of a step
        self._fps = 60
        self._turn = 0
        self._speaks = False
        self._rows: deque[tuple[int, int, bytes]] = deque(maxlen=ROWS)  # turn, pts, weights
        self._marks: deque[tuple[int, int, m.WordText | m.CueAt]] = deque(maxlen=MARKS)
        self._idle: deque[tuple[int, bytes]] = deque(maxlen=ROWS)
        self._idle_from: float | None = None  # when the idle clock stood at 0
        self._values: tuple[float, ...] = ()
        self._shown_at = 0.0
        self.backlog = 0  # of a link: nothing waits for a socket here

    # ------------------------------------------------------------------------------------------- as a viewer

    def follow(self, session: Session | None) -> None:
        """Watch another session from now on, or none."""
        if self._session is session:
            return
        if self._session is not None:
            self._session.detach(self)
        self._session = session
        for kept in (self._rows, self._marks, self._idle):
            kept.clear()
        self._turn, self._idle_from = 0, None
        if session is not None:
            session.watch(self)

    def post(self, message: m.ServerMessage, size: int) -> None:
        """Keep what is to be seen later."""
        match message:
            case m.Welcome():
                self._wear(message.face)
            case m.Media(turn=0):
                self._idle.extend((pts, row) for pts, row in self._cut(message))
            case m.Media():
                self._rows.extend((message.turn, pts, row) for pts, row in self._cut(message))
            case m.WordText() | m.CueAt():
                self._marks.append((message.turn, message.pts, message))
            case _:
                pass

    def cut(self, interrupted: m.Interrupted) -> None:
        """Forget what will not be heard."""
        for kept in (self._rows, self._marks):
            while kept and kept[0][0] <= interrupted.turn:
                kept.popleft()

    def finish(self, error: m.Error | None) -> None:
        """End with the session."""
        self._session = None

    # ------------------------------------------------------------------------------------------------ at an instant

    def show(self, now: float) -> None:
        """Show what is heard and seen at `now`."""
        heard = self._session.heard(now) if self._session is not None else None
        if heard is None:
            self._end(now)
            self._rest(now)
            return
        turn, pts = heard
        if turn != self._turn or not self._speaks:
            self._end(now)
            self._turn, self._speaks = turn, True
            self._onlooker.begin()
        row = None
        while self._rows and self._rows[0][:2] <= (turn, pts):
            row = self._rows.popleft()[2]
        if row is not None:
            self._values = tuple(low + byte * step for byte, (low, step) in zip(row, self._scale, strict=False))
        self._tell(turn, pts, now)
        self._shown_at = now
        self._see(now)

    def _tell(self, turn: int, pts: int, now: float) -> None:
        while self._marks and self._marks[0][:2] <= (turn, pts):
            match self._marks.popleft()[2]:
                case m.WordText(text=text, gap=gap):
                    self._onlooker.word(text, gap, now)
                case m.CueAt(name=name):
                    self._onlooker.cue(name, now)

    def _end(self, now: float) -> None:
        """End the reply that was heard: its last words are told, if it was heard to its end."""
        if self._speaks:
            self._tell(self._turn, MEDIA_RATE * 3600, now)
            self._speaks = False
            self._onlooker.silence(now)

    def _rest(self, now: float) -> None:
        """Show idle life where the client asked for it, else come to rest."""
        if self._idle:
            if self._idle_from is None:
                self._idle_from = now - self._idle[0][0] / MEDIA_RATE
            due, row = (now - self._idle_from) * MEDIA_RATE, None
            while self._idle and self._idle[0][0] <= due:
                row = self._idle.popleft()[1]
            if row is not None:
                self._values = tuple(low + byte * step for byte, (low, step) in zip(row, self._scale, strict=False))
        else:
            self._idle_from = None
            left = max(0.0, 1 - (now - self._shown_at) / EASE)
            self._values = tuple(value * left if abs(value) > LEAST else 0.0 for value in self._values)
        self._shown_at = now
        self._see(now)

    def _see(self, now: float) -> None:
        played = self._performer(now)
        if played is not None:
            if not self._names and self._worn:
                self._dress(self._worn)
            self._played = self._read(played)
        share = self._blend.step(now, performs=played is not None and not self._speaks)
        values = self._values or (0.0,) * len(self._names)
        if share and len(self._played) == len(values):
            values = self._blend.mixed(values, self._played)
        if values:
            self._onlooker.face(values, now)

    def _dress(self, names: Sequence[str]) -> None:
        self._onlooker.wears(names)
        self._names = tuple(names)
        self._read = channels(names)
        self._played = ()

    def _wear(self, face: m.WelcomeFace) -> None:
        self._fps = max(1, face.fps)
        try:
            self._dress(face.names)
        except ValueError as error:
            log.warning("the face of this session is not shown", extra={"reason": str(error)})
            self._scale = self._values = ()
            return
        self._scale = tuple((low, (high - low) / 255) for low, high in face.ranges)
        self._values = (0.0,) * len(face.names)

    def _cut(self, media: m.Media) -> list[tuple[int, bytes]]:
        width = len(self._scale)
        if not width or not media.face:
            return []
        rows = [media.face[at : at + width] for at in range(0, len(media.face), width)]
        return [(media.face_pts + number * MEDIA_RATE // self._fps, row) for number, row in enumerate(rows)]
