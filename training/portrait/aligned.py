"""Lays faces over each other by their landmarks before painters learn from them, and bends what is painted back.

Shape and look are parted as in active appearance models (Cootes, Edwards and Taylor 1998): an eye is then always where
an eye is. The person is cut out by the mask, so that no ground shows in the hair.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.portrait.data import Pictures

SHAPES: Final = 20  # sums of landmarks
ANCHORS: Final = 5  # points a side of the picture's border that stay where they are
STIFF: Final = 1e-3
ROUNDS: Final = 2  # of finding the way back
PLANES: Final = 4  # of a look: three colours and the outline
BATCH: Final = 256


class Aligned(nn.Module):
    """Lays a look together with its shape and its ground; what stands beside a look are strengths of these two.

    `places` (k, 2) are the landmarks' middle, from -1 to 1, `moves` (shapes, k, 2) the sums of how they differ; `bend`
    (size * size, k) is how far a landmark takes each pixel along, half floats to ship small. `ground` (6,) and
    `grounds` (6, 6) are the colours of the ground at the top and at the bottom.
    """

    places: Tensor
    moves: Tensor
    bend: Tensor
    ground: Tensor
    grounds: Tensor
    grid: Tensor
    down: Tensor

    def __init__(self, size: int, found: dict[str, Tensor]) -> None:
        super().__init__()
        self.size = size
        for name, value in found.items():
            self.register_buffer(name, value.half() if name == "bend" else value.float())
        axis = (torch.arange(size) + 0.5) / size * 2 - 1
        self.register_buffer("grid", torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)[None])
        self.register_buffer("down", ((torch.arange(size) + 0.5) / size).reshape(1, 1, size, 1))

    @property
    def beside(self) -> int:
        """Return how many strengths stand beside a look."""
        return len(self.moves) + len(self.grounds)

    def field(self, moved: Tensor) -> Tensor:
        """Return how far each pixel goes (n, size, size, 2) where landmarks go by `moved` (n, k, 2)."""
        return torch.einsum("pk,nkc->npc", self.bend.float(), moved).reshape(-1, self.size, self.size, 2)

    def laid(self, look: Tensor, beside: Tensor) -> Tensor:
        """Return pictures (n, 3, size, size) in -1..1 of looks (n, 4, size, size) and strengths (n, beside)."""
        shape, ground = beside.split([len(self.moves), len(self.grounds)], dim=1)
        field = self.field(torch.einsum("ns,skc->nkc", shape, self.moves))
        back = self.grid - field
        for _ in range(ROUNDS - 1):
            back = self.grid - _sampled(field.permute(0, 3, 1, 2), back).permute(0, 2, 3, 1)
        person = _sampled(look, back)
        outline = functional.hardtanh(person[:, 3:]) * 0.5 + 0.5
        colour = torch.minimum(torch.maximum(person[:, :3], -outline), outline)  # no part of a person is brighter
        ends = (ground @ self.grounds + self.ground).reshape(-1, 2, 3, 1, 1)
        behind = ends[:, 0] * (1 - self.down) + ends[:, 1] * self.down
        return functional.hardtanh(colour + behind * (1 - outline))


def aligned(data: Pictures, seed: int = 1) -> tuple[Aligned, Tensor, Tensor]:
    """Return the frame, and of these pictures and their mirrors the looks and what stands beside them.

    Looks (2 n, 4, size, size) are int8 of -127..127: three colours, which are 0 outside of the person, and the outline
    from -127 outside to 127 inside. Strengths (2 n, beside) are about 1 on the mean.
    """
    size = data.colour.shape[1]
    points = torch.from_numpy(data.landmarks.astype(np.float32) / size * 2 - 1)
    pairs = _mirrored(points)
    both = torch.cat([points, pairs])
    places = both.mean(dim=0)
    moved = (both - places).flatten(1)
    shape_spread, shape_rows = sums(moved, min(SHAPES, moved.shape[1]), seed)
    ends = grounds(data)
    ends = torch.cat([ends, ends])
    ground = ends.mean(dim=0)
    end_spread, end_rows = sums(ends - ground, ends.shape[1], seed)
    made = Aligned(size, {
        "places": places, "moves": (shape_rows * shape_spread[:, None]).reshape(len(shape_spread), -1, 2),
        "bend": _bend(places.numpy(), size), "ground": ground, "grounds": end_rows * end_spread[:, None],
    })  # fmt: skip
    looks = [_looks(made, data, points, mirror=False), _looks(made, data, pairs, mirror=True)]
    beside = [moved @ shape_rows.T / shape_spread, (ends - ground) @ end_rows.T / end_spread]
    return made, torch.cat(looks), torch.cat(beside, dim=1)


def grounds(data: Pictures) -> Tensor:
    """Return the colours of each picture's ground at its top and its bottom (n, 6), -1..1, by least squares."""
    size = data.colour.shape[1]
    down = (np.arange(size) + 0.5) / size
    free = (data.mask == 0).astype(np.float64)
    weight = free.sum(axis=2)  # (n, rows)
    colour = (data.colour * free[..., None]).sum(axis=2) / 127.5 - weight[..., None]  # sums over free pixels
    a, b, c = (weight * (1 - down) ** 2).sum(1), (weight * (1 - down) * down).sum(1), (weight * down**2).sum(1)
    first, second = (colour * (1 - down)[:, None]).sum(1), (colour * down[:, None]).sum(1)
    ease = 1e-3 * (a + c) + 1e-9
    det = (a + ease) * (c + ease) - b * b
    top = ((c + ease)[:, None] * first - b[:, None] * second) / det[:, None]
    low = ((a + ease)[:, None] * second - b[:, None] * first) / det[:, None]
    return torch.from_numpy(np.clip(np.concatenate([top, low], axis=1), -1, 1)).float()


