"""Writes sheet.json, what the contact sheet shows: `python -m tools.face.make_sheet`.

Visemes and the sentence are what engines.face.engine makes of phones; moods are engines.face.emotion's. The phones of
the sentence are those espeak-ng gives for en-us, with the durations of unhurried speech.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.api import FaceBlock, FaceStyle, Phone, Speech, Stream
from engines.face.emotion import SHAPES
from engines.face.engine import ArticulationFace
from engines.face.rigs import HEAD, NAMES

FACE: Final = Path(__file__).parents[2] / "bridge" / "web" / "face"
RATE: Final = 24_000
FPS: Final = 60
EYES: Final = ("eyeBlink", "eyeLook", "brow", "head")
VISEMES: Final = {
    "sil": "", "PP": "p", "FF": "f", "TH": "θ", "DD": "d", "kk": "k", "CH": "ʃ", "SS": "s", "nn": "n", "RR": "ɹ",
    "aa": "ɑ", "E": "ɛ", "ih": "i", "oh": "o", "ou": "u",
}  # fmt: skip
TEXT: Final = "Mama bought five blue moons for you"
SPOKEN: Final = (
    ("", 200), ("m", 90), ("ɑː", 170), ("m", 80), ("ə", 90), ("b", 90), ("ɔː", 160), ("t", 80), ("f", 110), ("aɪ", 210),
    ("v", 90), ("b", 80), ("l", 70), ("uː", 170), ("m", 90), ("uː", 170), ("n", 70), ("z", 90), ("f", 90), ("ɔː", 110),
    ("ɹ", 70), ("j", 70), ("uː", 240), ("", 250),
)  # fmt: skip
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "teacher": {
        "presentation": "female", "age": 44, "skin": "brown", "hair": "dark, curly, shoulder-length", "eyes": "brown",
        "glasses": True, "clothes": "mustard-yellow cardigan, white blouse",
    },
    "guide": {
        "presentation": "male", "age": 61, "skin": "light, weathered", "hair": "grey, short", "beard": "full, grey",
        "eyes": "blue", "glasses": True, "clothes": "navy cardigan with brass buttons, white shirt",
    },
    "singer": {
        "presentation": "female", "age": 26, "skin": "fair", "hair": "auburn, long", "eyes": "green",
        "clothes": "teal sweater",
    },
    "nurse": {
        "presentation": "female", "age": 33, "skin": "tan", "hair": "black bun", "eyes": "dark",
        "clothes": "pink top", "glasses": "none",
    },
    "baker": {
        "presentation": "male", "age": 35, "skin": "deep", "hair": "shaved, black", "beard": "goatee, black",
        "eyes": "brown", "clothes": "red jacket, cream tee",
    },
    "student": {
        "presentation": "female", "age": 21, "skin": "olive", "hair": "black bob", "eyes": "hazel",
        "glasses": "round, gold", "clothes": "purple hoodie",
    },
    "sailor": {
        "presentation": "male", "age": 29, "skin": "light", "hair": "blond, short", "beard": "stubble", "eyes": "blue",
        "clothes": "white shirt",
    },
    "nobody": {},
}  # fmt: skip


async def _one(piece: Speech) -> Stream[Speech]:
    yield piece


async def _frames(spoken: Sequence[tuple[str, int]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return frames x channels of weights for (phone, ms)."""
    phones, at = [], 0
    for ipa, ms in spoken:
        until = at + ms * RATE // 1000
        phones.append(Phone(ipa, at, until, 1))
        at = until
    tone = (6000 * np.sin(np.arange(at) * 0.05)).astype("<i2")
    face = ArticulationFace()
    async with aclosing(face.animate(_one(Speech(tone.tobytes(), RATE, tuple(phones))), FaceStyle(fps=FPS))) as out:
        weights = b"".join([item.weights async for item in out if isinstance(item, FaceBlock)])
    return np.frombuffer(weights, np.uint8).reshape(-1, len(NAMES) + len(HEAD))[:, : len(NAMES)] / 255.0


def _named(row: np.ndarray[Any, np.dtype[np.float64]], without: tuple[str, ...] = ()) -> dict[str, float]:
    pairs = zip(NAMES, row, strict=True)
    return {name: round(float(value), 3) for name, value in pairs if value and not name.startswith(without or ("-",))}


async def _film() -> list[tuple[str, dict[str, float]]]:
    frames = await _frames(SPOKEN)
    shown, at = [], 0
    for ipa, ms in SPOKEN:
        middle = round((at + ms * (0.75 if "ɪ" in ipa else 0.5)) * FPS / 1000)
        shown.append((ipa or "·", _named(frames[min(middle, len(frames) - 1)])))
        if ipa == "aɪ":
            shown.insert(-1, ("a", _named(frames[round((at + ms * 0.3) * FPS / 1000)])))
        at += ms
    return shown


async def make() -> dict[str, Any]:
    """Return the sheet's looks, visemes, moods and frames of a sentence, all by channel name."""
    visemes = {}
    for name, ipa in VISEMES.items():
        frames = await _frames([("", 300), (ipa, 300), ("", 300)])
        visemes[name] = _named(frames[round(0.45 * FPS)], EYES)
    moods = {mood: {name: round(weight, 3) for name, weight in shapes.items()} for mood, shapes in SHAPES.items()}
    return {"looks": LOOKS, "visemes": visemes, "moods": moods, "film": {"text": TEXT, "frames": await _film()}}


if __name__ == "__main__":
    text = json.dumps(asyncio.run(make()), separators=(",", ":"), ensure_ascii=False)
    (FACE / "sheet.json").write_text(text + "\n", "utf-8")
