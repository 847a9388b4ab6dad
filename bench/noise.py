"""How far errors in a question throw off a model before and after tuning: mistyped letters, and noise before real ears.

The questions of held-out dialogues are mistyped (training/understand/noise.py), or said by flite, laid into pink noise
(training/augment/sound.py) and heard by Whisper tiny.en. What is measured is the loss of the right answer behind the
question as it arrived, in nats a token; the answers themselves are never changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.stats import table
from bench.words import errors, heard
from engines.api import MIC_RATE
from engines.hearing.whisper.engine import WhisperStt
from engines.sound.audio import resample, to_float
from testkit.real.packages import WHISPER_TINY_EN, folder
from training.augment.sound import Sound, noisy
from training.data.dialogue import Dialogue, Line
from training.lips import flite_voice
from training.loop.batch import micro_batches
from training.loop.losses import held_out
from training.tune import saving
from training.tune.model import BaseModel, open_base
from training.tune.tokens import examples
from training.understand.noise import LEVELS, mistyped

SNR: Final = (30.0, 20.0, 10.0, 5.0, 0.0)  # dB
QUIET_S: Final = 0.3  # before and after what is said
BUDGET: Final = 2048


def asked(dialogues: Sequence[Dialogue]) -> list[str]:
    """Return the first question of each."""
    return [each.lines[0].text for each in dialogues]


def arrived(dialogues: Sequence[Dialogue], questions: Sequence[str]) -> list[Dialogue]:
    """Return the first exchange of each with its question as it arrived."""
    return [
        replace(each, lines=(Line("user", question.strip() or "..."), each.lines[1]))
        for each, question in zip(dialogues, questions, strict=True)
    ]


def said(questions: Sequence[str]) -> list[Sound]:
    """Return the questions as flite's voices say them, at MIC_RATE, with some quiet around."""
    sounds = []
    for number, question in enumerate(questions):
        speech = flite_voice.say(flite_voice.VOICES[number % len(flite_voice.VOICES)], question).speech
        quiet = np.zeros(round(QUIET_S * MIC_RATE), np.float32)
        sound = to_float(resample(speech.pcm, speech.rate, MIC_RATE))
        sounds.append(np.concatenate([quiet, sound, quiet]).astype(np.float32))
    return sounds


async def understood(sounds: Sequence[Sound], levels: Sequence[float] = SNR) -> list[list[str]]:
    """Return what is heard of the sounds as they are, and in noise at each of the levels in dB."""
    stt = WhisperStt(model=str(folder(WHISPER_TINY_EN)), device="cpu", compute_type="int8", threads=1, patience=600)
    await stt.start()
    try:
        found = [await heard(stt, sounds)]
        for level in levels:
            chance = np.random.default_rng(round(level))
            found.append(await heard(stt, [noisy(sound, MIC_RATE, chance, snr=level) for sound in sounds]))
    finally:
        await stt.close()
    return found


def loss(model: Any, base: BaseModel, dialogues: Sequence[Dialogue], system: str) -> float:
    """Return the loss of the answers."""
    rows = examples(dialogues, base.template, system=system, longest=512).examples
    return held_out(model, micro_batches(rows, BUDGET, packing=True, device=base.device))


def measured(model: str, adapter: Path, dialogues: Sequence[Dialogue], system: str) -> str:
    """Return a table of the losses before and after, by how the questions arrived."""
    questions = asked(dialogues)
    ways = [(f"{level:.0%} of the letters mistyped", [mistyped(text, level, at) for at, text in enumerate(questions)])
            for level in LEVELS]  # fmt: skip
    names = ("said, without noise", *(f"said in noise, {level:g} dB" for level in SNR))
    ways += zip(names, asyncio.run(understood(said(questions))), strict=True)
    base = open_base(model)
    before = [loss(base.model, base, arrived(dialogues, arriving), system) for _, arriving in ways]
    tuned = saving.reopen(base, adapter)
    after = [loss(tuned, base, arrived(dialogues, arriving), system) for _, arriving in ways]
    rows = []
    for (name, arriving), was, now in zip(ways, before, after, strict=True):
        counts = [errors(question, text) for question, text in zip(questions, arriving, strict=True)]
        wrong = sum(each for each, _ in counts) / sum(each for _, each in counts)
        rows.append((name, f"{wrong:.3f}", f"{was:.3f}", f"{was - before[0]:+.3f}", f"{now:.3f}",
                     f"{now - after[0]:+.3f}"))  # fmt: skip
    head = ("questions", "word errors", "loss before", "more than clean", "loss after", "more than clean")
    return f"{len(dialogues)} held-out dialogues.\n\n{table(head, rows)}"
