"""Text as espeak-ng reads it, from a process of its own: how it is pronounced, and a rendering that is exactly timed.

Neural voices ask for the phonemes that they were trained on, and learn from the rendering which word a sound belongs
to. espeak-ng is GPL-3.0-or-later: nothing of it is loaded here; see `engines.voices.reading.child`. It does not know
voices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.api import Phone, Speech, Word
from engines.measures.work import Work
from engines.process.child import Child
from engines.sound.align import joined

RATE: Final = 22_050  # samples per second of a rendering, espeak-ng's own
MARKS: Final = re.compile(r"(\s*[;:,.!?¡¿—…\"«»“”()]+\s*)")


class Reader:
    """espeak-ng as a reader; `patience` is how long its process may be silent before it is replaced.

    What it cannot read is an EngineError, code `tts_failed`.
    """

    def __init__(self, *, patience: float = 10.0) -> None:
        self._child = Child("engines.voices.reading.child", name="espeak-ng", code="tts_failed", patience=patience)

    @property
    def pid(self) -> int | None:
        """The running process, or None."""
        return self._child.pid

    async def start(self) -> None:
        """Start the process."""
        await self._child.start()

    async def close(self) -> None:
        """End the process."""
        await self._child.close()

    def work(self) -> tuple[Work, ...]:
        """Measure the process."""
        return self._child.work.work()

    async def phonemes(self, texts: Sequence[str], language: str) -> list[str]:
        """Write the IPA of each text with stress marks, words apart by blanks, as espeak-ng's own `--ipa` does."""
        async with self._child.request("phonemes", texts=list(texts), language=language) as replies:
            return [ipa async for reply in replies for ipa in reply["ipa"]]

    async def marked(self, text: str, language: str) -> str:
        """Write the IPA of a text with its punctuation (MARKS) in place, for voices that were trained on both."""
        parts = MARKS.split(text)
        spoken = await self.phonemes(parts[::2], language)
        marks = [re.sub(r"\s+", " ", mark) for mark in parts[1::2]] + [""]
        return "".join(ipa + mark for ipa, mark in zip(spoken, marks, strict=True)).strip()

    async def render(self, text: str, language: str, *, speed: float = 1.0) -> Speech:
        """Render the whole text as one piece at RATE, with its phones and words; `speed` is relative."""
        request = self._child.request("speak", text=text, language=language, name="", speed=speed, pitch=1.0, rate=RATE)
        async with request as replies:
            speech = joined(
                [
                    Speech(
                        reply["pcm"],
                        RATE,
                        tuple(Phone(*phone) for phone in reply["phones"]),
                        tuple(Word(*word) for word in reply["words"]),
                    )
                    async for reply in replies
                ]
            )
        self._child.work.credit("speak", audio=speech.samples / RATE)
        return speech
