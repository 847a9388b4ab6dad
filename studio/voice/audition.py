"""Lets candidates speak one line: recordings at one loudness, how they differ, and a page to hear them side by side."""

from __future__ import annotations

import html
import io
import re
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.identity import Identity
from engines.identity.macros import expand
from studio.errors import StudioError
from studio.voice.design import Candidate
from studio.voice.loudness import Floats, loudness, normalised, true_peak
from studio.voice.measuring import Measure, apart, measured
from studio.voice.speaking import RATE, said

PAGE: Final = "index.html"
LINE: Final = 300  # characters


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording: a WAV file, its loudness in LUFS, true peak in dBTP, measures, and steps to the nearest other."""

    wav: bytes
    loudness: float
    peak: float
    measure: Measure
    nearest: float


def sentence(identity: Identity) -> str:
    """Return a line that the person would say: the first sentences of the greeting, else who they are."""
    text = expand(identity.card.first_mes, char=identity.name, user="", seed=identity.name)
    text = " ".join(re.sub(r"\*[^*]*\*|\[[^\]]*\]", " ", text).split())
    text = text or identity.description or identity.name
    if len(text) <= LINE:
        return text
    whole = re.match(rf"(?s)(.{{40,{LINE}}}[.!?\u3002\uff01\uff1f])", text)
    return whole[1] if whole else text[:LINE]


def rendered(line: str, candidates: Sequence[Candidate], told: Callable[[float], None]) -> list[Heard]:
    """Have each candidate say the line; StudioError `bad_wish` for a line without words."""
    if not any(char.isalnum() for char in line) or len(line) > LINE:
        raise StudioError("bad_wish", f"the line to say must have words and at most {LINE} characters")
    sounds = said(line, [each.voice for each in candidates], told=lambda count: told(count / max(1, len(candidates))))
    levelled = [normalised(sound, RATE)[0] for sound in sounds]
    measures = [measured(sound, RATE, max(1, len(line.split()))) for sound in sounds]
    return [
        Heard(
            wav=_wav(sound),
            loudness=loudness(sound, RATE),
            peak=true_peak(sound, RATE),
            measure=measures[number],
            nearest=min(
                (apart(measures[number], other) for place, other in enumerate(measures) if place != number), default=0.0
            ),
        )
        for number, sound in enumerate(levelled)
    ]


def page(name: str, line: str, candidates: Sequence[Candidate], heard: Sequence[Heard], chosen: int) -> bytes:
    """Write the page; it stands beside the recordings and needs nothing else."""
    rows = "".join(
        f"<li{' class=chosen' if number == chosen else ''}><h2>{number}. {html.escape(each.voice.name)}</h2>"
        f"<p>{html.escape(', '.join(each.words))}; {sound.measure.pitch:.0f} Hz</p>"
        f'<audio controls preload="none" src="{number}.wav"></audio></li>'
        for number, (each, sound) in enumerate(zip(candidates, heard, strict=True), 1)
    )
    return (
        '<!doctype html><html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Voices for {html.escape(name)}</title><style>{STYLE}</style>"
        f"<h1>Voices for {html.escape(name)}</h1><p>{html.escape(line)}</p><ol>{rows}</ol>"
        "<p>Made by a computer: no person speaks here. Choose one with "
        "<code>companion identity voice FOLDER --choose N</code>.</p></html>"
    ).encode()


STYLE: Final = (
    "body{max-width:38rem;margin:3rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color-scheme:light dark}"
    "ol{list-style:none;padding:0}li{padding:.8rem 1rem;margin:.6rem 0;border:1px solid #8885;border-radius:.8rem}"
    "li.chosen{border-color:#17706e;border-width:2px}h2{font-size:1rem;margin:0}li p{margin:.1rem 0 .5rem;opacity:.75}"
    "audio{width:100%}"
)


def _wav(samples: Floats) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return file.getvalue()
