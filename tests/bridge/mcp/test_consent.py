"""What is offered of a stranger's tools, and how much of what they say is taken."""

from __future__ import annotations

import pytest

from bridge.errors import ConfigError
from bridge.mcp.consent import Place, allowed, offers, place, plain


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("clock=python -m clock --zone 'a b'", Place("clock", command=("python", "-m", "clock", "--zone", "a b"))),
        ("notes = https://example.org/mcp?a=b", Place("notes", address="https://example.org/mcp?a=b")),
    ],
)
def test_a_server_is_a_program_or_an_address(setting: str, found: Place) -> None:
    assert place(setting) == found


@pytest.mark.parametrize("setting", ["", "clock", "=python", "a b=python", "clock=", "clock=python 'open"])
def test_what_is_neither_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError):
        place(setting)


def test_nothing_is_offered_without_consent() -> None:
    listed: list[tuple[str, str, dict[str, object]]] = [("now", "Tells the time.", {}), ("wipe", "Wipes.", {})]
    assert offers("clock", listed, ())[0] == []
    found, left = offers("clock", listed, ("clock.now", "notes.*"))
    assert ([offer.tool.name for offer in found], left) == (["clock_now"], ["wipe"])
    assert [offer.theirs for offer in offers("clock", listed, ("clock.*",))[0]] == ["now", "wipe"]
    assert not allowed("clockwork", "now", ("clock.*",))


def test_names_descriptions_and_schemas_are_bounded() -> None:
    odd = [("a b/c", "x" * 5000, {}), ("a-b/c", "", {}), ("a b-c", "", {}), ("big", "", {"x": "y" * 20_000})]
    found, left = offers("s", odd, ("s.*",))
    assert [offer.tool.name for offer in found] == ["s_a_b_c", "s_a-b_c", "s_a_b-c"]
    assert len(found[0].tool.description) == 1024
    assert left == ["big"]
    many, rest = offers("s", [(f"t{n}", "", {}) for n in range(100)], ("s.*",))
    assert (len(many), len(rest)) == (32, 68)


def test_what_is_no_text_is_taken_out() -> None:
    assert plain("a\x00b\x1b[31mc\nd\u202ee", 100) == "a b [31mc\nd e"
    assert plain("x" * 100, 10) == "x" * 9 + "…"
