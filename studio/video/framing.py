"""Puts people on a background: one in the middle, two beside each other and turned a little to each other.

A picture of a film is `tall` pixels high; one person takes a square, two take 16:9.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from studio.errors import StudioError
from studio.video.cut import Cut, Shot
from studio.video.looks.appearance import CHANNELS, Bytes, Floats

SIZES: Final = (512, 1080)  # pixels, least and most
TOGETHER: Final = 2  # people in one picture
INWARDS: Final = 0.16  # radians that two turn to each other
YAW: Final = CHANNELS.index("headYaw")
LIMIT: Final = 0.5
FADE: Final = 0.14  # of a square
SOURCE_BYTES: Final = 64 << 20
GROUNDS: Final = {
    "grey": (184, 191, 201),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "green": (0, 177, 64),
    "blue": (58, 92, 140),
    "night": (24, 28, 42),
    "sand": (222, 207, 184),
}


def size_of(tall: int, together: int) -> tuple[int, int]:
    """Return (width, height) of a film, both even; StudioError `bad_option` for a height outside SIZES."""
    if not SIZES[0] <= tall <= SIZES[1] or tall % 2:
        raise StudioError("bad_option", f"a film is {SIZES[0]} to {SIZES[1]} pixels high, an even number, not {tall}")
    return (tall if together < TOGETHER else tall * 16 // 9 // 2 * 2, tall)


def placed(cut: Cut, people: int) -> tuple[Shot, ...]:
    """Return the shots as they are framed: whoever does not fit is left out, the speaker never is."""
    found = []
    shown: tuple[str, ...] = ()
    for shot in cut.shots:
        if len(shot.people) <= people:
            shown = shot.people
        elif shot.speaks or not shown or not set(shown) <= set(shot.people):
            first = shot.speaks or shot.people[0]
            shown = (first,) if people < TOGETHER else (first, next(who for who in shot.people if who != first))
            shown = tuple(sorted(shown, key=shot.people.index))
        found.append(Shot(shot.first, shot.last, shown, shot.speaks))
    return tuple(found)


def turned(frame: Floats, place: int, of: int) -> Floats:
    """Return a frame of CHANNELS for the person at `place` of so many: two of them look at each other."""
    if of < TOGETHER:
        return frame
    frame = frame.copy()
    inwards = INWARDS if place == 0 else -INWARDS
    frame[YAW] = np.clip(frame[YAW] + inwards, -LIMIT, LIMIT)
    return frame


@dataclass(frozen=True, slots=True)
class Ground:
    """What is behind people: (height, width, 3) uint8, or None where a film is to be transparent."""

    picture: Bytes | None

    def under(self, people: list[Bytes], size: tuple[int, int]) -> Bytes:
        """Return (height, width, 3 or 4): people as squares of straight alpha, from left to right."""
        from studio.video.over import lay

        width, height = size
        out = np.zeros((height, width, 4), np.uint8) if self.picture is None else self.picture.copy()
        if len(people) == 1 and people[0].shape[1] < width:
            people = [_faded(people[0])]
        for place, person in enumerate(people):
            middle = width * (2 * place + 1) // (2 * len(people))
            lay(out, person, middle - person.shape[1] // 2)
        return out


def ground(said: str, size: tuple[int, int]) -> Ground:
    """Return the background that somebody named: a colour (#rrggbb or a name), a picture's path, "none".

    StudioError `bad_background` for what is neither.
    """
    if said == "none":
        return Ground(None)
    width, height = size
    colour = GROUNDS.get(said)
    if colour is None and said.startswith("#") and len(said) == 7:
        try:
            colour = (int(said[1:3], 16), int(said[3:5], 16), int(said[5:], 16))
        except ValueError as error:
            raise StudioError("bad_background", f"{said!a} is no colour such as #30405a") from error
    if colour is not None:
        return Ground(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)).copy())
    return Ground(_fitted(Path(said), width, height))


# ------------------------------------------------------------------------------------------------ parts


def _faded(person: Bytes) -> Bytes:
    """Return a square whose sides vanish: shoulders do not end in the air where one stands in a wide picture."""
    wide = person.shape[1]
    ramp = np.clip(np.minimum(np.arange(wide) + 0.5, wide - 0.5 - np.arange(wide)) / (FADE * wide), 0, 1)
    found = person.copy()
    found[..., 3] = (person[..., 3] * ramp).astype(np.uint8)
    return found


def _fitted(path: Path, width: int, height: int) -> Bytes:
    """Return a picture that fills the frame, its middle kept."""
    from PIL import Image, ImageOps

    names = ", ".join(GROUNDS)
    try:
        if path.stat().st_size > SOURCE_BYTES:
            raise StudioError("bad_background", f"{path} has more than {SOURCE_BYTES >> 20} MiB")
        with Image.open(BytesIO(path.read_bytes())) as opened:
            opened.draft("RGB", (width * 2, height * 2))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    except FileNotFoundError as error:
        raise StudioError(
            "bad_background", f"{path} is no picture, no colour (#30405a), not {names} or none"
        ) from error
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise StudioError("bad_background", f"{path} cannot be read as a picture: {error}") from error
    return np.asarray(fitted, np.uint8).copy()
