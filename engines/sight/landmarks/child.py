"""The process that opens pictures and looks for faces in them: `python -m engines.sight.landmarks.child MODEL FACES`.

Pictures come from anywhere: they are opened here, where a decoder that breaks takes nothing else with it. No picture is
kept or written. It knows nothing of sessions or of the server.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("GLOG_minloglevel", "2")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import numpy.typing as npt

from engines.process.loop import Call, Refused, Steps, serve
from engines.sight.landmarks.reading import Following, Found, found

LARGEST: Final = 4096  # pixels of a side of a picture
WIDTH: Final = 640  # pixels to which larger pictures are brought
FORMATS: Final = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


class NoPicture(Exception):
    """A file that is no picture of its format, or too large a one; the text is for people."""


def opened(data: bytes, kind: str) -> npt.NDArray[np.uint8]:
    """Return the pixels (height, width, 3) of a file, at most WIDTH wide; NoPicture says why there are none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
            if max(picture.size) > LARGEST:
                raise NoPicture(f"a picture of {picture.size[0]} by {picture.size[1]} pixels is too large")
            picture.draft("RGB", (WIDTH, WIDTH))
            colours = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise NoPicture(f"this is no {kind} picture") from error
    if colours.width > WIDTH:
        colours = colours.resize((WIDTH, max(1, colours.height * WIDTH // colours.width)), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(colours))


def landmarker(model: str, faces: int) -> Any:
    """Open the model; Refused says what is wrong with it."""
    if not Path(model).is_file():
        raise Refused(f"there is no Face Landmarker model in {Path(model).name or 'the setting mediapipe.model'}")
    try:
        from mediapipe.tasks.python import BaseOptions, vision
    except (ImportError, OSError) as error:
        repair = "pip install 'companion-bridge[sight]'; on Linux also the system's libegl1 and libgles2"
        raise Refused(f"mediapipe cannot be loaded ({error}): {repair}") from error
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=model),
        running_mode=vision.RunningMode.VIDEO,
        num_faces=faces,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    try:
        return vision.FaceLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise Refused(f"{Path(model).name} is no Face Landmarker model") from error


@contextmanager
def eyes(model: str, faces: int) -> Iterator[Callable[[npt.NDArray[np.uint8], int], list[Found]]]:
    """Give a function that finds the faces in pixels at a time in ms, which must grow, as long as the block lasts."""
    made = landmarker(model, faces)
    from mediapipe import Image, ImageFormat

    following = Following()

    def look(pixels: npt.NDArray[np.uint8], at: int) -> list[Found]:
        result = made.detect_for_video(Image(image_format=ImageFormat.SRGB, data=pixels), at)
        every = zip(result.face_landmarks, result.face_blendshapes, result.facial_transformation_matrixes, strict=True)
        return following.follow(
            [
                found(
                    [(point.x, point.y) for point in points],
                    [(score.category_name, score.score) for score in scores],
                    matrix.tolist(),
                )
                for points, scores, matrix in every
            ]
        )

    try:
        yield look
    finally:
        made.close()


def watcher(model: str, faces: int) -> Callable[[Call], Steps]:
    """Return the operation that looks at one stream of pictures: a reply for each."""

    def watch(call: Call) -> Steps:
        with eyes(model, faces) as look:
            last = -1
            while (fields := (yield from call.receive())) is not None:
                try:
                    pixels = opened(fields["data"], fields["format"])
                except NoPicture as wrong:
                    yield {"wrong": str(wrong)}
                    continue
                last = max(last + 1, int(fields["at"]))
                seen = look(pixels, last)
                yield {"faces": [_told(face) for face in seen]}

    return watch


def _told(face: Found) -> dict[str, Any]:
    return {
        "id": face.id,
        "weights": dict(face.weights),
        "at": [face.x, face.y, face.size],
        "turn": [face.yaw, face.pitch, face.roll],
    }


if __name__ == "__main__":
    serve({"watch": watcher(sys.argv[1], int(sys.argv[2]))})
