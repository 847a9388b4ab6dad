"""Text as espeak-ng reads it, from a process of its own: how it is pronounced, and a rendering that is exactly timed.

Neural voices ask for the phonemes that they were trained on, and learn from the rendering which word a sound belongs
to. espeak-ng is GPL-3.0-or-later: nothing of it is loaded here; see `engines.espeak_child`. It does not know voices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engines.api import Phone, Speech, Word
from engines.child import Child

RATE = 22_050  # samples per second of a rendering, espeak-ng's own


class Reader:
    """espeak-ng as a reader; `patience` is how long its process may be silent before it is replaced.

    What it cannot read is an EngineError, code `tts_failed`.
    """

    def __init__(self, *, patience: float = 10.0) -> None:
        self._child = Child("engines.espeak_child", name="espeak-ng", code="tts_failed", patience=patience)

    @property
    def pid(self) -> int | None:
        """The running process, or None."""
        return self._child.pid

    async def start(self) -> None:
        """Starts the process."""
        await self._child.start()

    async def close(self) -> None:
        """Ends the process."""
        await self._child.close()

    async def phonemes(self, texts: Sequence[str], language: str) -> list[str]:
        """The IPA of each text with stress marks, words apart by blanks, as espeak-ng's own `--ipa` writes it."""
        async with self._child.request("phonemes", texts=list(texts), language=language) as replies:
            return [ipa async for reply in replies for ipa in reply["ipa"]]

    async def render(self, text: str, language: str, *, speed: float = 1.0) -> Speech:
        """The whole text as one piece at RATE, with its phones and words; `speed` is relative."""
        request = self._child.request(
            "speak", text=text, language=language, name="", speed=speed, pitch=1.0, rate=RATE
        )
        async with request as replies:
            return joined(
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


def joined(pieces: Sequence[Speech]) -> Speech:
    """Pieces of one rate and source as one; times count from its start."""
    if len(pieces) == 1:
        return pieces[0]
    at = 0
    phones: list[Phone] = []
    words: list[Word] = []
    for piece in pieces:
        phones += [replace(phone, start=phone.start + at, end=phone.end + at) for phone in piece.phones]
        words += [replace(word, start=word.start + at, end=word.end + at) for word in piece.words]
        at += piece.samples
    return Speech(b"".join(piece.pcm for piece in pieces), RATE, tuple(phones), tuple(words))
