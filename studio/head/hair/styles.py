"""Lists the hair styles of the vocabulary, each in the ways in which it is worn."""

from __future__ import annotations

from studio.head.hair import combs
from studio.head.hair.grow import Growth
from studio.head.hair.layers import Layer, Style, gathered, graded, hanging, long, short, with_bangs


def variants(style: str) -> tuple[Style, ...]:
    """Return the ways in which a style of the vocabulary is worn; one is chosen by the seed."""
    match style:
        case "bald":
            return (Style(cover=0.0),)
        case "shaved":
            return (Style(cover=0.62),)
        case "cropped":
            return (Style(puff=0.011, shells=(0.15, 0.4, 0.65, 0.85, 1.0), tile=2.6),)
        case "short":
            tall = Growth(steps=6, lift=0.55, weight=0.05, cling=0.12, tuck=0.0, stiff=0.5, face=False)
            return (
                Style(short(combs.natural, graded(0.055, 0.030, 0.022, 0.050))),
                Style(short(combs.brushed(0.032), graded(0.075, 0.024, 0.018, 0.085), growth=tall, messy=0.12)),
                Style(short(combs.swept(0.8, 0.15), graded(0.070, 0.022, 0.018, 0.075), growth=tall, messy=0.14)),
            )
        case "receding":
            return (
                Style(
                    short(combs.swept(0.1, 0.1), graded(0.035, 0.022, 0.018), count=980, messy=0.12, receding=0.85),
                    receding=0.85,
                    cover=0.9,
                ),
            )
        case "bob":
            return (
                Style(long(0.640, 0.02, layered=0.0)),
                Style((*with_bangs(0.635),)),
            )
        case "shoulder-length":
            return (Style(long(0.575, 0.016)), Style(long(0.575, -0.028)))
        case "long":
            return (
                Style(long(0.47, 0.0, layered=0.03), swings=True),
                Style(long(0.47, 0.026, layered=0.03), swings=True),
                Style((*with_bangs(0.47),), swings=True),
            )
        case "wavy":
            return (
                Style(long(0.52, 0.022, layered=0.03, wave=0.0095, wavelength=0.105, fine=22), swings=True),
                Style(long(0.56, -0.02, layered=0.02, wave=0.008, wavelength=0.085, fine=22)),
            )
        case "curly":
            growth = Growth(steps=14, lift=0.50, weight=0.50, cling=0.10, tuck=0.35, stiff=0.5)
            locks = Layer(
                430,
                hanging(0.60, 0.015),
                combs.parted(0.01),
                growth,
                (0.003, 0.026),
                (0.0085, 0.0125),
                (1, 2, 2),
                curl=0.0070,
                wavelength=0.058,
                messy=0.20,
                across=2,
                fine=40,
            )
            # Shells of curls below fill what locks leave open.
            return (Style((locks,), puff=0.015, shells=(0.3, 0.65, 1.0), tile=1.4, fuzz=260),)
        case "afro":
            return (
                Style(puff=0.048, shells=(0.0, 0.45, 0.75, 0.90, 1.0), tile=1.05, fuzz=1500),
                Style(puff=0.030, shells=(0.0, 0.45, 0.75, 1.0), tile=1.3, fuzz=1300),
            )
        case "bun":
            place = (0.0, 0.822, -0.036)
            return (
                Style(gathered((place,)), gather="bun", at=(place,)),
                Style(gathered(((0.0, 0.876, 0.022),)), gather="bun", at=((0.0, 0.876, 0.022),)),
            )
        case "ponytail":
            return tuple(
                Style(gathered((place,)), gather="ponytail", at=(place,), swings=True)
                for place in ((0.0, 0.805, -0.046), (0.0, 0.765, -0.050))
            )
        case _:  # braids
            places = ((0.060, 0.690, 0.012), (-0.060, 0.690, 0.012))
            return (Style(gathered(places, parting=True), gather="braids", at=places, swings=True),)
