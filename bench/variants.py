"""Which of espeak-ng's voices a listener understands best in a language: `python -m bench.variants [--language zh]`.

The listener is real Whisper base (testkit/real). Sentences of the shipped teacher's card in that language are spoken by
each variant; the character error rate counts when Whisper was told the language, and beside it stands how many of the
sentences it took for that language when it was not. Traditional and Simplified signs count as the same. All variants
say three sentences, the best of them `--count`.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

import numpy as np

from bench.machine import runner
from bench.stats import table
from engines.api import MIC_RATE, EngineError, Phrase, Stream, Voice
from engines.hearing.whisper.engine import WhisperStt
from engines.identity import load_identity, shipped
from engines.identity.tongue import tongue_of
from engines.jobs import Stt
from engines.sound.audio import resample
from engines.text.han import alike
from engines.voices.espeak.engine import EspeakTts
from engines.words.text import plain, sentences
from testkit.real.packages import WHISPER_BASE, folder

FIRST: Final = 3  # sentences that every variant says
BEST: Final = 10  # variants that say all
VARIANTS: Final = (
    "", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "Alicia", "Andrea", "Annie",
    "anikaRobot", "belinda", "benjamin", "caleb", "david", "ed", "edward", "Henrique", "Hugo", "iven", "iven2", "iven3",
    "john", "klatt", "klatt2", "klatt3", "klatt4", "linda", "Lee", "Marco", "max", "Michael", "Mr serious", "Nguyen",
    "quincy", "rob", "robert", "sandro", "steph", "steph2", "Storm", "travis", "victor", "zac",
)  # fmt: skip


def letters(text: str) -> str:
    """Reduce a line to what is compared of it."""
    folded = alike(unicodedata.normalize("NFKC", text)).casefold()
    return "".join(c for c in folded if c.isalnum())


def errors(said: str, heard: str) -> int:
    """Count the edits between two lines, by characters (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, sign in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (sign != other))
    return row[-1]


def lines(language: str, count: int) -> list[str]:
    """Return sentences of medium length from the card, without digits."""
    card = load_identity(shipped()["teacher"]).speaking(language).card
    every = [line for entry in card.book.entries for line in sentences(plain(entry.content))]
    fit = [line for line in every if 12 <= len(line) <= 60 and not any(map(str.isdigit, line))]
    return fit[:: max(1, len(fit) // count)][:count]


async def spoken(tts: EspeakTts, text: str, voice: Voice) -> bytes:
    """Speak a line as s16le at MIC_RATE, with a third of a second of silence around it."""

    async def phrase() -> Stream[Phrase]:
        yield Phrase(text)

    async with aclosing(tts.speak(phrase(), voice)) as pieces:
        pcm = b"".join([piece.pcm async for piece in pieces])
    quiet = np.zeros(MIC_RATE // 3, np.int16).tobytes()
    return quiet + resample(pcm, tts.rate, MIC_RATE) + quiet


async def heard(stt: Stt, pcm: bytes, language: str) -> str:
    """Have a line transcribed."""

    async def audio() -> Stream[bytes]:
        yield pcm

    async with aclosing(stt.transcribe(audio(), language)) as transcripts:
        return [transcript.text async for transcript in transcripts][-1]


async def judged(
    tts: EspeakTts, told: Stt, untold: Stt, texts: Sequence[str], voice: Voice
) -> tuple[float, int, list[str]]:
    """Return the character error rate, how many sentences were taken for the language, and what was heard."""
    wrong = signs = known = 0
    every = []
    for text in texts:
        pcm = await spoken(tts, text, voice)
        line = await heard(told, pcm, voice.language)
        every.append(line)
        wrong += errors(letters(text), letters(line))
        signs += len(letters(text))
        known += tongue_of(await heard(untold, pcm, voice.language), voice.language) == voice.language
    return wrong / signs, known, every


async def main(options: argparse.Namespace) -> list[tuple[object, ...]]:
    """Measure every variant, then the best of them on more sentences."""
    tts = EspeakTts()
    model = str(folder(WHISPER_BASE))
    told = WhisperStt(model=model, device="cpu", compute_type="int8", threads=1, patience=600)
    untold = WhisperStt(model=model, device="cpu", compute_type="int8", threads=1, patience=600, language="auto")
    for engine in (tts, told, untold):
        await engine.start()
    try:
        texts = lines(options.language, options.count)
        rough: list[tuple[float, int, str]] = []
        for name in options.variants.split(",") if options.variants else VARIANTS:
            try:
                rate, known, _ = await judged(
                    tts, told, untold, texts[:FIRST], Voice(options.language, name, rate=options.rate)
                )
            except EngineError as error:
                print(f"{name}: {error}")
                continue
            print(f"{name or 'default'}: {rate:.2f}, {known} of {FIRST}", flush=True)
            rough.append((rate, -known, name))
        rows: list[tuple[object, ...]] = []
        for _, _, name in sorted(rough)[:BEST]:
            row: list[object] = [name or "(default)"]
            for speed in options.speeds:
                voice = Voice(options.language, name, rate=speed)
                rate, known, every = await judged(tts, told, untold, texts, voice)
                row.append(f"{rate:.3f} ({known}/{len(texts)})")
                if options.verbose:
                    print(*(f"{name} x{speed} | {a} | {b}" for a, b in zip(texts, every, strict=True)), sep="\n")
            rows.append(tuple(row))
    finally:
        for engine in (tts, told, untold):
            await engine.close()
    return [("variant", *(f"rate {speed:g}" for speed in options.speeds)), *rows]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="zh", help="one that the shipped teacher speaks")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--rate", type=float, default=0.95)
    parser.add_argument("--speeds", type=lambda text: [float(part) for part in text.split(",")], default=[0.8, 0.95])
    parser.add_argument("--variants", default="", help="only these, by comma")
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    with runner() as run:
        head, *found = run.run(main(chosen))
        print(table(tuple(map(str, head)), found))
