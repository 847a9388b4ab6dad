"""Writes pictures as PNG, and enlarges what the painter paints."""

from __future__ import annotations

import io
from typing import Final

from studio.errors import StudioError
from studio.portrait.model import Bytes

LARGE: Final = 256  # pixels of the portrait that is kept


def encoded(picture: Bytes, side: int = 0) -> bytes:
    """Return a picture (height, width, 3) as PNG, enlarged to `side` pixels across (0: as it is)."""
    try:
        from PIL import Image
    except ImportError as error:
        raise StudioError(
            "missing_package", "portraits need Pillow: pip install 'companion-bridge[portrait]'"
        ) from error
    image = Image.fromarray(picture)
    if side and side != image.width:
        image = image.resize((side, round(image.height * side / image.width)), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=False)
    return file.getvalue()
