"""Hears one user: microphone frames in; transcripts to the client and events about the floor out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import Final, assert_never

from bridge.core.turn_events import (
    EndOfTurnLikely,
    PartlyTranscribed,
    SpeechPaused,
    SpeechStarted,
    SpeechStopped,
    TalkPressed,
    TalkReleased,
    Transcribed,
)
from bridge.session.driven import asked, driven, failure, guarded
from bridge.session.fanout import Fanout
from bridge.session.listen import Began, Ended, Heard, Listener, Paused, Sound
from bridge.session.opening import Hooks, Shared
from bridge.session.tone import Tone
from bridge.session.utterance import Utterance
from engines.api import EngineError
from engines.jobs import Engines
from engines.measures.tracing import traced
from protocol import messages as m

log = logging.getLogger("bridge.session.hearing")

SILENCE: Final = 1.0  # seconds without a microphone frame after which an utterance is over ...
PRESSED_SILENCE: Final = 5.0  # ... while push-to-talk is down
SLOW: Final = 4.5  # seconds after the end of an utterance in which its words should be known
WHO: Final = 0.5  # seconds that the words wait to be told whose they are
VOICES: Final = 8  # utterances of which that is kept
OPINION: Final = 0.1  # seconds that the words wait for a judgement whether they are all


class Hearing:
    """One session's microphone and recogniser."""

    def __init__(
        self, shared: Shared, hooks: Hooks, *, language: str, names: Sequence[str], out: Fanout, session: str = ""
    ) -> None:
        """Hear by the companion's engines; with `session`, its name, whose voice it is as well, if an engine tells."""
        engines = shared.companion.engines
        rules = shared.rules
        vad, self._stt, self._ending = engines.vad, engines.stt, engines.ending
        self._rules = rules
        self._language = language
        self._names = tuple(name for name in names if name)
        self._out = out
        self._metrics = shared.metrics
        self._hooks = hooks
        self._listener = Listener(
            vad.open() if vad and self._stt else None,
            vad.window if vad else 320,
            rules.hysteresis,
            longest=rules.longest_utterance,
        )
        self._tone = Tone(engines.intonation, hooks)
        self._diarizer = engines.diarizer if session else None
        self._session = session
        self._voices: dict[int, str] = {}  # whose utterances were, where several share the microphone
        self._open: dict[int, Utterance] = {}
        self._late_at: dict[int, float] = {}  # when an utterance's words are late
        self._frame_at = 0.0  # when the last microphone frame came, on the loop's clock
        self.ended_at = 0.0  # when the user last stopped speaking, on the loop's clock

    def voice(self, utterance: int) -> str:
        """Return what to call whoever spoke `utterance`, "" where that is not known."""
        return self._voices.get(utterance, "")

    def forget(self) -> None:
        """Forget whose voices were heard: the session is over."""
        if self._diarizer is not None:
            with suppress(EngineError), guarded("diarizer"):
                self._diarizer.forget(self._session)

    def recast(self, engines: Engines, language: str) -> None:
        """Understand the next utterance by these engines, in `language`."""
        self._stt, self._ending, self._language = engines.stt, engines.ending, language

    @property
    def works(self) -> bool:
        """Return whether there is a recogniser at all."""
        return self._stt is not None

    def hear(self, mic: m.Mic, now: float) -> bool:
        """Take a microphone frame that came at `now` on the loop's clock; False if it is not one, or nobody listens."""
        data = mic.data
        size = len(data)
        if self._stt is None:
            return False
        if size % 2 or not 320 <= size <= 1920:
            self._metrics.mic_refused.inc()
            return False
        try:
            heard = self._listener.hear(mic.pts, data)
        except Exception as broken:  # whatever an engine raises; a `with` would cost each frame
            error = failure("vad", broken)
            self._metrics.engine_failed("stt_failed")
            self._out.complain("stt_failed", error.message, 0)
            heard = self._listener.stop()
        self._frame_at = now
        if heard:
            self._take(heard)
        return True

    @property
    def rests(self) -> bool:
        """Return whether nobody is heard or being understood."""
        return not self._open and not self._listener.speaking

    def count(self, utterance: int) -> None:
        """Go on after `utterance`, which was heard elsewhere: numbers are never given twice."""
        self._listener.utterance = utterance

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, if nothing comes before."""
        late = min(self._late_at.values(), default=None)
        instants = [at for at in (late, self._silent_at) if at is not None]
        return min(instants, default=None)

    @property
    def _silent_at(self) -> float | None:
        """When an utterance is given up because nothing comes from the microphone any more."""
        if not self._listener.speaking:
            return None
        return self._frame_at + (PRESSED_SILENCE if self._listener.pressed else SILENCE)

    def expire(self, now: float) -> None:
        """End the utterance of a microphone that has gone silent without a word; tell that words are late."""
        if (silent_at := self._silent_at) is not None and now >= silent_at:
            self.stop()
        for utterance in [utterance for utterance, at in self._late_at.items() if now >= at]:
            del self._late_at[utterance]
            sentence = "the recogniser is slow or has stalled; the words are still waited for"
            self._out.post(m.Error(code="stt_slow", message=sentence))

    def talk(self, on: bool) -> None:
        """Press or release push-to-talk."""
        self._frame_at = asyncio.get_running_loop().time()
        self._take(self._listener.press() if on else self._listener.release())

    def mute(self, muted: bool) -> None:
        """Stop listening while the loudspeaker plays what this microphone would hear."""
        if muted and not self._listener.muted and not self._listener.pressed:
            self.stop()
        self._listener.muted = muted

    def close(self, utterance: int) -> None:
        """End `utterance` in its pause: what was said sounds finished."""
        self._take(self._listener.close(utterance))

    def stop(self) -> None:
        """End what is being said: the microphone is gone."""
        self._take(self._listener.stop())

    def _take(self, heard: list[Heard]) -> None:
        for event in heard:
            match event:
                case Began(utterance, pressed):
                    self._tone.begin()
                    if len(self._open) < self._rules.utterances_at_once:
                        self._open[utterance] = sound = Utterance(keep=self._diarizer is not None)
                        body = partial(self._understand, utterance, sound)
                        self._hooks.spawn(traced("utterance", body, utterance=utterance))
                    else:
                        sentence = "too many utterances are waiting to be understood"
                        self._out.post(m.Error(code="stt_failed", message=sentence))
                    self._hooks.decide(TalkPressed(utterance) if pressed else SpeechStarted(utterance))
                case Sound(data):
                    self._tone.push(data)
                    if running := self._open.get(self._listener.utterance):
                        running.push(data)
                case Paused(utterance, paused):
                    self._hooks.decide(SpeechPaused(utterance, paused))
                    if paused:
                        self._tone.pause(utterance)
                    else:
                        self._tone.stop()
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
            sound.end(give_up_at=loop.time() + self._rules.limits.transcript)
            self._late_at[utterance] = loop.time() + SLOW
        self._hooks.decide(TalkReleased(utterance) if pressed else SpeechStopped(utterance))
        if sound is None:
            # It was refused, or its recogniser has failed.
            self._hooks.decide(Transcribed(utterance, ""))

    async def _understand(self, utterance: int, sound: Utterance) -> None:
        """Recognise one utterance: partials as they come, then the words."""
        text = ""
        try:
            text = await self._recognise(utterance, sound)
        except EngineError as error:
            self._failed(error)
        except TimeoutError:
            self._failed(EngineError("stt_failed", "the recogniser did not answer in time", retryable=True))
        finally:
            del self._open[utterance]
            self._late_at.pop(utterance, None)
        if sound.ended_at is not None:
            self._metrics.stage("transcript", asyncio.get_running_loop().time() - sound.ended_at)
        if text:
            self._out.keep(lambda seq: m.TranscriptText(utterance=utterance, text=text, final=True, seq=seq))
        await self._judge(utterance, text, final=True)
        self._hooks.decide(Transcribed(utterance, text))

    async def _recognise(self, utterance: int, sound: Utterance) -> str:
        """Return the words, "" for none; TimeoutError or EngineError when they cannot be had."""
        stt = self._stt
        assert stt is not None
        async with (
            asyncio.timeout(None) as limit,
            aclosing(sound.audio()) as audio,
            aclosing(driven("stt", lambda: stt.transcribe(audio, self._language, self._names))) as transcripts,
        ):
            sound.limited_by(limit)
            async for transcript in transcripts:
                text = transcript.text.strip()
                if transcript.final:
                    if text:
                        await self._tell_apart(utterance, bytes(sound.heard))
                    return text
                self._out.post(m.TranscriptText(utterance=utterance, text=transcript.text, final=False))
                self._hooks.decide(PartlyTranscribed(utterance, text, transcript.agreed))
                await self._judge(utterance, text)
        raise EngineError("stt_failed", "the recogniser ended without its final words")

    async def _tell_apart(self, utterance: int, pcm: bytes) -> None:
        """Ask whose voice it was; without an answer in time it is the user's."""
        diarizer = self._diarizer
        if diarizer is None or not pcm:
            return
        try:
            async with asyncio.timeout(WHO):
                who = await asked("diarizer", lambda: diarizer.who(pcm, self._session))
        except EngineError as error:
            self._metrics.engine_failed("stt_failed")
            log.warning("engine failed", extra={"code": error.code, "reason": error.message})
        except TimeoutError:
            log.warning("nobody said in time whose voice it was")
        else:
            self._voices[utterance] = who
            for old in list(self._voices)[:-VOICES]:
                del self._voices[old]

    async def _judge(self, utterance: int, text: str, *, final: bool = False) -> None:
        """Ask whether the user's turn is over; without an answer in time nothing is known."""
        ending = self._ending
        if ending is None or not text:
            return
        try:
            async with asyncio.timeout(OPINION):
                likelihood = await asked("ending", lambda: ending.likely(text, self._language))
        except EngineError as error:
            log.warning("engine failed", extra={"code": error.code, "reason": error.message})
        except TimeoutError:
            log.warning("no judgement of the end of the turn in time")
        else:
            self._hooks.decide(EndOfTurnLikely(utterance, likelihood, final))

    def _failed(self, error: EngineError) -> None:
        self._metrics.engine_failed(error.code)
        log.warning("engine failed", extra={"code": error.code, "reason": error.message})
        self._out.post(m.Error(code=error.code, message=error.message))
