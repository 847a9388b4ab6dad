"""Paints strands of hair: grey with alpha, in four columns from dense to wispy, root above and tip below."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from studio.head.model import Bytes, Floats

COLUMNS: Final = ("dense", "full", "loose", "wispy")
FINE: Final = 2


@lru_cache(maxsize=4)
def strand_pictures(size: int = 512) -> tuple[Bytes, Bytes]:
    """Return (size, size, 4) grey with alpha and (size, size, 3) normals."""
    random = np.random.default_rng(20240607)
    big = size * FINE
    shade, cover = Image.new("L", (big, big), 190), Image.new("L", (big, big), 0)
    height = Image.new("L", (big, big), 60)
    pens = [ImageDraw.Draw(each) for each in (shade, cover, height)]
    wide = big // len(COLUMNS)
    plans = ((170, 0.74, 0.99, 0.06), (130, 0.62, 0.99, 0.09), (85, 0.50, 0.99, 0.13), (34, 0.45, 0.99, 0.16))
    for column, (count, shortest, longest, sway) in enumerate(plans):
        left = column * wide
        _backing(pens, left, wide, big, column)
        order = random.permutation(count)
        for number in order:
            # Strands are shorter at the ribbon's edges, so that ribbons do not end in a line.
            across = (number + random.uniform(0.2, 0.8)) / count
            middle = 1 - abs(across * 2 - 1) ** 2.2
            end = random.uniform(shortest, longest) * (0.74 + 0.26 * middle)
            x0 = left + wide * (0.05 + 0.90 * across)
            bend, phase = random.normal(0, sway) * wide, random.uniform(0, 6.28)
            t = np.linspace(0, 1, 26)
            x = x0 + bend * np.sin(t * 2.6 + phase) * t + (left + wide / 2 - x0) * 0.22 * t**2
            x = np.clip(x, left + 5, left + wide - 5)
            begin = random.uniform(0.0, 0.055) + 0.05 * abs(across * 2 - 1) ** 3
            y = (begin + t * (end - begin)) * big
            tone = int(np.clip(random.normal(212, 26), 130, 255))
            thick = random.choice((3, 4, 5))
            for k in range(25):
                taper = 1.0 if t[k] < 0.7 else max(0.34, 1 - (t[k] - 0.7) * 2.2)
                width = max(2, round(thick * taper))
                line = (x[k], y[k], x[k + 1], y[k + 1] + 1)
                light = 0.80 + 0.20 * t[k]
                pens[0].line(line, fill=int(np.clip(tone * light, 0, 255)), width=width)
                pens[1].line(line, fill=255, width=width)
                pens[2].line(line, fill=int(90 + 0.6 * tone), width=width)
    grey, alpha, relief = (_smaller(each, size) for each in (shade, cover, height))
    # Colours go on under the cut-out parts, so that edges do not darken when the picture is made smaller.
    wet = gaussian_filter(grey * alpha, 3) / np.maximum(gaussian_filter(alpha, 3), 1e-3)
    grey = np.where(alpha > 0.5, grey, wet)
    picture = np.stack([grey, grey, grey, alpha], axis=-1)
    slope = np.gradient(gaussian_filter(relief, 0.6), axis=1) * 3.2
    normal = np.stack([-slope, np.zeros_like(slope), np.ones_like(slope)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return _bytes(picture), _bytes(normal * 0.5 + 0.5)


@lru_cache(maxsize=2)
def coil_pictures(size: int = 256) -> tuple[Bytes, Bytes]:
    """Return a tile of tight curls, (size, size, 4) grey with alpha and (size, size, 3) normals; its edges fit."""
    random = np.random.default_rng(20240608)
    big = size * FINE
    shade, cover, height = (
        Image.new("L", (big, big), 150),
        Image.new("L", (big, big), 0),
        Image.new("L", (big, big), 60),
    )
    pens = [ImageDraw.Draw(each) for each in (shade, cover, height)]
    for _ in range(1500):
        x, y, radius = random.uniform(0, big), random.uniform(0, big), random.uniform(5, 13)
        begin, sweep = random.uniform(0, 360), random.uniform(150, 340)
        tone = int(np.clip(random.normal(205, 32), 120, 255))
        for dx in (-big, 0, big):
            for dy in (-big, 0, big):
                box = (x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius)
                for pen, fill in zip(pens, (tone, 255, tone), strict=True):
                    pen.arc(box, begin, begin + sweep, fill=fill, width=5)
    grey, alpha, relief = (_smaller(each, size) for each in (shade, cover, height))
    relief = gaussian_filter(relief, 0.8, mode="wrap")
    down, right = np.gradient(np.pad(relief, 1, mode="wrap"))
    normal = np.stack([-right[1:-1, 1:-1] * 3, down[1:-1, 1:-1] * 3, np.ones_like(relief)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return _bytes(np.stack([grey, grey, grey, alpha], axis=-1)), _bytes(normal * 0.5 + 0.5)


def _backing(pens: list[ImageDraw.ImageDraw], left: int, wide: int, big: int, column: int) -> None:
    """Lay a dark ground under the strands of the dense columns."""
    if column > 1:
        return
    low = (0.70, 0.52)[column] * big
    edge = (0.04, 0.10)[column] * wide
    top = 0.06 * big
    shape = [
        (left + edge * 2, top),
        (left + wide - edge * 2, top),
        (left + wide * 0.80, low),
        (left + wide * 0.5, low * 1.16),
        (left + wide * 0.20, low),
    ]
    pens[0].polygon(shape, fill=150)
    pens[1].polygon(shape, fill=255)
    pens[2].polygon(shape, fill=70)


def _smaller(picture: Image.Image, size: int) -> Floats:
    return (np.asarray(picture.resize((size, size), Image.Resampling.BOX), np.float32) / 255).astype(np.float32)


def _bytes(picture: np.ndarray) -> Bytes:
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
