"""The nets that ship: small enough, with a card, and what they paint is what they were told."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engines.identity.attributes import Attributes
from studio.commit import apply
from studio.portrait.model import SHIPPED, nets, to_bytes
from studio.portrait.painting import candidates, drawn, moods
from studio.portrait.stage import Portrait
from studio.portrait.told import nearest, numbers, traits
from studio.stage import Wish
from tests.studio.stages import Written, quiet


def test_they_are_small_and_say_where_they_come_from() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 12_000_000
    card = nets().card
    assert {"data", "seed", "steps", "loss", "pictures", "people", "made by", "cpu_seconds"} <= set(card)


def test_what_they_paint_is_read_as_it_was_told() -> None:
    net = nets()
    wanted = [traits(Attributes(), seed) for seed in range(60)]
    painted = net.paint(
        np.stack([drawn(net, seed) for seed in range(60)]), np.stack([numbers(each) for each in wanted])
    )
    read = [nearest(row) for row in net.read(painted)[1]]
    for trait, least in (
        ("skin", 0.85), ("clothes", 0.9), ("colour", 0.8), ("presentation", 0.75), ("glasses", 0.85), ("mood", 0.75),
        ("hair", 0.6), ("beard", 0.75),
    ):  # fmt: skip
        agreed = np.mean([one[trait] == other[trait] for one, other in zip(wanted, read, strict=True)])
        assert agreed >= least, trait


def test_pictures_have_light_and_dark_and_people_differ() -> None:
    net = nets()
    chosen = traits(Attributes(presentation="female", skin="light"), 3)
    people = candidates(net, chosen, 1, 8).astype(int)
    assert all(each.std() > 25 for each in people)
    assert np.abs(people[0] - people[1]).mean() > 4


def test_a_darker_skin_is_darker_and_the_clothes_stay() -> None:
    net = nets()
    chance = drawn(net, 5)
    chosen = traits(Attributes(presentation="male", skin="fair"), 5)
    rows = np.stack([numbers(chosen), numbers({**chosen, "skin": "deep"})])
    fair, deep = to_bytes(net.paint(np.tile(chance, (2, 1)), rows)).astype(int)
    face, cloth = (slice(28, 40), slice(26, 38)), (slice(58, 64), slice(0, 64))
    assert fair[face].mean() - deep[face].mean() > 50
    assert np.abs(fair[cloth] - deep[cloth]).mean() < 0.5 * np.abs(fair[face] - deep[face]).mean()


def test_moods_change_the_face_and_little_else() -> None:
    net = nets()
    found = moods(net, drawn(net, 2), numbers(traits(Attributes(), 2)))
    calm = found["neutral"].astype(int)
    for name in ("happy", "sad", "surprised"):
        assert 0 < np.abs(found[name].astype(int) - calm).mean() < 20


def test_the_stage_paints_with_them(tmp_path: Path) -> None:
    apply(Written(), tmp_path / "ada", Wish(), quiet)
    folder = apply(Portrait(), tmp_path / "ada", Wish(seed=2), quiet)
    assert folder.has("assets/icon/images/main.png")
    assert folder.has("assets/x_portrait/other/portrait.json")
