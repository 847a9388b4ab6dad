"""Says what a session needs of whoever hears its user: its own recogniser, or a model that does that by itself."""

from __future__ import annotations

from typing import Protocol

from engines.jobs import Engines
from protocol import messages as m


class Ears(Protocol):
    """One session's microphone. Nothing here waits."""

    ended_at: float  # when the user last stopped speaking, on the loop's clock

    @property
    def works(self) -> bool:
        """Return whether anybody hears at all."""
        ...

    @property
    def rests(self) -> bool:
        """Return whether nobody is heard or being understood."""
        ...

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, if nothing comes before."""
        ...

    def expire(self, now: float) -> None:
        """Do what is due."""
        ...

    def hear(self, mic: m.Mic, now: float) -> bool:
        """Take a microphone frame that came at `now` on the loop's clock; False if it is not one."""
        ...

    def talk(self, on: bool) -> None:
        """Press or release push-to-talk."""
        ...

    def mute(self, muted: bool) -> None:
        """Stop listening while the loudspeaker plays what this microphone would hear."""
        ...

    def close(self, utterance: int) -> None:
        """End `utterance` in its pause: what was said sounds finished."""
        ...

    def stop(self) -> None:
        """End what is being said: the microphone is gone."""
        ...

    def voice(self, utterance: int) -> str:
        """Return what to call whoever spoke `utterance`, "" where that is not known."""
        ...

    def count(self, utterance: int) -> None:
        """Go on after `utterance`, which was heard elsewhere: numbers are never given twice."""
        ...

    def forget(self) -> None:
        """Forget whose voices were heard: the session is over."""
        ...

    def recast(self, engines: Engines, language: str) -> None:
        """Understand the next utterance by these engines, in `language`."""
        ...
