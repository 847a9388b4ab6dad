"""Gives the microphone to a duplex model, and makes utterances of what that hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from bridge.core.turn_events import (
    SpeechStarted,
    SpeechStopped,
    TalkPressed,
    TalkReleased,
    Transcribed,
)
from bridge.metrics import Metrics
from bridge.session.fanout import Fanout
from bridge.session.listen import continued
from bridge.session.opening import Hooks
from engines.api import MIC_RATE
from engines.duplex.exchange import Given, Pressed, Released, Sound
from engines.jobs import Engines
from protocol import messages as m

SILENCE: Final = 1.0  # seconds without a frame after which a microphone counts as gone; so much silence is then heard
KNOWN: Final = 16  # utterances that are still known


class TheirEars:
    """One session's microphone; the model alone says when somebody speaks."""

    works = True

    def __init__(self, tell: Callable[[Given], bool], hooks: Hooks, *, out: Fanout, metrics: Metrics) -> None:
        self._tell = tell
        self._hooks = hooks
        self._out = out
        self._metrics = metrics
        self._expected: int | None = None  # the pts that comes next
        self._frame_at = 0.0
        self._muted = False
        self._pressed = False
        self._speaking = False
        self._utterance = 0
        self._items: dict[str, int] = {}
        self._unnamed: list[int] = []  # utterances whose item is not known
        self._understood: set[int] = set()
        self.ended_at = 0.0  # when the user last stopped speaking, on the loop's clock

    # --------------------------------------------------------------------------------------- from the client

    def hear(self, mic: m.Mic, now: float) -> bool:
        """Take a microphone frame that came at `now` on the loop's clock; False if it is not one."""
        size = len(mic.data)
        if size % 2 or not 320 <= size <= 1920:
            self._metrics.mic_refused.inc()
            return False
        self._frame_at = now
        data, self._expected, _ = continued(self._expected, mic.pts, mic.data)
        if data:
            # The model's clock is the microphone's: what must not be heard is silence to it.
            self._tell(Sound(bytes(len(data)) if self._muted and not self._pressed else data))
        return True

    def talk(self, on: bool) -> None:
        """Press or release push-to-talk."""
        if on == self._pressed:
            return
        self._pressed = on
        loop = asyncio.get_running_loop()
        self._frame_at = loop.time()
        if on:
            self._tell(Pressed())
            self._hooks.decide(TalkPressed(self._next("")))
            return
        self.ended_at = loop.time()
        self._tell(Released())
        self._hooks.decide(TalkReleased(self._utterance))

    def mute(self, muted: bool) -> None:
        """Let the model hear silence while the loudspeaker plays what this microphone would hear."""
        self._muted = muted

    def stop(self) -> None:
        """End what is being said: the microphone is gone, and silence tells the model."""
        if self._pressed:
            self.talk(False)
        elif self._speaking:
            self._tell(Sound(bytes(round(2 * SILENCE * MIC_RATE))))
        self._expected = None

    def close(self, utterance: int) -> None:
        """Do nothing: the model decides when an utterance is over."""

    # ---------------------------------------------------------------------------------------- from the model

    def began(self, item: str) -> None:
        """Note that the model hears the user speak."""
        if self._speaking or self._pressed:
            return
        self._speaking = True
        self._hooks.decide(SpeechStarted(self._next(item)))

    def ended(self, item: str) -> None:
        """Note that the model takes the user's turn as over."""
        if not self._speaking:
            return
        self._speaking = False
        self.ended_at = asyncio.get_running_loop().time()
        if item:
            self._name(item)
        self._hooks.decide(SpeechStopped(self._utterance))

    def understood(self, item: str, text: str, *, final: bool) -> None:
        """Note what the model has understood."""
        text = text.strip()
        utterance = self._name(item)
        if utterance in self._understood:
            return
        if not final:
            self._out.post(m.TranscriptText(utterance=utterance, text=text, final=False))
            return
        self._understood.add(utterance)
        if text:
            self._out.keep(lambda seq: m.TranscriptText(utterance=utterance, text=text, final=True, seq=seq))
        self._hooks.decide(Transcribed(utterance, text))

    def lost(self) -> None:
        """Note that the model is gone: nobody hears the user."""
        waits = [number for number in (*self._items.values(), *self._unnamed) if number not in self._understood]
        self._items.clear()
        self._unnamed.clear()
        speaking, self._speaking = self._speaking, False
        if speaking:
            self._hooks.decide(SpeechStopped(self._utterance))
        for utterance in waits:
            self._understood.add(utterance)
            self._hooks.decide(Transcribed(utterance, ""))

    def _next(self, item: str) -> int:
        self._utterance += 1
        if item:
            self._items[item] = self._utterance
        else:
            self._unnamed.append(self._utterance)
        for old in list(self._items)[:-KNOWN]:
            del self._items[old]
        del self._unnamed[:-KNOWN]
        self._understood = {number for number in self._understood if number > self._utterance - 2 * KNOWN}
        return self._utterance

    def _name(self, item: str) -> int:
        """Return the utterance that the model calls `item`: the oldest without a name, if it was not named before."""
        if item in self._items:
            return self._items[item]
        if not self._unnamed:
            return self._next(item) if item or not self._utterance else self._utterance
        utterance = self._unnamed.pop(0)
        if item:
            self._items[item] = utterance
        return utterance

    # -------------------------------------------------------------------------------------- like other ears

    @property
    def rests(self) -> bool:
        """Return whether nobody is heard or being understood."""
        return not self._speaking and not self._pressed

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, if nothing comes before."""
        return self._frame_at + SILENCE if self._speaking and self._expected is not None else None

    def expire(self, now: float) -> None:
        """End the utterance of a microphone that has gone silent without a word."""
        if self.deadline is not None and now >= self.deadline:
            self.stop()

    def count(self, utterance: int) -> None:
        """Go on after `utterance`, which was heard elsewhere."""
        self._utterance = utterance

    def voice(self, utterance: int) -> str:
        """Return "": the model does not say whose voice it was."""
        return ""

    def forget(self) -> None:
        """Do nothing: nothing is kept of voices."""

    def recast(self, engines: Engines, language: str) -> None:
        """Do nothing: the model hears."""
