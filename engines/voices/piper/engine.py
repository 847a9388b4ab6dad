"""Piper: light neural voices for a CPU, in a process of their own because piper-tts is GPL-3.0-or-later.

Its durations give exact phones where the voice tells them (with the package onnx every VITS voice of Piper does); else
espeak-ng's rendering of the text is laid over the sound. It knows lines and voices, not how Piper is called.
"""

from __future__ import annotations

from contextlib import aclosing

from engines.api import Phrase, Speech, Stream, Voice
from engines.measures.work import Work
from engines.process.child import Child
from engines.voices import files as voice_files
from engines.voices import process as voice_process
from engines.voices.files import CODE
from engines.voices.lifecycle import Lifecycle
from engines.voices.narration import Line, line, narrate, unheard
from engines.voices.reading.reader import Reader
from engines.voices.reading.text import pause_after, voice_names
from engines.voices.speakers import chosen
from engines.voices.timing import rendered, silence


class PiperTts:
    """A Piper voice; `model` is its .onnx file, with the .onnx.json beside it.

    `speaker` goes before the name in the Voice; `device` is "cpu" or "cuda"; `threads` (0: as onnxruntime likes) and
    `patience`, seconds of silence after which the process is replaced, are those of the process. A Voice's pitch is not
    followed. What it cannot do is an EngineError, code `tts_failed`.
    """

    name = "piper"

    def __init__(
        self, *, model: str = "", speaker: str = "", device: str = "cpu", threads: int = 1, patience: float = 60.0
    ) -> None:
        self.rate = 22_050
        self._named = model
        self._speaker = speaker
        self._options = (device, str(threads))
        self._patience = patience
        self._reader = Reader()
        self._life: Lifecycle[voice_process.LightVoice] = Lifecycle()
        self._speakers: tuple[str, ...] = ()
        self._language = "en-us"

    async def start(self) -> None:
        """Start the process, load the voice and warm it up."""
        path = voice_files.file(self._named, section="piper", what="the .onnx file of a Piper voice")
        arguments = (str(path.resolve()), *self._options)
        child = Child("engines.voices.piper.child", arguments, name=self.name, code=CODE, patience=self._patience)
        async with self._life.starting(voice_process.opened(child, self._reader)) as voice:
            self.rate = voice.about["rate"]
            self._speakers = tuple(voice.about["speakers"])
            self._language = voice.about["language"]
            await unheard(self._utter(line("Hello.", self._language), Voice(self._language, self._speaker)))

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
        speaker = chosen(self._speaker, voice.name, self._speakers, section="piper")
        text = line.stretch.text.strip().replace("[[", "[ [")
        own = _same(line.language, self._language)
        reads = self._language if own else line.language
        rendering = await rendered(self._reader, line.text, reads, voice.rate)
        if not line.worded:
            yield silence(rendering, self.rate)
            return
        if not own:
            # Piper takes phonemes in double brackets: text of another language is read by that language's rules.
            text = f"[[{await self._reader.marked(text, reads)}]]"
        parts = await self.running.sentences(self.rate, text=text, speaker=speaker, speed=voice.rate)
        made = voice_process.pieces(parts, rendering, self.rate, line, pause_after(text) / voice.rate)
        async with aclosing(made):
            async for piece in made:
                yield piece


def _same(one: str, other: str) -> bool:
    """Say whether two tags name one language, whatever the country."""
    return bool({n.split("-")[0] for n in voice_names(one)} & {n.split("-")[0] for n in voice_names(other)})
