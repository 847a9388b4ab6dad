import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sound.phones import NEUTRAL, TABLE, VISEMES, sound, split, unknown

INVENTORY = json.loads((Path(__file__).parent / "phone_inventory.json").read_text("utf-8"))


def test_the_inventory_covers_many_languages() -> None:
    assert len({voice.split("-")[0] for voice in INVENTORY}) >= 50
    assert {"en-us", "de", "fr", "es", "cmn", "ja", "hi", "ar", "ru", "vi", "ko"} <= INVENTORY.keys()


@pytest.mark.parametrize("voice", sorted(INVENTORY))
def test_no_phone_of_any_language_is_unknown(voice: str) -> None:
    assert {token: unknown(token) for token in INVENTORY[voice] if unknown(token)} == {}


def test_every_bilabial_and_labiodental_of_every_language_makes_contact() -> None:
    for token in {token for tokens in INVENTORY.values() for token in tokens}:
        parts = [sound(ipa) for ipa, _ in split(token)]
        if token[0] in "pbm" and token != "(":
            assert parts[0].seal == 1.0, token
        if token[0] in "fv":
            assert parts[0].teeth == 1.0, token
        assert not any(part.vowel and (part.seal or part.teeth) for part in parts), token


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("oʊ", [("o", 0.6), ("ʊ", 0.4)]),
        ("aɪə", [("a", 0.45), ("ɪ", 0.25), ("ə", 0.3)]),
        ("ɑːɹ", [("ɑː", 0.65), ("ɹ", 0.35)]),
        ("əl", [("ə", 0.65), ("l", 0.35)]),
        ("tʃ", [("tʃ", 1.0)]),
        ("t͡ʃ", [("tʃ", 1.0)]),
        ("tsʰ", [("tsʰ", 1.0)]),
        ("pf", [("p", 0.5), ("f", 0.5)]),
        ("unɡ", [("u", 0.65), ("ŋ", 0.35)]),
        ("m̩", [("m̩", 1.0)]),
        ("ˈɔː", [("ɔː", 1.0)]),
        ("", [("", 1.0)]),
        ("(en)", [("", 1.0)]),
    ],
)
def test_tokens_split_into_sounds(token: str, parts: list[tuple[str, float]]) -> None:
    assert [ipa for ipa, _ in split(token)] == [ipa for ipa, _ in parts]
    assert [share for _, share in split(token)] == pytest.approx([share for _, share in parts])


@given(st.text(max_size=12))
def test_any_text_splits_into_shares_of_a_whole(token: str) -> None:
    parts = split(token)
    assert sum(share for _, share in parts) == pytest.approx(1.0)
    for ipa, _ in parts:
        found = sound(ipa)
        assert 0 <= found.viseme < len(VISEMES)
        assert all(0 <= value <= 1 for value in (found.jaw, found.round, found.spread, found.bare, found.tongue))


def test_an_unknown_symbol_falls_back_to_its_plain_letter_and_is_named() -> None:
    assert unknown("ⱦ") == "ⱦ"
    assert sound("ⱦ").viseme == sound("t").viseme
    assert unknown("ᛒ") == "ᛒ"
    assert sound("ᛒ").jaw == NEUTRAL.jaw


def test_modifiers_shape_the_lips() -> None:
    assert sound("kʷ").round > sound("k").round
    assert sound("tʲ").spread > sound("t").spread
    assert sound("aː").jaw_pull > sound("a").jaw_pull
    assert sound("ʃ").heavy
    assert not sound("l").heavy


def test_sounds_of_the_tongue_leave_the_lips_alone() -> None:
    assert max(TABLE[ipa].lip_pull for ipa in "lntdkɡŋ") <= 0.06 < 0.5 <= min(TABLE[ipa].lip_pull for ipa in "wuʃɹ")
