"""Kokoro: a light neural model with many voices for a CPU, in a process of its own because it loads espeak-ng (GPL).

Text is read by espeak-ng (`engines.reader`) in the language of the text. Models that tell their durations give exact
phones; for the others espeak-ng's rendering of the text is laid over the sound.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from typing import Final

from engines import voice_files, voice_process
from engines.api import Phrase, Speech, Stream, Voice
from engines.child import Child
from engines.espeak_text import pause_after
from engines.measures import Work
from engines.narration import Line, line, narrate, unheard
from engines.reader import Reader
from engines.timing import Told, rendered, silence
from engines.voice_files import CODE
from engines.voice_speakers import unknown

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
        self._child: Child | None = None
        self._open = AsyncExitStack()
        self._names: tuple[str, ...] = ()

    async def start(self) -> None:
        """Starts the process, loads the model and says a word to nobody."""
        model = voice_files.file(self._files[0], section="kokoro", what="the .onnx file of Kokoro")
        voices = voice_files.file(self._files[1], section="kokoro", what="the file of Kokoro's voices", key="voices")
        arguments = (str(model.resolve()), str(voices.resolve()), *self._options)
        child = Child("engines.kokoro_child", arguments, name=self.name, code=CODE, patience=self._patience)
        async with AsyncExitStack() as stack:
            about = await stack.enter_async_context(voice_process.opened(child, self._reader))
            stack.callback(setattr, self, "_child", None)
            self._child = child
            self._names = tuple(about["voices"])
            await unheard(self._utter(line("Hello.", "en-us"), Voice(name=self._voice)))
            self._open = stack.pop_all()

    async def close(self) -> None:
        """Ends the processes."""
        await self._open.aclose()

    def work(self) -> tuple[Work, ...]:
        """What the processes did."""
        return (*(self._child.work.work() if self._child is not None else ()), *self._reader.work())

    def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Pieces of about a second, a line at a time; closing the stream abandons the line that is being made."""
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
            parts = await voice_process.sentences(self._child, self.rate, **ask)
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
