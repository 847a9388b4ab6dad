"""The recogniser for people with a model: Whisper by faster-whisper, for many utterances at once on one device.

It knows utterances, languages and the device. When what is decoded stands in `engines.hearing.whisper.recognition`, how
in `engines.hearing.whisper.decoder`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

import numpy as np

from engines.api import MIC_RATE, EngineError, Stream, Transcript
from engines.device.loop import DeviceLoop, Priority, Stage, open_device
from engines.hearing.blocks import in_blocks
from engines.hearing.whisper.decoder import Decoded, WhisperDecoder, Window
from engines.hearing.whisper.guards import Thresholds
from engines.hearing.whisper.hint import hint
from engines.hearing.whisper.model import CODE, ModelChoice, resolve_device
from engines.hearing.whisper.recognition import Recognition
from engines.measures.work import Work

STAGE: Final = "whisper"
HINT: Final = 128  # tokens of what the model is told before it listens


class WhisperStt:
    """Speech to text; see docs/HEARING.md for what each setting does.

    `language` is a code of Whisper's, "" for the session's own, "auto" to be detected in each utterance. A partial is
    made every `partial_s` seconds of speech, and no more than `trim_s` seconds are looked at again and again; up to
    `batch` utterances are decoded at once; a decoding that takes longer than `patience` is given up. `person` is the
    companion's name and `topics` what it may be asked about: with `hints` both, and the names of those who talk, are
    told to the model before it listens. All its errors have the code `stt_failed`.
    """

    name = "faster-whisper"

    def __init__(
        self,
        *,
        model: str = "small",
        device: str = "auto",
        compute_type: str = "auto",
        language: str = "",
        beam: int = 1,
        threads: int = 0,
        batch: int = 8,
        partial_s: float = 0.6,
        trim_s: float = 15.0,
        no_speech: float = 0.6,
        logprob: float = -1.0,
        compression: float = 2.4,
        patience: float = 30.0,
        hints: bool = True,
        person: str = "",
        topics: Sequence[str] = (),
    ) -> None:
        if beam < 1 or batch < 1 or not 0 < partial_s < trim_s / 2:
            raise ValueError("beam and batch are at least 1, partial_s is above 0 and below half of trim_s")
        self._choice = ModelChoice(model, device, compute_type, threads)
        self._limits = Thresholds(no_speech, logprob, compression)
        self.decoder = WhisperDecoder(self._choice, self._limits, beam=beam)
        self._beam = beam
        self._language = language
        self._person = person
        self._topics = tuple(topics)
        self._hints = hints
        self._every = round(partial_s * MIC_RATE)
        self._trim = round(trim_s * MIC_RATE)
        self.stage: Stage[Window, Decoded] = Stage(STAGE, self._decode, CODE, max_batch=batch, patience=patience)
        self.device: DeviceLoop | None = None
        self._lent = False  # the model is another's

    def for_person(self, *, person: str = "", topics: Sequence[str] = ()) -> WhisperStt:
        """Return a recogniser that is told of another person, with the same model; it hears while this one runs."""
        other = copy.copy(self)
        other._person, other._topics, other._lent = person, tuple(topics), True
        return other

    async def start(self) -> None:
        """Load the model and decode a second of noise; EngineError with what to do when that does not work."""
        if self._lent:
            return
        kind, index = resolve_device(self._choice.device)
        # CTranslate2 lets go of the interpreter and has a stream of its own: it need not wait for another engine's.
        self.device = open_device(f"{kind}:{index}/{STAGE}" if kind == "cuda" else "cpu", lane=STAGE)
        await self.device.call(self.decoder.load, code=CODE, name="load whisper")
        noise = np.random.default_rng(0).standard_normal(MIC_RATE).astype(np.float32) * np.float32(0.01)
        # On a GPU a whole batch: whether it fits is known before clients come.
        count = self.stage.max_batch if kind == "cuda" else 1
        await self.device.warm(self.stage, [Window(noise, "en", final=True)] * count)

    async def close(self) -> None:
        """End the worker and release the model."""
        if self._lent:
            return
        if self.device is not None:
            loop, self.device = self.device, None
            await loop.close()
        self.decoder.release()

    def work(self) -> tuple[Work, ...]:
        """Measure the device."""
        return self.device.work() if self.device and not self._lent else ()

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield partials from the first `partial_s` seconds on; the final, with word times, one decoding after the end.

        When the user has been silent for a moment before the end, it is there at once.
        """
        async with aclosing(audio):
            code = self._code(language)
            known = hint([self._person, *names], self._topics, code) if self._hints else ""
            told = self.decoder.context(known, most=HINT)
            recognition = Recognition(
                self._run,
                lambda before: told + self.decoder.context(before),
                self._limits,
                language=code,
                every=self._every,
                window=min(self._trim, self.decoder.window),
            )
            try:
                async with aclosing(in_blocks(audio)) as blocks:
                    async for block in blocks:
                        if partial := recognition.hear(block):
                            yield partial
                yield await recognition.finish()
            finally:
                await recognition.close()

    async def _run(self, window: Window, waited_for: bool) -> Decoded:
        if self.device is None:
            raise EngineError(CODE, "The recogniser is closed.")
        priority = Priority.FINAL if waited_for else Priority.FIRST if window.final else Priority.PARTIAL
        # One prompt length and one search for each batch.
        group = (window.language, len(window.context), window.final and self._beam > 1)
        return await self.device.run(self.stage, window, priority=priority, group=group)

    def _decode(self, windows: list[Window]) -> list[Decoded]:
        decoded = self.decoder.decode(windows)
        if self.device is not None:
            seconds = sum(window.audio.size for window in windows) / MIC_RATE
            self.device.credit(STAGE, audio=seconds, tokens=sum(len(one.tokens) for one in decoded))
        return decoded

    def _code(self, session: str) -> str:
        """Find Whisper's code of the spoken language, "" to be detected; EngineError when the model lacks it."""
        if self._language == "auto":
            return "" if self.decoder.multilingual else "en"
        code = (self._language or session).replace("_", "-").split("-")[0].lower()
        code = {"nb": "no", "fil": "tl", "iw": "he", "in": "id"}.get(code, code)
        if not self.decoder.knows(code):
            remedy = "set whisper.model to one that does" + ("" if self.decoder.multilingual else " (without .en)")
            raise EngineError(CODE, f"The Whisper model {self._choice.model} does not know {code!r}: {remedy}.")
        return code
