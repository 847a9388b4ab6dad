"""How rightly questions are heard, names above all: `python -m bench.words [--count 20] [--snr 20,10,5]`.

Twenty questions to the teacher, each by a voice of flite and by a real Piper voice, clean and in babble of other flite
voices. PocketSphinx as it ships (it expects the identity's topics) beside Whisper tiny.en and base, each without and
with the hint of names and topics. Word error rate over all words of a row; a question counts as exact when every word
is right, case and punctuation aside. The weights are real ones that packages carry (testkit/real).

PocketSphinx takes minutes for some questions in babble. What was heard is kept in a file as it comes, so that the
program may be ended and begun again: `--kept FILE`, by default in the cache of the tests. A change of the sounds, the
recogniser or its version hears anew.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.machine import runner
from bench.stats import table
from engines.api import MIC_RATE, Phrase, Stream, Voice
from engines.hearing.pocketsphinx.engine import PocketSphinxStt
from engines.hearing.whisper.engine import WhisperStt
from engines.identity import load_identity, shipped
from engines.identity.topics import texts, topics
from engines.jobs import Stt
from engines.sound.audio import resample
from engines.voices.piper.engine import PiperTts
from testkit.kept import kept, place
from testkit.real.packages import PIPER_JOE, WHISPER_BASE, WHISPER_TINY_EN, folder
from training.lips import flite_voice

QUESTIONS: Final = (
    "Hello Nora, can you hear me?",
    "What is an echo?",
    "Nora Bell, what is the Doppler effect?",
    "Why is the sky blue?",
    "Can you explain refraction to me?",
    "What did Heinrich Hertz do?",
    "Tell me about total internal reflection.",
    "Is this Nora speaking?",
    "How loud is a whisper in decibels?",
    "Thank you Nora, see you tomorrow.",
    "How does a rainbow come to be?",
    "What is the speed of sound in water?",
    "Nora, please start the lesson.",
    "What is a wavelength?",
    "Can sound travel through empty space?",
    "What happens when light meets a prism?",
    "Who are you, and what do you teach?",
    "What is the difference between pitch and loudness?",
    "Why do I see lightning before thunder?",
    "Good night, Nora Bell.",
)
BABBLE: Final = (
    "I went to the market and bought apples, bread and a bottle of milk for the evening.",
    "The train to the coast was late again, so we walked along the river until it came.",
    "My brother repairs old clocks, and his kitchen table is covered with tiny wheels.",
)
LEAD_S: Final = 0.3

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question and its sound at MIC_RATE, -1..1, without noise."""

    text: str
    sound: Sound


class Kept:
    """What was heard, by recogniser and sound, in a file that grows by a line each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._heard: dict[str, str] = dict(map(json.loads, lines))

    def get(self, name: str, sound: Sound) -> str | None:
        """Return what was heard before, None when nothing was."""
        return self._heard.get(_recipe(name, sound))

    def add(self, name: str, sound: Sound, text: str) -> None:
        """Keep what was heard."""
        self._heard[_recipe(name, sound)] = text
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([_recipe(name, sound), text], ensure_ascii=False) + "\n")


def _recipe(name: str, sound: Sound) -> str:
    package = "pocketsphinx" if name.startswith("PocketSphinx") else "faster-whisper"
    return f"{name} {version(package)} {hashlib.sha256(sound.tobytes()).hexdigest()[:24]}"


def normal(text: str) -> list[str]:
    """Reduce a line to its words, in lower case, without punctuation."""
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def errors(said: str, heard: str) -> tuple[int, int]:
    """Count the word errors (Levenshtein) and the words that were said."""
    wanted, got = normal(said), normal(heard)
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1], len(wanted)


def in_noise(sound: Sound, noise: Sound, snr: float) -> Sound:
    """Add noise at a signal-to-noise ratio in dB, both measured over the whole sound; the result never clips."""
    noise = np.resize(noise, sound.shape)
    gain = np.sqrt((sound**2).mean() / (noise**2).mean() / 10 ** (snr / 10))
    mixed = sound + gain * noise
    loudest = max(1.0, float(np.abs(mixed).max()) / 0.99)
    return np.asarray(mixed / loudest, np.float32)


def babble() -> Sound:
    """Return several flite voices that talk at once, mixed once on this machine: flite's sound differs a little."""
    recipe = repr((BABBLE, flite_voice.VOICES, LEAD_S))
    folder = kept(
        "bench-babble", lambda draft: np.save(draft / "babble.npy", _babble()), packages=["soxr"], more=recipe
    )
    sound: Sound = np.load(folder / "babble.npy")
    return sound


def _babble() -> Sound:
    parts = [_flite(name, text) for text in BABBLE for name in ("rms", "awb")]
    length = min(map(len, parts))
    return np.asarray(np.sum([part[:length] for part in parts], axis=0), np.float32)


def questions(count: int) -> list[Spoken]:
    """Return the first questions as flite and Piper said them once here: Piper never says one twice alike."""
    recipe = repr((QUESTIONS, flite_voice.VOICES, LEAD_S))
    folder = kept("bench-words", lambda draft: asyncio.run(_record(draft)), packages=["piper-tts", "soxr"], more=recipe)
    with np.load(folder / "spoken.npz") as sounds:
        first = [i for i in range(2 * len(QUESTIONS)) if i % len(QUESTIONS) < count]
        return [Spoken(QUESTIONS[i % len(QUESTIONS)], sounds[str(i)]) for i in first]


