"""What is said when: tokens to phones, sounds to words, and the cuts between pieces. Pure, with known times."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.api import Phone, Speech, Word
from engines.voices.score import Score, phones, words

RATE = 1000


def said(tokens: str, each: int = 60) -> list[tuple[str, int, int, int]]:
    """The phones of a string of symbols, "_" a blank, each `each` samples long."""
    found = phones([("" if symbol == "_" else symbol, each) for symbol in tokens], RATE)
    return [(phone.ipa, phone.start, phone.end, phone.stress) for phone in found]


# ------------------------------------------------------------------------------------------------ phones


def test_tokens_without_blanks_are_the_phones() -> None:
    assert said("map") == [("m", 0, 60, 0), ("a", 60, 120, 0), ("p", 120, 180, 0)]


def test_a_blank_between_two_sounds_is_shared_by_them() -> None:
    assert said("_m_a_") == [("", 0, 60, 0), ("m", 60, 150, 0), ("a", 150, 300, 0)]


def test_a_stress_mark_belongs_to_the_vowel_after_it_and_a_length_mark_to_the_one_before() -> None:
    assert said("tˈaːp") == [("t", 0, 60, 0), ("aː", 60, 240, 1), ("p", 240, 300, 0)]
    assert said("_t_ˌ_a_ː_p_") == [("", 0, 60, 0), ("t", 60, 150, 0), ("aː", 150, 510, 2), ("p", 510, 660, 0)]


def test_a_space_is_no_pause_and_a_comma_is_one() -> None:
    assert [ipa for ipa, *_ in said("a b", 30)] == ["a", "b"]
    assert said("a_,_ _b", 40) == [("a", 0, 80, 0), ("", 80, 200, 0), ("b", 200, 280, 0)]


def test_a_long_silence_is_a_pause_without_a_mark() -> None:
    assert phones([("a", 50), (" ", 300), ("b", 50)], RATE) == (
        Phone("a", 0, 50),
        Phone("", 50, 350),
        Phone("b", 350, 400),
    )


def test_nothing_and_marks_alone_are_a_pause() -> None:
    assert phones([], RATE) == ()
    assert said("_._!_") == [("", 0, 300, 0)]


def test_a_symbol_with_two_sounds_is_split() -> None:
    assert phones([("aɪ", 100)], RATE) == (Phone("a", 0, 60), Phone("ɪ", 60, 100))


@given(st.lists(st.tuples(st.sampled_from([*"mapˈˌːiʃ,. tɹ1^$", "", "aʊ", "ʦ", "\u0303", "中"]), st.integers(0, 300))))
def test_phones_follow_one_another_from_the_first_sample_to_the_last(tokens: list[tuple[str, int]]) -> None:
    length = sum(samples for _, samples in tokens)
    found = phones(tokens, RATE)
    if length:
        assert found[0].start == 0
        assert found[-1].end == length
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(phone.start < phone.end for phone in found)
    assert not any(mark in phone.ipa for phone in found for mark in "ˈˌ,. ")


# ------------------------------------------------------------------------------------------------ words


def rendering(*spoken: tuple[str, str]) -> Speech:
    """Words with the letters of their sounds, each sound ten samples long; times that ours will not have."""
    sounds: list[Phone] = []
    shown: list[Word] = []
    at = 0
    for text, ipa in spoken:
        begin = 10 * len(sounds)
        sounds += [Phone(letter, 10 * (len(sounds) + n), 10 * (len(sounds) + n + 1)) for n, letter in enumerate(ipa)]
        shown.append(Word(text, begin, 10 * len(sounds), at))
        at += len(text) + 1
    return Speech(bytes(20 * len(sounds)), RATE, tuple(sounds), tuple(shown))


def ours(ipa: str) -> tuple[Phone, ...]:
    return tuple(Phone("" if letter == "_" else letter, 100 * n, 100 * n + 100) for n, letter in enumerate(ipa))


def timed(ipa: str, *spoken: tuple[str, str]) -> list[tuple[str, int, int]]:
    found = words(ours(ipa), rendering(*spoken), 100 * len(ipa))
    return [(word.text, word.start, word.end) for word in found]


def test_words_lie_where_their_sounds_are() -> None:
    found = timed("_ɡʊd_mɔnɪŋ_", ("Good", "ɡʊd"), ("morning.", "mɔnɪŋ"))
    assert found == [("Good", 100, 400), ("morning.", 500, 1000)]


def test_sounds_that_differ_do_not_move_the_words_around_them() -> None:
    found = timed("ðətɛɹpənz", ("the", "ðɪ"), ("turpans", "tɜːpɑːns"))
    assert found == [("the", 0, 200), ("turpans", 200, 900)]


def test_a_word_that_is_not_said_has_no_length_and_keeps_its_place() -> None:
    found = timed("kæts", ("cats", "kæts"), ("§", "mm"), ("are", "ɑɹ"))
    assert [text for text, *_ in found] == ["cats", "§", "are"]
    assert found[0] == ("cats", 0, 400)
    assert found[2][1:] == (400, 400)


def test_a_number_that_is_read_otherwise_stays_one_word() -> None:
    found = timed("naɪntiːnhʌndɹɪdkæts", ("1900", "wʌnθaʊzəndnaɪnhʌndɹɪd"), ("cats", "kæts"))
    assert found == [("1900", 0, 1500), ("cats", 1500, 1900)]


@given(st.text("mapiʃtɹk_", min_size=1, max_size=24), st.lists(st.text("mapiʃtɹk", max_size=8), max_size=6))
def test_every_word_comes_once_and_in_order_inside_the_sound(ipa: str, spoken: list[str]) -> None:
    model = rendering(*[(f"w{number}", letters) for number, letters in enumerate(spoken)])
    found = words(ours(ipa), model, 100 * len(ipa))
    assert [word.text for word in found] == [word.text for word in model.words]
    assert all(0 <= word.start <= word.end <= 100 * len(ipa) for word in found)
    assert [word.start for word in found] == sorted(word.start for word in found)


# ------------------------------------------------------------------------------------------------ pieces

TEXT = "ðəkwɪkbɹaʊnfɑksdʒʌmpsovɚðəleɪzidɑɡ"


def score(ipa: str = TEXT) -> Score:
    sounds = ours(ipa)
    return Score(
        RATE,
        100 * len(ipa),
        sounds,
        (Word("all", 0, 100 * len(ipa), 0), Word("end", 100 * len(ipa), 100 * len(ipa), 4)),
    )


def test_pieces_end_about_where_they_were_wished_to_and_at_the_end() -> None:
    ends = score().ends((0.4, 0.8, 1.0))
    assert ends[-1] == 100 * len(TEXT)
    lengths = [after - before for before, after in pairwise([0, *ends])]
    assert 240 <= lengths[0] <= 600
    assert 480 <= lengths[1] <= 1200
    assert all(600 <= length <= 1500 for length in lengths[2:])


def test_a_seam_avoids_lips_that_are_about_to_close_and_prefers_a_pause() -> None:
    assert score("tatatapatata").ends((0.6,))[0] in (500, 700)
    assert score("tatata_tatatata").ends((0.6,))[0] in (600, 700)


@given(st.lists(st.integers(1, 2000), max_size=8))
def test_parts_join_into_the_whole(cuts: list[int]) -> None:
    whole = score().padded(100 * len(TEXT) + 77)
    pcm = b"\x01\x02" * whole.samples
    ends = sorted({min(cut, whole.samples) for cut in cuts} | {whole.samples})
    parts = [whole.part(a, b, pcm[2 * a : 2 * b]) for a, b in pairwise([0, *ends])]
    assert b"".join(part.pcm for part in parts) == pcm
    assert sum(part.samples for part in parts) == whole.samples
    assert [word.text for part in parts for word in part.words] == ["all", "end"]
    for part in parts:
        assert part.phones[0].start == 0
        assert part.phones[-1].end == part.samples
    letters = [phone.ipa for part in parts for phone in part.phones]
    assert (
        "".join(letter for letter, before in zip(letters, [None, *letters], strict=False) if letter != before) == TEXT
    )


def test_silence_at_the_end_joins_the_pause_that_is_there() -> None:
    assert score("a_").padded(250).phones[-1] == Phone("", 100, 250)
    assert score("a_").padded(100).samples == 200
    assert score("a").padded(150).trailing == 50


@pytest.mark.parametrize("length", [0, 1])
def test_next_to_nothing_is_one_piece(length: int) -> None:
    assert Score(RATE, length, (Phone("", 0, length),) if length else ()).ends((0.5,)) == [length]
