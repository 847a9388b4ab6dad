"""VITS voices of Coqui: exact phones from the model's own durations, sound in windows, sessions in one batch.

The text is read by espeak-ng in its own process (`engines.voices.reading.reader`), tokens become latents in one batch
and latents become sound a window at a time (`engines.voices.coqui.vits`), so that the first sound leaves long before
the last is made. A voice that reads letters gives no phones: its words are aligned to espeak-ng's rendering. It does
not clone voices.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.api import EngineError, Phrase, Speech, Stream, Voice
from engines.device.loop import DeviceLoop, Priority, Stage
from engines.measures.work import Work
from engines.sound.audio import Samples, to_pcm
from engines.voices.coqui import setup as coqui_setup
from engines.voices.lifecycle import Lifecycle
from engines.voices.narration import Line, line, narrate, unheard
from engines.voices.reading.reader import Reader
from engines.voices.reading.text import pause_after, voice_names
from engines.voices.score import Score, phones, words
from engines.voices.speakers import chosen
from engines.voices.timing import FIRST, LATER, Told, rendered, silence, spoken_instead, told

if TYPE_CHECKING:
    from engines.voices.coqui.vits import Ask, Latent, VitsModel, Window

UNKNOWN: Final = 0.3  # text of which more letters than this share are not in the voice's alphabet cannot be said


class CoquiTts:
    """A VITS voice; `model` is its folder, or one checkpoint in it.

    `device` is "auto", "cpu", "cuda:0", ...; `speaker` goes before the name in the Voice; at most `batch` sessions
    share a batch; `threads` are those of a CPU (0: as torch decides). A Voice's pitch is not followed. What it cannot
    do is an EngineError, code `tts_failed`.
    """

    name = "coqui"

    def __init__(
        self, *, model: str = "", device: str = "auto", speaker: str = "", batch: int = 16, threads: int = 0
    ) -> None:
        self.rate = 24_000
        self._named = model
        self._device = device
        self._speaker = speaker
        self._batch = batch
        self._threads = threads
        self._reader = Reader()
        self._life: Lifecycle[LoadedVits] = Lifecycle()

    # ---------------------------------------------------------------------------------------------- life

    async def start(self) -> None:
        """Load the model in the device's thread and warm it up."""
        async with self._life.starting(self._opened()) as running:
            model = running.model
            self.rate = model.rate
            language = model.languages[0] if model.languages else model.reads or "en-us"
            await unheard(self._utter(line("Hello, 1 2 3.", language), self._own()))

    async def close(self) -> None:
        """Give back the model and the reader."""
        await self._life.close()

    @property
    def running(self) -> LoadedVits:
        """The loaded model and its worker; EngineError `tts_failed` between `close` and the next `start`."""
        return self._life.ready()

    def work(self) -> tuple[Work, ...]:
        """Measure the device, and the process that reads."""
        running = self._life.running
        return (*(running.loop.work() if running is not None else ()), *self._reader.work())

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[LoadedVits]:
        voice = coqui_setup.opened(
            self._named,
            lambda folder, device: _made(folder, Path(self._named), device),
            self._reader,
            section="coqui",
            what="config.json and model.pth",
            needs=("config.json",),
            device=self._device,
            threads=self._threads,
        )
        async with voice as (loop, model):
            yield LoadedVits(loop, model, self._batch)

    # --------------------------------------------------------------------------------------------- speech

    def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Speak in pieces of about a second, the first one shorter; closing the stream abandons what is being made."""
        return narrate(phrases, voice, self._utter)

    async def _utter(self, line: Line, voice: Voice) -> Stream[Speech]:
        running = self.running
        priority = Priority.FIRST if line.first else Priority.NEXT
        reads = _reads(running.model, line.language)
        rendering = await rendered(self._reader, line.text, reads, voice.rate)
        if not line.worded:
            yield silence(rendering, self.rate)
            return
        symbols, ids = await self._tokens(line, reads)
        if not ids:
            yield spoken_instead(rendering, self.rate)
            return
        ask = running.ask(ids, self._who(voice), line.language, voice.rate)
        latent = await running.loop.run(running.latents, ask, priority=priority)
        samples = sum(latent.token_samples)
        pause = pause_after(line.stretch.text) / voice.rate
        if running.model.reads:
            said = phones(list(zip(symbols, latent.token_samples, strict=True)), self.rate)
            found = await asyncio.to_thread(words, said, rendering, samples)
            score = Score(self.rate, samples, said, found)
            at = 0
            for end in score.ends(FIRST if line.first else LATER):
                pcm = to_pcm(await running.sound(latent, at, end, priority))
                if end == samples:
                    score = score.padded(samples + max(0, round(pause * self.rate) - score.trailing))
                    end = score.samples
                yield score.part(at, end, pcm.ljust(2 * (end - at), b"\0"))
                at = end
            return
        whole = to_pcm(await running.sound(latent, 0, samples, priority))
        async with aclosing(told([Told(whole, None)], rendering, self.rate, pause, LATER)) as pieces:
            async for piece in pieces:
                yield piece

    async def _tokens(self, line: Line, reads: str) -> tuple[list[str], list[int]]:
        """Turn what is to be said into symbols and ids; none when the voice has no letters for it."""
        model = self.running.model
        # Off the event loop: what writes numbers out is only loaded when the first one comes.
        text = await asyncio.to_thread(model.cleaned, line.stretch.text, reads)
        if (lent := model.lent(reads)) is not None:
            parts, marks = lent.apart(text)
            text = lent.together(await self._reader.phonemes(parts, reads), marks)
        else:
            text = await asyncio.to_thread(model.phonemes, text, reads)
        symbols, ids, missing = model.tokens(text)
        known = sum(char.isalpha() for symbol in symbols for char in symbol)
        return (symbols, ids) if known and missing <= UNKNOWN * (known + missing) else ([], [])

    # ----------------------------------------------------------------------------------------------- voice

    def _own(self) -> Voice:
        speakers = self.running.model.speakers
        return Voice(name=self._speaker or (speakers[0] if speakers else ""))

    def _who(self, voice: Voice) -> str:
        speakers = self.running.model.speakers
        named = chosen(self._speaker, voice.name, speakers, section="coqui")
        return named or (speakers[0] if speakers else "")


class LoadedVits:
    """A loaded voice and its work on the device."""

    def __init__(self, loop: DeviceLoop, model: VitsModel, batch: int) -> None:
        self.loop = loop
        self.model = model
        self.latents: Stage[Ask, Latent] = Stage("vits text", model.latents, "tts_failed", max_batch=batch)
        self._sounds: Stage[Window, Samples] = Stage("vits sound", self._decode, "tts_failed", max_batch=batch)

    def ask(self, ids: Sequence[int], speaker: str, language: str, speed: float) -> Ask:
        from engines.voices.coqui.vits import Ask

        return Ask(tuple(ids), speaker, _spoken(self.model.languages, language), speed)

    async def sound(self, latent: Latent, begin: int, end: int, priority: Priority) -> Samples:
        from engines.voices.coqui.vits import Window

        return await self.loop.run(self._sounds, Window(latent, begin, end), priority=priority)

    def _decode(self, windows: list[Window]) -> list[Samples]:
        sounds: list[Samples] = self.model.sounds(windows)
        self.loop.credit("vits sound", audio=sum(map(len, sounds)) / self.model.rate)
        return sounds


def _made(folder: Path, named: Path, device: str) -> VitsModel:
    """Import Coqui and read the voice, in the device's thread."""
    from engines.voices.coqui import vits as vits_model

    if (kind := vits_model.kind(folder)) != "vits":
        other = ' (engines.tts = "xtts" speaks it)' if kind == "xtts" else ""
        raise ValueError(f"it is a {kind} model, not VITS{other}")
    file = named.expanduser()
    return vits_model.VitsModel(folder, file if file.is_file() else vits_model.checkpoint_in(folder), device)


def _reads(model: VitsModel, language: str) -> str:
    """Choose the language text is read in: the accent the voice was trained on where it has the language."""
    if not model.reads:
        return language
    base = {name.split("-")[0] for name in voice_names(language)}
    return model.reads if base & {name.split("-")[0] for name in voice_names(model.reads)} else language


def _spoken(languages: Sequence[str], language: str) -> str:
    """Choose which of a voice's languages is meant; EngineError for none of them."""
    if not languages:
        return ""
    wanted = [*voice_names(language), language.split("-")[0]]
    for name in languages:
        if name.lower() in wanted or name.lower().split("-")[0] == wanted[-1]:
            return name
    raise EngineError("tts_failed", f"The voice does not speak {language!r}; it speaks {', '.join(languages)}.")
