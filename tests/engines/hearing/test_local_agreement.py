"""What two hypotheses in a row agree on is certain and stays; the window may begin after it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engines.hearing.whisper.agreement import Agreement, HeardWord, plain, written
from tests.bridge.core.cuts import STEADY

TALK = "one two three. four five six seven eight."


def heard(text: str, *, begin: int = 0) -> list[HeardWord]:
    """Words of 1000 samples each, one after the other."""
    return [HeardWord(f" {w}", begin + 1000 * i, begin + 1000 * (i + 1)) for i, w in enumerate(text.split())]


def test_nothing_is_certain_at_once() -> None:
    agreement = Agreement()
    agreement.push(heard("one two"))
    assert agreement.certain == ()
    assert written(agreement.words) == "one two"


def test_what_two_in_a_row_agree_on_is_certain() -> None:
    agreement = Agreement()
    agreement.push(heard("one two tree"))
    agreement.push(heard("One, two three four"))
    assert written(agreement.certain) == "One, two"
    assert written(agreement.words) == "One, two three four"
    agreement.push(heard("One, two three. for"))
    assert written(agreement.certain) == "One, two three."


def test_what_is_certain_outlives_a_hypothesis_that_denies_it() -> None:
    agreement = Agreement()
    agreement.push(heard("one two three"))
    agreement.push(heard("one two three"))
    agreement.push(heard("won too three four"))
    assert written(agreement.certain) == "one two three"
    assert written(agreement.words) == "one two three four"


def test_the_window_begins_anew_at_the_end_of_a_sentence() -> None:
    agreement = Agreement()
    assert not agreement.trim(), "nothing is certain"
    for _ in range(2):
        agreement.push(heard("one two three. four"))
    assert agreement.trim()
    assert agreement.begin == 3000
    assert written(agreement.settled) == "one two three."
    assert written(agreement.words) == "one two three. four"
    for _ in range(2):
        agreement.push(heard("four five", begin=3000))
    assert written(agreement.certain) == "one two three. four five"


def test_the_rest_of_the_last_word_is_not_heard_again() -> None:
    agreement = Agreement()
    for _ in range(2):
        agreement.push(heard("one two three."))
    agreement.trim()
    echo = [HeardWord(" three", 3000, 3300), *heard("four", begin=3300)]
    assert written(agreement.fresh(echo)) == "four"
    again = [HeardWord(" three", 3000, 9000)]
    assert written(agreement.fresh(again)) == "three", "too long for an echo"


def test_a_full_window_settles_all_but_the_word_that_it_cut() -> None:
    agreement = Agreement()
    agreement.cut(heard("one two thr"), 3000)
    assert written(agreement.settled) == "one two"
    assert agreement.begin == 2000
    agreement.cut([], 5000)
    assert agreement.begin == 5000


@STEADY
@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["", "x", "y"])), max_size=30))
def test_whatever_is_decoded_when_what_is_certain_only_grows(steps: list[tuple[int, str]]) -> None:
    """Hypotheses are any beginnings of what is said, with a wrong word at the end that is never wrong twice alike."""
    agreement, before = Agreement(), ""
    for number, (count, wrong) in enumerate(steps):
        said = heard(TALK)[:count]
        if wrong:
            said.append(HeardWord(f" {wrong}{number}", 1000 * count, 1000 * (count + 1)))
        agreement.push([word for word in said if word.start >= agreement.begin])
        if number % 5 == 0:
            agreement.trim()
        certain = written(agreement.certain)
        assert certain.startswith(before)
        assert TALK.startswith(certain)
        before = certain


def test_words_are_compared_by_what_is_heard_of_them() -> None:
    assert plain(" Hello, ") == plain("hello")
    assert plain("Straße!") == "strasse"
    assert plain("你好。") == "你好"
    assert plain("...") == ""
