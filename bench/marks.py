"""How surely marks are found, and what they cost: `python -m bench.marks [--quick] [--parts sounds,heard,pictures]`.

Sound: replies of espeak-ng and, where its weights are, of a Piper voice are marked and copied by ffmpeg (AAC, Opus,
MP3), with noise, cut, resampled; found is counted, and the lowest score told. Unmarked speech under many keys tells how
high chance scores, and 100 unmarked files that none is taken for marked. Heard: the ratio of voice to mark, PESQ (where
the package is), and the words that Whisper gets wrong with and without the mark (where its weights are). Pictures:
those of this project and of the folders that are named, coded and scaled.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from engines.api import Phrase, Stream, Voice
from engines.identity.pictures import sniffed
from engines.provenance.audio import embed
from engines.provenance.audio.detect import CHANCE, detect
from engines.provenance.audio.embed import AudioMark
from engines.provenance.picture import mark as picture
from engines.voices.espeak.engine import EspeakTts
from testkit.real.packages import PIPER_JOE, WHISPER_BASE, WHISPER_TINY_EN, Unavailable, folder

Sound = NDArray[np.int16]

RATE: Final = 24_000
PAYLOAD: Final = 0xC0DE
LINES: Final = (
    "Hello! It is good to see you here again. Shall we talk about the light of the stars today?",
    "A prism splits white light because glass bends blue light more than red light.",
    "Sound needs something to travel in. In air it goes three hundred and forty metres in a second.",
    "My name is Nora, and I teach physics. What do you think happens when two waves meet each other?",
    "The harbour was quiet that morning. Three boats lay at the pier, and an old man mended a net.",
    "You have seen it yourself: a spoon in a glass of water looks broken. It is the light that bends.",
    "No, that is not quite right, but it is a good guess. Where would the shadow fall if the lamp stood higher?",
    "Let us try it step by step. First, write down what you know. Then, write down what you want to find.",
)
CODECS: Final[dict[str, tuple[str, ...]]] = {
    "AAC 48 kbit/s": ("-c:a", "aac", "-b:a", "48k", "x.m4a"),
    "AAC 32 kbit/s": ("-c:a", "aac", "-b:a", "32k", "x.m4a"),
    "Opus 24 kbit/s": ("-c:a", "libopus", "-b:a", "24k", "x.ogg"),
    "Opus 16 kbit/s": ("-c:a", "libopus", "-b:a", "16k", "x.ogg"),
    "MP3 64 kbit/s": ("-c:a", "libmp3lame", "-b:a", "64k", "x.mp3"),
    "MP3 32 kbit/s": ("-c:a", "libmp3lame", "-b:a", "32k", "x.mp3"),
}


def coded(sound: Sound, arguments: Sequence[str]) -> Sound:
    """Return a copy through a codec, by ffmpeg."""
    plain = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"]
    with tempfile.TemporaryDirectory() as scratch:
        file = str(Path(scratch) / arguments[-1])
        command = ["ffmpeg", "-v", "error", *plain, "-i", "-", *arguments[:-1], file]
        subprocess.run(command, input=sound.tobytes(), check=True)
        done = subprocess.run(["ffmpeg", "-v", "error", "-i", file, *plain, "-"], capture_output=True, check=True)
    copy: Sound = np.frombuffer(done.stdout, "<i2")
    return copy


def noisy(sound: Sound, snr: float) -> Sound:
    """Add white noise, dB below the sound."""
    noise = np.random.default_rng(1).normal(size=len(sound))
    power = float(np.mean(sound.astype(float) ** 2)) / 10 ** (snr / 10)
    heard: Sound = np.clip(np.rint(sound + noise * np.sqrt(power)), -32768, 32767).astype(np.int16)
    return heard


def resampled(sound: Sound, rate: int) -> Sound:
    """Go through another rate and back, rounded to 16 bits in between."""
    there = np.rint(soxr.resample(sound.astype(np.float32), RATE, rate)).astype(np.int16)
    back: Sound = np.rint(soxr.resample(there.astype(np.float32), rate, RATE)).astype(np.int16)
    return back


COPIES: Final[dict[str, Callable[[Sound], Sound]]] = {
    "as it is": lambda sound: sound,
    **{name: partial(coded, arguments=arguments) for name, arguments in CODECS.items()},
    "noise 20 dB": lambda sound: noisy(sound, 20),
    "noise 10 dB": lambda sound: noisy(sound, 10),
    "through 16 kHz": lambda sound: resampled(sound, 16_000),
    "through 8 kHz": lambda sound: resampled(sound, 8_000),
    "through 44.1 kHz": lambda sound: resampled(sound, 44_100),
    "3 s from the middle": lambda sound: sound[len(sound) // 3 : len(sound) // 3 + 3 * RATE],
    "3 s, Opus 24 kbit/s": lambda sound: coded(sound[RATE : 4 * RATE], CODECS["Opus 24 kbit/s"]),
    "2 s": lambda sound: sound[RATE : 3 * RATE],
}


async def spoken(tts: Any, voices: Sequence[Voice], lines: Sequence[str]) -> list[Sound]:
    """Speak every line with every voice, at RATE."""

    async def phrase(text: str) -> Stream[Phrase]:
        yield Phrase(text)

    made = []
    await tts.start()
    try:
        for voice in voices:
            for text in lines:
                async with aclosing(tts.speak(phrase(text), voice)) as pieces:
                    pcm = b"".join([piece.pcm async for piece in pieces])
                sound = np.frombuffer(pcm, "<i2").astype(np.float32)
                made.append(
                    np.rint(soxr.resample(sound, tts.rate, RATE) if tts.rate != RATE else sound).astype(np.int16)
                )
    finally:
        await tts.close()
    return made


def voices() -> dict[str, list[Sound]]:
    """Return the replies of each synthesizer."""
    english = [Voice("en-gb"), Voice("en-us", pitch=1.4)]
    made = {"espeak-ng": asyncio.run(spoken(EspeakTts(), english, LINES))}
    try:
        weights = folder(PIPER_JOE)
    except Unavailable:
        return made
    from engines.voices.piper.engine import PiperTts

    piper = PiperTts(model=str(weights / "en_US-joe-medium.onnx"))
    return made | {"Piper joe": asyncio.run(spoken(piper, [Voice("en-us")], LINES))}


def marked(sound: Sound) -> tuple[Sound, float]:
    """Return a reply as a session sends it, in pieces of 100 ms, and the CPU seconds that a second of it took."""
    mark, pieces = AudioMark(RATE, PAYLOAD), [sound[at : at + 2400].tobytes() for at in range(0, len(sound), 2400)]
    begun = process_time()
    made = b"".join(mark.mark(piece) for piece in pieces)
    return np.frombuffer(made, "<i2"), (process_time() - begun) / (len(sound) / RATE)


def sounds(report: dict[str, Any], *, quick: bool) -> None:
    """Measure the mark in sound."""
    replies = voices()
    laid = {name: [marked(each) for each in all_] for name, all_ in replies.items()}
    copies = dict(list(COPIES.items())[:5]) if quick else COPIES
    report["found"] = {}
    for name, all_ in laid.items():
        for what, copy in copies.items():
            found = [detect(copy(sound).astype(float), RATE) for sound, _ in all_]
            good = sum(each.marked and each.payload == PAYLOAD for each in found)
            lowest = min(each.score for each in found)
            report["found"].setdefault(what, {})[name] = [good, len(found), round(lowest, 1)]
    report["cpu s per s"] = round(float(np.median([cost for all_ in laid.values() for _, cost in all_])), 5)
    report["SNR dB"] = {
        name: round(float(np.median([_snr(a, b) for a, (b, _) in zip(replies[name], laid[name], strict=True)])), 1)
        for name in replies
    }
    report["PESQ"] = _pesq(replies, laid)
    report["lips"] = _lips(replies, laid)
    report["unmarked"] = _unmarked(replies, quick=quick)


def _snr(plain: Sound, made: Sound) -> float:
    power, change = float((plain.astype(float) ** 2).sum()), float(((made.astype(float) - plain) ** 2).sum())
    return float(10 * np.log10(power / change))


def _pesq(replies: dict[str, list[Sound]], laid: dict[str, list[tuple[Sound, float]]]) -> dict[str, Any]:
    """Return the mean and the worst PESQ (wide band, ITU P.862.2), {} where the package is not here."""
    try:
        pesq = import_module("pesq").pesq
    except ImportError:
        return {}

    def at(sound: Sound) -> Any:
        return soxr.resample(sound.astype(np.float32), RATE, 16_000)

    scores = {
        name: [pesq(16_000, at(a), at(b), "wb") for a, (b, _) in zip(replies[name], laid[name], strict=True)]
        for name in replies
    }
    return {name: [round(float(np.mean(all_)), 2), round(float(min(all_)), 2)] for name, all_ in scores.items()}


def _lips(replies: dict[str, list[Sound]], laid: dict[str, list[tuple[Sound, float]]]) -> dict[str, float]:
    """Return how far lips that are read from the sound alone move apart, of 1: mean and 99th percentile."""
    apart = []
    for name in replies:
        for plain, (made, _) in zip(replies[name], laid[name], strict=True):
            one, other = (_mouth(each) for each in (plain, made))
            apart.append(np.abs(one - other).ravel())
    every = np.concatenate(apart)
    return {"mean": round(float(every.mean()), 4), "p99": round(float(np.percentile(every, 99)), 4)}


def _mouth(sound: Sound) -> NDArray[np.float64]:
    """Return what a game's own lips would be driven by: the loudness of four bands, 60 times a second, of 1."""
    hop, window = RATE // 60, 1024
    rows = np.arange(0, len(sound) - window, hop)[:, None] + np.arange(window)
    power = np.abs(np.fft.rfft(sound[rows] * np.hanning(window), axis=1)) ** 2
    edges = (200, 700, 1500, 3000, 8000)
    bands = [power[:, a * window // RATE : b * window // RATE].sum(1) for a, b in pairwise(edges)]
    loud = 10 * np.log10(np.stack(bands, 1) + 1)
    made: NDArray[np.float64] = np.clip((loud - loud.max() + 60) / 60, 0, 1)
    return made


def _unmarked(replies: dict[str, list[Sound]], *, quick: bool) -> dict[str, Any]:
    """Count unmarked files that are taken for marked, and fit what chance scores under other keys."""
    plain = [each for all_ in replies.values() for each in all_]
    noise = np.random.default_rng(7)
    hundred = [*plain]
    while len(hundred) < 100:
        number = len(hundred)
        one, other = plain[number % len(plain)], plain[(7 * number + 3) % len(plain)]
        size = min(len(one), len(other))
        shade = noise.normal(scale=20, size=size)
        hundred.append(np.clip(0.7 * one[:size] + 0.3 * other[:size] + shade, -32768, 32767).astype(np.int16))
    wrong = sum(detect(each.astype(float), RATE).marked for each in hundred)
    keys = 10 if quick else 60
    scores = [detect(each.astype(float), RATE, key=b"null %d" % k).score for each in plain for k in range(keys)]
    spread = float(np.std(scores) * np.sqrt(6) / np.pi)
    mode = float(np.mean(scores) - 0.5772 * spread)
    return {
        "files": len(hundred),
        "taken for marked": int(wrong),
        "looks under other keys": len(scores),
        "highest of them": round(float(max(scores)), 2),
        "mode": round(mode, 3),
        "scale": round(spread, 3),
        "needed for 1e-6": round(mode - spread * np.log(CHANCE), 2),
    }


def heard(report: dict[str, Any]) -> None:
    """Count the words that Whisper gets wrong, with and without the mark."""
    report["WER"] = {}
    replies = voices()
    for name, weights in (("tiny.en", WHISPER_TINY_EN), ("base", WHISPER_BASE)):
        try:
            from faster_whisper import WhisperModel

            model = WhisperModel(str(folder(weights)), device="cpu", compute_type="int8", cpu_threads=1)
        except (Unavailable, ImportError):
            continue
        for voice, all_ in replies.items():
            wrong = {"plain": 0, "marked": 0}
            total = 0
            for number, plain in enumerate(all_):
                said = _words(LINES[number % len(LINES)])
                total += len(said)
                for kind, sound in (("plain", plain), ("marked", marked(plain)[0])):
                    wave = soxr.resample(sound.astype(np.float32) / 32768, RATE, 16_000)
                    segments, _ = model.transcribe(wave, language="en", beam_size=1, temperature=0)
                    wrong[kind] += _distance(said, _words(" ".join(each.text for each in segments)))
            report["WER"][f"{name}, {voice}"] = {kind: round(count / total, 4) for kind, count in wrong.items()} | {
                "words": total
            }


def _words(text: str) -> list[str]:
    plain = "".join(c.lower() if c.isalnum() or c == "'" else " " for c in text)
    numbers = {"340": "three hundred and forty"}
    return " ".join(numbers.get(word, word) for word in plain.split()).split()


def _distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the words to change, add or leave out."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def pictures(report: dict[str, Any], files: Sequence[Path], *, quick: bool) -> None:
    """Measure the mark in pictures."""
    from PIL import Image

    def jpeg(pixels: picture.Pixels, quality: int) -> picture.Pixels:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", quality=quality)
        return np.asarray(Image.open(out))

    def scaled(pixels: picture.Pixels, factor: float) -> picture.Pixels:
        image = Image.fromarray(pixels)
        return np.asarray(image.resize((round(image.width * factor), round(image.height * factor))))

    changes: dict[str, Callable[[picture.Pixels], picture.Pixels]] = {
        "PNG": lambda p: p,
        "JPEG 75": lambda p: jpeg(p, 75),
        "JPEG 50": lambda p: jpeg(p, 50),
        "half": lambda p: scaled(p, 0.5),
        "half, JPEG 75": lambda p: jpeg(scaled(p, 0.5), 75),
        "quarter": lambda p: scaled(p, 0.25),
        "double": lambda p: scaled(p, 2.0),
        "mirrored": lambda p: p[:, ::-1],
        "lighter by 20 %": lambda p: np.clip(p * 1.2, 0, 255).astype(np.uint8),
        "1 % cut off": lambda p: p[round(0.01 * len(p)) :],
        "3 % cut off": lambda p: p[round(0.03 * len(p)) :],
    }
    rows: dict[str, list[tuple[bool, float]]] = {name: [] for name in changes}
    ratios, wrong, scores = [], 0, []
    for path in files:
        with Image.open(path) as opened:
            shown = opened.convert("RGB")
            shown.thumbnail((1024, 1024))
            plain = np.asarray(shown)
        if min(plain.shape[:2]) < 4 * picture.SMALLEST:
            continue
        made = picture.embed(plain, PAYLOAD)
        ratios.append(10 * np.log10(255**2 / max(1e-9, float(np.mean((made.astype(float) - plain) ** 2)))))
        for name, change in changes.items():
            seen = picture.detect(np.ascontiguousarray(change(made)))
            rows[name].append((seen.payload == PAYLOAD, seen.score))
        wrong += picture.detect(plain).marked
        scores += [picture.detect(plain, key=b"null %d" % k).score for k in range(5 if quick else 40)]
    report["pictures"] = {
        "files": len(ratios),
        "PSNR dB": [round(float(np.median(ratios)), 1), round(float(min(ratios)), 1)],
        "found": {
            name: [sum(good for good, _ in all_), len(all_), round(min(score for _, score in all_), 1)]
            for name, all_ in rows.items()
        },
        "unmarked taken for marked": int(wrong),
        "other keys": {
            "looks": len(scores),
            "mean": round(float(np.mean(scores)), 2),
            "spread": round(float(np.std(scores)), 2),
            "highest": round(float(max(scores)), 2),
        },
    }


def found_pictures(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the pictures in some folders."""
    for place in folders:
        for path in sorted(place.rglob("*")):
            if path.is_file() and sniffed(path.read_bytes()[:16])[0].startswith("image/"):
                yield path


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer copies and keys")
    parser.add_argument("--parts", default="sounds,heard,pictures", help="what to measure")
    parser.add_argument("--pictures", type=Path, nargs="*", default=[Path("docs/images")], help="folders of pictures")
    options = parser.parse_args()
    report: dict[str, Any] = {"level dB": embed.LEVEL}
    parts = options.parts.split(",")
    if "sounds" in parts:
        sounds(report, quick=options.quick)
    if "heard" in parts:
        heard(report)
    if "pictures" in parts:
        pictures(report, list(found_pictures(options.pictures)), quick=options.quick)
    print(json.dumps(report, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
