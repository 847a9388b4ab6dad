"""The name of a session says where it is, and only to those who share the secret."""

from __future__ import annotations

import pytest

from bridge.fleet.place import Places, placed

HERE = Places("bridge-2", b"a secret of thirty-two bytes....")


def test_everybody_with_the_secret_can_tell_the_place() -> None:
    name = HERE.name(b"\x00\x01\x02\x03\x04\x05")
    assert name.startswith("000102030405.bridge-2.")
    assert len(name) <= 64
    assert Places("bridge-0", b"a secret of thirty-two bytes....").of(name) == "bridge-2"


def test_a_long_place_fits_the_wire() -> None:
    assert len(Places("p" * 32, b"s").name(bytes(6))) <= 64


@pytest.mark.parametrize(
    "name", ["", "..", "a.b", "a.b.c", "0123456789abcdef", "000102030405.bridge-2.é", "\ud800.x.y", "." * 64]
)
def test_what_nobody_has_given_has_no_place(name: str) -> None:
    assert HERE.of(name) is None


def test_a_place_cannot_be_made_up() -> None:
    name = HERE.name(bytes(6))
    assert HERE.of(name.replace("bridge-2", "bridge-3")) is None
    assert HERE.of(name[:-1] + ("A" if name[-1] != "A" else "B")) is None
    assert Places("bridge-2", b"another").of(name) is None


@pytest.mark.parametrize(
    ("host", "place"), [("web-1.example.org", "web-1"), ("a_b", "a-b"), ("", "here"), ("é", "here")]
)
def test_a_machine_has_a_place(host: str, place: str) -> None:
    assert placed(host) == place


def test_a_place_is_plain() -> None:
    with pytest.raises(ValueError, match="letters"):
        Places("a.b", b"s")
