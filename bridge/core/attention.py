"""Tells of the faces that are seen who is there, whom they look at and what they do. Pure: time is an argument.

What a face does is told as what can be seen ("smiles", "frowns"), never as a feeling.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Final, Literal, TypeAlias

from bridge.core.nods import Nods
from engines.api import Seen, SeenFace

Notice: TypeAlias = Literal["came", "left", "nodded", "shook"]

COMES: Final = 0.6  # seconds that somebody must be there to have come
GOES: Final = 3.0  # seconds without anybody after which they have left
BLIND: Final = 3.0  # seconds without news after which nothing is known
SMOOTH: Final = 0.25  # seconds in which a new value mostly counts
EYE_ACROSS: Final = 30.0  # degrees that an eye turns at a weight of 1
EYE_UP: Final = 25.0
UNIT: Final = 45.0  # degrees of a `gaze` of 1
ABOVE: Final = 8.0  # degrees by which a camera mostly stands above what is looked at
LOOKS: Final = 0.31  # in those units: how far beside the companion a look at it may be, ...
TALL: Final = 1.4  # ... this much further above and below it, where the screen is
STILL_LOOKS: Final = 1.45  # times as far, once it is one
LARGER: Final = 1.3  # times as large as the face that is heeded, before another is
TALK: Final = 0.6  # seconds of the mouth that are looked at
TALKS: Final = 0.06  # how much it moves while it talks: mean change of the jaw's weight in a tenth of a second
# A word for what a face does, the shapes whose mean shows it, and from where on; the first that holds is told.
EXPRESSIONS: Final[tuple[tuple[str, tuple[str, ...], float], ...]] = (
    ("smiles", ("mouthSmileLeft", "mouthSmileRight"), 0.5),
    ("looks surprised", ("browInnerUp", "eyeWideLeft", "eyeWideRight", "jawOpen"), 0.45),
    ("frowns", ("browDownLeft", "browDownRight"), 0.45),
    ("turns the corners of the mouth down", ("mouthFrownLeft", "mouthFrownRight"), 0.35),
)
STILL: Final = 0.6  # of that from where on it is not told any more


@dataclass(frozen=True, slots=True)
class View:
    """What is known of the people before the companion.

    `looks` says that the one who is heeded looks at it, `does` what their face does ("" for nothing of note), `smile`
    0..1 how much it smiles. `place` is where they are, right as in a mirror and up, in half pictures; None: not known.
    """

    people: int = 0
    looks: bool = False
    does: str = ""
    smile: float = 0.0
    place: tuple[float, float] | None = None


NOBODY: Final = View()


class Attention:
    """The people before one companion."""

    def __init__(self) -> None:
        self.view: View | None = None  # None: nothing is known
        self._there = False
        self._since: float | None = None  # when the state of the picture became what it is: somebody, nobody
        self._anybody = False
        self._told_at = float("-inf")
        self._heeded = 0
        self._gaze: tuple[float, float] | None = None
        self._smile = 0.0
        self._nods = Nods()
        self._jaw: list[tuple[float, float]] = []

    def see(self, seen: Seen, now: float) -> list[Notice]:
        """Take what is seen at `now`; return what has happened."""
        passed, self._told_at = now - self._told_at, now
        if passed > BLIND:
            self._forget()
        faces = [face for face in seen.faces if face.present]
        if bool(faces) != self._anybody or self._since is None:
            self._anybody, self._since = bool(faces), now
        notices: list[Notice] = []
        if faces:
            notices += self._look(self._whom(faces), len(faces), min(passed, 1.0), now)
        elif self._there:
            self._nods.forget()
        else:
            self.view = NOBODY
        return notices + self.expire(now)

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, if nothing is seen before."""
        if self._since is None:
            return None
        ends = [self._told_at + BLIND]
        if self._anybody and not self._there:
            ends.append(self._since + COMES)
        if self._there and not self._anybody:
            ends.append(self._since + GOES)
        return min(ends)

    def expire(self, now: float) -> list[Notice]:
        """Return what has happened because time has passed."""
        if self._since is None:
            return []
        if now - self._told_at >= BLIND and not (self._there and not self._anybody):
            self._forget()
            return []
        if self._anybody and not self._there and now - self._since >= COMES:
            self._there = True
            return ["came"]
        if self._there and not self._anybody and now - self._since >= GOES:
            self._forget()
            self.view = NOBODY
            return ["left"]
        return []

    def talks(self, now: float) -> bool:
        """Return whether the mouth of the one who is heeded moves as it does in talking."""
        moves = [weight for at, weight in self._jaw if at >= now - TALK]
        if len(moves) < 4:
            return False
        span = self._jaw[-1][0] - next(at for at, _ in self._jaw if at >= now - TALK)
        change = sum(abs(after - before) for before, after in pairwise(moves))
        return span >= TALK / 2 and change / span / 10 >= TALKS

    def _whom(self, faces: list[SeenFace]) -> SeenFace:
        """Choose who is heeded: who was, unless another is much nearer."""
        largest = max(faces, key=lambda face: face.size)
        heeded = next((face for face in faces if face.id == self._heeded), None)
        if heeded is None or largest.size > LARGER * heeded.size:
            if largest.id != self._heeded:
                self._nods.forget()
                self._jaw.clear()
                self._gaze, self._smile = None, 0.0
            self._heeded = largest.id
            return largest
        return heeded

    def _look(self, face: SeenFace, people: int, passed: float, now: float) -> list[Notice]:
        share = passed / (passed + SMOOTH)
        gaze, before = gaze_of(face), self._gaze
        smooth = gaze if before is None else _between(before, gaze, share)
        self._gaze = smooth
        smile = _mean(face, ("mouthSmileLeft", "mouthSmileRight"))
        self._smile += (smile - self._smile) * share
        was = self.view or NOBODY
        looks = hypot(smooth[0], smooth[1] / TALL) <= LOOKS * (STILL_LOOKS if was.looks else 1.0)
        self.view = View(people, looks, _does(face, was.does), self._smile, face.place)
        self._jaw = [(at, weight) for at, weight in self._jaw if at > now - TALK]
        self._jaw.append((now, face.weights.get("jawOpen", 0.0)))
        match self._nods.see(face.yaw, face.pitch, now):
            case "nod":
                return ["nodded"]
            case "shake":
                return ["shook"]
            case None:
                return []

    def _forget(self) -> None:
        self.view, self._since, self._there, self._anybody = None, None, False, False
        self._heeded, self._gaze, self._smile = 0, None, 0.0
        self._nods.forget()
        self._jaw.clear()