# ------------------------------------------------------------------------------------------------ parts


def _sampled(pictures: Tensor, at: Tensor) -> Tensor:
    """Sample by cubics: what is bent there and back by straight lines loses the edges of eyes."""
    return functional.grid_sample(pictures, at, mode="bicubic", padding_mode="border", align_corners=False)


def _looks(frame: Aligned, data: Pictures, points: Tensor, *, mirror: bool) -> Tensor:
    """Return the look of each picture where its landmarks lie on the middle's, as `aligned` describes it."""
    rows = []
    for begin in range(0, len(points), BATCH):
        some = slice(begin, begin + BATCH)
        colour, mask = data.colour[some], data.mask[some] > 0
        if mirror:
            colour, mask = colour[:, :, ::-1], mask[:, :, ::-1]
        inside = torch.from_numpy(np.ascontiguousarray(mask)).float()[:, None]
        flat = torch.from_numpy(np.ascontiguousarray(colour)).permute(0, 3, 1, 2).float() / 127.5 - 1
        at = frame.grid + frame.field(points[some] - frame.places)
        look = _sampled(torch.cat([flat * inside, inside * 2 - 1], dim=1), at)
        rows.append((look.clamp(-1, 1) * 127).round().to(torch.int8))
    return torch.cat(rows)


def _mirrored(points: Tensor) -> Tensor:
    """Return landmarks of mirrored pictures: each point's twin is the one that its mirror lies nearest to."""
    middle = points.mean(dim=0)
    flipped = middle * torch.tensor((-1.0, 1.0))
    twin = torch.cdist(middle, flipped).argmin(dim=1)
    return (points * torch.tensor((-1.0, 1.0)))[:, twin]


def _bend(places: NDArray[np.float32], size: int) -> Tensor:
    """Return how far each landmark takes each pixel along (size * size, k): thin plates, the border held fast."""
    side = np.linspace(-1.05, 1.05, ANCHORS)
    border = [(x, y) for x in side for y in side if max(abs(x), abs(y)) > 1]
    points = np.concatenate([places.astype(np.float64), np.array(border)])
    count = len(points)
    table = np.zeros((count + 3, count + 3))
    table[:count, :count] = _plate(points, points) + STIFF * np.eye(count)
    table[:count, count:] = np.concatenate([np.ones((count, 1)), points], axis=1)
    table[count:, :count] = table[:count, count:].T
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    pixels = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    at = np.concatenate([_plate(pixels, points), np.ones((len(pixels), 1)), pixels], axis=1)
    return torch.from_numpy((at @ np.linalg.pinv(table))[:, : len(places)]).float()


def _plate(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    square = np.square(one[:, None] - other[None]).sum(axis=2)
    return np.asarray(square * np.log(np.maximum(square, 1e-12)) / 2)


def sums(rows: Tensor, rank: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the spreads (rank,) and directions (rank, p) of rows (n, p) about 0 (Halko, Martinsson and Tropp 2011)."""
    random = torch.Generator().manual_seed(seed)
    rank = min(rank, *rows.shape)
    sample = rows.T @ torch.randn(len(rows), min(rank + 16, len(rows)), generator=random)
    for _ in range(2):
        sample, _ = torch.linalg.qr(sample)
        sample = rows.T @ (rows @ sample)
    sample, _ = torch.linalg.qr(sample)
    _, strengths, vectors = torch.linalg.svd(rows @ sample, full_matrices=False)
    return (strengths[:rank] / len(rows) ** 0.5).clamp(min=1e-4), vectors[:rank] @ sample.T
