"""A face for any voice: the sound comes out as it went in, its frames in step, the lips by what is known."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import Phone, Speech
from engines.voices.reading.reader import Reader
from stacks.voice import Piece, Shown, Sound, VoiceFace
from stacks.words import Spoken, between, timed
from tests.bridge.peers import run

Floats: TypeAlias = npt.NDArray[np.float64]

RATE = 22_050
TEXT = "Mama may be a map. Papa paid."


async def spoken() -> Speech:
    """Somebody's speech, with the times of its words; how the lips of it move is known exactly."""
    reader = Reader()
    await reader.start()
    try:
        return await reader.render(TEXT, "en-us")
    finally:
        await reader.close()


def apart(face: VoiceFace, pieces: list[Piece]) -> Floats:
    """How far the lips are apart, frame by frame: the jaw opens, and lips that close make up for it."""
    rows = b"".join(piece.weights for piece in pieces if isinstance(piece, Shown))
    table = np.frombuffer(rows, np.uint8).reshape(-1, len(face.rig.names))
    jaw, closed = (table[:, face.rig.names.index(name)].astype(float) / 255 for name in ("jawOpen", "mouthClose"))
    return jaw - closed


@pytest.mark.parametrize("knows", [False, True])
def test_frames_come_before_their_sound_and_nothing_is_lost(knows: bool) -> None:
    async def body() -> None:
        speech = await spoken()
        async with VoiceFace(language="en-us") as face:
            one = face.utterance(RATE)
            if knows:
                await one.say([Spoken(w.text, w.start / RATE, w.end / RATE) for w in speech.words])
            pieces: list[Piece] = []
            for at in range(0, len(speech.pcm), 441):  # a hundredth of a second, and odd
                pieces += one.hear(speech.pcm[at : at + 441])
            pieces += one.finish()
            assert b"".join(piece.pcm for piece in pieces if isinstance(piece, Sound)) == speech.pcm
            frames = heard = 0
            for piece in pieces:
                match piece:
                    case Shown():
                        assert piece.first == frames
                        assert piece.first * RATE >= heard * 60 - RATE
                        frames += len(piece.weights) // len(face.rig.names)
                        assert knows is (piece.source == "aligned") or heard >= speech.words[-1].end
                    case Sound(pcm):
                        heard += len(pcm) // 2
                        assert frames * RATE >= heard * 60 - RATE // 10
            assert frames == -(-heard * 60 // RATE)

    run(body)


def test_lips_that_know_the_words_close_where_the_voice_says_them() -> None:
    """Against the exact phones of the same sound: every m and p is seen, and the sound alone does no better."""

    async def body() -> None:
        speech = await spoken()
        closed = [p for p in speech.phones if p.ipa in ("m", "p", "b")]
        assert len(closed) >= 7
        wide = [p for p in speech.phones if p.ipa and p.ipa[0] in "ɑæe" and p.end - p.start > RATE // 20]
        assert len(wide) >= 4
        seen = {}
        async with VoiceFace(language="en-us") as face:
            for knows in (True, False):
                one = face.utterance(RATE)
                if knows:
                    await one.say([Spoken(w.text, w.start / RATE, w.end / RATE) for w in speech.words])
                pieces = [*one.hear(speech.pcm), *one.finish()]
                gap = apart(face, pieces)
                seen[knows] = sum(
                    gap[int(p.start * 60 / RATE) : int(p.end * 60 / RATE) + 2].min() < 0.02 for p in closed
                )
                if knows:
                    # A vowel is never shut: lips that are always closed would see every m.
                    for p in wide:
                        assert gap[int(p.start * 60 / RATE) : int(p.end * 60 / RATE) + 1].max() > 0.05
        assert seen[True] == len(closed)
        assert seen[True] >= seen[False]

    run(body)


def test_life_runs_on_from_one_utterance_to_the_next() -> None:
    async def body() -> None:
        async with VoiceFace() as face:
            blinks = face.rig.names.index("eyeBlinkLeft")
            rows = b""
            for _ in range(6):
                one = face.utterance(RATE)
                pieces = [*one.hear(bytes(2 * RATE)), *one.finish()]
                rows += b"".join(piece.weights for piece in pieces if isinstance(piece, Shown))
            table = np.frombuffer(rows, np.uint8).reshape(-1, len(face.rig.names))
            lids = table[:, blinks].astype(int)
            assert lids.max() > 200
            # Not at the same moment of each utterance.
            assert len({int(part.argmax()) for part in np.split(lids, 6)}) > 1
            assert set(face.named(rows[: len(face.rig.names)])[0]) == set(face.rig.names)

    run(body)


WORDS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 400)), max_size=6)


@settings(max_examples=200, deadline=None)
@given(WORDS, st.integers(0, 3000), st.integers(1, 3000))
def test_phones_cover_whatever_piece_is_cut_out(spans: list[tuple[int, int]], first: int, length: int) -> None:
    at, phones = 0, []
    for gap, size in spans:
        phones.append(Phone("a", at + gap, at + gap + size))
        at += gap + size
    found = between(phones, first, first + length, 1000)
    assert [phone.start for phone in found] == [0, *(phone.end for phone in found)][:-1]
    assert found[-1].end == length
    assert all(phone.start < phone.end for phone in found)


def test_words_that_cannot_be_read_leave_the_sound_to_speak_for_itself() -> None:
    reading = Speech(b"", RATE)
    assert timed([Spoken("?!", 0.0, 0.5)], reading, RATE) == []
