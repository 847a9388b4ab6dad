"""Piper: light neural voices for a CPU, in a process of their own because piper-tts is GPL-3.0-or-later.

Its durations give exact phones where the voice tells them (with the package onnx every VITS voice of Piper does); else
espeak-ng's rendering of the text is laid over the sound. It knows lines and voices, not how Piper is called.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing

from engines import voice_files, voice_process
from engines.api import Phrase, Speech, Stream, Voice
from engines.child import Child
from engines.espeak_text import pause_after, voice_names
from engines.measures import Work
from engines.narration import Line, line, narrate, unheard
from engines.reader import Reader
from engines.timing import rendered, silence
from engines.voice_files import CODE
from engines.voice_speakers import chosen


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
        self._child: Child | None = None
        self._open = AsyncExitStack()
        self._speakers: tuple[str, ...] = ()
        self._language = "en-us"

    async def start(self) -> None:
        """Starts the process, loads the voice and says a word to nobody."""
        path = voice_files.file(self._named, section="piper", what="the .onnx file of a Piper voice")
        arguments = (str(path.resolve()), *self._options)
        child = Child("engines.piper_child", arguments, name=self.name, code=CODE, patience=self._patience)
        async with AsyncExitStack() as stack:
            about = await stack.enter_async_context(voice_process.opened(child, self._reader))
            stack.callback(setattr, self, "_child", None)
            self._child = child
            self.rate = about["rate"]
            self._speakers = tuple(about["speakers"])
            self._language = about["language"]
            await unheard(self._utter(line("Hello.", self._language), Voice(self._language, self._speaker)))
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
        parts = await voice_process.sentences(self._child, self.rate, text=text, speaker=speaker, speed=voice.rate)
        made = voice_process.pieces(parts, rendering, self.rate, line, pause_after(text) / voice.rate)
        async with aclosing(made):
            async for piece in made:
                yield piece


def _same(one: str, other: str) -> bool:
    """Whether two tags name one language, whatever the country."""
    return bool({n.split("-")[0] for n in voice_names(one)} & {n.split("-")[0] for n in voice_names(other)})
