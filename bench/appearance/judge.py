"""The outside judge: MediaPipe's FaceLandmarker, which knows nothing of how a picture was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engines.face.rigs import NAMES
from studio.head.model import Bytes, Floats

SEEN: Final = tuple(name for name in NAMES if name != "tongueOut")  # the judge has no tongue
UPPER, LOWER = 13, 14  # its points in the middle of the lips' inner rims
CORNERS: Final = (33, 263)  # the outer corners of the eyes


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: weights (51,) in the order of SEEN, and how far the lips are apart, in widths between the eyes."""

    weights: Floats
    gap: float


class Judge:
    """Reads faces from pictures, each for itself."""

    def __init__(self, model: Path) -> None:
        from mediapipe.tasks.python import BaseOptions, vision

        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)), output_face_blendshapes=True
        )
        self._landmarker = vision.FaceLandmarker.create_from_options(options)

    def read(self, picture: Bytes) -> Reading | None:
        """Return what is read from (height, width, 3 or 4) sRGB; None where no face is found."""
        import mediapipe

        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture[..., :3]))
        found = self._landmarker.detect(image)
        if not found.face_blendshapes:
            return None
        told = {each.category_name: each.score for each in found.face_blendshapes[0]}
        points = np.array([(each.x * picture.shape[1], each.y * picture.shape[0]) for each in found.face_landmarks[0]])
        between = float(np.linalg.norm(points[CORNERS[0]] - points[CORNERS[1]]))
        gap = float(np.linalg.norm(points[UPPER] - points[LOWER])) / max(between, 1e-6)
        return Reading(np.array([told[name] for name in SEEN], np.float32), gap)
