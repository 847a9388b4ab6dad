"""One moment of a face, as every outlet takes it, and how it is read from the channels of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import radians
from typing import Final

from engines.face.rigs import HEAD, NAMES

CHANNELS: Final = (*NAMES, *HEAD)  # of a face that nobody has described
PLACE: Final = {name: place for place, name in enumerate(NAMES)}
# How far an eye turns at a weight of 1, in radians: about what ARKit's own eyes reach.
EYE_ACROSS: Final = radians(30.0)
EYE_UP: Final = radians(25.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """52 weights 0..1 in the order of `engines.face.rigs.NAMES`, and the head's angles in radians.

    Yaw to the face's own left, pitch up and roll to its own right are positive.
    """

    weights: tuple[float, ...]
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def __getitem__(self, name: str) -> float:
        """Return the weight of a shape."""
        return self.weights[PLACE[name]]

    def eye(self, side: str) -> tuple[float, float]:
        """Return yaw and pitch in radians of the "Left" or "Right" eye, signed as the head's."""
        out, inward = (self[f"eyeLook{way}{side}"] for way in ("Out", "In"))
        across = (out - inward) if side == "Left" else (inward - out)
        return across * EYE_ACROSS, (self[f"eyeLookUp{side}"] - self[f"eyeLookDown{side}"]) * EYE_UP


REST: Final = Frame((0.0,) * len(NAMES))


def reader(names: Sequence[str]) -> Callable[[Sequence[float]], Frame]:
    """Return what makes a Frame of the values of channels with these names; channels that are missing are at rest.

    Raises ValueError when none of the 52 shapes is among them: the session was asked for another profile.
    """
    places = [names.index(name) if name in names else -1 for name in (*NAMES, *HEAD)]
    if max(places[: len(NAMES)]) < 0:
        raise ValueError("an outlet needs a session with the face profile arkit52")

    def read(values: Sequence[float]) -> Frame:
        found = [values[place] if place >= 0 else 0.0 for place in places]
        return Frame(tuple(found[: len(NAMES)]), *found[len(NAMES) :])

    return read
