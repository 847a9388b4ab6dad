"""From movements, contacts, mood and life to the channels of a profile.

The mapping to ARKit keeps one promise a client may rely on. A frame is *sealed* (p b m) when mouthPressLeft and Right
are at least 0.4 and mouthClose equals jawOpen: ARKit's mouthClose closes the lips against the jaw's opening, so equal
weights mean that they touch. It is *labiodental* (f v) when mouthRollLower is at least 0.55 and it is not sealed.
In the middle of a vowel jawOpen is at least 0.05 above mouthClose.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from engines.face import life
from engines.face.coarticulation import BARE, JAW, ROUND, SPREAD, TONGUE, TRACKS
from engines.face.emotion import ARKIT_MOODS, MOUTH, VRM_MOODS
from engines.face.rigs import HEAD, NAMES, OCULUS, VRM
from engines.sound.arrays import Floats

JAW_OPEN: Final = 0.62
SEALED_JAW: Final = 0.35  # how much of its opening the jaw gives up under closed lips
TEETH_JAW: Final = 0.2  # the widest jaw whose lower lip still reaches the teeth
TEETH_CLOSE: Final = 0.35  # how far the lower lip comes up to them
VOWEL_JAW: Final = 0.2
LOOK_RAD: Final = 0.55  # the angle of a full eyeLook weight
SPEAKING_MOUTH: Final = 0.6  # the share of a mood's mouth that speech takes away

INDEX: Final = {name: row for row, name in enumerate(NAMES)}
# A mood's shapes that would part closed lips or lift the lip off the teeth.
PARTING: Final = [INDEX[name] for name in MOUTH if not name.startswith(("mouthSmile", "mouthFrown", "mouthDimple"))]
STAYING: Final = [INDEX[name] for name in MOUTH if name.startswith(("mouthSmile", "mouthFrown", "mouthDimple"))]

# Visemes of oculus15 as VRM vowels; lips that close (sil, PP) are no vowel at all.
VRM_VOWELS: Final[dict[str, tuple[str, float]]] = {
    "FF": ("ih", 0.15), "TH": ("ee", 0.2), "DD": ("ih", 0.25), "kk": ("ee", 0.25), "CH": ("ou", 0.35),
    "SS": ("ih", 0.3), "nn": ("ih", 0.25), "RR": ("ou", 0.3), "aa": ("aa", 1.0), "E": ("ee", 1.0), "ih": ("ih", 1.0),
    "oh": ("oh", 1.0), "ou": ("ou", 1.0),
}  # fmt: skip
VOWELS: Final = np.zeros((5, len(OCULUS)), np.float32)
for _viseme, (_vowel, _weight) in VRM_VOWELS.items():
    VOWELS[VRM.index(_vowel), OCULUS.index(_viseme)] = _weight


class Mouth(NamedTuple):
    """A speaking mouth over some frames: movements, visemes below them, contacts, and the middles of vowels."""

    tracks: Floats
    seal: Floats
    teeth: Floats
    vowel: Floats


class Look(NamedTuple):
    """All that a face is made of over some frames: life's rows, moods x frames, a mouth, and how much it speaks."""

    life: Floats
    moods: Floats | None = None
    mouth: Mouth | None = None
    activity: Floats | float = 0.0


def draw(profile: str, look: Look) -> Floats:
    """Draw channels x frames of `profile`, in the order of its rig; the last three are head angles in radians."""
    match profile:
        case "arkit52":
            return _arkit(look)
        case "oculus15":
            return _oculus(look)
        case "vrm":
            return _vrm(look)
        case _:
            return np.zeros((0, look.life.shape[1]), np.float32)


def _arkit(look: Look) -> Floats:
    out = np.zeros((len(NAMES) + len(HEAD), look.life.shape[1]), np.float32)
    shapes = out[: len(NAMES)]
    if look.moods is not None:
        np.matmul(ARKIT_MOODS.T, look.moods, out=shapes)
        if look.mouth is not None:
            quieter = 1.0 - SPEAKING_MOUTH * look.activity
            shapes[STAYING] *= quieter
            shapes[PARTING] *= quieter * (1.0 - np.maximum(look.mouth.seal, look.mouth.teeth))
    if look.mouth is not None:
        _speak(shapes, look.mouth)
    _live(shapes, look.life)
    _turn(out[len(NAMES) :], look.life)
    return out


