"""The embedded synthesizer: espeak-ng in a process of its own, any of its languages, with exact phone and word times.

It knows phrases and voices; how text is read and timed stands in `engines.voices.reading.text` and
`engines.voices.reading.times`, which run in the child.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import Final

from engines.api import Cue, Phone, Phrase, Speech, Stream, TimedCue, Voice, Word
from engines.measures.work import Work
from engines.process.child import Child
from engines.voices.reading.text import voice_names

HALVES = re.compile("[\ud800-\udfff]")
# Of the hundred variants those that differ most from each other, women's, men's and old people's.
VOICES: Final = (
    "f1", "f2", "f3", "f4", "Annie", "aunty", "belinda", "Alicia", "steph", "grandma",
    "m1", "m3", "m4", "m7", "m8", "Denis", "Michael", "john", "david", "grandpa",
)  # fmt: skip
# The variant that a listener understands best, where the first one is taken for another language: bench/variants.py.
CLEAREST: Final = {"cmn": "f3"}


class EspeakTts:
    """Speech at `rate` samples per second; `patience` is how long the process may be silent before it is replaced.

    A Voice's `language` is a BCP-47 tag, its `name` one of espeak-ng's variants ("f3", "m3", "Annie", ...), `rate` is
    relative to 165 words per minute, `pitch`, `range` and `energy` to espeak-ng's middle. What it cannot speak is an
    EngineError, code `tts_failed`. `child` is the process.
    """

    name = "espeak-ng"

    def __init__(self, *, rate: int = 24_000, patience: float = 10.0) -> None:
        self.rate = rate
        self.child = Child("engines.voices.reading.child", name=self.name, code="tts_failed", patience=patience)

    def voices(self, language: str) -> tuple[str, ...]:
        """Return the variants that sound like people; each speaks every language."""
        return VOICES

    async def start(self) -> None:
        """Start the process and warm it up, so that the first real word is quick."""
        await self.child.start()
        async with aclosing(self._phrase(Phrase("Hello."), Voice())) as warming:
            async for _ in warming:
                pass

    async def close(self) -> None:
        """End the process."""
        await self.child.close()

    def work(self) -> tuple[Work, ...]:
        """Measure the process."""
        return self.child.work.work()

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Speak a piece per phrase, several for a long one; closing the stream ends synthesis within milliseconds."""
        async with aclosing(phrases):
            async for phrase in phrases:
                async with aclosing(self._phrase(phrase, voice)) as pieces:
                    async for piece in pieces:
                        yield piece

    async def _phrase(self, phrase: Phrase, voice: Voice) -> Stream[Speech]:
        if not phrase.text.strip() and not phrase.cues:
            return
        waiting = sorted(phrase.cues, key=lambda cue: cue.at)
        request = self.child.request(
            "speak",
            text=_whole(phrase.text),
            language=voice.language,
            name=voice.name or _clearest(voice.language),
            speed=voice.rate,
            pitch=voice.pitch,
            range=voice.range,
            energy=voice.energy,
            rate=self.rate,
        )
        async with request as replies:
            async for reply in replies:
                phones = tuple(Phone(*phone) for phone in reply["phones"])
                words = tuple(Word(*word) for word in reply["words"])
                last = reply["end"] >= len(phrase.text)
                here = [cue for cue in waiting if last or cue.at < reply["end"]]
                del waiting[: len(here)]
                cues = tuple(TimedCue(cue, _when(cue, phones, words)) for cue in here)
                speech = Speech(reply["pcm"], self.rate, phones, words, cues, "exact")
                self.child.work.credit("speak", audio=speech.samples / self.rate)
                yield speech


def _clearest(language: str) -> str:
    """Return the variant to speak a language with when nobody chose one, "" for the first."""
    spoken = next((name for name in voice_names(language) if "-" not in name), "")
    return CLEAREST.get(spoken, "")


def _whole(text: str) -> str:
    """Blank out halves of surrogate pairs, which no encoding carries; the length stays."""
    return HALVES.sub(" ", text)


def _when(cue: Cue, phones: tuple[Phone, ...], words: tuple[Word, ...]) -> int:
    """Find when the word at or after a cue's character begins; after the last word, when the sound ends."""
    for word in words:
        if cue.at < word.at + len(word.text):
            return word.start
    return max((phone.end for phone in phones if phone.ipa), default=0)
