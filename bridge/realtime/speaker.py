"""Gives the track of a call its sound, piece by piece, and says which events are due with each. No I/O, no clock.

What belongs to the sound waits with it: the face's frames and cues. It is let go with the piece of the track in which
it begins, wherever that piece comes to stand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.realtime.settings import RATES
from bridge.realtime.sound import decoded

RATE: Final = RATES["pcm16"]
TICKS: Final = 2  # of 1/48000 s a sample
LONGEST: Final = 30  # seconds that wait

Event: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Due:
    """An event that is let go now; what it tells begins at `tick` of the track, None: it tells of no instant."""

    event: Event
    tick: int | None = None


class Speaker:
    """The sound of one call; `name` makes an event from its type and its fields."""

    def __init__(self, name: Callable[..., Event]) -> None:
        self._name = name
        self._pcm = bytearray()
        self._marks: deque[tuple[int, Due]] = deque()  # at which sample of the track
        self._played = 0  # samples of the track
        self._item = ""
        self._said = 0  # samples of the item that came
        self._response = ""  # whose sound comes
        self._heard = ""  # whose beginning was told
        self._done = False  # nothing more of it comes

    def take(self, event: Mapping[str, object]) -> bool:
        """Take an event that the track stands for or that waits for it; False for one that is told at once."""
        match event:
            case {"type": "response.output_audio.delta", "delta": str(delta)}:
                self._begin(event)
                pcm = decoded(delta)
                self._pcm += pcm
                self._said += len(pcm) // 2
                del self._pcm[LONGEST * RATE * 2 :]
                return True
            case {"type": "response.companion_face.delta" | "response.companion_cue", "pts": int(pts)}:
                self._begin(event)
                at = self._end + pts // TICKS - self._said
                self._marks.append((at, Due(dict(event), at * TICKS)))
                return True
            case {"type": "response.done"}:
                self._done = True
                return False
            case _:
                return False

    def pull(self, samples: int) -> tuple[bytes, list[Due]]:
        """Return the next piece of the track, silence where nothing is to be said, and what is due with it."""
        piece = bytes(self._pcm[: 2 * samples])
        del self._pcm[: 2 * samples]
        self._played += samples
        over = self._done and not self._pcm
        due: list[Due] = []
        while self._marks and (over or self._marks[0][0] < self._played):
            due.append(self._marks.popleft()[1])
        for each in due:
            if each.event["type"] == "output_audio_buffer.started":
                self._heard = str(each.event["response_id"])
        if over and self._response:
            due.append(Due(self._told("stopped", self._response)))
            self._response = self._heard = ""
        return piece.ljust(2 * samples, b"\0"), due

    def clear(self) -> list[Due]:
        """Fall silent; return what the client is told of it."""
        heard, self._heard, self._response = self._heard, "", ""
        self._pcm.clear()
        self._marks.clear()
        return [Due(self._told("cleared", heard))] if heard else []

    @property
    def _end(self) -> int:
        """Return the sample of the track at which what comes next will be heard."""
        return self._played + len(self._pcm) // 2

    def _begin(self, event: Mapping[str, object]) -> None:
        response, item = str(event["response_id"]), str(event["item_id"])
        if response != self._response:
            if self._response:
                self._marks.append((self._end, Due(self._told("stopped", self._response))))
            self._response, self._done = response, False
            self._marks.append((self._end, Due(self._told("started", response))))
        if item != self._item:
            self._item, self._said = item, 0

    def _told(self, what: str, response: str) -> Event:
        return self._name(f"output_audio_buffer.{what}", response_id=response)
