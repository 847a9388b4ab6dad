"""Draws the page's face without a browser: the same rig on the library that Chromium itself paints with (Skia)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import numpy as np

from engines.identity.fields import Json
from studio.video.looks import gradient
from studio.video.looks.appearance import Bytes, Floats
from studio.video.looks.rig import Curves, Doubles, Points, resolve, rig
from studio.video.over import straight

NOWHERE: Final = (0.0, 0.0)
FAINT: Final = 0.004  # what is less opaque is not painted


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawn face of somebody who looks so."""

    looks: Mapping[str, Json] = field(default_factory=dict)

    def made(self, size: int) -> FacePainter:
        """Return what draws it."""
        return FacePainter(self.looks, size)


class FacePainter:
    """Paints one face on its own surface."""

    def __init__(self, looks: Mapping[str, Json], size: int) -> None:
        import skia

        self._skia = skia
        resolved = resolve(looks)
        self._colours = resolved.colours
        self._points = Points(resolved.dials)
        self._channel = {name: number for number, name in enumerate(self._points.names)}
        self._layers = [
            layer
            for layer in rig()["layers"]
            if all(resolved.slots.get(slot) in wanted for slot, wanted in layer.get("when", {}).items())
        ]
        named = [layer[key] for layer in self._layers for key in ("path", "clip") if layer.get(key)]
        self._curves = Curves(named)
        self._pixels = np.zeros((size, size, 4), np.uint8)
        self._surface = skia.Surface(
            self._pixels, colorType=skia.ColorType.kRGBA_8888_ColorType, alphaType=skia.AlphaType.kPremul_AlphaType
        )
        self._mask, self._masked = _masked(size)  # what a gradient covers
        self._within, self._bounded = _masked(size)  # what it is clipped to
        self._whole = skia.Paint(AntiAlias=True)
        self._ramps: dict[int, gradient.Ramp] = {}  # by the gradient's place among the rig's values
        self._paints: dict[Any, Any] = {}  # of one colour, by name, opacity and width; at most 1000 opacities each
        x, y, wide, high = rig()["view"]
        scale = min(size / wide, size / high)
        self._view = (scale, size / 2 - scale * (x + wide / 2), size - scale * (y + high))

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Return (size, size, 4) uint8 with straight alpha."""
        weights = self._points.weights(frame, seconds)
        xy = self._points.posed(frame, weights)
        bends = self._curves.beziers(xy).tolist()
        scale, left, top = self._view
        for surface in (self._surface, self._masked, self._bounded):
            canvas = surface.getCanvas()
            canvas.resetMatrix()
            canvas.translate(left, top)
            canvas.scale(scale, scale)
        self._surface.getCanvas().clear(0)
        paths: dict[str, Any] = {}

        def path(name: str) -> Any:
            if name not in paths:
                paths[name] = self._path(name, xy, bends)
            return paths[name]

        shown = [(layer, self._alpha(layer, weights)) for layer in self._layers]
        for clip, group in groupby((each for each in shown if each[1] >= FAINT), key=lambda each: each[0].get("clip")):
            self._group(group, clip, path, xy)
        return straight(self._pixels)

    def _path(self, name: str, xy: Doubles, bends: list[list[float]]) -> Any:
        path = self._skia.Path()
        for number, piece in enumerate(self._curves.pieces[name]):
            if piece.apart or not number:
                path.moveTo(*xy[piece.start].tolist())
            for link in range(piece.first, piece.first + piece.count):
                path.cubicTo(*bends[link])
        return path

    def _alpha(self, layer: dict[str, Any], weights: Doubles) -> float:
        alpha = 1.0
        for fade in layer.get("alpha", ()):
            total = fade["base"] + sum(
                factor * weights[self._channel[name]] for name, factor in fade.items() if name != "base"
            )
            alpha *= min(1.0, max(0.0, total))
        return alpha

    def _group(
        self, layers: Iterable[tuple[dict[str, Any], float]], clip: str | None, path: Callable[[str], Any], xy: Doubles
    ) -> None:
        """Paint layers that are clipped alike; each way of clipping is prepared when the first layer needs it."""
        canvas, cut, bounded = self._surface.getCanvas(), False, False
        for layer, alpha in layers:
            fill, shift = layer.get("fill"), layer.get("shift") or NOWHERE
            own = path(layer["path"]) if layer.get("path") else None
            if clip and not cut and (layer.get("stroke") or isinstance(fill, str)):
                canvas.save()
                canvas.clipPath(path(clip), doAntiAlias=True)
                cut = True
            if shift != NOWHERE:
                canvas.save()
                canvas.translate(*shift)
            if layer.get("stroke"):
                canvas.drawPath(own, self._pen(layer["stroke"], layer["width"], alpha))
            if isinstance(fill, str):
                canvas.drawPath(own, self._style(fill, alpha))
            elif fill:
                if clip and not bounded:
                    self._bounded.getCanvas().drawPath(path(clip), self._whole)
                    bounded = True
                self._fade(fill, alpha, own, path(clip) if clip else None, xy, shift)
            if shift != NOWHERE:
                canvas.restore()
        if cut:
            canvas.restore()
        if bounded:
            left, top, right, bottom = self._box(path(clip or ""), NOWHERE)
            self._within[top:bottom, left:right] = 0

    def _fade(
        self, fill: dict[str, Any], alpha: float, path: Any, clip: Any, xy: Doubles, shift: Sequence[float]
    ) -> None:
        """Fill a path, or a circle where there is none, with a gradient: Skia says what is covered, and how far."""
        skia = self._skia
        if "linear" in fill:
            first, last = (tuple(xy[number].tolist()) for number in fill["linear"])
            place = gradient.straight(first, last)
        else:
            # As on a page's canvas: the path stays where it was traced, only the paint is squashed.
            x, y = xy[fill["radial"]].tolist()
            wide, high = fill["radius"], fill["radius"] * (fill.get("squash") or 1.0)
            place = gradient.circular((x, y), wide, high / wide)
            if path is None:
                path = skia.Path.Oval(skia.Rect(x - wide, y - high, x + wide, y + high))
        canvas = self._masked.getCanvas()
        canvas.translate(*shift)
        canvas.drawPath(path, self._whole)
        canvas.translate(-shift[0], -shift[1])
        scale, left, top = self._view
        left, top = left + scale * shift[0], top + scale * shift[1]
        if id(fill) not in self._ramps:
            self._ramps[id(fill)] = gradient.ramp([(at, self._colour(name, 1.0)) for at, name in fill["stops"]])
        gradient.lay(self._pixels, self._mask, self._within if clip else None, self._box(path, shift),
                     gradient.seen(place, scale, left, top), self._ramps[id(fill)], alpha)  # fmt: skip

    def _box(self, path: Any, shift: Sequence[float]) -> tuple[int, int, int, int]:
        """Return which pixels a path may touch: left, top, right, bottom."""
        scale, left, top = self._view
        left, top = left + scale * shift[0], top + scale * shift[1]
        bounds, size = path.getBounds(), len(self._pixels)
        return (
            max(0, int(left + scale * bounds.left()) - 1),
            max(0, int(top + scale * bounds.top()) - 1),
            min(size, int(left + scale * bounds.right()) + 2),
            min(size, int(top + scale * bounds.bottom()) + 2),
        )

    def _pen(self, said: str, width: float, alpha: float) -> Any:
        """Return the paint of a line; those of one colour are kept."""
        skia = self._skia
        key = (said, round(alpha, 3), width)
        if key not in self._paints:
            paint = skia.Paint(self._style(said, alpha))
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(width)
            paint.setStrokeCap(skia.Paint.kRound_Cap)
            paint.setStrokeJoin(skia.Paint.kRound_Join)
            self._paints[key] = paint
        return self._paints[key]

    def _style(self, said: str, alpha: float) -> Any:
        key = (said, round(alpha, 3), 0.0)
        if key not in self._paints:
            plain = self._skia.Paint(AntiAlias=True)
            plain.setColor4f(self._skia.Color4f(*self._colour(said, key[1])))
            self._paints[key] = plain
        return self._paints[key]

    def _colour(self, name: str, alpha: float) -> tuple[float, float, float, float]:
        key, _, own = name.partition(":")
        red, green, blue = self._colours.get(key, (255, 0, 255))
        return red / 255, green / 255, blue / 255, alpha * (float(own) if own else 1.0)


def _masked(size: int) -> tuple[Bytes, Any]:
    """Return a mask (size, size) that is 0, and the surface that Skia draws it on."""
    import skia

    mask = np.zeros((size, size, 1), np.uint8)
    kind, alpha = skia.ColorType.kAlpha_8_ColorType, skia.AlphaType.kPremul_AlphaType
    return mask[..., 0], skia.Surface(mask, colorType=kind, alphaType=alpha)
