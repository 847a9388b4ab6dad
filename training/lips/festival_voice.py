"""Festival's voices, for training: many speakers whose segments are exact. Debian: festival and festvox-*.

What a voice writes for a sound differs from voice to voice; `IPA` holds what is not written as IPA writes it.
"""

from __future__ import annotations

import shutil
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from engines.api import Phone, Speech
from training.lips import flite_voice
from training.lips.takes import Take, true_phones

ENGLISH: Final = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
OTHERS: Final = (
    "lp_diphone", "pc_diphone", "czech_dita", "czech_machac", "suo_fi_lj_diphone", "hy_fi_mv_diphone",
    "upc_ca_ona_hts", "msu_ru_nsh_clunits",
)  # fmt: skip
LATIN: Final = {
    "#": "", "pau": "", "SIL": "", "sil": "", "_": "", "S": "ʃ", "tS": "tʃ", "dZ": "dʒ", "Z": "ʒ", "J": "ɲ", "L": "ʎ",
    "ng": "ŋ", "E": "ɛ", "O": "ɔ", "c~": "tʃ", "s~": "ʃ", "z~": "ʒ", "r~": "r", "ch": "x", "rr": "r", "ax": "ə",
    "sh": "ʃ", "zh": "ʒ", "y": "j", "@": "ø", "[": "æ", "{": "æ", "ii": "i", "uu": "u", "aa": "a", "ae": "æ", "ay": "ɨ",
    "sch": "ɕ", "v": "v", "rs": "ʃ", "zr": "ʒ", "ss": "s",
}  # fmt: skip


def installed(voice: str) -> bool:
    """Return whether Festival and that voice are there."""
    places = Path("/usr/share/festival/voices")
    return shutil.which("festival") is not None and any(places.glob(f"*/{voice}"))


def say_all(voice: str, texts: Sequence[str]) -> list[Take]:
    """Return each text as a take; texts that the voice cannot speak are left out."""
    with TemporaryDirectory() as folder:
        lines = [f"(voice_{voice})"]
        for number, text in enumerate(texts):
            stem = f"{folder}/{number}"
            quoted = text.replace('"', "")
            lines += [
                f'(set! u (utt.synth (Utterance Text "{quoted}")))',
                f'(utt.save.segs u "{stem}.seg")',
                f'(utt.save.wave u "{stem}.wav" \'riff)',
            ]
        script = Path(folder, "say.scm")
        script.write_text("\n".join(lines), "utf-8")
        subprocess.run(["festival", "-b", str(script)], check=False, capture_output=True)
        takes = [_take(voice, text, Path(folder, str(number))) for number, text in enumerate(texts)]
    return [take for take in takes if take is not None]


def _take(voice: str, text: str, stem: Path) -> Take | None:
    segments, sound = stem.with_suffix(".seg"), stem.with_suffix(".wav")
    if not (segments.is_file() and sound.is_file()):
        return None
    with wave.open(str(sound), "rb") as file:
        rate, pcm = file.getframerate(), file.readframes(file.getnframes())
    length = len(pcm) // 2
    phones: list[Phone] = []
    start = 0
    for line in segments.read_text("latin-1").split("#\n", 1)[1].splitlines():
        seconds, _, name = line.split()[:3]
        end = min(round(float(seconds) * rate), length)
        if end > start:
            phones.append(Phone(_ipa(voice, name), start, end))
            start = end
    if start < length:
        phones.append(Phone("", start, length))
    speech = Speech(pcm, rate, tuple(phones))
    return Take(f"festival {voice}", text, speech, true_phones(speech))


def _ipa(voice: str, name: str) -> str:
    if voice in ENGLISH:
        return flite_voice.IPA[name]
    plain = name.rstrip("0123456789:'")
    if plain in LATIN:
        return LATIN[plain]
    return plain[:1].lower()
