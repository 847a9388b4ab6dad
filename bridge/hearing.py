"""A session's ear: microphone frames in; transcripts to the client and events about the floor out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Final, assert_never

from bridge.companion import Rules
from bridge.core.turn_events import (
    EndOfTurnLikely,
    Event,
    PartlyTranscribed,
    SpeechPaused,
    SpeechStarted,
    SpeechStopped,
    TalkPressed,
    TalkReleased,
    Transcribed,
)
from bridge.fanout import Fanout
from bridge.listen import Began, Ended, Heard, Listener, Paused, Sound, Utterance
from bridge.metrics import Metrics
from engines.api import EngineError
from engines.jobs import Ending, Stt, Vad
from protocol import messages as m

log = logging.getLogger("bridge.hearing")

SILENCE: Final = 1.0  # seconds without a microphone frame after which an utterance is over ...
PRESSED_SILENCE: Final = 5.0  # ... while push-to-talk is down
PATIENCE: Final = 10.0  # seconds that a recogniser may take after the end of an utterance
OPINION: Final = 0.1  # seconds that the words wait for a judgement whether they are all


class Hearing:
    """One session's microphone and recogniser."""

    def __init__(
        self,
        vad: Vad | None,
        stt: Stt | None,
        ending: Ending | None,
        rules: Rules,
        *,
        language: str,
        out: Fanout,
        metrics: Metrics,
        decide: Callable[[Event], None],
        spawn: Callable[[Coroutine[None, None, None]], object],
    ) -> None:
        self._stt = stt
        self._ending = ending
        self._rules = rules
        self._language = language
        self._out = out
        self._metrics = metrics
        self._decide = decide
        self._spawn = spawn
        self._listener = Listener(
            vad.open() if vad and stt else None,
            vad.window if vad else 320,
            rules.hysteresis,
            longest=rules.longest_utterance,
        )
        self._open: dict[int, Utterance] = {}
        self._frame_at = 0.0  # when the last microphone frame came, on the loop's clock
        self.ended_at = 0.0  # when the user last stopped speaking, on the loop's clock

    @property
    def works(self) -> bool:
        """Whether there is a recogniser at all."""
        return self._stt is not None

    def hear(self, mic: m.Mic, now: float) -> bool:
        """One microphone frame, which came at `now` on the loop's clock; False if it is not one."""
        size = len(mic.data)
        if size % 2 or not 320 <= size <= 1920:
            self._metrics.mic_refused.inc()
            return False
        try:
            heard = self._listener.hear(mic.pts, mic.data)
        except EngineError as error:
            self._metrics.engine_failed("stt_failed")
            self._out.complain("stt_failed", error.message, 0)
            heard = self._listener.stop()
        self._frame_at = now
        if heard:
            self._take(heard)
        return True

    @property
    def deadline(self) -> float | None:
        """When an utterance is given up because nothing comes from the microphone any more."""
        if not self._listener.speaking:
            return None
        return self._frame_at + (PRESSED_SILENCE if self._listener.pressed else SILENCE)

    def expire(self, now: float) -> None:
        """End the utterance of a microphone that has gone silent without a word."""
        if (deadline := self.deadline) is not None and now >= deadline:
            self.stop()

    def talk(self, on: bool) -> None:
        """Push-to-talk."""
        self._frame_at = asyncio.get_running_loop().time()
        self._take(self._listener.press() if on else self._listener.release())

    def mute(self, muted: bool) -> None:
        """The loudspeaker plays what this microphone would hear, or no longer does."""
        if muted and not self._listener.muted and not self._listener.pressed:
            self.stop()
        self._listener.muted = muted

    def close(self, utterance: int) -> None:
        """What was said in `utterance` sounds finished: its pause is its end."""
        self._take(self._listener.close(utterance))

    def stop(self) -> None:
        """The microphone is gone."""
        self._take(self._listener.stop())

    def _take(self, heard: list[Heard]) -> None:
        for event in heard:
            match event:
                case Began(utterance, pressed):
                    if len(self._open) < self._rules.utterances_at_once:
                        self._open[utterance] = sound = Utterance()
                        self._spawn(self._understand(utterance, sound))
                    else:
                        sentence = "too many utterances are waiting to be understood"
                        self._out.post(m.Error(code="stt_failed", message=sentence))
                    self._decide(TalkPressed(utterance) if pressed else SpeechStarted(utterance))
                case Sound(data):
                    if running := self._open.get(self._listener.utterance):
                        running.push(data)
                case Paused(utterance, paused):
                    self._decide(SpeechPaused(utterance, paused))
                case Ended(utterance, pressed, cut):
                    self._ended(utterance, pressed=pressed, cut=cut)
                case _:
                    assert_never(event)

    def _ended(self, utterance: int, *, pressed: bool, cut: bool) -> None:
        loop = asyncio.get_running_loop()
        self.ended_at = loop.time()
        if cut:
            sentence = f"an utterance may last {self._rules.longest_utterance:g} s and was cut there"
            self._out.post(m.Error(code="turn_too_long", message=sentence))
        sound = self._open.get(utterance)
        if sound is not None:
            sound.end(give_up_at=loop.time() + PATIENCE)
        self._decide(TalkReleased(utterance) if pressed else SpeechStopped(utterance))
        if sound is None:
            # It was refused, or its recogniser has failed.
            self._decide(Transcribed(utterance, ""))

    async def _understand(self, utterance: int, sound: Utterance) -> None:
        """Recognise one utterance: partials as they come, then the words."""
        assert self._stt is not None
        text = ""
        try:
            async with (
                asyncio.timeout(None) as limit,
                aclosing(sound.audio()) as audio,
                aclosing(self._stt.transcribe(audio, self._language)) as transcripts,
            ):
                sound.limited_by(limit)
                async for transcript in transcripts:
                    if transcript.final:
                        text = transcript.text.strip()
                        break
                    self._out.post(m.TranscriptText(utterance=utterance, text=transcript.text, final=False))
                    partial = transcript.text.strip()
                    self._decide(PartlyTranscribed(utterance, partial, transcript.agreed))
                    await self._judge(utterance, partial)
        except EngineError as error:
            self._failed(error)
        except TimeoutError:
            self._failed(EngineError("stt_failed", "the recogniser did not answer in time", retryable=True))
        finally:
            del self._open[utterance]
        if sound.ended_at is not None:
            self._metrics.stage("transcript", asyncio.get_running_loop().time() - sound.ended_at)
        if text:
            self._out.keep(lambda seq: m.TranscriptText(utterance=utterance, text=text, final=True, seq=seq))
        await self._judge(utterance, text)
        self._decide(Transcribed(utterance, text))

    async def _judge(self, utterance: int, text: str) -> None:
        """Ask whether the user's turn is over; without an answer in time nothing is known."""
        if self._ending is None or not text:
            return
        try:
            async with asyncio.timeout(OPINION):
                likelihood = await self._ending.likely(text, self._language)
        except EngineError as error:
            log.warning("engine failed", extra={"code": error.code, "reason": error.message})
        except TimeoutError:
            log.warning("no judgement of the end of the turn in time")
        else:
            self._decide(EndOfTurnLikely(utterance, likelihood))

    def _failed(self, error: EngineError) -> None:
        self._metrics.engine_failed(error.code)
        log.warning("engine failed", extra={"code": error.code, "reason": error.message})
        self._out.post(m.Error(code=error.code, message=error.message))
