"""Opens pictures that people bring, and cuts the one face out as the painter frames faces."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.errors import StudioError
from studio.portrait.model import Bytes

BYTES: Final = 40_000_000
LEAST: Final = 64  # pixels of the shorter side
MOST: Final = 60_000_000  # pixels in all
WHOLE: Final = "whole"
FACE: Final = "face"
CROPS: Final = (FACE, WHOLE)
GROUND: Final = (214, 218, 224)  # shines through where a picture is transparent
CASCADES: Final = ("alt2", "default")  # the second where the first finds nobody
LOOKED: Final = 640  # pixels of the longer side that faces are looked for on
BACKGROUND: Final = 0.45  # faces smaller than this part of the largest are of people further back
# Where the painter's pictures have the eyes, and how wide they are beside the detector's box.
EYES: Final = 0.435
WIDER: Final = 1.70
BROW: Final = 0.385  # of the box, where its eyes are


def opened(path: Path) -> Bytes:
    """Read a picture as (height, width, 3), upright and in RGB; StudioError says what is wrong with it.

    Codes: `not_found`, `too_large`, `too_small`, `not_a_picture`, `missing_package`.
    """
    if not path.is_file():
        raise StudioError("not_found", f"there is no picture {path}")
    if path.stat().st_size > BYTES:
        raise StudioError("too_large", f"{path.name} has more than {BYTES // 1_000_000} MB")
    return decoded(path.read_bytes(), path.name)


def decoded(data: bytes, name: str) -> Bytes:
    """Decode a picture's bytes, as `opened` does."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise StudioError(
            "missing_package", "pictures need Pillow: pip install 'companion-bridge[portrait]'"
        ) from error
    try:
        with warnings.catch_warnings():
            # What is too large is told below, in our words.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
        with picture:
            wide, tall = picture.size
            if wide * tall > MOST:
                raise StudioError(
                    "too_large",
                    f"{name} has {wide} x {tall} pixels; make it smaller: {MOST // 1_000_000} million at most",
                )
            if min(wide, tall) < LEAST:
                raise StudioError("too_small", f"{name} has {wide} x {tall} pixels; a face needs {LEAST} at least")
            upright = ImageOps.exif_transpose(picture)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                clear = upright.convert("RGBA")
                ground = Image.new("RGBA", clear.size, (*GROUND, 255))
                upright = Image.alpha_composite(ground, clear)
            elif upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
                upright = Image.fromarray(_grey(np.asarray(upright)))
            return np.asarray(upright.convert("RGB"), np.uint8)
    except StudioError:
        raise
    except Image.DecompressionBombError as error:
        raise StudioError("too_large", f"{name} has far too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise StudioError("not_a_picture", f"{name} cannot be read as a picture: {error}"[:300]) from error


def cut(picture: Bytes, size: int, *, crop: str = FACE, name: str = "the picture") -> Bytes:
    """Cut the one face out, or take the middle square, as (size, size, 3).

    StudioError `no_face` and `many_faces` where a face is looked for and there is not exactly one.
    """
    tall, wide = picture.shape[:2]
    if crop == WHOLE:
        side = float(min(tall, wide))
        return _scaled(picture, (wide - side) / 2, (tall - side) / 2, side, size)
    boxes = faces(picture)
    if not boxes:
        raise StudioError(
            "no_face", f"no face was found in {name}; a drawing that is already cut to the face goes with --crop whole"
        )
    if len(boxes) > 1:
        raise StudioError("many_faces", f"{name} shows {len(boxes)} faces; cut it so that it shows one")
    x, y, side = boxes[0]
    frame = WIDER * side
    return _scaled(picture, x + side / 2 - frame / 2, y + BROW * side - EYES * frame, frame, size)


def faces(picture: Bytes) -> list[tuple[float, float, float]]:
    """Return the faces that look to the front, as squares (left, top, side) in pixels, the largest first.

    The detectors are OpenCV's frontal cascades (Viola and Jones 2001), whose data come with the package.
    """
    try:
        import cv2
    except ImportError as error:
        raise StudioError(
            "missing_package", "finding a face needs OpenCV: pip install 'companion-bridge[portrait]', or --crop whole"
        ) from error
    tall, wide = picture.shape[:2]
    scale = min(1.0, LOOKED / max(tall, wide))
    small = cv2.resize(picture, (round(wide * scale), round(tall * scale)), interpolation=cv2.INTER_AREA)
    # Dark faces are found as well as light ones only where contrast is evened out place by place.
    grey = cv2.createCLAHE(3.0, (8, 8)).apply(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    found: Any = ()
    for name in CASCADES:
        found = _cascade(name).detectMultiScale(grey, 1.08, 6, minSize=(24, 24))
        if len(found):
            break
    boxes = sorted(((x / scale, y / scale, w / scale) for x, y, w, _ in found), key=lambda box: -box[2])
    return [box for box in boxes if box[2] >= BACKGROUND * boxes[0][2]]


def _cascade(name: str) -> Any:
    import cv2

    data = Path(cv2.__file__).parent / "data" / f"haarcascade_frontalface_{name}.xml"
    if not data.is_file() or not hasattr(cv2, "CascadeClassifier"):
        raise StudioError(
            "missing_package", "this OpenCV has no face detector: pip install opencv-contrib-python, or --crop whole"
        )
    return cv2.CascadeClassifier(str(data))


def _scaled(picture: Bytes, left: float, top: float, side: float, size: int) -> Bytes:
    """Cut a square and scale it; beyond the edge its last pixels go on."""
    from PIL import Image

    more = max(0, round(max(-left, -top, left + side - picture.shape[1], top + side - picture.shape[0])) + 1)
    padded = np.pad(picture, ((more, more), (more, more), (0, 0)), mode="edge") if more else picture
    box = (left + more, top + more, left + more + side, top + more + side)
    square = Image.fromarray(padded).resize(
        (size, size), Image.Resampling.BOX if side > size else Image.Resampling.BICUBIC, box=box
    )
    return np.asarray(square, np.uint8)


def _grey(values: np.ndarray[Any, Any]) -> Bytes:
    low, high = float(values.min()), float(values.max())
    return ((values - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
