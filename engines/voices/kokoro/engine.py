"""Kokoro: a light neural model with many voices for a CPU, in a process of its own because it loads espeak-ng (GPL).

Text is read by espeak-ng (`engines.voices.reading.reader`) in the language of the text. Models that tell their
durations give exact phones; for the others espeak-ng's rendering of the text is laid over the sound.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Final

from engines.api import Phrase, Speech, Stream, Voice
from engines.measures.work import Work
from engines.process.child import Child
from engines.voices import files as voice_files
from engines.voices import process as voice_process
from engines.voices.files import CODE
from engines.voices.lifecycle import Lifecycle
from engines.voices.narration import Line, line, narrate, unheard
from engines.voices.reading.reader import Reader
from engines.voices.reading.text import pause_after
from engines.voices.speakers import unknown
from engines.voices.timing import Told, rendered, silence

# The first letter of a voice's name says which language it speaks.
PREFIXES: Final = {
    "en-gb": "b", "en": "a", "es": "e", "fr": "f", "hi": "h", "it": "i", "ja": "j", "pt": "p", "zh": "z",
    "cmn": "z",
}  # fmt: skip


class KokoroTts:
    """Kokoro; `model` is its .onnx file, `voices` the file of its voices.

    `voice` goes before the name in the Voice; without either it is the first voice of the language, or of all.
    `device` is "cpu" or "cuda"; `threads` (0: as onnxruntime likes) and `patience`, seconds of silence after which the
    process is replaced, are those of the process. Rates from 0.5 to 2 are followed, pitch is not. What it cannot do is
    an EngineError, code `tts_failed`.
    """

    name = "kokoro"
    rate = 24_000

    def __init__(
        self,
        *,
        model: str = "",
        voices: str = "",
        voice: str = "",
        device: str = "cpu",
        threads: int = 1,
        patience: float = 60.0,
    ) -> None:
        self._files = (model, voices)
        self._voice = voice
        self._options = (device, str(threads))
        self._patience = patience
        self._reader = Reader()
        self._life: Lifecycle[voice_process.LightVoice] = Lifecycle()
        self._names: tuple[str, ...] = ()

    async def start(self) -> None:
        """Start the process, load the model and warm it up."""
        model = voice_files.file(self._files[0], section="kokoro", what="the .onnx file of Kokoro")
        voices = voice_files.file(self._files[1], section="kokoro", what="the file of Kokoro's voices", key="voices")
        arguments = (str(model.resolve()), str(voices.resolve()), *self._options)
        child = Child("engines.voices.kokoro.child", arguments, name=self.name, code=CODE, patience=self._patience)
        async with self._life.starting(voice_process.opened(child, self._reader)) as voice:
            self._names = tuple(voice.about["voices"])
            await unheard(self._utter(line("Hello.", "en-us"), Voice(name=self._voice)))

    async def close(self) -> None:
        """End the processes."""
        await self._life.close()

    @property
    def running(self) -> voice_process.LightVoice:
        """The loaded voice and its process; EngineError `tts_failed` between `close` and the next `start`."""
        return self._life.ready()

    def work(self) -> tuple[Work, ...]:
        """Measure the processes."""
        return voice_process.work(self._life.running, self._reader)

    def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Speak in pieces of about a second, a line at a time; closing the stream abandons the line being made."""
        return narrate(phrases, voice, self._utter)

    async def _utter(self, line: Line, voice: Voice) -> Stream[Speech]:
        name = self._who(voice)
        text = line.stretch.text.strip()
        rendering = await rendered(self._reader, line.text, line.language, voice.rate)
        if not line.worded:
            yield silence(rendering, self.rate)
            return
        phonemes = await self._reader.marked(text, line.language)
        parts: list[Told] = []
        if any(map(str.isalpha, phonemes)):
            ask = {"phonemes": phonemes, "voice": name, "speed": voice.rate}
            parts = await self.running.sentences(self.rate, **ask)
        made = voice_process.pieces(parts, rendering, self.rate, line, pause_after(text) / voice.rate)
        async with aclosing(made):
            async for piece in made:
                yield piece

    def _who(self, voice: Voice) -> str:
        wanted = self._voice or voice.name
        if wanted and wanted not in self._names:
            raise unknown("Kokoro", wanted, self._names, kind="voice")
        if wanted:
            return wanted
        tag = voice.language.lower()
        prefix = PREFIXES.get(tag, PREFIXES.get(tag.split("-")[0], ""))
        return next((name for name in self._names if name.startswith(prefix)), self._names[0])
