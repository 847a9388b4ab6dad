"""Candidates, edits, the way between two people, and what is found in a picture, with nets that can be reckoned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.identity.attributes import Attributes
from studio.errors import StudioError
from studio.portrait.finding import found
from studio.portrait.model import Nets, from_bytes, nets, to_bytes
from studio.portrait.painting import arc, between, candidates, drawn, moods, painted, sheet
from studio.portrait.told import nearest, numbers, traits
from studio.portrait.words import TOLD
from tests.studio.portrait import linear
from tests.studio.stages import quiet

TOLD_ROW = numbers(traits(Attributes(presentation="female"), 1))


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Nets:
    return nets(linear.write(tmp_path_factory.mktemp("nets")))


def test_the_nets_paint_what_they_were_made_to(net: Nets) -> None:
    chance = drawn(net, 3)
    row = np.concatenate([chance, TOLD_ROW])
    assert np.allclose(net.paint(chance[None], TOLD_ROW[None]).reshape(-1), row @ linear.matrix(), atol=1e-5)


def test_many_rows_are_painted_as_each_alone(net: Nets) -> None:
    chance = np.stack([drawn(net, 1, number) for number in range(130)])
    whole = net.paint(chance, np.tile(TOLD_ROW, (130, 1)))
    assert np.allclose(whole[129], net.paint(chance[129:], TOLD_ROW[None])[0], atol=1e-5)


def test_candidates_are_the_same_for_a_seed_and_differ_among_themselves(net: Nets) -> None:
    chosen = traits(Attributes(presentation="female"), 1)
    first = candidates(net, chosen, 9, 4)
    assert (first == candidates(net, chosen, 9, 4)).all()
    assert len({picture.tobytes() for picture in first}) == 4
    assert (first[2] == painted(net, drawn(net, 9, 2), numbers(chosen))).all()


def test_a_way_begins_and_ends_with_the_two(net: Nets) -> None:
    one, other = (drawn(net, 1), TOLD_ROW), (drawn(net, 2), numbers(traits(Attributes(), 4)))
    way = between(net, one, other, 5)
    assert (way[0] == painted(net, *one)).all()
    assert (way[-1] == painted(net, *other)).all()
    steps = np.abs(np.diff(way.astype(float), axis=0)).mean(axis=(1, 2, 3))
    assert steps.max() < 3 * steps.min()


def test_an_arc_keeps_its_length() -> None:
    one, other = np.array([3, 0], np.float32), np.array([0, 3], np.float32)
    assert np.allclose([np.linalg.norm(arc(one, other, share)) for share in (0, 0.25, 0.5, 1)], 3)
    assert np.allclose(arc(one, -one, 0.5), 0)
    assert np.allclose(arc(one, one, 0.5), one)
    assert np.allclose(arc(np.zeros(2, np.float32), one, 0.5), one / 2)


def test_moods_differ_and_nothing_else_is_told(net: Nets) -> None:
    found_ = moods(net, drawn(net, 1), TOLD_ROW)
    assert list(found_) == ["neutral", "happy", "sad", "surprised"]
    assert (found_["neutral"] == painted(net, drawn(net, 1), TOLD_ROW)).all()
    assert len({picture.tobytes() for picture in found_.values()}) == 4


def test_bytes_and_pictures_are_the_same_thing() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    assert (to_bytes(from_bytes(picture)) == picture).all()
    assert to_bytes(np.full((1, 3, 4, 4), 7, np.float32)).max() == 255


def test_a_sheet_has_its_pictures_in_rows() -> None:
    pictures = np.stack([np.full((2, 2, 3), value, np.uint8) for value in (1, 2, 3)])
    laid = sheet(pictures, 2)
    assert laid.shape == (4, 4, 3)
    assert [laid[0, 0, 0], laid[0, 2, 0], laid[2, 0, 0], laid[2, 2, 0]] == [1, 2, 3, 255]


def test_a_painted_person_is_found_again(net: Nets) -> None:
    chance = drawn(net, 5)
    picture = net.paint(chance[None], TOLD_ROW[None])[0]
    person = found(net, picture, quiet)
    assert nearest(person.told) == nearest(TOLD_ROW)
    assert person.left < 1e-3
    assert np.abs(person.chance - chance).max() < 0.3


def test_the_search_improves_a_poor_guess(net: Nets) -> None:
    class Poor:
        size, chance, card = net.size, net.chance, net.card
        paint = staticmethod(net.paint)

        @staticmethod
        def read(pictures):  # type: ignore[no-untyped-def]
            rows = len(pictures)
            return np.zeros((rows, net.chance), np.float32), np.full((rows, TOLD), 0.3, np.float32), pictures

    picture = net.paint(drawn(net, 5)[None], TOLD_ROW[None])[0]
    heard: list[float] = []
    person = found(Poor, picture, lambda done, what: heard.append(done))  # type: ignore[arg-type]
    assert person.left < person.first / 20
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_picture_of_nobody_leaves_much(net: Nets) -> None:
    noise = np.random.default_rng(3).uniform(-1, 1, (3, 16, 16)).astype(np.float32)
    assert found(net, noise, quiet, rounds=2).left > 0.2


def test_nets_without_a_reader_say_so(tmp_path: Path) -> None:
    blind = nets(linear.write(tmp_path, reader=False))
    with pytest.raises(StudioError, match="no reader") as caught:
        blind.read(np.zeros((1, 3, 16, 16), np.float32))
    assert caught.value.code == "bad_model"


@pytest.mark.parametrize(("spoil", "says"), [
    (lambda folder: (folder / "painter.onnx").unlink(), "holds no painter"),
    (lambda folder: (folder / "card.json").unlink(), "card.json"),
    (lambda folder: (folder / "painter.onnx").write_bytes(b"no net"), "no net"),
    (lambda folder: linear.write(folder, told=7), "told 7"),
    (lambda folder: linear.write(folder, size="big"), "size as a whole number"),
])  # fmt: skip
def test_a_broken_folder_says_what_is_wrong(tmp_path: Path, spoil, says: str) -> None:  # type: ignore[no-untyped-def]
    folder = linear.write(tmp_path / "nets")
    spoil(folder)
    with pytest.raises(StudioError, match=says) as caught:
        nets(folder)
    assert caught.value.code == "bad_model"
