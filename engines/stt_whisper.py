"""The recogniser for people with a model: Whisper by faster-whisper, for many utterances at once on one device.

It knows utterances, languages and the device. When what is decoded stands in `engines.whisper_recognition`, how in
`engines.whisper_decoder`.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Final

import numpy as np

from engines.api import MIC_RATE, EngineError, Stream, Transcript
from engines.device_loop import DeviceLoop, Priority, Stage, open_device
from engines.measures import Work
from engines.mic_blocks import in_blocks
from engines.whisper_decoder import Decoded, WhisperDecoder, Window
from engines.whisper_guards import Thresholds
from engines.whisper_model import CODE, ModelChoice, resolve_device
from engines.whisper_recognition import Recognition

STAGE: Final = "whisper"


class WhisperStt:
    """Speech to text; see docs/HEARING.md for what each setting does.

    `language` is a code of Whisper's, "" for the session's own, "auto" to be detected in each utterance. A partial is
    made every `partial_s` seconds of speech, and no more than `trim_s` seconds are looked at again and again; up to
    `batch` utterances are decoded at once; a decoding that takes longer than `patience` is given up. All its errors
    have the code `stt_failed`.
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
    ) -> None:
        if beam < 1 or batch < 1 or not 0 < partial_s < trim_s / 2:
            raise ValueError("beam and batch are at least 1, partial_s is above 0 and below half of trim_s")
        self._choice = ModelChoice(model, device, compute_type, threads)
        self._limits = Thresholds(no_speech, logprob, compression)
        self._decoder = WhisperDecoder(self._choice, self._limits, beam=beam)
        self._beam = beam
        self._language = language
        self._every = round(partial_s * MIC_RATE)
        self._trim = round(trim_s * MIC_RATE)
        self._stage: Stage[Window, Decoded] = Stage(STAGE, self._decode, CODE, max_batch=batch, patience=patience)
        self._loop: DeviceLoop | None = None

    async def start(self) -> None:
        """Loads the model and decodes a second of noise; EngineError with what to do when that does not work."""
        kind, index = resolve_device(self._choice.device)
        # CTranslate2 lets go of the interpreter and has a stream of its own: it need not wait for another engine's.
        self._loop = open_device(f"{kind}:{index}/{STAGE}" if kind == "cuda" else "cpu", lane=STAGE)
        await self._loop.call(self._decoder.load, code=CODE, name="load whisper")
        noise = np.random.default_rng(0).standard_normal(MIC_RATE).astype(np.float32) * np.float32(0.01)
        # On a GPU a whole batch: whether it fits is known before clients come.
        count = self._stage.max_batch if kind == "cuda" else 1
        await self._loop.warm(self._stage, [Window(noise, "en", final=True)] * count)

    async def close(self) -> None:
        """Ends the worker and lets go of the model."""
        if self._loop is not None:
            loop, self._loop = self._loop, None
            await loop.close()
        self._decoder.release()

    def work(self) -> tuple[Work, ...]:
        """What the device has done."""
        return self._loop.work() if self._loop else ()

    async def transcribe(self, audio: Stream[bytes], language: str) -> Stream[Transcript]:
        """Partials from the first `partial_s` seconds on; the final, with word times, one decoding after the end.

        When the user has been silent for a moment before the end, it is there at once.
        """
        async with aclosing(audio):
            recognition = Recognition(
                self._run,
                self._decoder.context,
                self._limits,
                language=self._code(language),
                every=self._every,
                window=min(self._trim, self._decoder.window),
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
        if self._loop is None:
            raise EngineError(CODE, "The recogniser is closed.")
        priority = Priority.FINAL if waited_for else Priority.FIRST if window.final else Priority.PARTIAL
        # One prompt length and one search for each batch.
        group = (window.language, len(window.context), window.final and self._beam > 1)
        return await self._loop.run(self._stage, window, priority=priority, group=group)

    def _decode(self, windows: list[Window]) -> list[Decoded]:
        decoded = self._decoder.decode(windows)
        if self._loop is not None:
            seconds = sum(window.audio.size for window in windows) / MIC_RATE
            self._loop.credit(STAGE, audio=seconds, tokens=sum(len(one.tokens) for one in decoded))
        return decoded

    def _code(self, session: str) -> str:
        """Whisper's code of the language that is spoken, "" to be detected; EngineError when the model lacks it."""
        if self._language == "auto":
            return "" if self._decoder.multilingual else "en"
        code = (self._language or session).replace("_", "-").split("-")[0].lower()
        code = {"nb": "no", "fil": "tl", "iw": "he", "in": "id"}.get(code, code)
        if not self._decoder.knows(code):
            remedy = "set whisper.model to one that does" + ("" if self._decoder.multilingual else " (without .en)")
            raise EngineError(CODE, f"The Whisper model {self._choice.model} does not know {code!r}: {remedy}.")
        return code
