"""Faces that are laid over each other: landmarks meet, the way back is found, people are cut out of their ground."""

from __future__ import annotations

import numpy as np
import torch

from training.portrait.aligned import PLANES, _mirrored, aligned, grounds
from training.portrait.data import Pictures

SIZE = 32


def people(count: int = 60, seed: int = 1) -> Pictures:
    """Return discs with two eyes and a mouth at places that differ, on grounds that fade."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    colour, mask, marks = [], [], []
    for _ in range(count):
        at, wide = random.uniform(13, 19, 2), random.uniform(7, 9)
        top, low = random.integers(60, 220, 3), random.integers(60, 220, 3)
        share = (y / SIZE)[..., None]
        picture = top * (1 - share) + low * share
        inside = np.hypot(x - at[0], y - at[1]) < wide
        picture[inside] = (210, 170, 140)
        eyes = [at + wide * np.array((side, -0.2)) for side in (-0.4, 0.4)]
        mouth = at + wide * np.array((0, 0.5))
        for place in eyes:
            picture[np.hypot(x - place[0], y - place[1]) < 1.6] = (20, 20, 30)
        picture[(np.abs(x - mouth[0]) < 3) & (np.abs(y - mouth[1]) < 1.2)] = (150, 40, 40)
        colour.append(picture)
        mask.append(inside)
        marks.append([*eyes, mouth, *(at + wide * np.array((0, way)) for way in (-1, 1))])
    rows = np.zeros((count, 1), np.uint8)
    return Pictures(
        np.array(colour).astype(np.uint8), np.array(mask).astype(np.uint8), np.array(marks, np.float32), rows,
        np.zeros((count, 2), np.float32), np.arange(count, dtype=np.int32),
    )  # fmt: skip


def test_what_is_taken_apart_is_laid_together_again() -> None:
    data = people()
    made, looks, beside = aligned(data)
    assert (looks.shape, looks.dtype) == ((120, PLANES, SIZE, SIZE), torch.int8)
    assert beside.shape == (120, made.beside)
    with torch.no_grad():
        painted = made.laid(looks[:60].float() / 127, beside[:60]).permute(0, 2, 3, 1)
    off = np.abs((painted.numpy() + 1) * 127.5 - data.colour).mean(axis=(1, 2, 3))
    plain = np.abs(data.colour.mean(axis=0) - data.colour).mean(axis=(1, 2, 3))
    assert np.median(off) < 0.25 * np.median(plain)
    assert off.max() < 15


def test_a_mirrored_look_is_that_of_the_mirrored_picture() -> None:
    data = people()
    made, looks, beside = aligned(data)
    with torch.no_grad():
        painted = made.laid(looks[60:].float() / 127, beside[60:]).permute(0, 2, 3, 1)
    off = np.abs((painted.numpy() + 1) * 127.5 - data.colour[:, :, ::-1]).mean(axis=(1, 2, 3))
    assert off.max() < 15


def test_no_ground_is_in_a_look() -> None:
    data = people(20)
    _, looks, _ = aligned(data)
    outside = looks[:, 3] == -127
    assert outside.float().mean() > 0.4
    assert int(looks[:, :3].abs().amax(dim=1)[outside].max()) < 40


def test_landmarks_lead_to_the_middle_and_the_border_stays() -> None:
    made, _, _ = aligned(people())
    moved = torch.full((1, 5, 2), 0.1)
    field = made.field(moved)[0]
    spots = ((made.places + 1) / 2 * SIZE).long().clamp(0, SIZE - 1)
    assert torch.allclose(field[spots[:, 1], spots[:, 0]], torch.full((5, 2), 0.1), atol=0.03)
    assert float(field[0].abs().max()) < 0.05


def test_the_ground_is_read_where_the_person_is_not() -> None:
    data = people(4)
    found = grounds(data).numpy()
    for row, picture in zip(found, data.colour, strict=True):
        assert np.abs((row[:3] + 1) * 127.5 - picture[0, 0]).max() < 6
        assert np.abs((row[3:] + 1) * 127.5 - picture[-1, -1]).max() < 6


def test_mirrored_landmarks_change_sides() -> None:
    points = torch.tensor([[[-0.4, 0.0], [0.4, 0.0], [0.0, 0.5]], [[-0.3, 0.1], [0.5, 0.1], [0.1, 0.5]]])
    turned = _mirrored(points)
    assert turned[1].tolist() == [
        [-0.5, 0.10000000149011612],
        [0.30000001192092896, 0.10000000149011612],
        [-0.10000000149011612, 0.5],
    ]


def test_strengths_are_about_one() -> None:
    _, _, beside = aligned(people())
    assert 0.5 < float(beside.square().mean()) < 1.5
