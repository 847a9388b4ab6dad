"""Draws the page's face without a browser: the same rig on the library that Chromium itself paints with (Skia)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from engines.identity.fields import Json
from studio.video.looks.appearance import Bytes, Floats
from studio.video.looks.rig import Curves, Doubles, Points, resolve, rig
from studio.video.over import straight

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
        self._paints: dict[Any, Any] = {}  # of one colour, by name, opacity and width; at most 1000 opacities each
        x, y, wide, high = rig()["view"]
        scale = min(size / wide, size / high)
        self._view = (scale, size / 2 - scale * (x + wide / 2), size - scale * (y + high))

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Return (size, size, 4) uint8 with straight alpha."""
        weights = self._points.weights(frame, seconds)
        xy = self._points.posed(frame, weights)
        bends = self._curves.beziers(xy).tolist()
        canvas = self._surface.getCanvas()
        canvas.clear(0)
        canvas.save()
        scale, left, top = self._view
        canvas.translate(left, top)
        canvas.scale(scale, scale)
        paths: dict[str, Any] = {}

        def path(name: str) -> Any:
            if name not in paths:
                paths[name] = self._path(name, xy, bends)
            return paths[name]

        clip = None
        for layer in self._layers:
            alpha = self._alpha(layer, weights)
            if alpha < FAINT:
                continue
            if layer.get("clip") != clip:
                if clip:
                    canvas.restore()
                clip = layer.get("clip")
                if clip:
                    canvas.save()
                    canvas.clipPath(path(clip), doAntiAlias=True)
            self._paint(canvas, layer, alpha, path(layer["path"]) if layer.get("path") else None, xy)
        if clip:
            canvas.restore()
        canvas.restore()
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

    def _paint(self, canvas: Any, layer: dict[str, Any], alpha: float, path: Any, xy: Doubles) -> None:
        skia, fill = self._skia, layer.get("fill")
        shift = layer.get("shift")
        if not shift and isinstance(fill, str) and not layer.get("stroke"):
            canvas.drawPath(path, self._style(fill, alpha, xy))
            return
        canvas.save()
        if shift:
            canvas.translate(*shift)
        if layer.get("stroke"):
            canvas.drawPath(path, self._pen(layer["stroke"], layer["width"], alpha, xy))
        if fill:
            if isinstance(fill, dict) and fill.get("squash"):
                # As on a page's canvas: the path stays where it was traced, only the paint is squashed.
                middle = float(xy[fill["radial"], 1])
                squash = skia.Matrix()
                squash.setScale(1, fill["squash"], 0, middle)
                paint = self._style(fill, alpha, xy, squash)
            else:
                paint = self._style(fill, alpha, xy)
            if path is None:
                x, y = xy[fill["radial"]].tolist()
                if fill.get("squash"):
                    canvas.translate(0, y * (1 - fill["squash"]))
                    canvas.scale(1, fill["squash"])
                    paint = self._style(fill, alpha, xy)
                canvas.drawCircle(x, y, fill["radius"], paint)
            else:
                canvas.drawPath(path, paint)
        canvas.restore()

    def _pen(self, said: Any, width: float, alpha: float, xy: Doubles) -> Any:
        """Return the paint of a line; those of one colour are kept."""
        skia = self._skia
        key = (said, round(alpha, 3), width) if isinstance(said, str) else None
        if key in self._paints:
            return self._paints[key]
        paint = skia.Paint(self._style(said, alpha, xy))
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(width)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        if key is not None:
            self._paints[key] = paint
        return paint

    def _style(self, said: Any, alpha: float, xy: Doubles, turned: Any = None) -> Any:
        skia = self._skia
        if isinstance(said, str):
            key = (said, round(alpha, 3), 0.0)
            if key not in self._paints:
                plain = skia.Paint(AntiAlias=True)
                plain.setColor4f(skia.Color4f(*self._colour(said, key[1])))
                self._paints[key] = plain
            return self._paints[key]
        paint = skia.Paint(AntiAlias=True)
        colours = [skia.Color4f(*self._colour(name, 1.0)).toColor() for _, name in said["stops"]]
        places = [float(at) for at, _ in said["stops"]]
        matrix = turned or skia.Matrix()
        if "linear" in said:
            ends = [skia.Point(*xy[number].tolist()) for number in said["linear"]]
            shader = skia.GradientShader.MakeLinear(ends, colours, places, skia.TileMode.kClamp, 0, matrix)
        else:
            middle = skia.Point(*xy[said["radial"]].tolist())
            shader = skia.GradientShader.MakeRadial(
                middle, said["radius"], colours, places, skia.TileMode.kClamp, 0, matrix
            )
        if shader is not None:
            paint.setShader(shader)
        paint.setAlphaf(alpha)
        return paint

    def _colour(self, name: str, alpha: float) -> tuple[float, float, float, float]:
        key, _, own = name.partition(":")
        red, green, blue = self._colours.get(key, (255, 0, 255))
        return red / 255, green / 255, blue / 255, alpha * (float(own) if own else 1.0)