def gaze_of(face: SeenFace) -> tuple[float, float]:
    """Return where a face looks from the companion, right as in a mirror and up, in units of UNIT degrees."""
    if face.gaze is not None:
        return face.gaze

    def eyes(name: str, other: str) -> float:
        return (face.weights.get(name, 0.0) + face.weights.get(other, 0.0)) / 2

    left = eyes("eyeLookOutLeft", "eyeLookInRight") - eyes("eyeLookInLeft", "eyeLookOutRight")
    up = eyes("eyeLookUpLeft", "eyeLookUpRight") - eyes("eyeLookDownLeft", "eyeLookDownRight")
    return -(face.yaw + EYE_ACROSS * left) / UNIT, (face.pitch + ABOVE + EYE_UP * up) / UNIT


def told(view: View) -> str:
    """Return in words what the people before the companion do, for the dialogue."""
    if not view.people:
        return "nobody is there"
    first = f"{view.does} and " if view.does else ""
    where = "looks at you" if view.looks else "looks elsewhere"
    more = "" if view.people == 1 else f"; {view.people - 1} more {'is' if view.people == 2 else 'are'} there"
    return f"{first}{where}{more}"


def _does(face: SeenFace, was: str) -> str:
    for word, shapes, least in EXPRESSIONS:
        if _mean(face, shapes) >= (STILL * least if word == was else least):
            return word
    return ""


def _mean(face: SeenFace, shapes: tuple[str, ...]) -> float:
    return sum(face.weights.get(name, 0.0) for name in shapes) / len(shapes)


def _between(one: tuple[float, float], other: tuple[float, float], share: float) -> tuple[float, float]:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share
