"""Words over the sound in which a duplex model says them: tones with pauses, at tempi of their own."""

from __future__ import annotations

import pytest

from bridge.session.duplex.laying import Laying, Line, Piece
from engines.api import Phrase, Speech
from testkit.scripted.media import ScriptedTts

RATE = 24_000
VOICE = ScriptedTts(ms_per_word=200)


def line(text: str) -> Line:
    (rendering,) = VOICE.say(Phrase(text))
    return Line(Phrase(text), rendering)


def said(words: int, *, ms: int, pause: float = 0.4) -> bytes:
    """So many words at a tempo, and silence."""
    tts = ScriptedTts(ms_per_word=ms)
    return tts.pcm(" ".join("x" * words)) + bytes(2 * round(pause * RATE))


def all_of(laying: Laying, *, hurry: bool = False) -> list[Piece]:
    pieces = []
    while (piece := laying.take(hurry=hurry, free=False)) is not None:
        pieces.append(piece)
    return pieces


@pytest.mark.parametrize("ms", [140, 200, 260])
def test_phrases_end_at_the_pauses_whatever_the_tempo(ms: int) -> None:
    laying = Laying(RATE)
    sounds = [said(4, ms=ms), said(5, ms=ms), said(3, ms=ms, pause=0.0)]
    laying.hear(b"".join(sounds))
    for text in ("One two three four.", "Five six seven eight nine.", "Ten eleven twelve."):
        laying.say(line(text))
    laying.finish()
    pieces = all_of(laying)
    assert [len(piece.pcm) for piece in pieces] == [len(sound) for sound in sounds]
    assert all(piece.whole for piece in pieces)
    starts = [word.start / RATE for word in pieces[1].words]
    assert starts == pytest.approx([n * ms / 1000 for n in range(5)], abs=0.05)
    assert laying.over


def test_how_the_sound_is_cut_changes_nothing() -> None:
    sound = said(4, ms=160) + said(2, ms=160)
    whole, bits = Laying(RATE), Laying(RATE)
    whole.hear(sound)
    for at in range(0, len(sound), 1234):
        bits.hear(sound[at : at + 1234])
    for laying in (whole, bits):
        laying.say(line("One two three four."))
        laying.say(line("Five six."))
        laying.finish()
    assert all_of(whole) == all_of(bits)


def test_nothing_goes_out_for_which_there_are_no_words() -> None:
    laying = Laying(RATE)
    laying.hear(said(4, ms=200, pause=0.0))
    assert laying.take(hurry=True, free=False) is None
    laying.say(line("One two"))
    out = b"".join(piece.pcm for piece in all_of(laying, hurry=True))
    assert len(out) == 2 * round(0.4 * RATE)
    assert laying.take(hurry=True, free=False) is None
    assert laying.uncovered == pytest.approx(0.4, abs=0.03)
    free = laying.take(hurry=True, free=True)
    assert free is not None
    assert free.words == ()


def test_in_a_hurry_a_phrase_goes_out_as_its_sound_comes() -> None:
    laying = Laying(RATE)
    laying.say(line("One two three four."))
    heard, words = b"", []
    sound = said(4, ms=200)
    for at in range(0, len(sound), 4800):
        laying.hear(sound[at : at + 4800])
        for piece in all_of(laying, hurry=True):
            assert not piece.whole
            words += [(word.text, (piece.start + word.start) / RATE) for word in piece.words]
            heard += piece.pcm
    laying.finish()
    heard += b"".join(piece.pcm for piece in all_of(laying))
    assert heard == sound
    assert [text for text, _ in words] == ["One", "two", "three", "four."]
    assert [at for _, at in words] == pytest.approx([0.0, 0.2, 0.4, 0.6], abs=0.05)


def test_a_phrase_that_is_not_said_takes_its_sound_with_it() -> None:
    laying = Laying(RATE)
    laying.hear(said(3, ms=200) + said(3, ms=200) + said(3, ms=200))
    bad = line("Four five six.")
    laying.say(line("One two three."))
    laying.say(Line(bad.phrase, bad.rendering, said=False, own=(Phrase("No."),)))
    laying.say(line("Seven eight nine."))
    laying.finish()
    first, second, third = all_of(laying)
    assert second.line is not None
    assert second.line.own == (Phrase("No."),)
    assert (first.start, third.start) == (0, 2 * (round(0.6 * RATE) + round(0.4 * RATE)))


def test_a_rendering_without_phones_still_places_words() -> None:
    laying = Laying(RATE)
    plain = line("One two.")
    bare = Speech(plain.rendering.pcm, RATE, (), plain.rendering.words, (), "audio")
    laying.hear(said(2, ms=200, pause=0.0))
    laying.say(Line(plain.phrase, bare))
    laying.finish()
    (piece,) = all_of(laying)
    assert [word.start for word in piece.words] == [0, 4800]