async def _record(draft: Path) -> None:
    spoken = await _spoken(len(QUESTIONS))
    sounds = {str(i): one.sound for i, one in enumerate(spoken)}
    np.savez_compressed(draft / "spoken.npz", **sounds)  # type: ignore[arg-type]  # no name is `allow_pickle`


async def _spoken(count: int) -> list[Spoken]:
    spoken = [Spoken(text, _flite(flite_voice.VOICES[i % 3], text)) for i, text in enumerate(QUESTIONS[:count])]
    piper = PiperTts(model=str(folder(PIPER_JOE) / "en_US-joe-medium.onnx"))
    await piper.start()
    try:
        for text in QUESTIONS[:count]:
            async with aclosing(piper.speak(_phrase(text), Voice("en-us"))) as pieces:
                pcm = b"".join([piece.pcm async for piece in pieces])
            spoken.append(Spoken(text, _floats(pcm, piper.rate)))
    finally:
        await piper.close()
    return spoken


def recognisers() -> list[tuple[str, Callable[[], Stt]]]:
    """List what is compared, by name."""
    person = load_identity(shipped()["teacher"])
    known: dict[str, Any] = {"person": person.name, "topics": topics(person)}
    rows: list[tuple[str, Callable[[], Stt]]] = [
        ("PocketSphinx, with topics", lambda: PocketSphinxStt(workers=1, topics=topics(person), texts=texts(person)))
    ]
    for name, weights in (("tiny.en", WHISPER_TINY_EN), ("base", WHISPER_BASE)):
        for told, extra in (("", {}), (", with names", known)):
            rows.append((f"Whisper {name}{told}", _whisper(str(folder(weights)), extra)))
    return rows


async def heard(stt: Stt, sounds: Sequence[Sound]) -> list[str]:
    """Have the sounds transcribed one after the other."""
    found = []
    for sound in sounds:
        async with aclosing(stt.transcribe(_audio(sound), "en")) as transcripts:
            found.append([transcript.text async for transcript in transcripts][-1])
    return found


async def heard_once(stt: Stt, name: str, sound: Sound, before: Kept) -> str:
    """Have a sound transcribed unless it was before."""
    text = before.get(name, sound)
    if text is None:
        text = (await heard(stt, [sound]))[0]
        before.add(name, sound, text)
    return text


async def main(options: argparse.Namespace, spoken: Sequence[Spoken]) -> list[tuple[object, ...]]:
    """Measure every recogniser at every level."""
    noise, before = babble(), Kept(options.kept)
    levels = [None, *(float(level) for level in options.snr.split(",") if level)]
    rows: list[tuple[object, ...]] = []
    for name, make in recognisers():
        stt, row = make(), [name]
        await stt.start()
        try:
            for level in levels:
                sounds = [one.sound if level is None else in_noise(one.sound, noise, level) for one in spoken]
                found = [await heard_once(stt, name, sound, before) for sound in sounds]
                counts = [errors(one.text, text) for one, text in zip(spoken, found, strict=True)]
                wrong, words = (sum(part) for part in zip(*counts, strict=True))
                exact = sum(not count for count, _ in counts)
                row.append(f"{wrong / words:.3f} ({exact}/{len(spoken)})")
                if options.verbose:
                    print(*(f"{name} | {one.text} | {text}" for one, text in zip(spoken, found, strict=True)), sep="\n")
        finally:
            await stt.close()
        rows.append(tuple(row))
    return [("recogniser", "clean", *(f"{level:g} dB" for level in levels if level is not None)), *rows]


def _whisper(model: str, extra: dict[str, Any]) -> Callable[[], Stt]:
    return lambda: WhisperStt(model=model, device="cpu", compute_type="int8", threads=1, patience=600, **extra)


def _flite(name: str, text: str) -> Sound:
    speech = flite_voice.say(name, text).speech
    return _floats(speech.pcm, speech.rate)


def _floats(pcm: bytes, rate: int) -> Sound:
    sound = np.frombuffer(resample(pcm, rate, MIC_RATE), "<i2").astype(np.float32) / 32768
    quiet = np.zeros(round(LEAD_S * MIC_RATE), np.float32)
    return np.concatenate([quiet, sound, quiet])


async def _phrase(text: str) -> Stream[Phrase]:
    yield Phrase(text)


async def _audio(sound: Sound) -> Stream[bytes]:
    yield (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    await asyncio.sleep(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=len(QUESTIONS))
    parser.add_argument("--snr", default="20,10,5", help="dB, beside the clean sound")
    parser.add_argument("--kept", type=Path, default=place() / "bench-words.jsonl", help="what was heard so far")
    parser.add_argument("--verbose", action="store_true", help="what was said and what was heard")
    chosen = parser.parse_args()
    with runner() as run:
        head, *lines = run.run(main(chosen, questions(chosen.count)))
        print(table(tuple(map(str, head)), lines))
