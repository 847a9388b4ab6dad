"""Piper: light neural voices for a CPU, in a process of their own because piper-tts is GPL-3.0-or-later.

Its durations give exact phones where the voice tells them (with the package onnx every VITS voice of Piper does); else
espeak-ng's rendering of the text is laid over the sound. It knows lines and voices, not how Piper is called.
"""

from __future__ import annotations

from contextlib import aclosing

from engines import voice_files
from engines.api import EngineError, Phrase, Speech, Stream, Voice, Work
from engines.child import Child
from engines.espeak_text import pause_after, voice_names
from engines.narration import Line, line, narrate
from engines.reader import Reader
from engines.timing import Told, rendered, silence, spoken_instead, told

FIRST, LATER = (0.35, 0.7, 1.4), (1.0, 1.6)  # seconds: wished lengths of the pieces of a line


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
        self._speakers: tuple[str, ...] = ()
        self._language = "en-us"

    async def start(self) -> None:
        """Starts the process, loads the voice and says a word to nobody."""
        path = voice_files.file(self._named, section="piper", what="the .onnx file of a Piper voice")
        self._child = Child(
            "engines.piper_child",
            (str(path.resolve()), *self._options),
            name="piper",
            code="tts_failed",
            patience=self._patience,
        )
        await self._child.start()
        await self._reader.start()
        async with self._child.request("about") as replies:
            async for about in replies:
                self.rate = about["rate"]
                self._speakers = tuple(about["speakers"])
                self._language = about["language"]
        voice = Voice(self._language, self._speaker)
        async with aclosing(self._utter(line("Hello.", self._language), voice)) as warming:
            async for _ in warming:
                pass

    async def close(self) -> None:
        """Ends the processes."""
        child, self._child = self._child, None
        await self._reader.close()
        if child is not None:
            await child.close()

    def work(self) -> tuple[Work, ...]:
        """What the processes did."""
        return (*(self._child.work.work() if self._child is not None else ()), *self._reader.work())

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Pieces of about a second, a line at a time; closing the stream abandons the line that is being made."""
        async with aclosing(narrate(phrases, voice, self._utter)) as pieces:
            async for piece in pieces:
                yield piece

    async def _utter(self, line: Line, voice: Voice) -> Stream[Speech]:
        if self._child is None:
            raise EngineError("tts_failed", "The voice is not loaded.")
        speaker = self._who(voice)
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
        async with self._child.request("speak", text=text, speaker=speaker, speed=voice.rate) as replies:
            parts = [Told(reply["pcm"], reply["tokens"]) async for reply in replies]
        self._child.work.credit("speak", audio=sum(len(part.pcm) for part in parts) / 2 / self.rate)
        if not any(part.pcm for part in parts):
            yield spoken_instead(rendering, self.rate)
            return
        wishes = FIRST if line.first else LATER
        async with aclosing(told(parts, rendering, self.rate, pause_after(text) / voice.rate, wishes)) as pieces:
            async for piece in pieces:
                yield piece

    def _who(self, voice: Voice) -> str:
        wanted = self._speaker or voice.name
        if not self._speakers:
            if self._speaker:
                raise EngineError(
                    "tts_failed", f"This voice has one speaker: leave piper.speaker empty, not {wanted!r}."
                )
            return ""
        if wanted and wanted not in self._speakers:
            known = ", ".join(self._speakers[:40])
            raise EngineError("tts_failed", f"The voice has no speaker named {wanted!r}; it has {known}.")
        return wanted


def _same(one: str, other: str) -> bool:
    """Whether two tags name one language, whatever the country."""
    return bool({n.split("-")[0] for n in voice_names(one)} & {n.split("-")[0] for n in voice_names(other)})
