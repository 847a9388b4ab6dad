"""Who says their name, and what becomes of names that somebody has."""

from __future__ import annotations

import pytest

from bridge.core.rooms.introductions import MOST, Introductions, introduced


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I am Ben.", "Ben"),
        ("Hello everybody, I'm Ben, and I bake.", "Ben"),
        ("I’m Ben from the bakery", "Ben"),
        ("my name is ben", "Ben"),
        ("Call me Mary Ann.", "Mary Ann"),
        ("This is Cleo speaking.", "Cleo"),
        ("Guten Tag, ich heiße Jörg und backe.", "Jörg"),
        ("Me llamo Inés.", "Inés"),
        ("Je m'appelle Zoé.", "Zoé"),
        ("大家好，我叫李雷。", "李雷"),
    ],
)
def test_a_name_is_taken_from_what_people_say_of_themselves(text: str, name: str) -> None:
    assert introduced(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I am tired.",
        "I am German.",
        "I am Ben's brother.",
        "Ich bin Lehrer.",
        "call me tomorrow",
        "this is nonsense",
        "my name is not important",
        "my name is " + "x" * 60,
        "Ben is here.",
        "I am **Ben**",
    ],
)
def test_what_names_nobody_introduces_nobody(text: str) -> None:
    assert introduced(text) == ""


def test_a_name_belongs_to_one_voice_and_a_voice_has_one_name() -> None:
    voices = Introductions()
    assert voices.heard("", "I am Ben.", ()).refused == "", "nothing tells voices apart here"
    assert voices.heard("voice 1", "Good morning.", ()).name == ""
    first = voices.heard("voice 1", "I am Ben.", ("Eve",))
    assert (first.name, first.fresh, first.refused) == ("Ben", True, "")
    again = voices.heard("voice 1", "I am Ben.", ("Eve", "Ben"))
    assert (again.name, again.fresh, again.refused) == ("Ben", False, "")
    for text in ("I am Ben.", "I am BEN.", "I am Eve.", "I am Bеn."):  # the last with a Cyrillic letter
        refused = voices.heard("voice 2", text, ("Eve",))
        assert refused.name == ""
        assert "already" in refused.refused
    changed = voices.heard("voice 1", "I am Bob.", ())
    assert changed.name == "Ben"
    assert changed.refused
    assert "could not be told" in voices.heard("", "I am Cleo.", ()).refused
    assert voices.names == ("Ben",)


def test_a_microphone_has_names_for_so_many_voices() -> None:
    voices = Introductions()
    for number in range(3 * MOST):
        voices.heard(f"voice {number}", f"My name is A{'b' * (number % 20)}{chr(97 + number % 26)}.", ())
    assert len(voices.names) <= MOST
