"""Quantities in running text: the number, its unit, how it is meant, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.words.quantities import COUNT, YEAR, Quantity, quantities
from engines.words.units import same_kind, units
from engines.words.vocabulary import vocabulary_of


def found(code: str, text: str) -> list[Quantity]:
    return quantities(text, vocabulary_of(code))


@pytest.mark.parametrize(
    ("code", "text", "low", "high", "dimension", "written", "sense"),
    [
        ("en", "Light makes about three hundred thousand kilometres per second.", 3e8, 3e8, "length/time",
         "three hundred thousand kilometres per second", "about"),
        ("en", "299,792 km/s", 299_792e3, 299_792e3, "length/time", "299,792 km/s", "is"),
        ("en", "It is 299 792 458 m/s fast.", 299_792_458, 299_792_458, "length/time", "299 792 458 m/s", "is"),
        ("en", "roughly 3 × 10^8 m/s", 3e8, 3e8, "length/time", "3 × 10^8 m/s", "is"),
        ("en", "3x10⁸ m/s", 3e8, 3e8, "length/time", "3x10⁸ m/s", "is"),
        ("en", "a wavelength of 5.5e-7 m", 5.5e-7, 5.5e-7, "length", "5.5e-7 m", "is"),
        ("en", "between 10 and 20 degrees Celsius", 10, 20, "temperature", "10 and 20 degrees Celsius", "is"),
        ("en", "10–20 °C", 10, 20, "temperature", "10–20 °C", "is"),
        ("en", "At -40 °F it freezes.", -40, -40, "temperature", "-40 °F", "is"),
        ("en", "minus five degrees", -5, -5, "angle", "minus five degrees", "is"),
        ("en", "more than 200 watts", 200, 200, "power", "200 watts", "over"),
        ("en", "up to 85%", 85, 85, "share", "85%", "under"),
        ("en", "It costs $5 in all.", 5, 5, "dollar", "$5", "is"),
        ("en", "twelve metres an hour", 12 / 3600, 12 / 3600, "length/time", "twelve metres an hour", "is"),
        ("en", "It opened in nineteen oh five.", 1905, 1905, YEAR, "nineteen oh five", "is"),
        ("en", "Since eighteen ninety seven.", 1897, 1897, YEAR, "eighteen ninety seven", "is"),
        ("en", "The hall (1902) is large.", 1902, 1902, YEAR, "1902", "is"),
        ("zh", "光速约为每秒30万公里", 3e8, 3e8, "length/time", "每秒30万公里", "about"),
        ("zh", "气温零下五度", -5, -5, "angle", "零下五度", "is"),
        ("zh", "列车时速120公里", 120 / 3.6, 120 / 3.6, "length/time", "时速120公里", "is"),
        ("zh", "每小时行驶60公里", 60 / 3.6, 60 / 3.6, "length/time", "60公里", "is"),
        ("zh", "这座楼建于1902年", 1902, 1902, YEAR, "1902年", "is"),
        ("zh", "功率1500瓦以上", 1500, 1500, "power", "1500瓦", "over"),
        ("zh", "超过两吨半", 2000, 2000, "mass", "两吨", "over"),
        ("de", "etwa 0,75 Meter", 0.75, 0.75, "length", "0,75 Meter", "about"),
        ("fr", "environ 300 000 kilomètres par seconde", 3e8, 3e8, "length/time",
         "300 000 kilomètres par seconde", "about"),
        ("ar", "٣٠٠ متر", 300, 300, "length", "٣٠٠ متر", "is"),
        ("hi", "३०० मीटर", 300, 300, "length", "३०० मीटर", "is"),
        ("ja", "高さ333メートル", 333, 333, "length", "333メートル", "is"),
    ],
)  # fmt: skip
def test_a_quantity(code: str, text: str, low: float, high: float, dimension: str, written: str, sense: str) -> None:
    (one,) = found(code, text)
    unit_low, unit_high = one.base
    if dimension == "temperature" and "F" in written:
        assert unit_low == pytest.approx(-40, abs=0.01)
    else:
        assert (unit_low, unit_high) == pytest.approx((low, high))
    assert one.dimension == dimension
    assert written in text[one.start : one.end]
    assert one.sense == sense


@pytest.mark.parametrize(
    ("code", "text"),
    [("en", "the second lens"), ("en", "in the 1960s"), ("en", "The first one."), ("zh", "第二件展品"), ("en", "")],
)
def test_what_counts_nothing(code: str, text: str) -> None:
    assert [each.low for each in found(code, text)] in ([], [1.0])


def test_counts_are_told_by_what_they_count() -> None:
    rooms, doors, more = found("en", "It has 12 large rooms, 30 doors, and once had fifteen rooms.")
    assert rooms.dimension == doors.dimension == COUNT
    assert rooms.comparable(more)
    assert not rooms.comparable(doors)


def test_two_numbers_joined_by_and_are_no_range() -> None:
    assert [(one.low, one.high) for one in found("en", "lenses of 10 and 20 dioptres")] == [(10, 10), (20, 20)]


def test_degrees_are_those_of_an_angle_or_of_a_thermometer() -> None:
    assert same_kind("angle", "temperature")
    assert not same_kind("length", "mass")
    assert units()["km"].per(units()["h"]).base(36) == pytest.approx(10)


@given(st.text(max_size=120))
def test_any_text_is_read_and_every_span_lies_in_it(text: str) -> None:
    for code in ("en", "zh"):
        for one in found(code, text):
            assert 0 <= one.start < one.end <= len(text)
            assert one.low <= one.high
