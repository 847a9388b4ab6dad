"""Kokoro (kokoro-onnx loads espeak-ng, GPL-3.0-or-later) alone in its process: the module that the engine runs.

`python -m engines.voices.kokoro.child MODEL VOICES DEVICE THREADS`. It speaks phonemes, and knows nothing of text or
sessions.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

from engines.process.loop import Call, Refused, Steps, serve
from engines.voices.onnx_session import session

RATE = 24_000


class KokoroVoices:
    """The model and its voices, loaded; raises Refused, with a sentence, for what cannot be."""

    def __init__(self, model: Path, voices: Path, device: str, threads: int) -> None:
        try:
            from kokoro_onnx import Kokoro
        except ImportError as error:
            raise Refused(f"Kokoro cannot be loaded ({error}): pip install 'companion-bridge[kokoro]'.") from error
        loaded = session(model, device, threads)
        try:
            self._kokoro: Any = Kokoro.from_session(loaded, str(voices))
            self.names = list(self._kokoro.voices.files)
            if not self.names:
                raise ValueError("there is none")
        except (OSError, ValueError, EOFError, AttributeError, KeyError) as error:
            raise Refused(f"{voices} holds no voices of Kokoro ({error!r}); download it again.") from error
        wanted = {value.name for value in loaded.get_inputs()}
        if not {"style", "speed"} <= wanted:
            raise Refused(f"{model} is no Kokoro model: it takes {', '.join(sorted(wanted))}.")

    def say(self, phonemes: str, voice: str, speed: float) -> dict[str, Any] | None:
        """Speak s16le and its phonemes with their samples (None where the model tells none); None for silence."""
        if not self._kokoro.tokenizer.known(phonemes).strip():
            return None
        sound, _, timings = self._kokoro.create_timed(
            phonemes, voice, min(max(speed, 0.5), 2.0), is_phonemes=True, sentence_pause=0.0, clause_pause=0.0
        )
        pcm = (np.clip(sound, -1.0, 1.0) * 32767).astype("<i2")
        return {"pcm": pcm.tobytes(), "tokens": _tokens(timings, len(pcm)) if timings else None}


def _tokens(timings: Any, samples: int) -> list[tuple[str, int]]:
    """Turn consecutive spans into symbols with lengths; what no symbol covers is silence."""
    tokens: list[tuple[str, int]] = []
    at = 0
    for timing in timings:
        start = min(max(round(timing.start * RATE), at), samples)
        end = min(max(round(timing.end * RATE), start), samples)
        if start > at:
            tokens.append((" ", start - at))
        tokens.append((timing.phoneme, end - start))
        at = end
    return [*tokens, (" ", samples - at)] if at < samples else tokens


def main() -> None:
    """Serve `about {}`: voices; and `speak {phonemes, voice, speed}`: one reply, or none for what has no sound."""
    model, voices, device, threads = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    loaded: list[KokoroVoices] = []

    def ready() -> KokoroVoices:
        if not loaded:
            loaded.append(KokoroVoices(model, voices, device, threads))
        return loaded[0]

    def about(call: Call) -> Steps:
        yield {"voices": ready().names}

    def speak(call: Call) -> Steps:
        ask = call.fields
        if (said := ready().say(ask["phonemes"], ask["voice"], ask["speed"])) is not None:
            yield said

    logging.getLogger("kokoro_onnx").setLevel(logging.ERROR)  # its warnings quote what it was given
    serve({"about": about, "speak": speak})


if __name__ == "__main__":
    main()
