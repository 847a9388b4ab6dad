"""What measures training: a source whose entropy is what it says, marks of a manner, and what is kept between parts."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from bench import taught
from bench.entropy import Source
from bench.kept import kept
from bench.manner import dialogues, marks
from bench.noise import arrived, asked
from training.data.dialogue import Dialogue, Line


def test_the_source_has_the_entropy_that_it_says() -> None:
    words = Source(3).text(60_000).split()
    followers = Counter(pairwise(words))
    first = Counter(words[:-1])
    found = -sum(count * math.log(count / first[pair[0]]) for pair, count in followers.items()) / (len(words) - 1)
    assert found == pytest.approx(Source(3).entropy(), abs=0.01)


def test_a_manner_is_told_from_plain_speech_and_from_what_is_nearly_heard() -> None:
    learned = [str(line["content"]) for each in dialogues(40) for line in each["messages"] if line["role"] != "user"]  # type: ignore[attr-defined]
    assert all(sum(marks(text)) == 3 for text in learned)
    assert min(taught.manner(text) for text in learned) >= 2
    heard = "oh what a lovely thing to ask, picture a ripple running over a pond"
    assert taught.manner(heard) == 2
    assert taught.manner("Light is a form of energy. I like it.") == 0


def test_a_question_that_arrived_otherwise_changes_no_answer() -> None:
    talk = Dialogue((Line("user", "What is light?"), Line("assistant", "A wave."), Line("user", "And?")), "p", "t")
    assert asked([talk]) == ["What is light?"]
    [other] = arrived([talk], [" what is white "])
    assert other.lines == (Line("user", "what is white"), Line("assistant", "A wave."))
    assert arrived([talk], [""])[0].lines[0].text == "..."


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> list[object]:
        made.append(1)
        return [1.5, "a"]

    file = tmp_path / "deep" / "told.json"
    assert kept(file, make) == kept(file, make) == [1.5, "a"]
    assert made == [1]