def _speak(shapes: Floats, mouth: Mouth) -> None:
    """Lay a speaking mouth over the mood in `shapes`."""
    seal, teeth = mouth.seal, mouth.teeth
    tracks = mouth.tracks
    apart = 1.0 - seal
    free = apart * (1.0 - teeth)
    pressed, tucked = seal * seal * seal, teeth * teeth
    jaw = tracks[JAW] * (1.0 - SEALED_JAW * seal)
    jaw += (np.minimum(jaw, TEETH_JAW) - jaw) * teeth
    np.maximum(jaw, VOWEL_JAW * mouth.vowel, out=jaw)
    rounded = tracks[ROUND]
    parted = jaw * (1.0 - 0.6 * rounded)
    bare = tracks[BARE]
    shapes[INDEX["jawOpen"]] += JAW_OPEN * jaw
    opening = shapes[INDEX["jawOpen"]]
    # With the jaw's own share of closing, what is left between the lips falls in proportion to the seal.
    close = (1.0 - SEALED_JAW) * seal / (1.0 - SEALED_JAW * seal)
    np.multiply(opening, np.maximum(close, TEETH_CLOSE * teeth), out=shapes[INDEX["mouthClose"]])
    shapes[INDEX["mouthFunnel"]] += 0.55 * rounded * jaw * free
    shapes[INDEX["mouthPucker"]] += 0.65 * rounded
    shapes[INDEX["jawForward"]] += 0.6 * bare * rounded
    shapes[INDEX["mouthRollLower"]] += np.maximum(0.2 * pressed, 0.6 * tucked)
    shapes[INDEX["mouthRollUpper"]] += 0.2 * pressed
    shapes[INDEX["tongueOut"]] += 0.3 * tracks[TONGUE] * free
    spread = tracks[SPREAD]
    sides = (
        ("mouthSmile", 0.15 * spread),
        ("mouthStretch", 0.3 * spread * free),
        ("mouthPress", 0.45 * pressed),
        ("mouthLowerDown", (0.35 * parted + 0.35 * bare) * free),
        ("mouthUpperUp", np.maximum((0.2 * parted + 0.2 * bare) * apart, 0.3 * teeth)),
    )
    for name, weight in sides:
        left = INDEX[f"{name}Left"]
        shapes[left : left + 2] += weight
    np.minimum(shapes, 1.0, out=shapes)


def _live(shapes: Floats, rows: Floats) -> None:
    """Lay lids, gaze and brows over `shapes`."""
    yaw, pitch = rows[life.GAZE_YAW] / LOOK_RAD, rows[life.GAZE_PITCH] / LOOK_RAD
    left, right, up, down = np.maximum(yaw, 0.0), np.maximum(-yaw, 0.0), np.maximum(pitch, 0.0), np.maximum(-pitch, 0.0)
    shut = np.maximum(rows[life.BLINK], 0.2 * down)
    open_ = 1.0 - rows[life.BLINK]
    for side, outward, inward in (("Left", left, right), ("Right", right, left)):
        shapes[INDEX[f"eyeLookOut{side}"]] += outward
        shapes[INDEX[f"eyeLookIn{side}"]] += inward
        shapes[INDEX[f"eyeLookUp{side}"]] += up
        shapes[INDEX[f"eyeLookDown{side}"]] += down
        lid = shapes[INDEX[f"eyeBlink{side}"]]
        np.maximum(lid, shut, out=lid)
        shapes[INDEX[f"eyeWide{side}"]] *= open_
        shapes[INDEX[f"browOuterUp{side}"]] += 0.7 * rows[life.BROW]
    shapes[INDEX["browInnerUp"]] += rows[life.BROW]


def _turn(head: Floats, rows: Floats) -> None:
    """Write head yaw, pitch and roll."""
    head[:] = rows[life.YAW : life.ROLL + 1]


def _visemes(mouth: Mouth) -> Floats:
    """Compute the 15 visemes' weights, with PP alone on sealed frames and FF alone on labiodental ones."""
    weights = mouth.tracks[TRACKS:].copy()
    closed, touching = OCULUS.index("PP"), OCULUS.index("FF")
    weights[[closed, touching]] = 0.0
    sealed = mouth.seal * (1.0 - mouth.teeth)
    weights *= (1.0 - sealed - mouth.teeth) / (weights.sum(0) + 1e-6)
    weights[closed] = sealed
    weights[touching] = mouth.teeth
    return weights


def _oculus(look: Look) -> Floats:
    out = np.zeros((len(OCULUS) + len(HEAD), look.life.shape[1]), np.float32)
    if look.mouth is None:
        out[0] = 1.0
    else:
        out[: len(OCULUS)] = _visemes(look.mouth)
    _turn(out[len(OCULUS) :], look.life)
    return out


def _vrm(look: Look) -> Floats:
    out = np.zeros((len(VRM) + len(HEAD), look.life.shape[1]), np.float32)
    if look.moods is not None:
        np.matmul(VRM_MOODS.T, look.moods, out=out[: len(VRM)])
        np.minimum(out, 1.0 - 0.4 * np.asarray(look.activity), out=out)
    if look.mouth is not None:
        out[:5] = VOWELS @ _visemes(look.mouth)
    rows = look.life
    yaw, pitch = rows[life.GAZE_YAW] / LOOK_RAD, rows[life.GAZE_PITCH] / LOOK_RAD
    out[VRM.index("blink")] = rows[life.BLINK]
    for name, weight in (("lookLeft", yaw), ("lookRight", -yaw), ("lookUp", pitch), ("lookDown", -pitch)):
        out[VRM.index(name)] += np.maximum(weight, 0.0)
    _turn(out[len(VRM) :], rows)
    return out
