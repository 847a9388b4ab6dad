"""Lines of chat and the names of those who write: bounded, sayable, and told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show.lines import NAME, TEXT, key, line
from show.names import LONGEST, SOMEBODY, spoken
from show.strict import fit


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("xX_D4rk_L0rd_99_Xx", "Dark Lord"), ("star_gazer2003", "Star Gazer"), ("TTV_CookieMonster", "Cookie Monster"),
        ("PeterPan1987", "Peter Pan"), ("h4ppyc4t", "Happycat"), ("the_real_bob", "Bob"), ("1337", SOMEBODY),
        ("__ghost__", "Ghost"), ("李明", "李明"), ("さくら", "さくら"), ("Владимир", "Владимир"), ("@ada", "Ada"),
        ("dr.who", "Dr Who"), ("iiiiiiii", SOMEBODY), ("", SOMEBODY), ("🔥🔥🔥", SOMEBODY), ("SHOUTING", "Shouting"),
        ("tv", "Tv"), ("k8te", "K8te"), ("O'Brien", "O Brien"),
        ("a_very_long_name_that_nobody_wants_to_hear", "A Very Long Name That"),
    ],
)  # fmt: skip
def test_odd_names_are_said_as_people_would(written: str, said: str) -> None:
    assert spoken(written) == said


@given(st.text(max_size=200))
def test_any_name_can_be_said(name: str) -> None:
    said = spoken(name)
    assert said
    assert len(said) <= LONGEST
    assert any(map(str.isalpha, said))


def test_a_line_loses_what_cannot_be_said() -> None:
    said = line("twitch", 5, "Ada", "look https://bad.example/x  :wave: nooooooooo <:pog:123>\x00\n now")
    assert said is not None
    assert said.text == "look nooo now"
    assert line("twitch", 5, "Ada", "!!! ...") is None
    assert line("twitch", 5, "Ada", "", gift=1.0) is not None
    broken = line("twitch", 5, "Ada", "thanks", gift=float("nan"))
    assert broken is None or broken.gift == 0.0


@given(st.text(), st.text(), st.floats())
def test_any_line_is_bounded(name: str, text: str, gift: float) -> None:
    said = line("x", name, name, text, gift=gift)
    if said is not None:
        assert len(said.text) <= TEXT
        assert len(said.name) <= NAME
        assert 0 <= said.gift <= 1e6
        assert "\n" not in said.text


@pytest.mark.parametrize(
    ("text", "asks"),
    [("What is a comet", True), ("hey Nora, why is the sky blue", True), ("Wie geht es dir?", True), ("你好吗？", True),
     ("I know why", False)],
)  # fmt: skip
def test_questions_are_known(text: str, asks: bool) -> None:
    said = line("x", 1, "Ada", text)
    assert said is not None
    assert said.asks is asks


def test_two_texts_that_say_the_same_have_one_key() -> None:
    assert key("What is a WAVE??") == key("hey Nora, what is a wave") == key("whát is a wáve")
    assert key("你好") != key("再见")


@pytest.mark.parametrize(
    "text",
    ["kill yourself", "they should all be shot", "all of them should die", "go die", "r3t4rd", "k.y.s", "you f@ggot",
     "i know where you live", "he lives at 12 Baker Street", "call +49 151 2345 6789"],
)  # fmt: skip
def test_threats_slurs_and_addresses_are_not_read_aloud(text: str) -> None:
    assert not fit(text)


@pytest.mark.parametrize(
    "text",
    [
        "this game is killing me",
        "why do stars die?",
        "a spicy noodle",
        "I was born in 1987",
        "what would kill a comet?",
    ],
)
def test_harmless_lines_are(text: str) -> None:
    assert fit(text)
