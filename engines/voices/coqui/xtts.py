"""XTTS of Coqui: a voice cloned from a recording, with the consent of the person, in seventeen languages.

A line is spoken a few codes at a time, the lines of several sessions in one batch (`engines.voices.coqui.xtts_model`).
XTTS gives no times: when a line is whole, espeak-ng's rendering of the text is laid over it, and the next line is made
meanwhile. With `early` the first line of an answer leaves as it is made, and its face is moved by the sound alone.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.api import EngineError, Phrase, Reference, Speech, Stream, Voice
from engines.device.loop import DeviceLoop, Priority, Stage
from engines.measures.work import Work
from engines.sound.audio import Samples, to_pcm
from engines.voices.coqui import clip as reference_clip
from engines.voices.coqui import setup as coqui_setup
from engines.voices.lifecycle import Lifecycle
from engines.voices.narration import Line, line, narrate, unheard
from engines.voices.reading.reader import Reader
from engines.voices.reading.text import pause_after, voice_names
from engines.voices.score import Score
from engines.voices.speakers import unknown
from engines.voices.timing import Told, rendered, scaled, silence, spoken_instead, told

if TYPE_CHECKING:
    from engines.voices.coqui.xtts_model import Likeness, Order, Utterance, XttsModel

log = logging.getLogger(__name__)

VOICES: Final = 32  # cloned voices that are kept ready
UNKNOWN: Final = 0.3  # text of which more than this share is not in the vocabulary cannot be said
RUNAWAY: Final = (3.0, 2.0)  # a line may last so many times as long as espeak-ng's, and so many seconds more
PIECES: Final = (0.6, 1.6)  # seconds: wished lengths of the pieces of a line


class XttsTts:
    """XTTS; `model` is a folder with config.json, model.pth and vocab.json.

    The voice is the Voice's reference, else the model's own speaker of its name; `speaker` goes before both. `voice` is
    made ready in `start`; at most `batch` sessions share a batch; `threads` are those of a CPU (0: as torch decides). A
    Voice's pitch is not followed. What it cannot do is an EngineError, code `tts_failed`.
    """

    name = "xtts"

    def __init__(
        self,
        *,
        model: str = "",
        device: str = "auto",
        speaker: str = "",
        early: bool = False,
        batch: int = 16,
        threads: int = 0,
        voice: Voice | None = None,
    ) -> None:
        self.rate = 24_000
        self._named = model
        self._device = device
        self._speaker = speaker
        self._early = early
        self._batch = batch
        self._threads = threads
        self._voice = voice
        self._reader = Reader()
        self._life: Lifecycle[LoadedXtts] = Lifecycle()
        self._lent = False  # the model is another's

    def for_person(self, *, voice: Voice | None = None) -> XttsTts:
        """Return a synthesizer that makes another voice ready, with the same model; it speaks while this one runs."""
        other = copy.copy(self)
        other._voice, other._lent = voice, True
        return other

    # ---------------------------------------------------------------------------------------------- life

    async def start(self) -> None:
        """Load the model, make `voice` ready and warm it up."""
        if self._lent:
            await self._warm()
            return
        async with self._life.starting(self._opened()) as running:
            self.rate = running.model.rate
            await self._warm()

    async def _warm(self) -> None:
        if self._voice is not None:
            await unheard(self._utter(line("Hello.", self._voice.language), self._voice))

    async def close(self) -> None:
        """Give back the model and the reader."""
        if not self._lent:
            await self._life.close()

    @property
    def running(self) -> LoadedXtts:
        """The loaded model and its worker; EngineError `tts_failed` between `close` and the next `start`."""
        return self._life.ready()

    def work(self) -> tuple[Work, ...]:
        """Measure the device, and the process that reads."""
        if self._lent:
            return ()
        running = self._life.running
        return (*(running.loop.work() if running is not None else ()), *self._reader.work())

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[LoadedXtts]:
        voice = coqui_setup.opened(
            self._named,
            _made,
            self._reader,
            section="xtts",
            what="config.json, model.pth and vocab.json",
            needs=("config.json", "model.pth", "vocab.json"),
            device=self._device,
            threads=self._threads,
        )
        async with voice as (loop, model):
            yield LoadedXtts(loop, model, self._batch)

    # --------------------------------------------------------------------------------------------- speech

    def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Speak in pieces of a line at a time; closing the stream abandons what is being made within one step."""
        return narrate(phrases, voice, self._utter)

    async def _utter(self, line: Line, voice: Voice) -> Stream[Speech]:
        running = self.running
        likeness = await running.likeness(voice, self._speaker)
        rendering = await rendered(self._reader, line.text, line.language, voice.rate)
        if not line.worded:
            yield silence(rendering, self.rate)
            return
        order = await self._order(line, voice, likeness, rendering)
        if order is None:
            yield spoken_instead(rendering, self.rate)
            return
        priority = Priority.FIRST if line.first else Priority.NEXT
        pause = pause_after(line.stretch.text) / voice.rate
        async with aclosing(running.sounds(order, priority)) as sounds:
            if self._early and line.first:
                async for piece in self._as_it_comes(sounds, rendering, pause):
                    yield piece
                return
            whole = b"".join([to_pcm(sound) async for sound in sounds])
        if not whole:
            yield spoken_instead(rendering, self.rate)
            return
        async with aclosing(told([Told(whole, None)], rendering, self.rate, pause, PIECES)) as pieces:
            async for piece in pieces:
                yield piece

    async def _as_it_comes(self, sounds: Stream[Samples], rendering: Speech, pause: float) -> Stream[Speech]:
        """Yield each sound as a piece, with its words where the rendering has them; the last one has the rest."""
        score = scaled(rendering, self.rate, 1.0)
        at = 0
        held = b""
        async for sound in sounds:
            if held:
                end = at + len(held) // 2
                yield score.part(at, end, held) if end < score.samples else Speech(held, self.rate, source="audio")
                at = end
            held = to_pcm(sound)
        held += bytes(2 * round(pause * self.rate))
        rest = Score(self.rate, at + len(held) // 2, (), score.words, "audio")
        yield rest.part(at, rest.samples, held)

    async def _order(self, line: Line, voice: Voice, likeness: Likeness, rendering: Speech) -> Order | None:
        """Write the order for the model; None for a text that it cannot say."""
        from engines.voices.coqui.xtts_model import Order

        model = self.running.model
        language = spoken(model.languages, line.language)
        text = line.stretch.text.strip()
        known = language and model.unknown(await asyncio.to_thread(model.ids, text, language)) <= UNKNOWN
        if not known:
            log.warning("text is said by espeak-ng", extra={"language": line.language, "engine": self.name})
            return None
        times, more = RUNAWAY
        longest = times * rendering.samples / rendering.rate + more
        return Order(text, language, likeness, voice.rate, longest, secrets.randbits(64))


class LoadedXtts:
    """A loaded model, the voices it has cloned, and its work on the device."""

    def __init__(self, loop: DeviceLoop, model: XttsModel, batch: int) -> None:
        self.loop = loop
        self.model = model
        self._cloned: OrderedDict[str, Likeness] = OrderedDict()
        self._begin: Stage[Order, Utterance] = Stage("xtts text", model.begin, "tts_failed", max_batch=batch)
        self._step: Stage[Utterance, Samples] = Stage("xtts sound", self._stepped, "tts_failed", max_batch=batch)

    async def sounds(self, order: Order, priority: Priority) -> Stream[Samples]:
        """Yield the sound of a line in steps; between any two of them others join the batch or leave it."""
        utterance = await self.loop.run(self._begin, order, priority=priority)
        while not utterance.ended:
            sound = await self.loop.run(self._step, utterance, priority=priority)
            if len(sound):
                yield sound

    async def likeness(self, voice: Voice, speaker: str) -> Likeness:
        """Find the voice to speak with; EngineError when there is none, or no consent to clone it."""
        name = speaker or ("" if voice.reference is not None else voice.name)
        if name or voice.reference is None:
            return self._of_the_model(name)
        key = _fingerprint(voice.reference)
        if key not in self._cloned:
            clips = await asyncio.to_thread(reference_clip.clips, voice.reference)
            likeness = await self.loop.call(
                lambda: self.model.clone(clips, reference_clip.RATE), code="tts_failed", name="clone voice"
            )
            self._cloned[key] = likeness
            while len(self._cloned) > VOICES:
                self._cloned.popitem(last=False)
        self._cloned.move_to_end(key)
        return self._cloned[key]

    def _of_the_model(self, name: str) -> Likeness:
        speakers = self.model.speakers
        if name in speakers:
            return self.model.speaker(name)
        if not speakers or not name:
            raise EngineError(
                "tts_failed",
                "XTTS needs a voice: a reference clip in the identity's voice.json, with consent (docs/VOICES.md)"
                + (f", or xtts.speaker, one of {', '.join(speakers[:40])}." if speakers else "."),
            )
        raise unknown("XTTS", name, speakers)

    def _stepped(self, utterances: list[Utterance]) -> list[Samples]:
        sounds: list[Samples] = self.model.step(utterances)
        self.loop.credit("xtts sound", audio=sum(map(len, sounds)) / self.model.rate)
        return sounds


def _fingerprint(reference: Reference) -> str:
    """Digest the clips and whether they may be used."""
    digest = hashlib.sha256(b"\0".join(hashlib.sha256(clip).digest() for clip in reference.clips))
    return f"{digest.hexdigest()} {reference.consent is not None}"


def _made(folder: Path, device: str) -> XttsModel:
    """Import Coqui and read the model, in the device's thread."""
    from engines.voices.coqui.xtts_model import XttsModel

    return XttsModel(folder, device)


def spoken(languages: tuple[str, ...], language: str) -> str:
    """Find XTTS's name for a language, "" for one that it does not speak."""
    wanted = (
        {"zh-cn", "zh"} if language.split("-")[0] in ("zh", "cmn") else {*voice_names(language), language.split("-")[0]}
    )
    return next((name for name in languages if name in wanted or name.split("-")[0] in wanted), "")
