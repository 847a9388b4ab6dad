"""A recording from which a voice is cloned: read, and refused with a sentence when no voice can be heard in it.

It looks at loudness and length alone, and knows neither models nor whose voice it is.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import soxr

from engines.api import EngineError, Reference
from engines.sound.audio import Samples

RATE: Final = 22_050
SHORTEST, LONGEST = 3.0, 60.0  # seconds of voice
SILENT_DB: Final = -50.0  # of full scale; a frame below it has no voice in it
FRAME: Final = RATE // 50


def clips(reference: Reference) -> list[Samples]:
    """Read every clip at RATE, float32 mono, silence cut off; EngineError without consent, or for what is no voice."""
    if reference.consent is None:
        raise EngineError(
            "tts_failed",
            "This voice is not cloned: the identity records no consent of the person who speaks in its reference clip. "
            "Ask them, and write it into voice.json under reference.consent (docs/VOICES.md).",
        )
    found = [_read(data, number) for number, data in enumerate(reference.clips, start=1)]
    if not found:
        raise EngineError("tts_failed", "The identity has no reference clip: name one in voice.json (docs/VOICES.md).")
    return found


def _read(data: bytes, number: int) -> Samples:
    import soundfile

    try:
        sound, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError) as error:
        raise EngineError(
            "tts_failed", f"Reference clip {number} is no sound file that can be read (WAV, FLAC, Ogg or MP3): {error}"
        ) from error
    mono = np.nan_to_num(sound.mean(axis=1), nan=0.0, posinf=0.0, neginf=0.0)
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE)
    frames = mono[: len(mono) // FRAME * FRAME].reshape(-1, FRAME)
    with np.errstate(divide="ignore"):
        level = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1)) if len(frames) else np.zeros(0)
    loud = np.flatnonzero(level > SILENT_DB)
    if not len(loud):
        raise EngineError("tts_failed", f"Reference clip {number} is silent: record it again, louder.")
    voiced = len(loud) * FRAME / RATE
    if voiced < SHORTEST:
        raise EngineError(
            "tts_failed",
            f"Reference clip {number} is too short: {voiced:.1f} s of voice, and cloning needs {SHORTEST:g} s or more; "
            "10 to 30 s of one person sound best.",
        )
    kept: Samples = mono[loud[0] * FRAME : (loud[-1] + 1) * FRAME][: round(LONGEST * RATE)]
    return np.ascontiguousarray(np.clip(kept, -1.0, 1.0), dtype=np.float32)
