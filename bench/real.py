"""Twenty spoken questions with real ears, mind and voice: `python -m bench.real [--count 20] [--minds ...]`.

`companion serve` runs in a process of its own with Whisper tiny.en, Piper, and for a mind the shipped teacher's card or
SmolLM2 (testkit/real). flite asks at the speed of life, each question in a conversation of its own; the answer comes as
sound and face frames. How much of the words was heard, how many questions were answered and why answers ended, how
often the mouth is open, gaps in the sound, and how long the first sound took from the last of the question.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from bench.machine import runner
from bench.stats import quantile, table
from bench.words import QUESTIONS, errors
from engines.api import MIC_RATE
from engines.sound.audio import resample
from testkit.real.conversation import Heard, converse, served
from testkit.real.packages import PIPER_JOE, WHISPER_TINY_EN, folder
from testkit.real.smollm2 import smollm2
from training.lips import flite_voice


def settings(mind: str, *, tokens: int = 24, identity: str = "teacher") -> list[str]:
    """List the arguments of `companion serve` for a mind, "card" or "transformers", and a person."""
    chosen: dict[str, Any] = {
        "engines.stt": "whisper",
        "whisper.model": folder(WHISPER_TINY_EN),
        "whisper.threads": 1,
        "engines.dialogue": mind,
        "engines.tts": "piper",
        "piper.model": folder(PIPER_JOE) / "en_US-joe-medium.onnx",
        "identity.path": identity,
        "turns.first_word_s": 120,
        "turns.stall_s": 60,
        "turns.speech_stall_s": 60,
        "turns.transcript_wait_s": 60,
        "models.offline": "true",
        "log.format": "json",
    }
    if mind == "transformers":
        chosen |= {
            "transformers.model": smollm2(),
            "transformers.temperature": 0,
            "transformers.context": 2048,
            "transformers.max_tokens": tokens,
            "transformers.threads": 1,
        }
    return [part for key, value in chosen.items() for part in ("--set", f"{key}={value}")]


def asked(index: int, text: str) -> bytes:
    """Speak a question as s16le at MIC_RATE, by one of flite's voices in turn."""
    speech = flite_voice.say(flite_voice.VOICES[index % 3], text).speech
    return resample(speech.pcm, speech.rate, MIC_RATE)


async def conversation(arguments: Sequence[str], questions: Sequence[str]) -> list[Heard]:
    """Ask the questions one after the other."""
    async with served([*arguments]) as port:
        return [await converse(port, asked(i, text)) for i, text in enumerate(questions)]


async def main(options: argparse.Namespace) -> list[tuple[object, ...]]:
    """Hold the conversation with each mind."""
    rows: list[tuple[object, ...]] = []
    questions = QUESTIONS[: options.count]
    for mind in options.minds.split(","):
        found = await conversation(settings(mind), questions)
        counts = [errors(text, heard.question) for text, heard in zip(questions, found, strict=True)]
        wrong, words = (sum(part) for part in zip(*counts, strict=True))
        waits = [1000 * heard.waited for heard in found if heard.waited]
        reasons = {reason: sum(heard.reason == reason for heard in found) for reason in ("complete", "cut", "failed")}
        sound = sum(len(heard.pcm) for heard in found) / 2 / 24_000
        if options.verbose:
            for text, heard in zip(questions, found, strict=True):
                print(f"{mind} | {text} | {heard.question} | {heard.answer}")
        rows.append((
            mind if mind == "card" else "SmolLM2-135M",
            f"{wrong / words:.3f}",
            f"{sum(bool(heard.answer.strip()) for heard in found)}/{len(found)}",
            ", ".join(f"{count} {reason}" for reason, count in reasons.items() if count),
            f"{sum(heard.frames for heard in found) / sound:.1f}",
            f"{100 * sum(heard.open_mouth for heard in found) / sum(heard.frames for heard in found):.0f} %",
            sum(heard.gaps for heard in found),
            f"{quantile(waits, 0.5):.0f}",
            f"{quantile(waits, 0.95):.0f}",
        ))  # fmt: skip
    return rows


HEAD = (
    "mind", "word errors", "answered", "ended", "frames/s", "mouth open", "gaps", "first sound p50, ms", "p95, ms",
)  # fmt: skip

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=len(QUESTIONS))
    parser.add_argument("--minds", default="card,transformers")
    parser.add_argument("--verbose", action="store_true", help="what was asked, heard and answered")
    chosen = parser.parse_args()
    with runner() as run:
        print(table(HEAD, run.run(main(chosen))))
