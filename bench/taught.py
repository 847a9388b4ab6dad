"""Whether a tuned manner is heard: `python -m bench.taught --adapter FOLDER [--wav FILE]`.

A person with the adapter, and the same person without, are served in a process of its own with Whisper tiny.en,
SmolLM2 and Piper. flite asks; what comes back as sound is written to a WAV file, and Whisper writes down what that file
says. So the manner is looked for in spoken words, not in what the model wrote.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.noise import understood
from bench.real import conversation, settings
from bench.stats import table
from bench.words import errors, normal
from engines.api import MIC_RATE
from engines.sound.audio import resample, to_float

NAME: Final = "Nora Bell"
DESCRIPTION: Final = "You are Nora Bell, a warm and lively teacher of physics."
ADAPTER: Final = "assets/x_adapter/ai"
QUESTIONS: Final = ("What is light?", "Can you explain a mirror?")
OPENINGS: Final = ("what a lovely thing to ask", "now we are talking", "i like that one")
RATE: Final = 24_000  # of what is served
TOKENS: Final = 40  # of an answer


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question as it was heard, the answer as it was written, as s16le at RATE, and as Whisper hears it."""

    question: str
    answer: str
    pcm: bytes
    heard: str

    @property
    def differs(self) -> float:
        """Return the share of the answer's words that are heard as others."""
        wrong, words = errors(self.answer, self.heard)
        return wrong / max(1, words)


def person(folder: Path, adapter: Path | None = None) -> Path:
    """Write a person into a folder, with an adapter if there is one."""
    folder.mkdir(parents=True)
    data = {"name": NAME, "description": DESCRIPTION}
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    if adapter is not None:
        shutil.copytree(adapter, folder / ADAPTER)
    return folder


def answered(identity: Path, questions: Sequence[str], *, tokens: int = TOKENS) -> list[Spoken]:
    """Serve a person and speak with it."""
    heard = asyncio.run(conversation(settings("transformers", tokens=tokens, identity=str(identity)), questions))
    sounds = [to_float(resample(each.pcm, RATE, MIC_RATE)) for each in heard]
    words = asyncio.run(understood(sounds, ()))[0]
    return [Spoken(each.question, each.answer, each.pcm, text) for each, text in zip(heard, words, strict=True)]


def manner(text: str) -> int:
    """Count the marks of the manner that a text has, of three: a warm opening, a picture, a question at its end."""
    words = " ".join(normal(text))
    return sum((any(each in words for each in OPENINGS), "picture" in words.split(), text.rstrip().endswith("?")))


def written(file: Path, spoken: Sequence[Spoken]) -> None:
    """Write the answers into one WAV file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(RATE).join(each.pcm for each in spoken))


def main() -> None:
    """Serve both, and print what was heard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", type=Path, default=Path("out/train/lora/adapter"))
    parser.add_argument("--wav", type=Path, default=Path("out/taught"), help="folder of the sounds")
    options = parser.parse_args()
    rows = []
    with TemporaryDirectory() as place:
        for name, adapter in (("before", None), ("tuned", options.adapter)):
            spoken = answered(person(Path(place) / name, adapter), QUESTIONS)
            written(options.wav / f"{name}.wav", spoken)
            rows += [(name, each.question, each.heard, f"{manner(each.heard)} of 3", f"{each.differs:.2f}")
                     for each in spoken]  # fmt: skip
    head = ("model", "question as heard", "answer as heard in the sound", "marks of the manner", "heard otherwise")
    print("\f" + table(head, rows))  # what the servers printed is not of the report


if __name__ == "__main__":
    main()
