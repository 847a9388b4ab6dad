"""What Whisper writes that nobody said."""

from __future__ import annotations

import pytest

from engines.hearing.whisper.agreement import HeardWord, written
from engines.hearing.whisper.guards import Measures, Thresholds, believed, compression, unlooped

SURE = Measures(no_speech=0.01, logprob=-0.2, compression=1.2)
LIMITS = Thresholds()


def words(text: str, probability: float = 0.9) -> list[HeardWord]:
    return [HeardWord(f" {w}", 4000 * i, 4000 * (i + 1), probability) for i, w in enumerate(text.split())]


def loud(start: int, end: int) -> float:
    return 1.0


def quiet(start: int, end: int) -> float:
    return 0.0


def test_speech_is_believed() -> None:
    assert written(believed(words("Hello there."), SURE, LIMITS, loud)) == "Hello there."


def test_no_speech_takes_both_measures() -> None:
    said = words("Hello there.")
    assert believed(said, Measures(0.9, -1.5, 1.0), LIMITS, loud) == ()
    assert believed(said, Measures(0.9, -0.3, 1.0), LIMITS, loud)
    assert believed(said, Measures(0.1, -1.5, 1.0), LIMITS, loud)


@pytest.mark.parametrize("text", ["Thank you.", "you", "Thanks for watching!", "Untertitel der Amara.org-Community"])
def test_a_known_phantom_goes_only_when_the_sound_speaks_against_it(text: str) -> None:
    assert believed(words(text), SURE, LIMITS, loud), "somebody may well say so"
    assert believed(words(text), SURE, LIMITS, quiet) == ()
    assert believed(words(text, 0.3), SURE, LIMITS, loud) == ()
    assert believed(words(text), Measures(0.5, -0.2, 1.0), LIMITS, loud) == ()
    assert believed(words(f"{text} And a word more."), SURE, LIMITS, quiet), "that is not all of it"


def test_a_doubtful_word_in_silence_goes_and_a_sure_one_stays() -> None:
    said = [*words("Hello"), HeardWord(" there", 8000, 12000, 0.2)]
    assert written(believed(said, SURE, LIMITS, quiet)) == "Hello"
    assert written(believed(said, SURE, LIMITS, loud)) == "Hello there"


def test_a_loop_is_said_once() -> None:
    loop = words("well I like music. " + "I like music. " * 6 + "Really.")
    assert written(unlooped(loop)) == "well I like music. Really."
    assert written(unlooped(words("no no no"))) == "no no no", "people do say that"
    looping = Measures(0.0, -0.2, compression(written(loop)))
    assert looping.compression > LIMITS.compression
    assert not looping.trusted(LIMITS)
    assert written(believed(loop, looping, LIMITS, loud)) == "well I like music. Really."


def test_compression_tells_loops_from_speech() -> None:
    assert compression("") == 0
    assert compression("What is the speed of sound in water and in steel?") < 1.5
