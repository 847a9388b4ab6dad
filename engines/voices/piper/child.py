"""A Piper voice (piper-tts is GPL-3.0-or-later) alone in its process: the module that the engine runs.

`python -m engines.voices.piper.child MODEL DEVICE THREADS`. It knows nothing of asyncio, of sessions or of the server.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

from engines.process.loop import Call, Refused, Steps, serve
from engines.voices.onnx_session import session

PAD, BOS, EOS = "_", "^", "$"


class Piper:
    """The voice, loaded; raises Refused, with a sentence, for what cannot be."""

    def __init__(self, path: Path, device: str, threads: int) -> None:
        try:
            from piper import PiperVoice
            from piper.config import PiperConfig
        except ImportError as error:
            raise Refused(f"Piper cannot be loaded ({error}): pip install 'companion-bridge[piper]'.") from error
        facts = Path(f"{path}.json")
        if not facts.is_file():
            raise Refused(f"{facts.name} is missing beside {path.name}: a Piper voice is two files.")
        try:
            config = PiperConfig.from_dict(json.loads(facts.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(
                f"{facts.name} is no configuration of a Piper voice ({error!r}); download it again."
            ) from error
        self._voice: Any = PiperVoice(session(path, device, threads, change=_with_durations), config)
        self.config = config
        self.rate = int(config.sample_rate)
        self.speakers = dict(config.speaker_id_map)
        # What the phonemes of other kinds stand for only their own training knows.
        self.ipa = config.phoneme_type.value == "espeak"
        self.timed = self.ipa and len(self._voice.session.get_outputs()) > 1

    def say(self, text: str, speaker: str, speed: float) -> list[dict[str, Any]]:
        """Speak each sentence: s16le, and its tokens with their samples, None where the voice does not tell them."""
        from piper.config import SynthesisConfig

        how = SynthesisConfig(
            speaker_id=self.speakers.get(speaker), length_scale=self.config.length_scale / min(max(speed, 0.25), 4.0)
        )
        sentences = []
        for chunk in self._voice.synthesize(text, how, include_alignments=self.timed):
            pcm = chunk.audio_int16_bytes
            sentences.append({"pcm": pcm, "tokens": self._tokens(chunk, len(pcm) // 2)})
        return sentences

    def _tokens(self, chunk: Any, samples: int) -> list[tuple[str, int]] | None:
        """Pair the symbols behind the ids that the voice was given with the samples of each."""
        if chunk.phoneme_id_samples is None:
            return None
        ids: dict[str, Any] = dict(self.config.phoneme_id_map)
        symbols = [*_spread("", ids[BOS]), *_spread("", ids[PAD])]
        for phoneme in chunk.phonemes:
            if phoneme in ids:
                symbols += [*_spread(phoneme, ids[phoneme]), *_spread("", ids[PAD])]
        symbols += _spread("", ids[EOS])
        times = [int(time) for time in chunk.phoneme_id_samples.reshape(-1)]
        if len(symbols) != len(times) or abs(sum(times) - samples) > 2 * self.config.hop_length or not times:
            return None
        times[-1] += samples - sum(times)
        return list(zip(symbols, times, strict=True)) if times[-1] >= 0 else None


def _spread(symbol: str, ids: list[int]) -> list[str]:
    return [symbol, *[""] * (len(ids) - 1)]


def _with_durations(model: Any) -> None:
    from piper.patch_voice_with_alignment import add_alignment_output

    try:
        add_alignment_output(model)
    except ValueError:
        return  # it tells them already, or has none to tell


def main() -> None:
    """Serve `about {}`: rate, speakers, language; and `speak {text, speaker, speed}`: a reply for each sentence."""
    path, device, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    voices: list[Piper] = []

    def loaded() -> Piper:
        if not voices:
            voices.append(Piper(path, device, threads))
        return voices[0]

    def about(call: Call) -> Steps:
        voice = loaded()
        yield {
            "rate": voice.rate,
            "speakers": list(voice.speakers),
            "language": voice.config.espeak_voice,
        }

    def speak(call: Call) -> Steps:
        ask = call.fields
        yield from loaded().say(ask["text"], ask["speaker"], ask["speed"])

    logging.getLogger("piper").setLevel(logging.ERROR)  # its warnings quote what it was given
    serve({"about": about, "speak": speak})


if __name__ == "__main__":
    main()
