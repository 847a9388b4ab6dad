"""Makes a puppet of a picture and the landmarks in it."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.errors import StudioError
from studio.video.puppet import landmarks as at
from studio.video.puppet import parts
from studio.video.puppet.mesh import Frame, frame, mesh
from studio.video.puppet.model import Bytes, Floats, Ints, Layer, Puppet
from studio.video.puppet.parts import Part
from studio.video.puppet.picture import Source, behind, person

FACE: Final = 40.0  # pixels between the outer corners of the eyes, at least
FRONTAL: Final = 0.35  # how far the nose may be from the middle of the eyes, in units of their distance
RIM: Final = 9.0  # how much more the bridge of a nose with glasses varies, in levels of 255


def make(source: Source, faces: list[Floats], *, glasses: bool | None = None) -> Puppet:
    """Return the puppet of the one face in a picture; None for `glasses` looks whether there are any.

    StudioError `no_face`, `many_faces`, `too_small`, `turned_away`, `open_mouth`.
    """
    marks = _the_face(faces)
    face = frame(marks)
    height, width = source.colours.shape[:2]
    left, top = marks[: at.IRIS["Right"], :2].min(axis=0)
    right, bottom = marks[: at.IRIS["Right"], :2].max(axis=0)
    kept = person(source, (float(left), float(top), float(right), float(bottom)))
    worn = wears_glasses(source.colours, marks, face) if glasses is None else glasses
    front = mesh(marks, kept, face, glasses=worn)
    back = Part(
        "back",
        np.array([[0, 0, 0], [width, 0, 0], [0, height, 0], [width, height, 0]], np.float32),
        np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32),
        np.zeros(4, np.float32),
        np.array([[0, 1, 2], [1, 3, 2]], np.int32),
    )
    skin = Part("front", front.points, front.uvs, front.head, front.triangles, dict(front.moves))
    pieces = [skin, back, *parts.mouth(marks, face, front), *parts.eyes(marks, face, front)]
    pieces += parts.lids(marks, face, front)
    pivot = face.middle + face.pixels(
        np.array([0, face.local(marks[at.CHIN : at.CHIN + 1, :2])[0, 1] * 0.9], np.float32)
    )
    return _joined(
        pieces,
        (width, height),
        (float(pivot[0]), float(pivot[1]), float(-0.8 * face.unit)),
        front.meet,
        {
            "front": np.concatenate([source.colours, (kept[..., None] * 255 + 0.5).astype(np.uint8)], axis=2),
            "back": np.concatenate(
                [behind(source, kept), np.full((height, width, 1), 255 if source.alpha is None else 0, np.uint8)],
                axis=2,
            ),
            "parts": parts.texture(source.colours, marks, face),
        },
    )


def wears_glasses(picture: Bytes, marks: Floats, face: Frame) -> bool:
    """Say whether something crosses the bridge of the nose: between the eyes skin is smooth, a frame is not."""
    steps = np.linspace(-0.16, 0.22, 40)
    lines = []
    for x in (-0.03, 0.0, 0.03):
        off = np.stack([np.full_like(steps, x), steps], axis=1).astype(np.float32)
        places = face.middle + face.pixels(off)
        rows = np.clip(places[:, 1].astype(int), 0, picture.shape[0] - 1)
        columns = np.clip(places[:, 0].astype(int), 0, picture.shape[1] - 1)
        lines.append(picture[rows, columns].mean(axis=1))
    line = np.mean(lines, axis=0)
    smooth = np.convolve(np.pad(line, 8, mode="edge"), np.ones(17) / 17, mode="valid")
    return bool(np.abs(line - smooth).max() > RIM * 2)


# ------------------------------------------------------------------------------------------------ parts


def _the_face(faces: list[Floats]) -> Floats:
    """Return the landmarks of the only face; StudioError where it is not the only one, small or turned away."""
    if not faces:
        raise StudioError(
            "no_face", "no face is found in the picture; it should look at the camera, and be in the light"
        )
    if len(faces) > 1:
        raise StudioError("many_faces", f"{len(faces)} faces are found in the picture; cut it so that there is one")
    marks = faces[0]
    face = frame(marks)
    if face.unit < FACE:
        raise StudioError(
            "too_small", f"the eyes are {face.unit:.0f} pixels apart in the picture; {FACE:.0f} are needed at least"
        )
    if abs(face.local(marks[at.NOSE : at.NOSE + 1, :2])[0, 0]) > FRONTAL:
        raise StudioError("turned_away", "the face looks aside; a puppet needs one that looks at the camera")
    return marks


def _joined(
    pieces: list[Part],
    size: tuple[int, int],
    pivot: tuple[float, float, float],
    meet: tuple[tuple[int, int], ...],
    textures: dict[str, Bytes],
) -> Puppet:
    """Put the pieces into one puppet, in the order in which they are painted."""
    begins = np.cumsum([0, *(len(piece.points) for piece in pieces)])
    total = int(begins[-1])
    names = dict.fromkeys(name for piece in pieces for name in piece.moves)
    moves = {name: np.zeros((total, 2), np.float32) for name in names}
    triangles: dict[str, list[Ints]] = {}
    for piece, begin in zip(pieces, begins, strict=False):
        for name, moved in piece.moves.items():
            moves[name][begin : begin + len(moved)] = moved
        triangles.setdefault(piece.name, []).append(piece.triangles + np.int32(begin))
    order = {"back": "back", "mouth": "parts", "eyes": "parts", "front": "front", "lids": "parts"}
    return Puppet(
        size=size,
        points=np.concatenate([piece.points for piece in pieces]),
        uvs=np.concatenate([piece.uvs for piece in pieces]),
        head=np.concatenate([piece.head for piece in pieces]),
        pivot=pivot,
        moves=moves,
        meet=meet,
        layers=tuple(Layer(name, texture, np.concatenate(triangles[name])) for name, texture in order.items()),
        textures=textures,
    )
