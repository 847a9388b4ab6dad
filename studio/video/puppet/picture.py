"""Reads the picture of a face that is to be moved: upright, in sRGB, of a size that works; and cuts the person out."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

LEAST: Final = 48  # pixels of the shorter side
MOST: Final = 1024  # what is larger is made smaller
LARGEST: Final = 20_000  # pixels of the longer side that are read at all
PIXELS: Final = 60_000_000  # of what must be read whole
FILE_BYTES: Final = 64 << 20
SMALL: Final = 320  # pixels at which the person is cut out
ROUNDS: Final = 4  # of GrabCut


@dataclass(frozen=True, slots=True)
class Source:
    """A picture (height, width, 3) of sRGB, and its own transparency (height, width) 0..255 where it has some."""

    colours: Bytes
    alpha: Bytes | None = None


def read(data: bytes) -> Source:
    """Return the picture, at most MOST pixels wide and high; StudioError `bad_picture`, `too_small`, `too_large`."""
    from PIL import Image, ImageCms, ImageOps

    if len(data) > FILE_BYTES:
        raise StudioError("too_large", f"the picture has more than {FILE_BYTES >> 20} MiB")
    try:
        with warnings.catch_warnings(), _opened(data) as opened:
            _sized(*opened.size, shrinks=opened.format == "JPEG")
            profile = opened.info.get("icc_profile")
            opened.draft("RGB", (MOST, MOST))
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((MOST, MOST), Image.Resampling.LANCZOS, reducing_gap=3.0)
            clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
            if profile and upright.mode in ("RGB", "CMYK", "L"):
                upright = _in_srgb(upright, profile, ImageCms)
            pixels = np.asarray(upright.convert("RGBA" if clear else "RGB"), np.uint8)
    except StudioError:
        raise
    except Image.DecompressionBombError as error:
        raise StudioError("too_large", "the picture has more pixels than this program reads") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise StudioError("bad_picture", f"the picture cannot be read: {str(error)[:200]}") from error
    alpha = np.ascontiguousarray(pixels[..., 3]) if clear and pixels[..., 3].min() < 250 else None
    return Source(np.ascontiguousarray(pixels[..., :3]), alpha)


def person(source: Source, face: tuple[float, float, float, float]) -> Floats:
    """Return how much of each pixel is the person, 0..1; `face` is left, top, right, bottom of it in pixels.

    GrabCut (Rother, Kolmogorov and Blake 2004) on a small copy, begun with the face as certain and the upper corners as
    certainly not.
    """
    import cv2

    height, width = source.colours.shape[:2]
    if source.alpha is not None:
        return source.alpha.astype(np.float32) / 255
    scale = min(1.0, SMALL / max(height, width))
    small = cv2.resize(source.colours, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rows, columns = small.shape[:2]
    left, top, right, bottom = (each * scale for each in face)
    wide, tall = right - left, bottom - top
    mask = np.full((rows, columns), cv2.GC_PR_BGD, np.uint8)
    y, x = np.mgrid[0:rows, 0:columns]
    middle = (left + right) / 2
    head = ((x - middle) / (0.95 * wide)) ** 2 + ((y - (top + 0.42 * tall)) / (0.95 * tall)) ** 2 < 1
    below = (y > bottom - 0.1 * tall) & (np.abs(x - middle) < 0.75 * wide + 1.2 * np.maximum(0, y - bottom))
    mask[head | below] = cv2.GC_PR_FGD
    inner = ((x - middle) / (0.48 * wide)) ** 2 + ((y - (top + bottom) / 2) / (0.5 * tall)) ** 2 < 1
    neck = (y > bottom) & (np.abs(x - middle) < 0.25 * wide)
    mask[inner | neck] = cv2.GC_FGD
    far = (np.abs(x - middle) > 1.9 * wide) & (y < bottom)
    mask[far | (y < top - 1.1 * tall)] = cv2.GC_BGD
    edge = max(1, round(0.02 * columns))
    mask[:edge][mask[:edge] != cv2.GC_FGD] = cv2.GC_BGD
    for columns_at in (slice(0, edge), slice(-edge, None)):
        part = mask[: int(bottom), columns_at]
        part[part != cv2.GC_FGD] = cv2.GC_BGD
    if not (mask == cv2.GC_BGD).any():
        return np.ones((height, width), np.float32)
    cv2.setRNGSeed(1)
    cv2.grabCut(small, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    kept = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    kept = _largest(kept, inner.astype(np.uint8))
    soft = cv2.GaussianBlur(kept.astype(np.float32), (0, 0), 1.0)
    whole = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip((whole - 0.25) * 2, 0, 1).astype(np.float32)


def behind(source: Source, kept: Floats) -> Bytes:
    """Return the picture without the person: what was behind is filled in from around, and grows softer inwards."""
    import cv2

    height, width = kept.shape
    scale = min(1.0, 160 / max(height, width))
    small = cv2.resize(source.colours, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(kept, small.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0.02
    hole = cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8))
    if hole.all() or not hole.any():
        return source.colours.copy()
    filled = cv2.inpaint(small, hole, 5, cv2.INPAINT_TELEA)
    soft = cv2.GaussianBlur(filled, (0, 0), 6)
    deep = np.clip(cv2.distanceTransform(hole, cv2.DIST_L2, 3) / 8, 0, 1)[..., None]
    filled = (filled * (1 - deep) + soft * deep).astype(np.uint8)
    whole = cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC)
    wide = cv2.dilate(kept, np.ones((9, 9), np.uint8))
    blend = cv2.GaussianBlur((wide > 0.02).astype(np.float32), (0, 0), 2)[..., None]
    found: Bytes = np.clip(source.colours * (1 - blend) + whole * blend, 0, 255).astype(np.uint8)
    return found


# ------------------------------------------------------------------------------------------------ parts


def _opened(data: bytes) -> Any:
    """Open a picture; that it is large is told by ourselves."""
    from PIL import Image

    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    return Image.open(BytesIO(data))


def _sized(width: int, height: int, *, shrinks: bool) -> None:
    """Refuse what is too small or too large; a JPEG is read at a fraction of its size."""
    if min(width, height) < LEAST:
        raise StudioError("too_small", f"the picture has {width} x {height} pixels; at least {LEAST} are needed")
    if max(width, height) > LARGEST:
        raise StudioError("too_large", f"the picture has {width} x {height} pixels; {LARGEST} at most are read")
    if not shrinks and width * height > PIXELS:
        raise StudioError("too_large", f"the picture has {width} x {height} pixels; make it smaller, or a JPEG")


def _in_srgb(picture: Any, profile: bytes, cms: Any) -> Any:
    """Return the picture in sRGB; as it is where its profile is of no use."""
    try:
        return cms.profileToProfile(
            picture, cms.ImageCmsProfile(BytesIO(profile)), cms.createProfile("sRGB"), outputMode="RGB"
        )
    except (cms.PyCMSError, OSError, ValueError):
        return picture


def _largest(kept: Bytes, inner: Bytes) -> Bytes:
    """Return the piece that holds most of the face, its holes filled."""
    import cv2

    _, pieces = cv2.connectedComponents(kept)
    counts = np.bincount(pieces[inner.astype(bool)].ravel(), minlength=pieces.max() + 1)
    counts[0] = 0
    piece = (pieces == int(np.argmax(counts))).astype(np.uint8)
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(piece), outlines, -1, 1, -1)
