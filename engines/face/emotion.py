"""Moods: which names there are, what each does to a face at full strength, and how one fades into the next.

A mood is a resting expression in ARKit shapes and in VRM expressions. It knows nothing of speech; whoever lays it over
a speaking mouth scales the shapes of MOUTH down. Shapes follow Ekman's action units as ARKit names them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.face.rigs import NAMES, VRM
from engines.sound.arrays import Floats

FADE_S: Final = 0.3


def _both(**shapes: float) -> dict[str, float]:
    """Give shapes that ARKit has only with a side to both sides."""
    named: dict[str, float] = {}
    for name, weight in shapes.items():
        named |= {name: weight} if name in NAMES else {f"{name}Left": weight, f"{name}Right": weight}
    return named


SHAPES: Final[dict[str, dict[str, float]]] = {
    "neutral": {},
    "happy": _both(mouthSmile=0.55, cheekSquint=0.4, eyeSquint=0.2, mouthDimple=0.15, browOuterUp=0.1),
    "sad": _both(browInnerUp=0.65, mouthFrown=0.5, mouthShrugLower=0.2, eyeSquint=0.15, browDown=0.1)
    | _both(eyeLookDown=0.15),
    "angry": _both(browDown=0.75, eyeSquint=0.35, noseSneer=0.3, mouthPress=0.25, mouthFrown=0.3, jawForward=0.15),
    "surprised": _both(browInnerUp=0.7, browOuterUp=0.65, eyeWide=0.6, jawOpen=0.12, mouthFunnel=0.1),
    "afraid": _both(browInnerUp=0.7, browOuterUp=0.35, eyeWide=0.55, mouthStretch=0.35, mouthFrown=0.15),
    "disgusted": _both(noseSneer=0.7, browDown=0.4, eyeSquint=0.4, mouthUpperUp=0.3, mouthFrown=0.3)
    | _both(mouthShrugUpper=0.2),
    "relaxed": _both(mouthSmile=0.25, eyeSquint=0.08, eyeBlink=0.08, cheekSquint=0.1),
    "curious": _both(browOuterUp=0.25, eyeWide=0.2, mouthSmile=0.15) | {"browInnerUp": 0.3, "browOuterUpRight": 0.5},
    "thinking": _both(browDown=0.25, eyeSquint=0.2, mouthPress=0.2)
    | {"mouthLeft": 0.2, "eyeLookUpLeft": 0.25, "eyeLookUpRight": 0.25, "browOuterUpLeft": 0.3},
}
EXPRESSIONS: Final[dict[str, dict[str, float]]] = {
    "neutral": {},
    "happy": {"happy": 1.0},
    "sad": {"sad": 1.0},
    "angry": {"angry": 1.0},
    "surprised": {"surprised": 1.0},
    "afraid": {"surprised": 0.6, "sad": 0.3},
    "disgusted": {"angry": 0.6},
    "relaxed": {"relaxed": 1.0},
    "curious": {"surprised": 0.3, "happy": 0.15},
    "thinking": {"relaxed": 0.15, "lookUp": 0.25},
}
ALIASES: Final[dict[str, str]] = {
    "joy": "happy", "joyful": "happy", "happiness": "happy", "fun": "happy", "smile": "happy", "smiling": "happy",
    "excited": "happy", "amused": "happy", "cheerful": "happy", "proud": "happy", "sorrow": "sad", "sadness": "sad",
    "sorry": "sad", "crying": "sad", "disappointed": "sad", "anger": "angry", "mad": "angry", "annoyed": "angry",
    "frustrated": "angry", "surprise": "surprised", "shocked": "surprised", "amazed": "surprised", "wow": "surprised",
    "fear": "afraid", "scared": "afraid", "fearful": "afraid", "nervous": "afraid", "worried": "afraid",
    "disgust": "disgusted", "calm": "relaxed", "content": "relaxed", "serious": "neutral", "default": "neutral",
    "interested": "curious", "interest": "curious", "thoughtful": "thinking", "think": "thinking",
    "confused": "thinking", "pensive": "thinking",
}  # fmt: skip

# The shapes that speech owns; a mood's share of them shrinks while the companion speaks.
MOUTH: Final = tuple(name for name in NAMES if name.startswith(("jaw", "mouth", "tongue", "cheekPuff")))


def moods() -> frozenset[str]:
    """List every name that a dialogue may use for a mood."""
    return frozenset(emotion_names()) | frozenset(ALIASES)


def emotion_names() -> tuple[str, ...]:
    """List the moods that a face can show, "neutral" first; aliases are not among them."""
    return tuple(SHAPES)


def canonical(name: str) -> str:
    """Find the mood that `name` means, "" for none."""
    lower = name.strip().lower()
    return lower if lower in SHAPES else ALIASES.get(lower, "")


def _matrix(table: dict[str, dict[str, float]], names: tuple[str, ...]) -> Floats:
    rows = [[shapes.get(name, 0.0) for name in names] for shapes in table.values()]
    return np.array(rows, np.float32)


# Moods x channels.
ARKIT_MOODS: Final = _matrix(SHAPES, NAMES)
VRM_MOODS: Final = _matrix(EXPRESSIONS, VRM)


class Mood:
    """How strongly each mood shows over a stream's time, with fades of FADE_S between them."""

    def __init__(self, name: str, intensity: float) -> None:
        self._from = self._to = _weights(name, intensity)
        self._since = -1.0

    def change(self, name: str, intensity: float, at: float) -> None:
        """Begin to fade to `name` at `at` (s), from whatever shows then; a name that is no mood changes nothing."""
        if canonical(name):
            self._from = self._at(np.array([at]))[:, 0]
            self._to, self._since = _weights(name, intensity), at

    def weights(self, times: NDArray[np.float64]) -> Floats | None:
        """Compute moods x `times` (s, after the last change) of weights 0..1; None where no mood shows at all."""
        if not self._to.any() and (not self._from.any() or times[0] - self._since >= FADE_S):
            return None
        return self._at(times)

    def _at(self, times: NDArray[np.float64]) -> Floats:
        fade = np.clip((times - self._since) / FADE_S, 0.0, 1.0).astype(np.float32)
        fade *= fade * (3.0 - 2.0 * fade)
        return self._from[:, None] + (self._to - self._from)[:, None] * fade


def _weights(name: str, intensity: float) -> Floats:
    """Return one mood's weights: a neutral face is no mood at all."""
    weights = np.zeros(len(SHAPES), np.float32)
    mood = canonical(name)
    if mood and mood != "neutral":
        weights[emotion_names().index(mood)] = min(1.0, max(0.0, intensity))
    return weights
