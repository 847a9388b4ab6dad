"""Finds the landmarks of faces with MediaPipe's FaceLandmarker, and names those that a puppet needs by their numbers.

Left is the left of whoever is seen, which is at the right of the picture.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

COUNT: Final = 478
MOST: Final = 4  # faces that are looked for: more than one is too many
VARIABLE: Final = "COMPANION_MEDIAPIPE_MODEL"  # the setting mediapipe.model of the server
FILE: Final = "face_landmarker.task"
SOURCE: Final = f"https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/{FILE}"

EYE_OUTER: Final = (33, 263)  # right, left
CHIN: Final = 152
FOREHEAD: Final = 10
NOSE: Final = 1
MOUTH_CORNERS: Final = (61, 291)
# From the right corner of the mouth to its left one.
LIP_UPPER: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIP_LOWER: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
# From the outer corner of each eye to its inner one: the edges of the upper and the lower lid.
LIDS: Final = {
    "Right": ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    "Left": ((263, 466, 388, 387, 386, 385, 384, 398, 362), (263, 249, 390, 373, 374, 380, 381, 382, 362)),
}
IRIS: Final = {"Right": 468, "Left": 473}
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


class Finder:
    """Finds faces in pictures, with the model in a file; `find` may be called again and again."""

    def __init__(self, model: Path) -> None:
        """Load the model; StudioError `missing_package`, `missing_model` or `bad_model`."""
        if find_spec("mediapipe") is None:
            raise StudioError("missing_package", "landmarks need MediaPipe: pip install 'companion-bridge[video]'")
        if not model.is_file():
            raise StudioError("missing_model", f"there is no {FILE} at {model}: curl -L {SOURCE} -o {model}")
        from mediapipe.tasks.python import BaseOptions, vision

        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model.read_bytes()),
            num_faces=MOST,
            output_face_blendshapes=True,
        )
        try:
            self._found: Any = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise StudioError("bad_model", f"{model} is no face landmarker: {error}") from error

    def find(self, picture: Bytes) -> list[Floats]:
        """Return (478, 3) for each face of an RGB picture: x and y in pixels, z towards the viewer."""
        return [marks for marks, _ in self.read(picture)]

    def read(self, picture: Bytes) -> list[tuple[Floats, dict[str, float]]]:
        """Return landmarks and the weights that MediaPipe reads, for each face."""
        import mediapipe

        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        result = self._found.detect(image)
        height, width = picture.shape[:2]
        scale = np.array([width, height, -width], np.float32)
        faces = [np.array([(p.x, p.y, p.z) for p in face], np.float32) * scale for face in result.face_landmarks]
        weights = [{each.category_name: each.score for each in face} for face in result.face_blendshapes or ()]
        return list(zip(faces, weights or [{} for _ in faces], strict=True))

    def close(self) -> None:
        """Let the model go."""
        self._found.close()


def place(said: str = "") -> Path:
    """Return where the model is: as somebody said, else by the variable, else in the usual place."""
    if named := said or os.environ.get(VARIABLE, ""):
        path = Path(named).expanduser()
        return path / FILE if path.is_dir() else path
    return Path("~/.companion-bridge/models").expanduser() / FILE
