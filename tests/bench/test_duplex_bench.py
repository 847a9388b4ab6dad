"""The bench of duplex models: its voice says a take word by word, all of it."""

from __future__ import annotations

import pytest

from bench.duplex import lips
from bench.duplex.__main__ import report
from bench.duplex.times import TYPED
from engines.api import Phrase, Speech, Word
from testkit.scripted.duplex import RATE
from training.lips.takes import Take


@pytest.fixture
def take() -> Take:
    words = (Word("One", 2400, 9600, 0), Word("two.", 12_000, 20_000, 4))
    return Take("tones", "One two.", Speech(b"\x01\x02" * 24_000, RATE, (), words), ())


def test_all_of_a_take_is_said_by_its_words_in_small_pieces(take: Take) -> None:
    voice = lips.Recorded(take)
    pieces = [list(voice.say(Phrase(word.text), at)) for at, word in enumerate(take.speech.words)]
    assert b"".join(piece.pcm for word in pieces for piece in word) == take.speech.pcm
    assert [sum(piece.samples for piece in word) for word in pieces] == [12_000, 12_000]
    assert max(piece.samples for word in pieces for piece in word) == round(lips.PIECE_S * RATE)


def test_the_report_says_what_is_added() -> None:
    floor, ours = {TYPED: [100.0, 101.0, 102.0]}, {TYPED: [108.0, 105.0, 106.0]}
    (row,) = [line for line in report(floor, ours, []).splitlines() if line.startswith(f"| {TYPED}")]
    assert row.split("|")[-2].strip() == "5.00"
