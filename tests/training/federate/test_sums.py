"""Secure sums: shares, masks and fixed point, without sites."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.federate.world import drawer
from training.federate import keys, shamir
from training.federate.combine import clipped, combined, outlyingness
from training.federate.errors import FederationError
from training.federate.noise import noise
from training.federate.ring import decode, encode, floats, packed, unpacked


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(1, 9), st.data())
def test_any_shares_that_suffice_bring_the_secret_back(secret: bytes, count: int, data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, count))
    shares = shamir.split(secret, count, needed, drawer("shares"))
    chosen = data.draw(st.permutations(range(count)))[:needed]
    assert shamir.join({place + 1: shares[place] for place in chosen}) == secret


def test_fewer_shares_give_something_else() -> None:
    shares = shamir.split(bytes(range(32)), 5, 3, drawer("few"))
    with pytest.raises(FederationError) as wrong:
        shamir.join({1: shares[0], 2: shares[1]})
    assert wrong.value.code == "bad_share"


@pytest.mark.parametrize("shares", [{}, {0: bytes(66)}, {1: bytes(5)}])
def test_shares_that_are_none(shares: dict[int, bytes]) -> None:
    with pytest.raises(FederationError, match="share"):
        shamir.join(shares)


def test_a_secret_takes_a_sensible_split() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        shamir.split(b"short", 3, 2, drawer("x"))
    with pytest.raises(ValueError, match="32 bytes"):
        shamir.split(bytes(32), 2, 3, drawer("x"))


def test_two_sites_agree_and_a_third_does_not() -> None:
    first, second, third = (drawer("agree")(32) for _ in range(3))
    one, two, three = (bytes([n]) * 32 for n in (1, 2, 3))
    assert keys.agreed(one, keys.public(two), "x") == keys.agreed(two, keys.public(one), "x")
    assert keys.agreed(one, keys.public(two), "x") != keys.agreed(three, keys.public(two), "x")
    assert keys.agreed(one, keys.public(two), "x") != keys.agreed(one, keys.public(two), "y")
    assert first == second == third  # the source of these tests repeats itself on purpose
    with pytest.raises(FederationError, match="public key"):
        keys.agreed(one, bytes(32), "x")


def test_letters_are_opened_by_their_key_only() -> None:
    sealed = keys.seal(bytes(32), b"two shares")
    assert keys.opened(bytes(32), sealed) == b"two shares"
    for key, letter in ((b"k" * 32, sealed), (bytes(32), sealed[:-1] + b"?"), (bytes(32), b"")):
        with pytest.raises(FederationError) as wrong:
            keys.opened(key, letter)
        assert wrong.value.code == "bad_share"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-2, 2, allow_nan=False), min_size=1, max_size=20), st.integers(1, 12))
def test_a_mean_on_the_ring_is_the_mean(values: list[float], sites: int) -> None:
    vector = np.array(values)
    total = np.zeros(len(values), np.uint32)
    for place in range(sites):
        part, cut = encode(vector / sites, 2.0)
        assert not cut
        hidden = part + keys.mask(bytes([place]) * 32, len(values))
        total = total + unpacked(packed(hidden), len(values))
    for place in range(sites):
        total = total - keys.mask(bytes([place]) * 32, len(values))
    assert np.allclose(decode(total, 2.0), vector, atol=sites * 2.0 / 2**30)


def test_a_mask_looks_like_chance() -> None:
    numbers = keys.mask(b"m" * 32, 65536)
    counts = np.bincount(numbers >> 24, minlength=256)
    assert ((counts - 256) ** 2 / 256).sum() < 400  # chi-squared of 255 degrees: 400 is beyond one in a million
    assert (keys.mask(b"n" * 32, 64) != numbers[:64]).any()


def test_what_is_beyond_the_reach_is_cut_and_counted() -> None:
    numbers, cut = encode(np.array([0.5, 3.0, -9.0]), 1.0)
    assert cut == 2
    assert np.allclose(decode(numbers, 1.0), [0.5, 1.0, -1.0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(bad: float) -> None:
    with pytest.raises(FederationError, match="not finite"):
        encode(np.array([bad]), 1.0)
    with pytest.raises(FederationError, match="not finite"):
        floats(np.array([bad], "<f4").tobytes(), 1)


def test_updates_of_a_wrong_length_are_refused() -> None:
    for read in (unpacked, floats):
        with pytest.raises(FederationError, match="5 bytes came where 8 were due"):
            read(b"12345", 2)


def test_median_and_trimmed_mean_do_not_follow_a_liar() -> None:
    honest = [np.array([1.0, 2.0], np.float32) + np.float32(0.01 * n) for n in range(4)]
    updates = [*honest, np.array([1e6, -1e6], np.float32)]
    weights = [1.0] * 5
    truth = np.mean(honest, axis=0)
    assert np.abs(combined(updates, weights, "mean") - truth).max() > 1e5
    for way in ("median", "trimmed"):
        assert np.abs(combined(updates, weights, way) - truth).max() < 0.02
    assert outlyingness(updates)[-1] > 1000 > 4 > max(outlyingness(updates)[:-1])


def test_the_mean_weighs_by_lines_and_the_median_does_not() -> None:
    updates = [np.array([0.0], np.float32), np.array([0.0], np.float32), np.array([4.0], np.float32)]
    assert combined(updates, [1, 1, 2], "mean")[0] == 2.0
    assert combined(updates, [1, 1, 2], "median")[0] == 0.0


def test_an_update_is_shortened_not_lengthened() -> None:
    assert np.allclose(clipped(np.array([3.0, 4.0]), 1.0), [0.6, 0.8])
    assert np.allclose(clipped(np.array([0.3, 0.4]), 1.0), [0.3, 0.4])
    assert np.allclose(clipped(np.array([3.0, 4.0]), 0.0), [3.0, 4.0])


def test_noise_is_normal_and_never_the_same() -> None:
    draw = drawer("noise")
    many = noise(200_001, 2.0, draw)
    assert len(many) == 200_001
    assert abs(many.mean()) < 0.03
    assert abs(many.std() - 2.0) < 0.02
    assert abs((np.abs(many) < 2.0).mean() - 0.6827) < 0.005
    assert abs((np.abs(many) > 4.0).mean() - 0.0455) < 0.003
    assert (noise(10, 2.0, draw) != many[:10]).all()
