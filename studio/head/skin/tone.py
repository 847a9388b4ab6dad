"""Chooses the colours of skin: its tone on the Monk scale and what blood and melanin make of it."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.model import Floats

# Albedos (sRGB) for the ten tones, chosen by eye under the renderer's light: the scale's own colours are those of
# skin in light, which as albedos would be too pale at its bright end and too dull at its dark one.
TONES: Final = np.array(
    [
        (230, 197, 181), (226, 189, 169), (220, 180, 155), (211, 167, 137), (197, 149, 116),
        (173, 124, 91), (142, 97, 70), (111, 74, 53), (84, 56, 42), (64, 43, 35),
    ],
    np.float32,
)  # fmt: skip
BLOOD: Final = np.array((0.04, 0.42, 0.34), np.float32)  # what more blood takes of each colour
MELANIN: Final = np.array((0.32, 0.52, 0.66), np.float32)


def tone(monk: float) -> Floats:
    """Return the linear albedo (3,) of a tone 1..10."""
    at = np.clip(monk, 1, 10) - 1
    steps = np.arange(10)
    srgb = np.array([np.interp(at, steps, TONES[:, k]) for k in range(3)]) / 255
    return to_linear(srgb.astype(np.float32))


def deepened(colour: Floats, blood: Floats | float, melanin: Floats | float) -> Floats:
    """Return albedos (..., 3) with more or less blood and melanin in the skin (..., 1), 0 for as it is."""
    return (colour * np.exp(-blood * BLOOD - melanin * MELANIN)).astype(np.float32)


def to_linear(srgb: Floats) -> Floats:
    """Return sRGB 0..1 as linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(linear: Floats) -> Floats:
    """Return linear light as sRGB 0..1."""
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055).astype(np.float32)
