"""The embedded synthesizer: espeak-ng in a process of its own, any of its languages, with exact phone and word times.

It knows phrases and voices; how text is read and timed stands in `engines.espeak_text` and `engines.espeak_times`,
which run in the child.
"""

from __future__ import annotations

import re
from contextlib import aclosing

from engines.api import Cue, Phone, Phrase, Speech, Stream, TimedCue, Voice, Word
from engines.child import Child
from engines.measures import Work

HALVES = re.compile("[\ud800-\udfff]")


class EspeakTts:
    """Speech at `rate` samples per second; `patience` is how long the process may be silent before it is replaced.

    A Voice's `language` is a BCP-47 tag, its `name` one of espeak-ng's variants ("f3", "m3", "Annie", ...), `rate` is
    relative to 165 words per minute, `pitch` to espeak-ng's middle. What it cannot speak is an EngineError, code
    `tts_failed`.
    """

    name = "espeak-ng"

    def __init__(self, *, rate: int = 24_000, patience: float = 10.0) -> None:
        self.rate = rate
        self._child = Child("engines.espeak_child", name=self.name, code="tts_failed", patience=patience)

    async def start(self) -> None:
        """Starts the process and speaks a word to nobody, so that the first real one is quick."""
        await self._child.start()
        async with aclosing(self._phrase(Phrase("Hello."), Voice())) as warming:
            async for _ in warming:
                pass

    async def close(self) -> None:
        """Ends the process."""
        await self._child.close()

    def work(self) -> tuple[Work, ...]:
        """What the process did."""
        return self._child.work.work()

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """One piece per phrase, several for a long one; closing the stream stops the synthesis within milliseconds."""
        async with aclosing(phrases):
            async for phrase in phrases:
                async with aclosing(self._phrase(phrase, voice)) as pieces:
                    async for piece in pieces:
                        yield piece

    async def _phrase(self, phrase: Phrase, voice: Voice) -> Stream[Speech]:
        if not phrase.text.strip() and not phrase.cues:
            return
        waiting = sorted(phrase.cues, key=lambda cue: cue.at)
        request = self._child.request(
            "speak",
            text=_whole(phrase.text),
            language=voice.language,
            name=voice.name,
            speed=voice.rate,
            pitch=voice.pitch,
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
                self._child.work.credit("speak", audio=speech.samples / self.rate)
                yield speech


def _whole(text: str) -> str:
    """The same length, without halves of surrogate pairs, which no encoding carries."""
    return HALVES.sub(" ", text)


def _when(cue: Cue, phones: tuple[Phone, ...], words: tuple[Word, ...]) -> int:
    """When the word at or after a cue's character begins; after the last word, when the sound ends."""
    for word in words:
        if cue.at < word.at + len(word.text):
            return word.start
    return max((phone.end for phone in phones if phone.ipa), default=0)
