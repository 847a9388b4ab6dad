"""Says the sentences of a meeting with many voices, each kept on this machine once it was made.

`REAL` are neural voices: Kokoro's five (four women, one man) and Piper's Joe, all speaking English. `SYNTHETIC` are
flite's slt and variants of espeak-ng. None of them is among those that `training.apart` learns from.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.spoken import by_flite
from engines.api import MIC_RATE, Phrase, Speech, Stream, Voice
from engines.jobs import Tts
from engines.sound.audio import resample, to_float
from engines.voices.espeak.engine import EspeakTts
from engines.voices.kokoro.engine import KokoroTts
from engines.voices.piper.engine import PiperTts
from testkit.kept import kept
from testkit.real.packages import KOKORO_JA, PIPER_JOE, folder

Sound: TypeAlias = NDArray[np.float32]

LINES: Final = (
    "Let us begin with the budget, because it is the longest item today.",
    "I have read the report, and I think the numbers are right.",
    "Could you say that again, please?",
    "We agreed last week that the garden would be ready by June.",
    "Who is going to call the baker about the bread?",
    "That sounds good to me.",
    "I would rather wait until the new machine has arrived.",
    "My brother can bring the chairs on Saturday morning.",
    "No, I don't believe that anybody has asked them yet.",
    "The second page shows how much water was used in winter.",
    "We should thank everybody who came to help us.",
    "How many people have told you that they will come?",
    "I am afraid it will cost more than we thought.",
    "Please write down that the door has to be painted.",
    "If it rains, we can meet in the hall behind the school.",
    "Good, then I will talk to the teacher tomorrow.",
    "What happens when the old contract comes to an end?",
    "There was a letter from the town about the bridge.",
)
KOKORO: Final = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
ESPEAK: Final = ("f4", "m7", "belinda", "michael")
REAL: Final = ("joe", *KOKORO)
SYNTHETIC: Final = ("slt", *ESPEAK)
WOMEN: Final = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "slt", "f4", "belinda")


def said(voice: str) -> list[Sound]:
    """Return LINES as `voice` says them, at MIC_RATE, without silence around; testkit's Unavailable without it."""

    def make(home: Path) -> None:
        arrays: dict[str, Any] = {str(number): each for number, each in enumerate(_say(voice))}
        np.savez_compressed(home / "said.npz", **arrays)

    home = kept(f"crowd-{voice}", make, more="\n".join(LINES))
    with np.load(home / "said.npz") as file:
        return [file[str(number)].astype(np.float32) / np.float32(32768) for number in range(len(LINES))]


def _say(voice: str) -> list[NDArray[np.int16]]:
    if voice in KOKORO:
        files = folder(KOKORO_JA)
        kokoro = KokoroTts(model=str(files / "kokoro.onnx"), voices=str(files / "voices_ja.npz"), voice=voice)
        spoken = asyncio.run(_by(kokoro, Voice("en-us", voice)))
    elif voice == "joe":
        spoken = asyncio.run(_by(PiperTts(model=str(next(folder(PIPER_JOE).glob("*.onnx")))), Voice("en-us")))
    elif voice in ESPEAK:
        spoken = asyncio.run(_by(EspeakTts(), Voice("en-us", voice)))
    else:
        return [_trimmed(by_flite(voice, text).sound) for text in LINES]
    return [_trimmed(to_float(resample(b"".join(p.pcm for p in each), each[0].rate, MIC_RATE))) for each in spoken]


async def _by(tts: Tts, voice: Voice) -> list[list[Speech]]:
    await tts.start()
    try:
        return [[piece async for piece in tts.speak(_once(text), voice)] for text in LINES]
    finally:
        await tts.close()


async def _once(text: str) -> Stream[Phrase]:
    yield Phrase(text)


def _trimmed(sound: Sound) -> NDArray[np.int16]:
    loud = np.nonzero(np.abs(sound) > 0.02 * np.abs(sound).max())[0]
    cut: NDArray[np.int16] = np.clip(sound[loud[0] : loud[-1] + 1] * 32767, -32768, 32767).astype(np.int16)
    return cut
